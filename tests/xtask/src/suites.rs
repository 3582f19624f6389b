//! The suites of `cargo xtask test`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::editors;
use crate::fuzz;
use crate::page::{self, Profile};
use crate::tools::{Tool, Wasm32};
use crate::wasm::{self, Caller};
use crate::workspace::{Workspace, cargo};

/// Tests that run together because they need the same tools.
#[derive(Debug)]
pub struct Suite {
    pub name: &'static str,
    pub about: &'static str,
    pub needs: &'static [Tool],
    /// What to run, in order; the first failure ends the suite.
    pub steps: fn(&Workspace, &Ready) -> Vec<Step>,
}

/// The tools a suite needs, and where they are.
pub type Ready = BTreeMap<Tool, PathBuf>;

/// One child process.
#[derive(Debug)]
pub struct Step {
    pub command: Command,
    pub counting: Counting,
}

/// How a step's result becomes counts.
#[derive(Clone, Copy, Debug)]
pub enum Counting {
    /// It is one test.
    Whole,
    /// It says how many tests it ran, as Rust's test harness does.
    Libtest,
    /// It says how many tests it ran, as Node's test runner does.
    Tap,
    /// It is preparation: nothing if it succeeds, one failure if not.
    Preparation,
}

/// All suites, cheap ones first.
pub const SUITES: [Suite; 16] = [
    Suite { name: "fmt", about: "the code is formatted", needs: &[], steps: fmt },
    Suite { name: "tidy", about: "the house rules a machine can check", needs: &[], steps: tidy },
    Suite { name: "clippy", about: "no lint fires", needs: &[], steps: clippy },
    Suite { name: "unit", about: "the tests inside the crates", needs: &[], steps: unit },
    Suite {
        name: "prove",
        about: "proofs say what asking every flow says",
        needs: &[],
        steps: |workspace, ready| vec![test(workspace, ready, "prove")],
    },
    Suite {
        name: "cli",
        about: "the built program, above all on bad input",
        needs: &[],
        steps: |workspace, ready| program_test(workspace, ready, "cli"),
    },
    Suite {
        name: "sarif",
        about: "SARIF logs are as their schema and GitHub want them",
        needs: &[Tool::SarifValidator],
        steps: |workspace, ready| program_test(workspace, ready, "sarif"),
    },
    Suite {
        name: "kernel",
        about: "images in the running kernel, read back by bpftool",
        needs: &[Tool::Bpftool],
        steps: |workspace, ready| program_test(workspace, ready, "kernel"),
    },
    Suite {
        name: "wasm",
        about: "native and WebAssembly give the same bytes",
        needs: &[Tool::Wasm32, Tool::Node],
        steps: wasm,
    },
    Suite {
        name: "browser",
        about: "the page, in a real browser",
        needs: &[Tool::Wasm32, Tool::Node, Tool::PagePackages, Tool::Chromium],
        steps: browser,
    },
    Suite {
        name: "editors",
        about: "the extension of VS Code: its colours, snippets and package",
        needs: &[Tool::Node, Tool::ExtensionPackages],
        steps: editors,
    },
    Suite {
        name: "neovim",
        about: "a session with the language server, in Neovim",
        needs: &[Tool::Node, Tool::Neovim],
        steps: |workspace, ready| editor_session(workspace, ready, "neovim.test.mjs"),
    },
    Suite {
        name: "vscode",
        about: "the extension in a real VS Code",
        needs: &[Tool::Node, Tool::ExtensionPackages, Tool::Vscode, Tool::Chromium],
        steps: vscode,
    },
    Suite {
        name: "engine",
        about: "Cilium's own policy engine agrees",
        needs: &[Tool::Engine],
        steps: |workspace, ready| vec![test(workspace, ready, "engine")],
    },
    Suite {
        name: "cluster",
        about: "real API servers accept every object",
        needs: &[Tool::ApiServer, Tool::Crds],
        steps: |workspace, ready| vec![test(workspace, ready, "cluster")],
    },
    Suite {
        name: "fuzz",
        about: "no input breaks what should hold for any",
        needs: &[Tool::Fuzz],
        steps: |workspace, ready| fuzz::steps(workspace, ready, &fuzz::TARGETS, fuzz::SHORT),
    },
];

/// One line per suite.
pub fn list() -> String {
    SUITES.iter().map(|suite| format!("  {:<9}{}", suite.name, suite.about)).collect::<Vec<_>>().join("\n")
}

fn fmt(_: &Workspace, _: &Ready) -> Vec<Step> {
    let mut command = cargo();
    command.args(["fmt", "--all", "--check"]);
    vec![Step { command, counting: Counting::Whole }]
}

fn tidy(workspace: &Workspace, ready: &Ready) -> Vec<Step> {
    vec![test(workspace, ready, "tidy")]
}

fn clippy(_: &Workspace, _: &Ready) -> Vec<Step> {
    let mut command = cargo();
    command.args(["clippy", "--workspace", "--all-targets", "--", "--deny", "warnings"]);
    vec![Step { command, counting: Counting::Whole }]
}

/// Every crate but the one whose integration tests are suites of their own; of that, the tests in its library.
fn unit(workspace: &Workspace, ready: &Ready) -> Vec<Step> {
    let mut crates = cargo();
    crates.args(["test", "--workspace", "--exclude", "fleetnet-tests", "--no-fail-fast"]);
    let mut helpers = cargo();
    helpers.args(["test", "--package", "fleetnet-tests", "--lib"]);
    [crates, helpers].map(|command| libtest(command, workspace, ready)).into()
}

/// A [`test`] that runs the built program.
fn program_test(workspace: &Workspace, ready: &Ready, target: &str) -> Vec<Step> {
    let build = build_program("fleetnet");
    let mut test = test(workspace, ready, target);
    test.command.env("FLEETNET_PROGRAM", program(workspace, "fleetnet"));
    vec![build, test]
}

fn wasm(workspace: &Workspace, ready: &Ready) -> Vec<Step> {
    let mut steps = wasm_build(workspace, ready);
    let mut test = test(workspace, ready, "wasm");
    test.command.env("FLEETNET_WASM", wasm::glue(workspace, Caller::Node));
    steps.push(test);
    steps
}

/// The steps that `cargo xtask wasm` runs, too.
pub fn wasm_build(workspace: &Workspace, ready: &Ready) -> Vec<Step> {
    let Some(rustc) = ready.get(&Tool::Wasm32) else { return Vec::new() };
    let compiler = Wasm32 { rustc: rustc.clone() };
    vec![
        Step { command: wasm::build(workspace, &compiler), counting: Counting::Whole },
        build_program("wasm-glue"),
        bind(workspace, Caller::Node),
    ]
}

fn bind(workspace: &Workspace, caller: Caller) -> Step {
    let command = wasm::bind(workspace, &program(workspace, "wasm-glue"), caller);
    Step { command, counting: Counting::Preparation }
}

/// The steps of `cargo xtask page`; the last builds the program that holds the page.
pub fn page_build(workspace: &Workspace, ready: &Ready, profile: Profile) -> Vec<Step> {
    let (Some(rustc), Some(node)) = (ready.get(&Tool::Wasm32), ready.get(&Tool::Node)) else { return Vec::new() };
    let compiler = Wasm32 { rustc: rustc.clone() };
    let step = |command: Command| Step { command, counting: Counting::Preparation };
    vec![
        step(wasm::build_for_page(workspace, &compiler)),
        build_program("wasm-glue"),
        bind(workspace, Caller::Page),
        step(page::optimise(workspace, node)),
        step(page::bundle(workspace, node)),
        step(page::program(workspace, profile)),
    ]
}

fn browser(workspace: &Workspace, ready: &Ready) -> Vec<Step> {
    let mut steps = page_build(workspace, ready, Profile::Dev);
    if let Some(node) = ready.get(&Tool::Node) {
        steps.push(Step { command: page::types(workspace, node), counting: Counting::Whole });
        let mut test = page::test(workspace, node);
        test.envs(ready.iter().map(|(tool, path)| (tool.variable(), path)));
        test.env("FLEETNET_PROGRAM", program(workspace, "fleetnet"));
        steps.push(Step { command: test, counting: Counting::Tap });
    }
    steps
}

/// The steps of `cargo xtask editors`.
pub fn editors_build(workspace: &Workspace, ready: &Ready) -> Vec<Step> {
    let build = |node| Step { command: editors::build(workspace, node), counting: Counting::Preparation };
    ready.get(&Tool::Node).map(|node| build(node)).into_iter().collect()
}

fn editors(workspace: &Workspace, ready: &Ready) -> Vec<Step> {
    let Some(node) = ready.get(&Tool::Node) else { return Vec::new() };
    let mut steps = editors_build(workspace, ready);
    steps.push(build_program("fleetnet"));
    steps.push(Step { command: editors::types(workspace, node), counting: Counting::Whole });
    let files = ["grammar.test.mjs", "snippets.test.mjs", "package.test.mjs", "activation.test.mjs"];
    steps.push(editors_test(workspace, ready, node, &files));
    steps
}

fn vscode(workspace: &Workspace, ready: &Ready) -> Vec<Step> {
    let mut steps = editors_build(workspace, ready);
    steps.extend(editor_session(workspace, ready, "vscode.test.mjs"));
    steps
}

/// A test in which an editor runs the built program.
fn editor_session(workspace: &Workspace, ready: &Ready, file: &str) -> Vec<Step> {
    let Some(node) = ready.get(&Tool::Node) else { return Vec::new() };
    vec![build_program("fleetnet"), editors_test(workspace, ready, node, &[file])]
}

fn editors_test(workspace: &Workspace, ready: &Ready, node: &Path, files: &[&str]) -> Step {
    let mut test = editors::test(workspace, node, files);
    test.envs(ready.iter().map(|(tool, path)| (tool.variable(), path)));
    test.env("FLEETNET_PROGRAM", program(workspace, "fleetnet"));
    Step { command: test, counting: Counting::Tap }
}

/// An integration test of the crate `fleetnet-tests`, whose targets have names of their own. `--workspace` makes every
/// step use the same features of each dependency; with fewer crates there might be fewer, and all be built again.
fn test(workspace: &Workspace, ready: &Ready, target: &str) -> Step {
    let mut command = cargo();
    command.args(["test", "--workspace", "--test", target]);
    libtest(command, workspace, ready)
}

/// Builds a program of the workspace, with the features that [`test`] uses.
pub fn build_program(name: &str) -> Step {
    let mut command = cargo();
    command.args(["build", "--workspace", "--bin", name]);
    Step { command, counting: Counting::Preparation }
}

/// Where [`build_program`] leaves it.
pub fn program(workspace: &Workspace, name: &str) -> PathBuf {
    workspace.target.join("debug").join(name)
}

/// Tests learn from the environment where things are; without a variable they skip what needs it.
pub fn libtest(mut command: Command, workspace: &Workspace, ready: &Ready) -> Step {
    command.envs(ready.iter().map(|(tool, path)| (tool.variable(), path)));
    match &workspace.shared {
        Some(shared) => command.env("FLEETNET_SHARED", shared),
        None => command.env_remove("FLEETNET_SHARED"),
    };
    Step { command, counting: Counting::Libtest }
}
