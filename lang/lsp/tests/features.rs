//! Outline, search, folding, hover, fixes.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test that can't go on fails")]

mod common;

use std::collections::BTreeSet;

use common::{package, shown};
use fleetnet_compiler::workers::Alone;
use fleetnet_lang::{FileId, Span};
use fleetnet_lsp::Edit;
use fleetnet_lsp::actions::{actions, all};
use fleetnet_lsp::folding::{FoldKind, folds};
use fleetnet_lsp::formatting::{formatting, range_formatting};
use fleetnet_lsp::hover::hover;
use fleetnet_lsp::meaning::Meaning;
use fleetnet_lsp::symbols::{Outlined, outline, search};

#[track_caller]
fn check_outline(text: &str, expected: &[&str]) {
    fn lines(line: &Outlined, depth: usize, all: &mut Vec<String>) {
        assert!(line.whole.start <= line.place.start && line.place.end <= line.whole.end, "{line:?}");
        all.push(format!("{}{} {}", "  ".repeat(depth), line.keyword, line.name));
        for part in &line.parts {
            lines(part, depth + 1, all);
        }
    }
    let (package, _) = package(text);
    let mut all = Vec::new();
    for line in outline(&package, FileId(0)) {
        lines(&line, 0, &mut all);
    }
    assert_eq!(all, expected);
}

#[test]
fn an_outline_has_what_is_declared_and_its_named_parts() {
    check_outline(
        "## doc\nservice a/b { port x 80/tcp ; at one { port y 81/tcp } }\ngateway a/g { listener l http 80 }\n\
         rollout r for entry a/e { step s { one = 1 } }\ntest \"shows \\\"it\\\"\" { }\nguard { }\npolicy",
        &[
            "service a/b",
            "  port x",
            "  port y",
            "gateway a/g",
            "  listener l",
            "rollout r",
            "  step s",
            "test shows \"it\"",
            "guard guard",
            "policy policy",
        ],
    );
}

#[track_caller]
fn check_search(query: &str, expected: &[&str]) {
    let (package, _) =
        package("identity shop/web { port http 80/tcp }\ncluster here { region west }\npolicy Web-in { }");
    let found: Vec<&str> = search(&package, query).iter().map(|found| found.name).collect();
    assert_eq!(found, expected, "{query}");
}

#[test]
fn a_search_finds_letters_in_order() {
    check_search("", &["shop/web", "http", "here", "Web-in"]);
    check_search("WB", &["shop/web", "Web-in"]);
    check_search("s/w", &["shop/web"]);
    check_search("bw", &[]);
}

#[track_caller]
fn check_folds(text: &str, expected: &[&str]) {
    let (package, _) = package(text);
    let line = |offset| package.file(FileId(0)).unwrap().source.line_col(offset).line;
    let kind = |kind| match kind {
        FoldKind::Block => "block",
        FoldKind::Comment => "comment",
    };
    let found: Vec<String> = folds(&package, FileId(0))
        .iter()
        .map(|fold| format!("{}-{} {}", line(fold.span.start), line(fold.span.end), kind(fold.kind)))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn blocks_comments_and_cel_of_several_lines_fold() {
    check_folds(
        "# one\n# two\n\n# alone\n\n## doc\n## more\nfleet x {\n  default deny\n}\ninvariant y {\n  require `a\n  b`\n}\nguard { }",
        &["1-2 comment", "6-7 comment", "8-10 block", "11-14 block", "12-13 block"],
    );
    check_folds("fleet x {\n  default deny\n", &["1-2 block"]);
}

const MEANING: &str = "fleet f { default deny }\n\
    cluster one { id 1 ; region here ; pods 10.1.0.0/16 ; nodes 10.101.0.0/24 ; cilium \"1.18.0\" }\n\
    cluster two { id 2 ; region here ; pods 10.2.0.0/16 ; nodes 10.102.0.0/24 ; cilium \"1.18.0\" }\n\
    ## All of it.\n## Really.\nmesh all-of-it {\n  members all\n}\n\
    namespace shop { in two }\nidentity shop/web { match app = web }\nidentity shop/db { match app = db }\n";

#[track_caller]
fn check_hover(rest: &str, head: &str, doc: Option<&str>, clusters: Option<&[&str]>) {
    let (package, place) = package(&format!("{MEANING}{rest}"));
    let (_, plan) = package.check(&Alone);
    let meaning = plan.map(|plan| Meaning::new(package.clone(), plan, &BTreeSet::new()));
    let hover = hover(&package, meaning.as_ref(), place.unwrap()).unwrap();
    let declared = &hover.declared[0];
    let found: Option<Vec<&str>> = declared.clusters.as_ref().map(|names| names.iter().map(String::as_str).collect());
    assert_eq!((declared.head.as_str(), declared.doc.as_deref()), (head, doc));
    assert_eq!(found.as_deref(), clusters);
}

#[test]
fn a_name_shows_its_declaration_its_doc_and_its_clusters() {
    check_hover(
        "clusters rest = mesh all-o$0f-it except one\npolicy p { allow shop/web -> shop/db in rest on 80/tcp }",
        "mesh all-of-it",
        Some("All of it.\nReally."),
        Some(&["one", "two"]),
    );
    let policy = |from: &str| format!("policy p {{ allow {from} -> shop/db in region here on 80/tcp }}");
    check_hover(&policy("shop/we$0b"), "identity shop/web { match app = web }", None, Some(&["two"]));
    check_hover(&policy("s$0hop/web"), "namespace shop { in two }", None, Some(&["two"]));
    let buying = "allow shop/web -> shop/db in region here on 80/tcp";
    let head = format!("policy buying {{ {buying} }}");
    check_hover(&format!("## Who may buy.\npolicy buy$0ing {{ {buying} }}"), &head, Some("Who may buy."), None);
    // Without a meaning there is still a declaration.
    check_hover("policy p { allow shop/we$0b -> nowhere }", "identity shop/web { match app = web }", None, None);
}

#[test]
fn a_finding_is_mended_where_it_stands() {
    let (package, place) = package(&format!("{MEANING}policy p {{ allow shop/wbe$0 -> shop/db on 80/tcp }}"));
    let (found, _) = package.check(&Alone);
    let place = place.unwrap();
    let at = |offset| actions(&found, Span::new(place.file, offset, offset));
    let action = &at(place.offset)[0];
    assert_eq!(action.title, "did you mean `shop/web`?");
    assert!(shown(&package, action.edit.span).ends_with(" shop/wbe"));
    assert_eq!(action.edit.text, "shop/web");
    assert!(at(0).is_empty());
}

#[test]
fn everything_in_a_file_that_has_one_answer_is_mended_at_once() {
    let policy = "policy p { allow shop/web -> shop/db on 80/tcp { get \"/a\" ; post \"/b\" } }\npolicy q { allow shop/web -> shop/dbt on 81/tcp }";
    let (mut package, _) = package(&format!("{MEANING}{policy}"));
    let (found, _) = package.check(&Alone);
    let edits = all(&found, FileId(0));
    assert_eq!(edits.len(), 2);
    let mended = applied(package.file(FileId(0)).unwrap().source.text.to_string(), &edits);
    package.set("a.fleetnet", mended);
    assert_eq!(all(&package.check(&Alone).0, FileId(0)), []);
    let text = &package.file(FileId(0)).unwrap().source.text;
    // Who is meant, only an author knows.
    assert!(text.contains("{ GET \"/a\" ; POST \"/b\" }") && text.contains("shop/dbt"), "{text}");
}

fn applied(mut text: String, edits: &[Edit]) -> String {
    for Edit { span, text: new } in edits.iter().rev() {
        text.replace_range(span.start as usize..span.end as usize, new);
    }
    text
}

#[test]
fn a_file_and_a_part_of_it_are_laid_out() {
    let text = "cluster   a { id 1 }\n\ncluster   b { id 2 }\n";
    let (package, _) = package(text);
    let file = FileId(0);
    let whole = formatting(&package, file);
    assert_eq!(applied(text.to_owned(), &whole), fleetnet_lang::format::format(text));
    let part = range_formatting(&package, Span::new(file, 25, 25));
    assert_eq!(applied(text.to_owned(), &part), "cluster   a { id 1 }\n\ncluster b { id 2 }\n");
}
