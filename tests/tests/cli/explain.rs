//! What a kind of finding means.

use crate::harness::Scratch;
use crate::pages::{hold, pages};
use crate::session::session;

const PAGES: &str = "../docs/diagnostics";

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

/// What is found of files before they are any program: the pages say in commands what is wrong and how it is right again.
#[test]
fn the_pages_of_the_program_s_own_findings_are_sessions() {
    let names = pages(PAGES).into_iter().map(|page| page.file_stem().unwrap().to_str().unwrap().to_owned());
    let own: Vec<String> = names.filter(|name| name.starts_with("FN1")).collect();
    assert!(own.iter().any(|page| page == "FN1001"), "{own:?}");
    for page in &own {
        let scratch = Scratch::new(page);
        hold(&format!("{PAGES}/{page}.md"), |test| {
            let found: Vec<String> = test.blocks.iter().map(|block| session(&scratch, block)).collect();
            let is_found = found.concat().contains(page.as_str());
            assert_eq!(is_found, test.name.ends_with(": Wrong"), "{}: {found:#?}", test.name);
            found
        });
    }
}
