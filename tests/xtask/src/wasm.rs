//! The compiler as WebAssembly: what the page loads, and what a test compares with the native build.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::tools::Wasm32;
use crate::workspace::Workspace;

/// The crates that must build without an operating system, whether or not the page's binary holds all of them.
const CRATES: [&str; 4] = ["fleetnet-lang", "fleetnet-abi", "fleetnet-compiler", "fleetnet-playground"];

/// What makes the profile `wasm` quick to build. The tests want its meaning, not its size.
const QUICK: [(&str, &str); 3] = [
    ("CARGO_PROFILE_WASM_LTO", "off"),
    ("CARGO_PROFILE_WASM_OPT_LEVEL", "1"),
    ("CARGO_PROFILE_WASM_CODEGEN_UNITS", "16"),
];

/// What makes it fast, for whom size is nothing.
const FAST: [(&str, &str); 1] = [("CARGO_PROFILE_WASM_OPT_LEVEL", "3")];

/// Who calls the binary.
#[derive(Clone, Copy, Debug)]
pub enum Caller {
    Node,
    Page,
}

impl Caller {
    /// The word for it on `wasm-glue`'s command line.
    fn word(self) -> &'static str {
        match self {
            Self::Node => "node",
            Self::Page => "web",
        }
    }
}

/// Builds the crates for wasm32, as quickly as can be.
pub fn build(workspace: &Workspace, compiler: &Wasm32) -> Command {
    let mut command = compiler.cargo("build");
    command.args(["--profile", "wasm", "--target-dir"]).arg(workspace.wasm());
    command.args(CRATES.iter().flat_map(|name| ["--package", name])).envs(QUICK);
    command
}

/// Builds the page's binary, as small as can be.
pub fn build_for_page(workspace: &Workspace, compiler: &Wasm32) -> Command {
    with_profile(workspace, compiler.cargo_for_page("build"), "fleetnet-playground")
}

fn with_profile(workspace: &Workspace, mut command: Command, package: &str) -> Command {
    command.args(["--profile", "wasm", "--package", package, "--target-dir"]).arg(workspace.wasm());
    command
}

/// Has `tests/wasm` write the JavaScript that lets somebody call the binary built last, into [`glue`].
pub fn bind(workspace: &Workspace, wasm_glue: &Path, caller: Caller) -> Command {
    let mut command = Command::new(wasm_glue);
    command.arg(caller.word());
    command.arg(workspace.wasm().join("wasm32-unknown-unknown/wasm/fleetnet_playground.wasm"));
    command.arg(glue(workspace, caller));
    command
}

/// The folder of the glue.
pub fn glue(workspace: &Workspace, caller: Caller) -> PathBuf {
    workspace.wasm().join(caller.word())
}

/// Builds the benches for wasm32, for speed: what a sandbox runs. The page's compiler is built for size.
pub fn build_bench(workspace: &Workspace, compiler: &Wasm32) -> Command {
    let mut command = with_profile(workspace, compiler.cargo("build"), "fleetnet-bench");
    command.arg("--lib").envs(FAST);
    command
}

/// As [`bind`], of the benches.
pub fn bind_bench(workspace: &Workspace, wasm_glue: &Path) -> Command {
    let mut command = Command::new(wasm_glue);
    command.arg(Caller::Node.word());
    command.arg(workspace.wasm().join("wasm32-unknown-unknown/wasm/fleetnet_bench.wasm")).arg(bench_glue(workspace));
    command
}

/// The folder of the benches' glue.
pub fn bench_glue(workspace: &Workspace) -> PathBuf {
    workspace.wasm().join("bench")
}
