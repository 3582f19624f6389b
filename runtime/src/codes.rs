//! Every code that a finding can have, and the page about it. The pages are those under `docs/diagnostics`, as they were when this was built.

use std::fmt::Write as _;

use fleetnet_lang::{Code, suggest};

use crate::package;

/// The pages by the numbers of their codes, in order.
const PAGES: &[(u16, &str)] = include!(concat!(env!("OUT_DIR"), "/explain.rs"));

/// A code as people write it: `FN0412`, `fn412`, `412`.
pub fn parse(text: &str) -> Result<Code, String> {
    let codes = all();
    let word = text.to_ascii_lowercase();
    let number: Option<u16> = word.strip_prefix("fn").unwrap_or(&word).parse().ok();
    if let Some(code) = codes.iter().find(|code| Some(code.number) == number) {
        return Ok(*code);
    }
    let names: Vec<String> = codes.iter().map(|code| code.to_string().to_ascii_lowercase()).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let written = number.map_or(word, |number| format!("fn{number:04}"));
    Err(match suggest::nearest(&written, &names) {
        Some(near) => format!("no finding has this code; did you mean {}?", near.to_ascii_uppercase()),
        None => "no finding has this code; `fleetnet explain` lists them".to_owned(),
    })
}

/// Every code of the language, the compiler and the program, by number.
pub fn all() -> Vec<Code> {
    let own = fleetnet_lang::codes::ALL.iter().chain(package::codes::ALL).copied();
    let mut codes: Vec<Code> = own.chain(fleetnet_compiler::codes::all()).collect();
    codes.sort_by_key(|code| code.number);
    codes
}

/// The page, or, of a code that has none, what every code has.
pub fn page(code: Code) -> String {
    if let Some((_, page)) = PAGES.iter().find(|(number, _)| *number == code.number) {
        return (*page).to_owned();
    }
    let mut text = format!("# {code}: {}\n\n", code.summary);
    // Writing to a string does not fail.
    let _ = writeln!(
        text,
        "This is of severity {}; its findings say what to do where they are shown.",
        code.severity.name()
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_as_people_write_it() {
        for text in ["FN0203", "fn203", "203", "0203"] {
            assert_eq!(parse(text).unwrap().to_string(), "FN0203", "{text}");
        }
        assert!(parse("FN0298").unwrap_err().contains("did you mean FN0"));
        assert!(parse("everything").unwrap_err().contains("lists them"));
    }

    #[test]
    fn codes_stand_once() {
        assert!(all().is_sorted_by(|one, next| one.number < next.number));
    }

    #[test]
    fn pages_have_the_title_of_their_code() {
        assert!(PAGES.is_sorted_by(|one, next| one.0 < next.0));
        for (number, page) in PAGES {
            let code = all().into_iter().find(|code| code.number == *number).unwrap();
            assert_eq!(page.lines().next(), Some(format!("# {code}: {}", code.summary).as_str()));
        }
    }

    #[test]
    fn the_findings_of_the_program_have_pages() {
        for code in package::codes::ALL {
            assert!(PAGES.iter().any(|(number, _)| *number == code.number), "{code}");
        }
    }
}
