//! Definition, references and rename: every place of the grammar that holds a name.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that can't go on fails")]

mod common;

use common::{package, programs, shown};
use fleetnet_lang::{SourceFile, Span};
use fleetnet_lsp::definition::definition;
use fleetnet_lsp::names::{Kind, definitions, uses_of};
use fleetnet_lsp::references::references;
use fleetnet_lsp::rename::rename;
use fleetnet_lsp::{Edit, Package, Place};

/// The name under the cursor is declared and used in these places.
#[track_caller]
fn check(text: &str, declared: &[&str], used: &[&str]) {
    let (package, place) = package(text);
    let places = |spans: Vec<Span>| spans.into_iter().map(|span| shown(&package, span)).collect::<Vec<_>>();
    let found = references(&package, place.unwrap());
    assert_eq!((places(found.declared), places(found.used)), (strings(declared), strings(used)));
    let mut targets: Vec<Span> = definition(&package, place.unwrap()).iter().map(|target| target.name).collect();
    targets.sort_unstable();
    assert_eq!(places(targets), strings(declared));
}

fn strings(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|text| (*text).to_owned()).collect()
}

#[test]
fn a_cluster_is_used_by_sets_shares_and_tests() {
    check(
        "cluster on$0e { id 1 }\nclusters some = one, two except one\nmesh m { members one }\nbalance a/s on one\n\
         entry a/e { backend a/s { weight one = 1 } }\nrollout r for entry a/e { step x { one = 1 } }\n\
         test \"t\" { given cluster one lost ; serves a/s for a/b in (one) from one ; share a/e one = 1 }",
        &["a.fleetnet:1:9 one"],
        &[
            "a.fleetnet:2:17 one",
            "a.fleetnet:2:33 one",
            "a.fleetnet:3:18 one",
            "a.fleetnet:4:16 one",
            "a.fleetnet:5:34 one",
            "a.fleetnet:6:36 one",
            "a.fleetnet:7:26 one",
            "a.fleetnet:7:60 one",
            "a.fleetnet:7:70 one",
            "a.fleetnet:7:86 one",
        ],
    );
}

#[test]
fn a_name_is_found_across_files() {
    check(
        "--- a.fleetnet\nidentity shop/web { }\n--- teams/b.fleetnet\ngroup g { shop/web }\npolicy p for shop/we$0b { allow from world }",
        &["a.fleetnet:1:15 web"],
        &["teams/b.fleetnet:1:16 web", "teams/b.fleetnet:2:19 web"],
    );
}

#[test]
fn a_namespace_is_the_first_part_of_names() {
    check(
        "namespace shop { in all }\nidentity shop/web { }\npolicy p { allow s$0hop/* -> shop/web }\nexternal x { pods shop }",
        &["a.fleetnet:1:11 shop"],
        &["a.fleetnet:2:10 shop", "a.fleetnet:3:18 shop", "a.fleetnet:3:28 shop", "a.fleetnet:4:19 shop"],
    );
}

#[test]
fn an_identity_and_a_service_of_one_name_are_two_things() {
    let text = "identity a/b { }\nservice a/b { pods a/b }\nexport a/b to m\npolicy p { allow a/b -> a/b }";
    let cursor = |at: &str| text.replacen(at, &format!("{at}$0"), 1);
    let used = ["a.fleetnet:2:22 b", "a.fleetnet:4:20 b", "a.fleetnet:4:27 b"];
    check(&cursor("identity a/b"), &["a.fleetnet:1:12 b"], &used);
    check(&cursor("export a/b"), &["a.fleetnet:2:11 b"], &["a.fleetnet:3:10 b"]);
}

#[test]
fn a_port_is_of_every_destination_that_declares_it() {
    let text = "identity a/b { port http 80/tcp }\nidentity a/c { }\nservice a/c { pods a/c ; port http 80/tcp ; port web 81/tcp }\n\
                group g { a/b, a/c }\npolicy p { allow world -> g on htt$0p }\npolicy q for a/b { allow from a/c on http }\n\
                policy r for a/b { allow to a/c on http }";
    check(
        text,
        &["a.fleetnet:1:21 http", "a.fleetnet:3:31 http"],
        &["a.fleetnet:5:32 http", "a.fleetnet:6:38 http", "a.fleetnet:7:36 http"],
    );
}

#[test]
fn a_route_speaks_of_its_gateways_listener_and_its_services_port() {
    let text = "service a/s { pods a/b ; port http 80/tcp }\n\
                gateway a/g { listener web http 80 ; route \"/\" on web -> a/s port http }\n\
                gateway a/h { listener web http 80 }";
    let cursor = |at: &str| text.replacen(at, &format!("{at}$0"), 1);
    check(&cursor("on web"), &["a.fleetnet:2:24 web"], &["a.fleetnet:2:51 web"]);
    check(&cursor("a/s port http"), &["a.fleetnet:1:31 http"], &["a.fleetnet:2:67 http"]);
}

#[test]
fn what_is_shared_of_has_the_first_meaning_that_is_declared() {
    let text = "gateway a/g { }\ntest \"t\" { share a/g$0 one = 1 ; share a/g -> a/s one = 1 }";
    check(text, &["a.fleetnet:1:11 g"], &["a.fleetnet:2:20 g", "a.fleetnet:2:40 g"]);
}

#[test]
fn regions_steps_meshes_and_parameters_have_places_too() {
    check(
        "cluster a { region here }\ncluster b { region here }\nclusters c = region he$0re\ntest \"t\" { given region here lost }",
        &["a.fleetnet:1:20 here", "a.fleetnet:2:20 here"],
        &["a.fleetnet:3:21 here", "a.fleetnet:4:25 here"],
    );
    check(
        "rollout r for entry a/e { step fi$0rst { b = 1 } }\ntest \"t\" { given step first }",
        &["a.fleetnet:1:32 first"],
        &["a.fleetnet:2:23 first"],
    );
    check(
        "mesh m { members mesh m }\nnamespace n { global in m }\nexport n/s to $0m",
        &["a.fleetnet:1:6 m"],
        &["a.fleetnet:1:23 m", "a.fleetnet:2:25 m", "a.fleetnet:3:15 m"],
    );
    check(
        "param size = 1\nparam other = $size\ncluster a { id $si$0ze }",
        &["a.fleetnet:1:7 size"],
        &["a.fleetnet:2:16 size", "a.fleetnet:3:17 size"],
    );
}

#[test]
fn what_is_half_typed_has_its_names_as_well() {
    check("cluster one {\nclusters x = on$0e, ", &["a.fleetnet:1:9 one"], &["a.fleetnet:2:14 one"]);
    check("policy p { allow a/b$0 -> }\nidentity a/b", &["a.fleetnet:2:12 b"], &["a.fleetnet:1:20 b"]);
}

#[test]
fn built_in_words_and_numbers_are_no_names() {
    for text in ["policy p { allow wor$0ld -> a/b }", "policy p { allow a/b -> a/c on 8$00/tcp }", "$0"] {
        check(text, &[], &[]);
    }
}

/// The package after a rename, or why it was refused.
fn rename_to(text: &str, to: &str) -> Result<String, String> {
    let (package, place) = package(text);
    let edits = rename(&package, place.unwrap(), to).map_err(|refused| refused.to_string())?;
    let after = apply(&package, edits);
    Ok(after.iter().map(|(_, text)| text.as_str()).collect())
}

fn apply(package: &Package, mut edits: Vec<Edit>) -> Vec<(String, String)> {
    edits.sort_by_key(|edit| std::cmp::Reverse(edit.span));
    let mut files: Vec<(String, String)> = Vec::new();
    for (id, file) in package.files() {
        let mut text = file.source.text.to_string();
        for edit in edits.iter().filter(|edit| edit.span.file == id) {
            text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
        }
        files.push((file.source.path.to_string(), text));
    }
    files
}

#[test]
fn a_rename_keeps_what_belongs_together_together() {
    let text = "identity a/b { port htt$0p 80/tcp }\nidentity a/c { port http 80/tcp }\npolicy p { allow world -> a/b, a/c on http }";
    let after = "identity a/b { port web 80/tcp }\nidentity a/c { port web 80/tcp }\npolicy p { allow world -> a/b, a/c on web }\n";
    assert_eq!(rename_to(text, "web").unwrap(), after);
    let text = "namespace a$0 { in all }\nidentity a/a { match app = a }";
    assert_eq!(rename_to(text, "b").unwrap(), "namespace b { in all }\nidentity b/a { match app = a }\n");
}

#[test]
fn names_in_conditions_are_names() {
    let text = "identity shop/web { }\nnamespace shop { in all }\ngroup g { shop/web }\ncluster c { id 1 ; region r }\n\
                clusters s = where `cluster.name == \"c\" || cluster.region in ['r']`\n\
                invariant i { require `flow.src.name != \"shop/web\" || \"g\" in flow.dst.groups || flow.src.kind == \"host\"` }";
    let cursor = |at: &str| text.replacen(at, &format!("{at}$0"), 1);
    check(&cursor("shop/web"), &["a.fleetnet:1:15 web"], &["a.fleetnet:3:16 web", "a.fleetnet:6:47 web"]);
    check(&cursor("cluster c"), &["a.fleetnet:4:9 c"], &["a.fleetnet:5:38 c"]);
    check(&cursor("region r"), &["a.fleetnet:4:27 r"], &["a.fleetnet:5:64 r"]);
    check(&cursor("group g"), &["a.fleetnet:3:7 g"], &["a.fleetnet:6:56 g"]);
    let after = rename_to(&cursor("flow.src.name != \"shop/we"), "front").unwrap();
    assert!(after.contains("identity shop/front") && after.contains("flow.src.name != \"shop/front\""), "{after}");
    // What has no meaning, or is no name letter by letter, stays.
    let broken = "cluster c$0 { id 1 }\nclusters s = where `cluster.name == \"c\" &&`\nclusters t = where `cluster.name == \"\\x63\"`";
    check(broken, &["a.fleetnet:1:9 c"], &[]);
}

#[test]
fn a_rename_is_refused_where_it_would_mean_something_else() {
    let text = "group o$0ne { a/b }\ncluster two { id 1 }\npolicy p { allow one -> three }";
    assert_eq!(rename_to(text, "two").unwrap_err(), "`two` is already declared");
    assert!(rename_to(text, "world").unwrap_err().contains("word of the language"));
    assert!(rename_to(text, "One!").is_err());
    assert!(rename_to("policy p { allow thr$0ee -> a/b }", "four").unwrap_err().contains("no name here"));
}

/// Every name of the examples, renamed, leaves a package that means the same: nothing is found in it that was not found before.
#[test]
fn a_renamed_package_checks_as_it_did() {
    let alone = fleetnet_compiler::workers::Alone;
    for files in programs() {
        let package = Package::new(files.iter().map(|(path, text)| SourceFile::new(path.as_str(), text.as_str())));
        let codes =
            |package: &Package| package.check(&alone).0.iter().map(|found| found.code.number).collect::<Vec<_>>();
        let before = codes(&package);
        let (found, _) = package.check(&alone);
        if found.iter().any(|found| found.severity == fleetnet_lang::Severity::Error) {
            continue;
        }
        for one in definitions(&package) {
            let edits = rename(&package, Place { file: one.name.file, offset: one.name.start }, "renamed").unwrap();
            let used = uses_of(&package, &one.symbols.iter().cloned().collect()).count();
            assert!(edits.len() > used || one.kind == Kind::Region, "{}", shown(&package, one.name));
            let after = apply(&package, edits);
            let after = Package::new(after.iter().map(|(path, text)| SourceFile::new(path.as_str(), text.as_str())));
            assert_eq!(codes(&after), before, "{}", shown(&package, one.name));
        }
    }
}
