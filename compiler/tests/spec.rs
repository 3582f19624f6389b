//! Literate specifications: every Markdown file under `tests/spec` is a suite, every heading with a `fleetnet` block a test
//! ([`common::findings`]).
//!
//! `UPDATE_SPEC=1 cargo test -p fleetnet-compiler --test spec` writes the comments anew.

mod common;

#[test]
fn specifications() {
    common::hold("tests/spec", common::findings::judge);
}
