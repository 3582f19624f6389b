//! The page: the compiler's WebAssembly made small, the bundle around it, and a program that serves both.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::wasm::{self, Caller};
use crate::workspace::{Workspace, cargo};

/// What wasm-opt may use: what every browser of the last three years has.
const FEATURES: [&str; 7] = [
    "bulk-memory",
    "bulk-memory-opt",
    "nontrapping-float-to-int",
    "sign-ext",
    "mutable-globals",
    "reference-types",
    "multivalue",
];

/// How the program that serves the page is built.
#[derive(Clone, Copy, Debug)]
pub enum Profile {
    /// Quickly, for a test.
    Dev,
    /// For use.
    Release,
}

/// Makes the page's WebAssembly smaller and faster, in place. What counts is what is sent, which is packed: in order of their names
/// the copies of a generic function stand side by side, and they are alike as long as nothing is inlined into them. Either is
/// worth more than all that inlining saves, and nothing is slower by it that could be measured.
pub fn optimise(workspace: &Workspace, node: &Path) -> Command {
    let binary = wasm::glue(workspace, Caller::Page).join("fleetnet_playground_bg.wasm");
    let mut command = Command::new(node);
    command.arg(packages(workspace).join("binaryen/bin/wasm-opt")).args(["-Os", "--skip-pass=inlining-optimizing"]);
    command.args(FEATURES.map(|feature| format!("--enable-{feature}")));
    command
        .args(["--reorder-functions-by-name", "--strip-debug", "--strip-producers"])
        .arg(&binary)
        .arg("-o")
        .arg(&binary);
    command
}

/// Bundles the page into [`folder`].
pub fn bundle(workspace: &Workspace, node: &Path) -> Command {
    let mut command = Command::new(node);
    command.arg(source(workspace).join("build.mjs"));
    command.arg(wasm::glue(workspace, Caller::Page)).arg(folder(workspace));
    command
}

/// Checks the types of the page and of its tests.
pub fn types(workspace: &Workspace, node: &Path) -> Command {
    let mut command = Command::new(node);
    command.arg(packages(workspace).join("typescript/bin/tsc")).arg("--noEmit").arg("--project");
    command.arg(source(workspace));
    command
}

/// Builds a `fleetnet` that holds the page.
pub fn program(workspace: &Workspace, profile: Profile) -> Command {
    let mut command = cargo();
    command.args(["build", "--bin", "fleetnet", "--features", "fleetnet/page"]);
    match profile {
        // With the features of dependencies that the other tests use, so that none is built twice.
        Profile::Dev => command.arg("--workspace"),
        Profile::Release => command.arg("--release"),
    };
    command.env("FLEETNET_PAGE", folder(workspace));
    command
}

/// Runs the tests in a browser.
pub fn test(workspace: &Workspace, node: &Path) -> Command {
    let mut command = tests_in_node(workspace, node);
    command.arg(workspace.root.join("tests/browser/"));
    command
}

/// Node, about to run the tests of files that are still to be named.
pub fn tests_in_node(workspace: &Workspace, node: &Path) -> Command {
    let mut command = Command::new(node);
    command.args(["--test", "--test-reporter=tap", "--test-concurrency=1"]);
    command.env("FLEETNET_SCREENSHOTS", workspace.target.join("screenshots"));
    command
}

/// The page as static files.
pub fn folder(workspace: &Workspace) -> PathBuf {
    workspace.target.join("page")
}

fn source(workspace: &Workspace) -> PathBuf {
    workspace.root.join("playground/web")
}

/// The packages of npm that the page is made with.
fn packages(workspace: &Workspace) -> PathBuf {
    source(workspace).join("node_modules")
}
