//! What fleetnet's whole-program tests share: clients for the programs they compare fleetnet with, and ways to find
//! them.
//!
//! A test never looks for a tool: `cargo xtask test` finds, installs or builds it and says by an environment variable
//! where it is. Without the variable the test says what it lacks ([`skip`]) and is counted as skipped, so a plain
//! `cargo test` runs on any machine.
//!
//! Helpers panic where a test can't go on: whoever calls them is a test.
#![allow(
    clippy::panic,
    clippy::expect_used,
    clippy::missing_panics_doc,
    reason = "a helper that can't go on fails the test that called it"
)]

pub mod cluster;
pub mod engine;
pub mod generate;
pub mod manifest;
pub mod package;
pub mod program;
pub mod schema;
pub mod wasm;

use std::io::Write;
use std::path::PathBuf;

/// Says that a test is skipped. `cargo xtask test` counts the line; it goes past the test harness, which would keep it
/// to itself.
pub fn skip(name: &str, why: &str) {
    // In one piece, as tests run side by side. Nothing is left to tell it to if standard error is closed.
    drop(std::io::stderr().write_all(format!("skipped: {name}: {why}\n").as_bytes()));
}

/// The path in an environment variable, or a skipped test.
pub fn tool(test: &str, variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from);
    if path.is_none() {
        skip(test, &format!("{variable} is not set: run it with `cargo xtask test`"));
    }
    path
}

/// Reference data of the project that is not in the repository, or a skipped test.
pub fn shared(test: &str, path: &str) -> Option<PathBuf> {
    let found = std::env::var_os("FLEETNET_SHARED").map(|shared| PathBuf::from(shared).join(path));
    let found = found.filter(|path| path.exists());
    if found.is_none() {
        skip(test, &format!("{path} of FLEETNET_SHARED is not there"));
    }
    found
}

/// The root of the repository.
pub fn root() -> PathBuf {
    let manifest = std::env::var_os("CARGO_MANIFEST_DIR").expect("cargo runs the tests");
    PathBuf::from(manifest).parent().expect("tests/ is in the repository").to_path_buf()
}
