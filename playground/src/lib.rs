//! The fleetnet compiler in a browser tab: a package as JSON in, what came of it as JSON out.
//!
//! Thin on purpose: everything that has a meaning is in the compiler, so that a tab, a sandbox and the program give the
//! same bytes. What this crate does not have is what a tab does not have: files, a clock, threads, network.
//!
//! Arguments and results are JSON on one line, in the shapes of the modules below; [`highlight`] alone is numbers,
//! because it is asked at every key. An argument that is not what it should be gives `{"refused": WHY}`.

mod answers;
mod artifacts;
mod editing;
mod findings;
mod map;
mod promises;
mod session;
mod shapes;

use fleetnet_compiler::compile::Goal;
use fleetnet_lang::highlight::{Highlight, highlight as pieces};
use wasm_bindgen::prelude::wasm_bindgen;

pub use session::Session;
use shapes::{Answer, Outcome, Package, json};

/// Compiles a package, artifacts and all.
#[wasm_bindgen]
#[must_use]
pub fn compile(package: &str) -> String {
    json(&match Package::read(package) {
        Ok(package) => Answer::Of(Outcome::from(package.compile(Goal::Build))),
        Err(why) => Answer::Refused(why),
    })
}

/// What the pieces of a text are: for each its first UTF-16 unit, the one after its last, and its kind's number in the
/// order of [`Highlight`].
#[wasm_bindgen]
#[must_use]
pub fn highlight(text: &str) -> Vec<u32> {
    let mut units = findings::Units::new(text);
    pieces(text)
        .into_iter()
        .flat_map(|piece| [units.before(piece.start), units.before(piece.end), number(piece.highlight)])
        .collect()
}

/// The page keeps its classes in this order.
fn number(highlight: Highlight) -> u32 {
    match highlight {
        Highlight::Keyword => 0,
        Highlight::Name => 1,
        Highlight::BuiltIn => 2,
        Highlight::Number => 3,
        Highlight::Parameter => 4,
        Highlight::String => 5,
        Highlight::Cel => 6,
        Highlight::Comment => 7,
        Highlight::DocComment => 8,
        Highlight::Operator => 9,
        Highlight::Unknown => 10,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_package_is_refused() {
        assert!(compile("{").starts_with("{\"refused\":\""));
        assert!(compile("{\"files\":{},\"fils\":{}}").contains("unknown field `fils`"));
    }

    #[test]
    fn findings_have_places() {
        let answer = compile("{\"files\":{\"a.fleetnet\":\"fleet x {\\n\"}}");
        assert!(answer.contains("\"path\":\"a.fleetnet\",\"start\":{\"line\":1,"), "{answer}");
        assert!(answer.ends_with("\"artifacts\":[],\"lock\":null}"), "{answer}");
    }

    #[test]
    fn pieces_are_counted_as_a_browser_counts() {
        // The comment is before the word, and its last letter takes four bytes and two units.
        assert_eq!(highlight("# \u{1f578}\nfleet x {}"), [0, 4, 7, 5, 10, 0, 11, 12, 1]);
    }
}
