//! What a kind of finding means.

use crate::harness::Scratch;

#[test]
fn a_page_is_printed_as_it_is_written() {
    let scratch = Scratch::new("explain");
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/diagnostics/FN0203.md");
    let page = std::fs::read_to_string(page).unwrap();
    for code in ["FN0203", "fn203", "203"] {
        assert_eq!(scratch.run(&["explain", code]).ends(0).stdout, page, "{code}");
    }
}

#[test]
fn all_codes_are_listed() {
    let list = Scratch::new("explain-all").run(&["explain"]).ends(0).stdout;
    let lines: Vec<&str> = list.lines().collect();
    assert!(lines.contains(&"FN0203  error    unknown name"), "{list}");
    assert!(lines.contains(&"FN0250  warning  declared and not used"), "{list}");
    assert!(lines.is_sorted());
}

#[test]
fn a_code_that_there_is_not() {
    let run = Scratch::new("explain-none").run(&["explain", "FN0298"]).ends(2);
    assert!(run.stderr.contains("did you mean FN0"), "{run:#?}");
}
