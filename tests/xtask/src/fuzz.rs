//! `cargo xtask fuzz`: looks for input that breaks what should hold for any input (`tests/holds`).
//!
//! What is found stays in `target/fuzz` and is a start for the next time; `tests/fuzz/corpus` is what the repository keeps of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::suites::{Counting, Ready, Step};
use crate::tools::{NIGHTLY, Tool};
use crate::workspace::Workspace;

/// The fuzz targets of `tests/fuzz`.
pub const TARGETS: [&str; 7] = ["parse", "format", "check", "image", "link", "edits", "messages"];

/// Seconds for each target as a part of `cargo xtask test`.
pub const SHORT: u32 = 20;

/// More than any input that is short enough takes, however slow the machine.
const LIMITS: [&str; 4] = ["-timeout=30", "-rss_limit_mb=4096", "-max_len=16384", "-print_final_stats=1"];

/// Builds the targets, then runs each for so many seconds.
pub fn steps(workspace: &Workspace, ready: &Ready, targets: &[&str], seconds: u32) -> Vec<Step> {
    let Some(program) = ready.get(&Tool::Fuzz) else { return Vec::new() };
    let build = Step { command: cargo_fuzz(workspace, program, "build"), counting: Counting::Preparation };
    let runs = targets.iter().map(|target| {
        let mut command = cargo_fuzz(workspace, program, "run");
        let found = scratch(workspace, "corpus", target);
        let kept = workspace.root.join("tests/fuzz/corpus").join(target);
        command.arg(target).arg(found).arg(kept).arg("--").args(LIMITS);
        command.arg(format!("-max_total_time={seconds}"));
        command.arg(format!("-artifact_prefix={}/", scratch(workspace, "artifacts", target).display()));
        Step { command, counting: Counting::Whole }
    });
    std::iter::once(build).chain(runs).collect()
}

fn cargo_fuzz(workspace: &Workspace, program: &Path, verb: &str) -> Command {
    let mut command = Command::new("rustup");
    command.args(["run", NIGHTLY]).arg(program).arg(verb).arg("--fuzz-dir").arg(workspace.root.join("tests/fuzz"));
    command.arg("--target-dir").arg(workspace.target.join("fuzz"));
    // Nothing here is unsafe, so there is nothing for a sanitizer to find.
    command.args(["--sanitizer", "none", "--codegen-units", "16"]);
    // They say which compiler runs us, which is not the one that is wanted here.
    for variable in ["CARGO", "RUSTC", "RUSTDOC", "RUSTUP_TOOLCHAIN"] {
        command.env_remove(variable);
    }
    command
}

/// A folder that is there when it is asked for; without it the fuzzer says so itself.
fn scratch(workspace: &Workspace, what: &str, target: &str) -> PathBuf {
    let folder = workspace.target.join("fuzz").join(what).join(target);
    drop(std::fs::create_dir_all(&folder));
    folder
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::TARGETS;

    #[test]
    fn every_target_that_is_there_is_run() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/targets");
        let names = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let names: BTreeSet<String> = names.map(|path| path.file_stem().unwrap().to_string_lossy().into()).collect();
        assert_eq!(names, TARGETS.map(str::to_owned).into());
    }
}
