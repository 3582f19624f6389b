//! What editors get: the extension of VS Code as a file that it installs, and the tests of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::page;
use crate::workspace::Workspace;

/// Builds [`extension`].
pub fn build(workspace: &Workspace, node: &Path) -> Command {
    let mut command = Command::new(node);
    command.arg(source(workspace).join("build.mjs")).arg(extension(workspace));
    command
}

/// Checks the types of the extension.
pub fn types(workspace: &Workspace, node: &Path) -> Command {
    let mut command = Command::new(node);
    command.arg(source(workspace).join("node_modules/typescript/bin/tsc")).arg("--noEmit").arg("--project");
    command.arg(source(workspace));
    command
}

/// Runs tests of `tests/editors`.
pub fn test(workspace: &Workspace, node: &Path, files: &[&str]) -> Command {
    let mut command = page::tests_in_node(workspace, node);
    command.args(files.iter().map(|file| workspace.root.join("tests/editors").join(file)));
    command.env("FLEETNET_EXTENSION", extension(workspace));
    command
}

/// The built extension.
pub fn extension(workspace: &Workspace) -> PathBuf {
    workspace.target.join("editors/fleetnet.vsix")
}

fn source(workspace: &Workspace) -> PathBuf {
    workspace.root.join("lang/editors/vscode")
}
