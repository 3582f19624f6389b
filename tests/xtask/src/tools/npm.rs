//! Packages of npm, exactly as they are locked.

use std::path::PathBuf;
use std::process::Command;

use sha2::{Digest, Sha256};

use super::{Unavailable, short};
use crate::process;
use crate::progress::{Status, announce};
use crate::workspace::Workspace;

/// A folder of the repository with a `package.json` and a lock.
#[derive(Debug)]
pub struct Packages {
    folder: &'static str,
    /// The file that locks them.
    lock: &'static str,
    /// How npm installs what is locked.
    verb: &'static [&'static str],
    /// Whose packages they are, for people.
    what: &'static str,
}

/// What the page is made of and tested with.
pub const PAGE: Packages = Packages { folder: "playground/web", lock: LOCK, verb: &["ci"], what: "the page" };

/// What the extension of VS Code is made of and tested with.
pub const EXTENSION: Packages =
    Packages { folder: "lang/editors/vscode", lock: LOCK, verb: &["ci"], what: "the extension" };

/// A VS Code whose window is a page.
const VSCODE: Packages = Packages { folder: "tests/vscode", lock: LOCK, verb: &["ci"], what: "VS Code" };

/// What it is made of itself.
const VSCODE_PARTS: Packages = Packages {
    folder: "tests/vscode/node_modules/code-server/lib/vscode",
    lock: "npm-shrinkwrap.json",
    // Its lock leaves out what it is developed with, which `ci` doesn't forgive.
    verb: &["install", "--omit=dev"],
    what: "VS Code's server",
};

const LOCK: &str = "package-lock.json";

/// What judges SARIF logs.
pub const SARIF: Packages = Packages { folder: "tests/sarif", lock: LOCK, verb: &["ci"], what: "the tests of SARIF" };

/// Beside the packages: which lock they are of.
const MARK: &str = ".fleetnet-lock";

/// The program of VS Code's server. Its packages would compile parts of theirs when they are installed, for terminals and logs; without a script
/// they don't, and what a window needs works without.
pub fn vscode(workspace: &Workspace, status: &Status) -> Result<PathBuf, Unavailable> {
    VSCODE.install(workspace, status)?;
    VSCODE_PARTS.install(workspace, status)?;
    Ok(workspace.root.join(VSCODE_PARTS.folder).join("out/server-main.js"))
}

impl Packages {
    /// The folder `node_modules`, installed anew if the lock is another.
    pub fn install(&self, workspace: &Workspace, status: &Status) -> Result<PathBuf, Unavailable> {
        if process::ask("npm", &["--version"]).is_none() {
            return Err(Unavailable::Missing("`npm` is not on the path".to_owned()));
        }
        let folder = workspace.root.join(self.folder);
        let packages = folder.join("node_modules");
        let broken = |error: std::io::Error| Unavailable::Broken(format!("npm: {error}"));
        let lock = std::fs::read(folder.join(self.lock)).map_err(broken)?;
        let wanted = short(Sha256::new_with_prefix(lock));
        if std::fs::read_to_string(packages.join(MARK)).is_ok_and(|mark| mark == wanted) {
            return Ok(packages);
        }
        announce(&format!("npm: the packages of {}", self.what));
        let mut npm = Command::new("npm");
        // No package needs a script to be installed, so none gets to run one.
        npm.args(self.verb).args(["--ignore-scripts", "--no-audit", "--no-fund"]).current_dir(&folder);
        let finished = process::run(npm, status).map_err(broken)?;
        if !finished.success {
            return Err(Unavailable::Broken(finished.output));
        }
        std::fs::write(packages.join(MARK), wanted).map_err(broken)?;
        Ok(packages)
    }
}
