//! `fleetnet explain`: what a kind of finding means. The pages are those under `docs/diagnostics`, as they were when this was built.

use std::fmt::Write as _;

use fleetnet_lang::{Code, Severity, suggest};

use crate::cli::Explain;
use crate::package::codes;
use crate::terminal::{Outcome, Terminal};

/// The pages by the numbers of their codes, in order.
const PAGES: &[(u16, &str)] = include!(concat!(env!("OUT_DIR"), "/explain.rs"));

pub fn run(args: &Explain, terminal: &mut Terminal) -> Outcome {
    match args.code {
        Some(code) => terminal.print(&page(code)),
        None => all().iter().for_each(|code| terminal.print(&line(*code))),
    }
    Outcome::Good
}

/// A code as people write it: `FN0412`, `fn412`, `412`.
pub fn code(text: &str) -> Result<Code, String> {
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
        None => "no finding has this code; without one all are listed".to_owned(),
    })
}

/// Every code of the language, the compiler and the program, by number.
fn all() -> Vec<Code> {
    let own = fleetnet_lang::codes::ALL.iter().chain(codes::ALL).copied();
    let mut codes: Vec<Code> = own.chain(fleetnet_compiler::codes::all()).collect();
    codes.sort_by_key(|code| code.number);
    codes
}

fn line(code: Code) -> String {
    format!("{code}  {:<7}  {}\n", severity(code), code.summary)
}

/// The page, or, of a code that has none, what every code has.
fn page(code: Code) -> String {
    if let Some((_, page)) = PAGES.iter().find(|(number, _)| *number == code.number) {
        return (*page).to_owned();
    }
    let mut text = format!("# {code}: {}\n\n", code.summary);
    // Writing to a string does not fail.
    let _ = writeln!(text, "This is of severity {}; its findings say what to do where they are shown.", severity(code));
    text
}

fn severity(code: Code) -> &'static str {
    match code.severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_as_people_write_it() {
        for text in ["FN0203", "fn203", "203", "0203"] {
            assert_eq!(code(text).unwrap().to_string(), "FN0203", "{text}");
        }
        assert!(code("FN0298").unwrap_err().contains("did you mean FN0"));
        assert!(code("everything").unwrap_err().contains("listed"));
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
        for code in codes::ALL {
            assert!(PAGES.iter().any(|(number, _)| *number == code.number), "{code}");
        }
    }
}
