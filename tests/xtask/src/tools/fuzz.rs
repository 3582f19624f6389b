//! `cargo fuzz`, and the nightly compiler whose instruments it uses.

use std::path::PathBuf;
use std::process::Command;

use super::Unavailable;
use crate::process;
use crate::progress::{Status, announce};
use crate::workspace::{Workspace, cargo};

const VERSION: &str = "0.13.2";
/// The toolchain, for rustup: of one day, so that a run says the same on every machine and in a year.
pub const NIGHTLY: &str = "nightly-2026-08-20";

/// The program `cargo-fuzz`.
pub fn install(workspace: &Workspace, status: &Status) -> Result<PathBuf, Unavailable> {
    nightly(status)?;
    let root = workspace.tools().join(format!("cargo-fuzz-{VERSION}"));
    let program = root.join("bin/cargo-fuzz");
    if program.is_file() {
        return Ok(program);
    }
    announce(&format!("cargo install cargo-fuzz {VERSION}: a minute"));
    let mut install = cargo();
    install.args(["install", "--locked", "--root"]).arg(&root).arg(format!("cargo-fuzz@{VERSION}"));
    let finished =
        process::run(install, status).map_err(|error| Unavailable::Broken(format!("cargo install: {error}")))?;
    if finished.success { Ok(program) } else { Err(Unavailable::Broken(finished.output)) }
}

fn nightly(status: &Status) -> Result<(), Unavailable> {
    let is_there = || process::ask("rustup", &["run", NIGHTLY, "rustc", "--version"]).is_some();
    if is_there() {
        return Ok(());
    }
    announce(&format!("rustup toolchain install {NIGHTLY}"));
    let mut install = Command::new("rustup");
    install.args(["toolchain", "install", NIGHTLY, "--profile", "minimal"]);
    // No rustup, or one that can't fetch: then it isn't there afterwards either.
    drop(process::run(install, status));
    if is_there() {
        return Ok(());
    }
    Err(Unavailable::Missing(format!("a nightly compiler; with rustup: `rustup toolchain install {NIGHTLY}`")))
}
