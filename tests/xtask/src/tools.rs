//! What suites need beside Rust, and how to get it.
//!
//! Everything comes from the package registries. What takes long is started in the background when a run begins, at low
//! priority, while Rust compiles in the foreground: the Go programs alone are most of a cold run.

mod crds;
mod debian;
mod fuzz;
mod go;
mod npm;
mod wasm32;

use std::collections::BTreeMap;
use std::fmt;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::Duration;

use sha2::{Digest, Sha256};

use crate::process;
use crate::progress::{Heartbeat, Status};
use crate::workspace::Workspace;

pub use fuzz::NIGHTLY;
pub use wasm32::Wasm32;

/// Something a suite needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Tool {
    Node,
    /// What shows the kernel's maps.
    Bpftool,
    /// A compiler for wasm32-unknown-unknown.
    Wasm32,
    /// The packages of npm that the page is made of.
    PagePackages,
    /// The packages of npm that the extension of VS Code is made of.
    ExtensionPackages,
    /// A browser.
    Chromium,
    /// An editor with a client of its own.
    Neovim,
    /// What judges SARIF logs.
    SarifValidator,
    /// The editor that the extension is for.
    Vscode,
    /// Cilium's policy engine, `tests/engine`.
    Engine,
    /// The program `cargo-fuzz`, and a nightly compiler.
    Fuzz,
    /// The API servers, `tests/api-server`.
    ApiServer,
    /// The CRDs that come as parts of Go modules.
    Crds,
}

impl Tool {
    /// All of them, in the order in which they are prepared.
    pub const ALL: [Self; 13] = [
        Self::Node,
        Self::Bpftool,
        Self::Wasm32,
        Self::PagePackages,
        Self::ExtensionPackages,
        Self::Chromium,
        Self::Neovim,
        Self::SarifValidator,
        Self::Vscode,
        Self::Fuzz,
        Self::Engine,
        Self::ApiServer,
        Self::Crds,
    ];

    /// The environment variable by which tests learn where it is.
    pub fn variable(self) -> &'static str {
        match self {
            Self::Wasm32 => "FLEETNET_WASM32_RUSTC",
            Self::Node => "FLEETNET_NODE",
            Self::Bpftool => "FLEETNET_BPFTOOL",
            Self::PagePackages => "FLEETNET_PAGE_PACKAGES",
            Self::ExtensionPackages => "FLEETNET_EXTENSION_PACKAGES",
            Self::Chromium => "FLEETNET_CHROMIUM",
            Self::Neovim => "FLEETNET_NEOVIM",
            Self::SarifValidator => "FLEETNET_SARIF_VALIDATOR",
            Self::Vscode => "FLEETNET_VSCODE",
            Self::Fuzz => "FLEETNET_FUZZ",
            Self::Engine => "FLEETNET_ENGINE",
            Self::ApiServer => "FLEETNET_API_SERVER",
            Self::Crds => "FLEETNET_CRDS",
        }
    }

    /// What may take minutes, apart from what the network takes.
    fn go_program(self) -> Option<&'static go::Program> {
        match self {
            Self::Engine => Some(&go::ENGINE),
            Self::ApiServer => Some(&go::API_SERVER),
            Self::Wasm32
            | Self::Node
            | Self::Bpftool
            | Self::PagePackages
            | Self::ExtensionPackages
            | Self::Chromium
            | Self::Neovim
            | Self::SarifValidator
            | Self::Vscode
            | Self::Fuzz
            | Self::Crds => None,
        }
    }

    fn prepare(self, workspace: &Workspace, status: &Status) -> Result<PathBuf, Unavailable> {
        match self {
            Self::Wasm32 => wasm32::find_or_install(status).map(|found| found.rustc),
            Self::Node => node(),
            Self::Bpftool => bpftool(status),
            Self::PagePackages => npm::PAGE.install(workspace, status),
            Self::ExtensionPackages => npm::EXTENSION.install(workspace, status),
            Self::Chromium => chromium(status),
            Self::Neovim => neovim(status),
            Self::SarifValidator => sarif_validator(workspace, status),
            Self::Vscode => npm::vscode(workspace, status),
            Self::Fuzz => fuzz::install(workspace, status),
            Self::Engine => go::ENGINE.build(workspace, status),
            Self::ApiServer => go::API_SERVER.build(workspace, status),
            Self::Crds => crds::collect(workspace, status),
        }
    }
}

impl fmt::Display for Tool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Wasm32 => "the wasm32 compiler",
            Self::Node => "Node",
            Self::Bpftool => "bpftool",
            Self::PagePackages => "the page's packages",
            Self::ExtensionPackages => "the extension's packages",
            Self::Chromium => "Chromium",
            Self::Neovim => "Neovim",
            Self::SarifValidator => "the validator of SARIF",
            Self::Vscode => "VS Code",
            Self::Fuzz => "cargo-fuzz",
            Self::Engine => "Cilium's policy engine",
            Self::ApiServer => "the API servers",
            Self::Crds => "the CRDs",
        })
    }
}

/// Why a tool can't be used.
#[derive(Clone, Debug)]
pub enum Unavailable {
    /// This machine lacks something that we don't install. Who needs it is skipped.
    Missing(String),
    /// It should work and doesn't. Who needs it fails. With it all there is to read about it.
    Broken(String),
}

/// Enough of a hash to tell the versions of a tool apart in a folder's name.
fn short(hash: Sha256) -> String {
    let digest = hash.finalize();
    format!("{:016x}", u64::from_be_bytes(digest.first_chunk().copied().unwrap_or_default()))
}

fn node() -> Result<PathBuf, Unavailable> {
    process::ask("node", &["--print", "process.execPath"])
        .map(PathBuf::from)
        .ok_or_else(|| Unavailable::Missing("`node` is not on the path".to_owned()))
}

/// The one on the path or where Debian puts it, which is not on every path; else from Debian's package.
fn bpftool(status: &Status) -> Result<PathBuf, Unavailable> {
    let find = || {
        let known = ["bpftool", "/usr/sbin/bpftool"].into_iter();
        known.map(PathBuf::from).find(|path| process::ask(&path.to_string_lossy(), &["version"]).is_some())
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    let output = debian::install("`bpftool`", &["bpftool"], status)?;
    find().ok_or_else(|| Unavailable::Broken(format!("apt-get install bpftool:\n{output}")))
}

fn chromium(status: &Status) -> Result<PathBuf, Unavailable> {
    let find =
        || ["chromium", "chromium-browser", "google-chrome"].iter().find_map(|name| process::ask("which", &[name]));
    if let Some(found) = find() {
        return Ok(PathBuf::from(found));
    }
    // Without a font of its own a browser draws no letters.
    let output = debian::install("a browser", &["chromium", "fonts-dejavu-core"], status)?;
    find().map(PathBuf::from).ok_or_else(|| Unavailable::Broken(format!("apt-get install chromium:\n{output}")))
}

fn neovim(status: &Status) -> Result<PathBuf, Unavailable> {
    let find = || process::ask("which", &["nvim"]).map(PathBuf::from);
    if let Some(found) = find() {
        return Ok(found);
    }
    let output = debian::install("`nvim`", &["neovim"], status)?;
    find().ok_or_else(|| Unavailable::Broken(format!("apt-get install neovim:\n{output}")))
}

/// The folder of a package for one platform, which is a program and the schema that it goes by.
fn sarif_validator(workspace: &Workspace, status: &Status) -> Result<PathBuf, Unavailable> {
    if cfg!(not(all(target_os = "linux", target_arch = "x86_64"))) {
        return Err(Unavailable::Missing("the validator of SARIF runs on Linux on x86-64".to_owned()));
    }
    let folder = npm::SARIF.install(workspace, status)?.join("@microsoft/sarif-multitool-linux");
    // What its script would do, which did not run.
    let executable = Permissions::from_mode(0o755);
    match std::fs::set_permissions(folder.join("Sarif.Multitool"), executable) {
        Ok(()) => Ok(folder),
        Err(error) => Err(Unavailable::Broken(format!("the validator of SARIF: {error}"))),
    }
}

/// A wait that is not worth a word.
const SHORT_WAIT: Duration = Duration::from_millis(200);

/// Tools that are being prepared in the background.
#[derive(Debug, Default)]
pub struct Preparation {
    pending: BTreeMap<Tool, Pending>,
    ready: BTreeMap<Tool, Result<PathBuf, Unavailable>>,
}

#[derive(Debug)]
struct Pending {
    status: Arc<Status>,
    result: Receiver<Result<PathBuf, Unavailable>>,
}

impl Preparation {
    /// Starts on `tools`: Go programs one after the other, each with all cores, the rest beside them.
    pub fn start(workspace: &Arc<Workspace>, tools: &[Tool]) -> Self {
        let (go, others): (Vec<Tool>, Vec<Tool>) = tools.iter().partition(|tool| tool.go_program().is_some());
        let mut pending = BTreeMap::new();
        for queue in [go, others] {
            let mut work = Vec::new();
            for tool in queue {
                let (sender, result) = mpsc::channel();
                let status = Status::new();
                work.push((tool, Arc::clone(&status), sender));
                pending.insert(tool, Pending { status, result });
            }
            let workspace = Arc::clone(workspace);
            thread::spawn(move || {
                // The network and the processor are kept busy at once: Rust compiles in the meantime.
                for (program, status) in work.iter().filter_map(|(tool, status, _)| Some((tool.go_program()?, status)))
                {
                    program.download(&workspace, status);
                }
                for (tool, status, sender) in work {
                    // Nobody listens any more if the run has ended already.
                    drop(sender.send(tool.prepare(&workspace, &status)));
                }
            });
        }
        Self { pending, ready: BTreeMap::new() }
    }

    /// Waits for a tool, and says so if that takes long.
    pub fn wait(&mut self, tool: Tool) -> Result<PathBuf, Unavailable> {
        if let Some(Pending { status, result }) = self.pending.remove(&tool) {
            let prepared = result.recv_timeout(SHORT_WAIT).or_else(|_| {
                println!("  waiting for {tool}");
                let _heartbeat = Heartbeat::of(&status);
                result.recv()
            });
            let prepared = prepared.unwrap_or_else(|_| Err(Unavailable::Broken(format!("preparing {tool} panicked"))));
            self.ready.insert(tool, prepared);
        }
        let nobody = || Err(Unavailable::Broken(format!("nobody asked for {tool}")));
        self.ready.get(&tool).cloned().unwrap_or_else(nobody)
    }
}
