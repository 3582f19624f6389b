//! Resolution where a page of `spec` has no room: parameters set from outside, and packages too large to write down.

#![expect(clippy::unwrap_used, reason = "what is not there fails the test")]

use std::fmt::Write as _;

use fleetnet_compiler::compile::ParamValue;
use fleetnet_compiler::model::{Model, PodSelection};
use fleetnet_compiler::resolve::resolve;
use fleetnet_lang::{FileId, SourceFile, Sources, parse};

const FLEET: &str = "fleet f { default deny }\ncluster east { id 1 ; region r1 }\n";

/// The model, and code and marked text of each finding.
fn resolved(files: &[(&str, &str)], set: &[(&str, &str)]) -> (Option<Model>, Vec<String>) {
    let sources = Sources::new(files.iter().map(|(path, text)| SourceFile::new(*path, *text)).collect());
    let parses: Vec<_> = sources.iter().map(|(id, file)| (id, parse(id, &file.text))).collect();
    let set = set.iter().map(|(name, value)| ParamValue { name: (*name).to_owned(), value: (*value).to_owned() });
    let (model, found) = resolve(&parses, &set.collect::<Vec<_>>());
    let marked = |found: &fleetnet_lang::Diagnostic| format!("{} {}", found.code, sources.text(found.span));
    (model, found.iter().map(marked).collect())
}

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    let text = format!("{FLEET}{text}");
    assert_eq!(resolved(&[("a.fleetnet", &text)], &[]).1, expected);
}

#[test]
fn a_package_has_a_fleet() {
    assert_eq!(resolved(&[], &[]).1, ["FN0200 "]);
    assert_eq!(resolved(&[("a.fleetnet", "cluster east { id 1 }\n")], &[]).1, ["FN0200 "]);
    check("", &[]);
}

const PARAMS: &str = "param text = \"team\"
param number = 3
param percent = 25%
param time = 5m
param block = 192.0.2.0/24
param name = east
namespace shop { in $name ; owner $text }
external office { cidr $block }
policy one for shop/* { deny from office }
mesh m { members all ; forget-lost-after $time }
cluster west { id $number }
fleet f { default deny ; limits { weight-error $percent } }
cluster east { id 1 }
";

#[track_caller]
fn check_set(set: &[(&str, &str)], expected: &[&str]) -> Model {
    let (model, found) = resolved(&[("a.fleetnet", PARAMS)], set);
    assert_eq!(found, expected);
    model.unwrap()
}

#[test]
fn parameters_are_set_from_outside() {
    let model = check_set(&[("name", "west"), ("text", "someone"), ("number", "9"), ("time", "2h")], &[]);
    let shop = &model.namespaces.rows()[0];
    assert_eq!(shop.owner.as_ref().unwrap().value.as_str(), "someone");
    let names: Vec<&str> = shop.clusters.iter().map(|id| model.clusters[id].name.value.as_str()).collect();
    assert_eq!(names, ["west"]);
    assert_eq!(model.clusters.rows()[1].id.unwrap().value, 9);
    let model = check_set(&[("text", "\"in quotes\"")], &[]);
    assert_eq!(model.namespaces.rows()[0].owner.as_ref().unwrap().value.as_str(), "in quotes");
}

#[test]
fn values_have_the_type_of_the_default() {
    check_set(&[("number", "many")], &["FN0231 3"]);
    check_set(&[("percent", "25")], &["FN0231 25%"]);
    check_set(&[("time", "5 minutes")], &["FN0231 5m"]);
    check_set(&[("block", "192.0.2.1/24")], &["FN0231 192.0.2.0/24"]);
    check_set(&[("name", "\"west\"")], &["FN0231 east"]);
}

#[test]
fn values_for_unknown_parameters() {
    check_set(&[("nmae", "west")], &["FN0232 f"]);
}

#[test]
fn at_most_255_clusters() {
    let clusters = |count: usize| {
        let mut text = String::new();
        for number in 0..count {
            writeln!(text, "cluster c{number:03} {{ region r1 }}").unwrap();
        }
        text + "namespace shop { in c000, c253 }\n"
    };
    check(&clusters(254), &[]);
    // The package has one more, in a file that comes before.
    check(&clusters(256), &["FN0300 c254"]);
}

#[test]
fn namespaces_whose_unlisted_pods_nobody_can_name() {
    let namespace = |count: usize| {
        let mut text = "namespace shop { in east }\n".to_owned();
        for number in 0..count {
            writeln!(text, "identity shop/i{number} {{ match a{number} = x and b{number} = x ; account i{number} }}")
                .unwrap();
        }
        text
    };
    check(&namespace(100), &[]);
    // Two ways each to have the account and not to match.
    check(&namespace(130), &["FN0412 shop"]);
}

#[test]
fn chains_are_followed_without_recursion() {
    const LENGTH: usize = 20_000;
    let mut text = String::new();
    for number in 0..LENGTH {
        let next = number + 1;
        writeln!(text, "clusters s{number} = s{next}\ngroup g{number} {{ g{next} }}\nparam p{number} = $p{next}")
            .unwrap();
    }
    write!(text, "clusters s{LENGTH} = east\ngroup g{LENGTH} {{ shop/* }}\nparam p{LENGTH} = s0\n").unwrap();
    text += "namespace shop { in $p0 }\npolicy one for g0 { deny from world }\n";
    check(&text, &[]);
}

#[test]
fn the_order_of_files_and_declarations_changes_nothing() {
    let parts = [
        FLEET,
        "namespace shop { in east }\nnamespace shop-a { in all }\n",
        "identity shop/web { match app = web }\nidentity shop-a/web { match app = web }\n",
        "group webs { where app = web }\npolicy one for webs { deny from host }\n",
    ];
    let names = |order: [usize; 4]| {
        let files: Vec<(String, &str)> =
            order.iter().zip(parts).map(|(place, text)| (format!("{place}.fleetnet"), text)).collect();
        let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
        let (model, found) = resolved(&files, &[]);
        assert_eq!(found, [""; 0]);
        let model = model.unwrap();
        let names: Vec<String> = model.identities.ids().map(|id| model.identity_name(id)).collect();
        (names, model.groups.rows()[0].members.clone())
    };
    let first = names([0, 1, 2, 3]);
    assert_eq!(first.0, ["shop/unlisted", "shop/web", "shop-a/unlisted", "shop-a/web"]);
    assert_eq!(first, names([3, 2, 1, 0]));
    assert_eq!(first, names([2, 0, 3, 1]));
}

#[test]
fn a_namespace_without_identities_is_all_unlisted() {
    let (model, _) = resolved(&[("a.fleetnet", &format!("{FLEET}namespace shop {{ in east }}\n"))], &[]);
    let model = model.unwrap();
    assert!(model.identities.rows().iter().all(|identity| identity.pods == PodSelection::Unlisted));
    assert_eq!(model.identities.len(), 1);
}

/// What the findings about identities `shop/a` and `shop/b` with these statements tell to do.
#[track_caller]
fn check_apart(a: &str, b: &str, expected: &[&str]) {
    let text = format!("{FLEET}namespace shop {{ in east }}\nidentity shop/a {{ {a} }}\nidentity shop/b {{ {b} }}\n");
    let parsed = parse(FileId(0), &text);
    let (_, found) = resolve(&[(FileId(0), parsed)], &[]);
    let helps: Vec<&str> = found.iter().filter_map(|found| found.help.as_deref()).collect();
    assert_eq!(helps, expected, "{a} / {b}");
}

#[test]
fn what_tells_identities_apart_is_named_for_each_match() {
    let one = "match app = cart";
    let front = "match app = web ; match app = cart and tier = front";
    check_apart(front, one, &["add `and tier != front` to the `match` of `shop/b`"]);
    check_apart(one, front, &["add `and tier != front` to the `match` of `shop/a`"]);
    let tiers = "match tier = front ; match tier = back and ring = one ; match app = web";
    check_apart(
        one,
        tiers,
        &[
            "add `and app != cart` to `match tier = front` and add `and app != cart` to `match ring = one and tier = back` of `shop/b`",
        ],
    );
    check_apart(
        "match app = web ; match app = cart",
        "match app = web ; match tier = back",
        &["remove `match app = web` and add `and app not in (cart, web)` to `match tier = back` of `shop/b`"],
    );
    check_apart(
        "match has app",
        "match app = web ; match app = cart",
        &["add `and app not in (cart, web)` to the `match` of `shop/a`"],
    );
    check_apart(
        "account web",
        "match app = web ; match app = cart",
        &["write `match app not in (cart, web)` in `shop/a`"],
    );
    check_apart("match app = web", "match app in (web)", &["give them different labels or accounts, or join them"]);
    let many = "match a = x ; match b = x ; match c = x ; match d = x ; match e = x";
    let listed = ["a", "b", "c"].map(|key| format!("add `and app != cart` to `match {key} = x`")).join(", ");
    check_apart(one, many, &[&format!("{listed} and change 2 more alike of `shop/b`")]);
}
