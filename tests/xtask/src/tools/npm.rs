//! The packages of npm that the page is made of and tested with, exactly as they are locked.

use std::path::PathBuf;
use std::process::Command;

use sha2::{Digest, Sha256};

use super::{Unavailable, short};
use crate::process;
use crate::progress::{Status, announce};
use crate::workspace::Workspace;

/// Beside the packages: which lock they are of.
const MARK: &str = ".fleetnet-lock";

/// The folder `node_modules` of the page, installed anew if the lock is another.
pub fn install(workspace: &Workspace, status: &Status) -> Result<PathBuf, Unavailable> {
    if process::ask("npm", &["--version"]).is_none() {
        return Err(Unavailable::Missing("`npm` is not on the path".to_owned()));
    }
    let page = workspace.root.join("playground/web");
    let packages = page.join("node_modules");
    let broken = |error: std::io::Error| Unavailable::Broken(format!("npm ci: {error}"));
    let lock = std::fs::read(page.join("package-lock.json")).map_err(broken)?;
    let wanted = short(Sha256::new_with_prefix(lock));
    if std::fs::read_to_string(packages.join(MARK)).is_ok_and(|mark| mark == wanted) {
        return Ok(packages);
    }
    announce("npm ci: the packages of the page");
    let mut npm = Command::new("npm");
    // No package needs a script to be installed, so none gets to run one.
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&page);
    let finished = process::run(npm, status).map_err(broken)?;
    if !finished.success {
        return Err(Unavailable::Broken(finished.output));
    }
    std::fs::write(packages.join(MARK), wanted).map_err(broken)?;
    Ok(packages)
}
