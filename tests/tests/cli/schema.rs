//! Published schemas, and what is really printed, judged by them.
//!
//! `UPDATE_SPEC=1 cargo test -p fleetnet-tests --test cli schema` writes `docs/schemas` anew.

use fleetnet_tests::schema::{folder, judge, published};
use serde_json::json;

use crate::harness::{Scratch, example};

#[test]
fn schemas_are_published_as_the_program_has_them() {
    let scratch = Scratch::new("schemas");
    let list = scratch.run(&["schema"]).ends(0).stdout;
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    let update = std::env::var_os("UPDATE_SPEC").is_some();
    for name in &names {
        let text = scratch.run(&["schema", name]).ends(0).stdout;
        let path = folder().join(format!("{name}.json"));
        if update {
            std::fs::write(&path, &text).unwrap();
        }
        let there = std::fs::read_to_string(&path).unwrap_or_default();
        assert_eq!(there, text, "UPDATE_SPEC=1 takes the schema `{name}`");
        jsonschema::meta::validate(&published(name)).unwrap();
        // Nothing that is printed is an empty object, but an image without maps.
        let takes_nothing = jsonschema::is_valid(&published(name), &json!({}));
        assert_eq!(takes_nothing, *name == "image-dump", "{name}");
    }
    let mut files: Vec<String> =
        std::fs::read_dir(folder()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap()).collect();
    let mut expected: Vec<String> = names.iter().map(|name| format!("{name}.json")).collect();
    files.sort();
    expected.sort();
    assert_eq!(files, expected);
    scratch.run(&["schema", "no-such"]).ends(2);
}

#[test]
fn findings_are_as_their_schema_says() {
    let scratch = Scratch::with_package("schema-findings");
    scratch.copy(example("contoso"), "contoso");
    judge("check", &scratch.run(&["check", "package", "--format", "json"]).ends(0).stdout);
    scratch.write("package/more.fleetnet", "cluster one { id 1 ; pods 10.0.0.1/8 }\nnamespace more { in onee }\n");
    for (package, code) in [("package", 1), ("contoso", 0)] {
        let document = scratch.run(&["check", package, "--format", "json"]).ends(code).stdout;
        judge("check", &document);
        let lines = scratch.run(&["check", package, "--format", "jsonl"]).ends(code).stdout;
        assert!(lines.lines().count() > 1);
        lines.lines().for_each(|line| judge("check-line", line));
    }
    let broken = scratch.run(&["check", "package", "--format", "json"]).ends(1).stdout;
    assert!(broken.contains(r#""applicability":"maybe-incorrect""#), "{broken}");
    // A schema that takes anything says nothing.
    let wrong = broken.replace(r#""severity":"error""#, r#""severity":"bad""#);
    assert!(!jsonschema::is_valid(&published("check"), &serde_json::from_str(&wrong).unwrap()));
}

#[test]
fn answers_builds_and_dumps_are_as_their_schemas_say() {
    let scratch = Scratch::new("schema-build");
    scratch.copy(example("contoso"), "contoso");
    scratch.run(&["build", "contoso", "-o", "out", "-q"]).ends(0);
    judge("build", &scratch.read("out/build.json"));
    let image = "out/clusters/eastus-1/maps.fnimg";
    judge("image-dump", &scratch.run(&["image", "dump", image, "--format", "json"]).ends(0).stdout);
    let one = ["image", "dump", image, "--format", "json", "--map", "ipcache"];
    judge("image-dump", &scratch.run(&one).ends(0).stdout);
    for (from, to) in [("shop/web", "payments/checkout"), ("world", "payments/checkout"), ("shop/web", "203.0.113.7")] {
        let why = ["why", "-p", "contoso", from, to, "--format", "json"];
        judge("why", &scratch.run(&why).ends(0).stdout);
    }
}
