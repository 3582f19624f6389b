//! What is offered where.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that can't go on fails")]

mod common;

use common::package;
use fleetnet_lsp::completion::{ItemKind, completion};

const NAMES: &str = "cluster one { id 1 ; labels { env = prod } }\nclusters most = one\nmesh m { members all }\n\
    namespace shop { in one }\nidentity shop/web { match app = web ; port http 80/tcp }\ngroup g { where tier = front }\n\
    external office { dns \"x\" }\nservice shop/front { pods shop/web ; port https 443/tcp }\nparam size = 1\n";

/// What is offered at the cursor that is no keyword.
#[track_caller]
fn check(rest: &str, expected: &[&str]) {
    let found = offered(rest, |kind| kind != ItemKind::Keyword && kind != ItemKind::BuiltIn);
    assert_eq!(found, expected, "{rest}");
}

/// These keywords are offered, as the words that are built in are.
#[track_caller]
fn check_words(rest: &str, expected: &[&str]) {
    let found = offered(rest, |kind| kind == ItemKind::Keyword || kind == ItemKind::BuiltIn);
    assert!(expected.iter().all(|word| found.contains(&(*word).to_owned())), "{rest}: {found:?}");
}

fn offered(rest: &str, wanted: impl Fn(ItemKind) -> bool) -> Vec<String> {
    let (package, place) = package(&format!("{NAMES}{rest}"));
    let items = completion(&package, place.unwrap()).items;
    items.into_iter().filter(|item| wanted(item.kind)).map(|item| item.text).collect()
}

#[test]
fn names_are_of_the_kind_that_is_meant() {
    check("mesh x { members $0 }", &["most", "one"]);
    check("mesh x { members mesh $0 }", &["m", "x"]);
    check("export shop/front to $0", &["m"]);
    check("export $0", &["shop/front"]);
    check("entry shop/e { backend $0 }", &["shop/front"]);
    check("entry shop/e { backend shop/front { weight $0 } }", &["one"]);
    check("group h { $0 }", &["g", "h", "shop/web"]);
    check("policy p { allow $0", &["g", "office", "shop/web"]);
    check("policy p { allow shop/w$0 -> world }", &["shop/web"]);
    check("cluster two { id $0 }", &[]);
    check("cluster two { id $$0 }", &["$size"]);
    check("cluster $0", &[]);
}

#[test]
fn ports_are_those_of_the_destination() {
    check("policy p { allow world -> shop/web on $0 }", &["http", "https"]);
    check("policy p for g { allow to shop/* on ht$0 }", &["http", "https"]);
    check("policy p for shop/web { allow to office on $0 }", &[]);
    check("gateway shop/g { listener l http 80 ; route \"/\" on $0 -> shop/front }", &["l"]);
    check("gateway shop/g { route \"/\" -> shop/front port $0 }", &["https"]);
}

#[test]
fn labels_are_those_that_the_package_speaks_of() {
    check("clusters c = where $0", &["app", "env", "tier"]);
    check("clusters c = where env = $0", &["prod"]);
    check("identity shop/x { match app = $0 }", &["web"]);
}

#[test]
fn cel_has_fields() {
    check("invariant i { require `$0` }", &["flow"]);
    check("invariant i { require `flow.dst.name == flow.sr$0 ` }", &["dst", "known", "port", "protocol", "src"]);
    check("clusters c = where `cluster.lab$0`", &["cilium", "id", "labels", "name", "region", "zone"]);
}

#[test]
fn keywords_are_what_the_grammar_looks_for() {
    check_words("$0", &["cluster", "policy", "param"]);
    check_words("po$0", &["policy"]);
    check_words("mesh x {\n  $0\n}", &["members", "routing", "waive"]);
    check_words("mesh x { routing $0 }", &["native", "tunnel"]);
    check_words("policy p for shop/web { allow from $0 }", &["world", "all", "cidr", "kube-apiserver"]);
    check_words("policy p { allow world -> shop/web $0 }", &["in", "on", "reason"]);
}

#[test]
fn nothing_is_offered_in_text_and_comments() {
    for rest in ["# he$0re", "namespace x { owner \"te$0am\" }", "## $0doc\ncluster x { }"] {
        assert!(offered(rest, |_| true).is_empty(), "{rest}");
    }
}
