//! Where things are.

use std::path::{Path, PathBuf};
use std::process::Command;

/// The repository that is worked on.
#[derive(Clone, Debug)]
pub struct Workspace {
    /// The folder of the root `Cargo.toml`.
    pub root: PathBuf,
    /// Cargo's target folder of the workspace.
    pub target: PathBuf,
    /// Reference data that is no part of the repository: `FLEETNET_SHARED`, or the folder `shared` beside it. Tests
    /// that want it are skipped where it is absent.
    pub shared: Option<PathBuf>,
}

impl Workspace {
    /// The workspace this program belongs to.
    pub fn find() -> Result<Self, String> {
        let manifest = std::env::var_os("CARGO_MANIFEST_DIR").ok_or("run it as `cargo xtask`")?;
        let root = Path::new(&manifest)
            .ancestors()
            .nth(2)
            .filter(|root| root.join("Cargo.lock").is_file())
            .ok_or("tests/xtask is not inside the workspace any more")?
            .to_path_buf();
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |dir| root.join(dir));
        let shared = std::env::var_os("FLEETNET_SHARED")
            .map_or_else(|| root.parent().map(|parent| parent.join("shared")), |dir| Some(root.join(dir)))
            .filter(|dir| dir.is_dir());
        Ok(Self { root, target, shared })
    }

    /// Where built tools are kept. It does not move with `CARGO_TARGET_DIR`: they don't depend on it, and building them
    /// takes minutes.
    pub fn tools(&self) -> PathBuf {
        self.root.join("target/tools")
    }

    /// Where the wasm build is. It is apart from the native one because it may be another compiler's.
    pub fn wasm(&self) -> PathBuf {
        self.target.join("wasm")
    }
}

/// The cargo that runs us.
pub fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}
