//! What Azure Resource Manager would say of our templates: its rules for members and mesh profiles, asserted by ourselves, as nothing of Azure runs here.

use std::collections::BTreeSet;

use fleetnet_compiler::compile::{Build, Goal};
use fleetnet_tests::generate;
use fleetnet_tests::manifest::text;
use fleetnet_tests::package::{Package, errors};
use serde_json::Value;

const MEMBER: &str = "Microsoft.ContainerService/fleets/members";
const MESH_PROFILE: &str = "Microsoft.ContainerService/fleets/clusterMeshProfiles";
/// Those that know mesh profiles.
const VERSIONS: [&str; 2] = ["2026-03-02-preview", "2026-06-02-preview"];

#[test]
fn the_template_of_the_example() {
    let build = build(&Package::of_folder(&fleetnet_tests::root().join("examples/contoso"))).expect("it builds");
    let template = template(&build).expect("it has a mesh");
    let with_words = ["$schema", "contentVersion", "metadata", "parameters", "resources", "variables"];
    assert_eq!(keys(&template), with_words);
    assert!(text(&template, "/metadata/comments").starts_with("Contoso retail: two regions, "), "{template}");
    check(&template, &build);
    let profile = resources(&template).find(|resource| text(resource, "/type") == MESH_PROFILE).expect("for its mesh");
    assert_eq!(text(profile, "/name"), "contoso/prod");
    assert_eq!(text(profile, "/properties/memberSelector/byLabel"), "env=prod");
}

#[test]
fn templates_of_generated_fleets() {
    let builds = (0..60).filter_map(|seed| build(&Package::of_text(&generate::traffic(seed).to_string())));
    let mut checked = 0;
    for build in builds {
        if let Some(template) = template(&build) {
            assert_eq!(keys(&template), ["$schema", "contentVersion", "parameters", "resources", "variables"]);
            check(&template, &build);
            checked += 1;
        }
    }
    assert!(checked > 10, "only {checked} generated fleets have a template");
}

fn build(package: &Package) -> Option<Build> {
    let compiled = package.compile(Goal::Build);
    assert_eq!(errors(&compiled), Vec::<String>::new());
    compiled.build
}

fn artifact<'a>(build: &'a Build, path: &str) -> Option<&'a str> {
    let found = build.artifacts.iter().find(|artifact| artifact.path == path)?;
    Some(std::str::from_utf8(&found.bytes).expect("it is text"))
}

fn template(build: &Build) -> Option<Value> {
    artifact(build, "azure/fleet.json").map(|text| serde_json::from_str(text).expect("a template is JSON"))
}

fn keys(template: &Value) -> Vec<&String> {
    template.as_object().expect("a template is an object").keys().collect()
}

fn resources(template: &Value) -> impl Iterator<Item = &Value> {
    template.get("resources").and_then(Value::as_array).expect("a template has resources").iter()
}

fn check(template: &Value, build: &Build) {
    let mut members = BTreeSet::new();
    let commands = artifact(build, "azure/commands.txt").expect("commands come with a template");
    for resource in resources(template) {
        assert!(VERSIONS.contains(&text(resource, "/apiVersion")), "{resource}");
        let (fleet, name) = text(resource, "/name").split_once('/').expect("a sub-resource of the fleet");
        assert!(is_name(fleet, 63), "{resource}");
        match text(resource, "/type") {
            MEMBER => {
                check_member(template, resource, name);
                members.insert(format!("[resourceId('{MEMBER}', '{fleet}', '{name}')]"));
            }
            MESH_PROFILE => {
                check_profile(resource, name, &members);
                let apply = format!("az fleet clustermeshprofile apply --fleet-name {fleet} --name {name}");
                let lines: Vec<&str> = commands.lines().filter(|line| line.starts_with(&apply)).collect();
                assert_eq!(lines.len(), 2, "{commands}");
                let shown_first = lines.first().is_some_and(|line| line.ends_with("--what-if"));
                assert!(shown_first && lines.last().is_some_and(|line| !line.contains("what-if")), "{commands}");
            }
            other => assert_eq!(other, MEMBER, "an unknown type of resource"),
        }
    }
}

/// `^[a-z0-9]([-a-z0-9]*[a-z0-9])?$`
fn is_name(name: &str, longest: usize) -> bool {
    let sign = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=longest).contains(&name.len()) && name.bytes().all(sign) && !name.starts_with('-') && !name.ends_with('-')
}

fn check_member(template: &Value, resource: &Value, name: &str) {
    assert!(is_name(name, 50), "{resource}");
    let properties = resource.get("properties").and_then(Value::as_object).expect("a resource has properties");
    let keys: Vec<&String> = properties.keys().collect();
    assert_eq!(keys, ["clusterResourceId", "group", "labels"]);
    assert!(properties.values().filter_map(Value::as_str).all(|text| text.starts_with('[') && text.ends_with(']')));
    let labels = template.pointer(&format!("/variables/labels/{name}")).and_then(Value::as_object);
    let labels = labels.unwrap_or_else(|| panic!("no labels for {name}: {template}"));
    assert!(!labels.is_empty() && labels.values().all(Value::is_string), "{template}");
}

fn check_profile(resource: &Value, name: &str, members: &BTreeSet<String>) {
    assert!(is_name(name, 63), "{resource}");
    let selector = text(resource, "/properties/memberSelector/byLabel");
    let (key, value) = selector.split_once('=').expect("one equality");
    assert!(
        selector.len() <= 512 && !key.is_empty() && !key.ends_with('!') && !value.contains(['=', ',']),
        "{selector}"
    );
    let before = resource.get("dependsOn").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
    // A profile that is applied before its members have their labels would join nobody.
    assert_eq!(before.map(str::to_owned).collect::<BTreeSet<_>>(), *members);
}
