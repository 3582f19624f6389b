//! `cargo xtask bench`: what each stage takes, as one table.
//!
//! The parts print `SIZE STAGE SECONDS BYTES`, tabs between; this puts them side by side.

use std::collections::BTreeMap;
use std::fmt;
use std::process::Command;

use crate::suites::{self, Counting, Ready, Step};
use crate::tools::{Tool, Wasm32};
use crate::wasm;
use crate::workspace::{Workspace, cargo};

/// A way to measure.
#[derive(Debug)]
pub struct Part {
    pub name: &'static str,
    pub needs: &'static [Tool],
    /// What to run; the last step prints the rows.
    pub steps: fn(&Workspace, &Ready, &[String]) -> Vec<Step>,
}

/// All of them: natively, in WebAssembly, and what Cilium's engine takes for the same maps.
pub const PARTS: [Part; 3] = [
    Part { name: "native", needs: &[], steps: native },
    Part { name: "wasm", needs: &[Tool::Wasm32, Tool::Node], steps: in_wasm },
    Part { name: "engine", needs: &[Tool::Engine], steps: engine },
];

/// What an author waits for: findings after a save or an edit, and the layout.
pub const LANGUAGE: [Part; 1] = [Part { name: "native", needs: &[], steps: language }];

/// What is measured, and the sizes: `language` before the sizes asks for [`LANGUAGE`].
pub fn asked(arguments: &[String]) -> (&'static [Part], &[String]) {
    match arguments {
        [first, sizes @ ..] if first == "language" => (&LANGUAGE, sizes),
        sizes => (&PARTS, sizes),
    }
}

fn native(_: &Workspace, _: &Ready, sizes: &[String]) -> Vec<Step> {
    run("bench", sizes)
}

fn language(_: &Workspace, _: &Ready, sizes: &[String]) -> Vec<Step> {
    run("language", sizes)
}

fn run(program: &str, sizes: &[String]) -> Vec<Step> {
    let mut command = cargo();
    command
        .args(["run", "--quiet", "--profile", "dist", "--package", "fleetnet-bench", "--bin", program, "--"])
        .args(sizes);
    vec![Step { command, counting: Counting::Whole }]
}

fn in_wasm(workspace: &Workspace, ready: &Ready, sizes: &[String]) -> Vec<Step> {
    let (Some(rustc), Some(node)) = (ready.get(&Tool::Wasm32), ready.get(&Tool::Node)) else { return Vec::new() };
    let compiler = Wasm32 { rustc: rustc.clone() };
    let mut run = Command::new(node);
    run.arg(workspace.root.join("tests/bench/run.mjs")).arg(wasm::bench_glue(workspace)).args(sizes);
    vec![
        Step { command: wasm::build_bench(workspace, &compiler), counting: Counting::Preparation },
        suites::build_program("wasm-glue"),
        Step {
            command: wasm::bind_bench(workspace, &suites::program(workspace, "wasm-glue")),
            counting: Counting::Preparation,
        },
        Step { command: run, counting: Counting::Whole },
    ]
}

/// The engine is asked for the maps of two sizes: more would take it hours.
fn engine(workspace: &Workspace, ready: &Ready, _: &[String]) -> Vec<Step> {
    let mut command = cargo();
    command.args(["test", "--release", "--package", "fleetnet-tests", "--test", "engine", "--"]);
    command.args(["speed::", "--nocapture"]).env("FLEETNET_MEASURE", "1");
    vec![suites::libtest(command, workspace, ready)]
}

/// Seconds and bytes by stage, size and part.
#[derive(Debug, Default)]
pub struct Table {
    stages: Vec<String>,
    columns: Vec<(String, String)>,
    cells: BTreeMap<(String, String, String), (f64, f64)>,
}

impl Table {
    /// Adds what a part printed; lines of another form are no rows.
    pub fn add(&mut self, part: &str, output: &str) {
        for line in output.lines() {
            let [size, stage, seconds, bytes] = line.split('\t').collect::<Vec<_>>()[..] else { continue };
            let (Ok(seconds), Ok(bytes)) = (seconds.parse(), bytes.parse()) else { continue };
            if !self.stages.iter().any(|known| known == stage) {
                self.stages.push(stage.to_owned());
            }
            let column = (size.to_owned(), part.to_owned());
            if !self.columns.contains(&column) {
                self.columns.push(column);
            }
            self.cells.insert((size.to_owned(), part.to_owned(), stage.to_owned()), (seconds, bytes));
        }
    }
}

impl fmt::Display for Table {
    /// Markdown: a row for each stage.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let heads: Vec<String> = self.columns.iter().map(|(size, part)| format!(" {size}, {part} |")).collect();
        writeln!(f, "| |{}\n|---|{}", heads.concat(), "---|".repeat(heads.len()))?;
        for stage in &self.stages {
            write!(f, "| {stage} |")?;
            for (size, part) in &self.columns {
                match self.cells.get(&(size.clone(), part.clone(), stage.clone())) {
                    Some((seconds, bytes)) => write!(f, " {} |", cell(*seconds, *bytes))?,
                    None => f.write_str(" |")?,
                }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

/// A time with the memory beside it, or a number alone.
fn cell(seconds: f64, bytes: f64) -> String {
    const MIB: f64 = 1024.0 * 1024.0;
    let time = if seconds < 0.1 { format!("{:.2} ms", seconds * 1000.0) } else { format!("{seconds:.2} s") };
    match (seconds > 0.0, bytes > 0.0) {
        (true, true) => format!("{time}, {:.0} MiB", (bytes / MIB).ceil()),
        (true, false) => time,
        (false, _) => format!("{bytes:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_stand_side_by_side() {
        let mut table = Table::default();
        table.add("native", "small\tparse\t0.0015\t1000\nsmall\tfiles\t0\t15\nnoise\n");
        table.add("wasm", "small\tparse\t0.25\t0\n");
        let expected = "\
| | small, native | small, wasm |
|---|---|---|
| parse | 1.50 ms, 1 MiB | 0.25 s |
| files | 15 | |
";
        assert_eq!(table.to_string(), expected);
    }
}
