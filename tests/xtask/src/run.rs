//! Running suites and telling about them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::bench;
use crate::counts::Counts;
use crate::editors;
use crate::fuzz;
use crate::page::{self, Profile};
use crate::process::{self, Finished};
use crate::progress::{Heartbeat, Status};
use crate::suites::{self, Counting, Ready, Step, Suite};
use crate::tools::{Preparation, Tool, Unavailable};
use crate::workspace::Workspace;

/// Runs suites one after the other, then says what failed and how many tests there were. Whether all is good.
pub fn suites(workspace: &Workspace, suites: &[&Suite]) -> bool {
    let mut run = Run::start(workspace, suites.iter().flat_map(|suite| suite.needs));
    for suite in suites {
        println!("{}: {}", suite.name, suite.about);
        let ready = run.tools(suite.name, suite.needs);
        run.steps(suite.name, ready.map(|ready| (suite.steps)(workspace, &ready)).unwrap_or_default());
    }
    run.finish()
}

/// Builds the compiler for wasm32.
pub fn wasm(workspace: &Workspace) -> bool {
    let mut run = Run::start(workspace, &[Tool::Wasm32]);
    let ready = run.tools("wasm", &[Tool::Wasm32]);
    run.steps("wasm", ready.map(|ready| suites::wasm_build(workspace, &ready)).unwrap_or_default());
    run.finish()
}

/// Measures fleets of some sizes natively and in wasm, and Cilium's engine beside them, or what an author waits for, and prints the table.
pub fn bench(workspace: &Workspace, arguments: &[String]) -> bool {
    const NAME: &str = "bench";
    let (parts, sizes) = bench::asked(arguments);
    let mut run = Run::start(workspace, parts.iter().flat_map(|part| part.needs));
    let mut table = bench::Table::default();
    for part in parts {
        let Some(ready) = run.tools(NAME, part.needs) else { continue };
        if let Some(output) = run.steps(NAME, (part.steps)(workspace, &ready, sizes)) {
            table.add(part.name, &output);
        }
    }
    println!("\n{table}");
    run.finish()
}

/// Builds the page, and the program that serves it. Whether they are built.
pub fn page(workspace: &Workspace) -> bool {
    let needs = [Tool::Wasm32, Tool::Node, Tool::PagePackages];
    let mut run = Run::start(workspace, &needs);
    let built = run
        .tools("page", &needs)
        .is_some_and(|ready| run.steps("page", suites::page_build(workspace, &ready, Profile::Release)).is_some());
    // Nothing was tested, so there is nothing to count.
    run.tell();
    if built {
        let program = workspace.target.join("release/fleetnet");
        println!("the page is in {}", page::folder(workspace).display());
        println!("`{} playground` serves it", program.display());
    }
    built
}

/// Builds the extension of VS Code. Whether it is built.
pub fn editors(workspace: &Workspace) -> bool {
    let needs = [Tool::Node, Tool::ExtensionPackages];
    let mut run = Run::start(workspace, &needs);
    let built = run
        .tools("editors", &needs)
        .is_some_and(|ready| run.steps("editors", suites::editors_build(workspace, &ready)).is_some());
    run.tell();
    if built {
        println!("`code --install-extension {}` installs it", editors::extension(workspace).display());
    }
    built
}

/// Looks for input that breaks something, for so many seconds in each target.
pub fn fuzz(workspace: &Workspace, targets: &[&str], seconds: u32) -> bool {
    const NAME: &str = "fuzz";
    let mut run = Run::start(workspace, &[Tool::Fuzz]);
    if let Some(ready) = run.tools(NAME, &[Tool::Fuzz]) {
        run.steps(NAME, fuzz::steps(workspace, &ready, targets, seconds));
    }
    run.finish()
}

/// Prepares every tool and says where it is.
pub fn tools(workspace: &Workspace) -> bool {
    let mut run = Run::start(workspace, &Tool::ALL);
    for tool in Tool::ALL {
        if let Some(path) = run.tools("tools", &[tool]).and_then(|mut ready| ready.remove(&tool)) {
            println!("  {tool}: {}", path.display());
            run.counts += Counts::whole(true);
        }
    }
    run.finish()
}

/// What has happened so far.
struct Run {
    started: Instant,
    preparation: Preparation,
    counts: Counts,
    failures: Vec<Failure>,
}

struct Failure {
    suite: &'static str,
    /// What failed, in a line.
    what: String,
    /// All it printed.
    output: String,
}

impl Run {
    fn start<'a>(workspace: &Workspace, needs: impl IntoIterator<Item = &'a Tool>) -> Self {
        let mut tools: Vec<Tool> = needs.into_iter().copied().collect();
        tools.sort_unstable();
        tools.dedup();
        if !tools.is_empty() {
            let names: Vec<String> = tools.iter().map(Tool::to_string).collect();
            println!("preparing in the background: {}", names.join(", "));
        }
        let preparation = Preparation::start(&Arc::new(workspace.clone()), &tools);
        Self { started: Instant::now(), preparation, counts: Counts::default(), failures: Vec::new() }
    }

    /// The tools a suite needs, or `None` if it is skipped or failed for want of one.
    fn tools(&mut self, suite: &'static str, needs: &[Tool]) -> Option<Ready> {
        let mut ready = Ready::new();
        for &tool in needs {
            match self.preparation.wait(tool) {
                Ok(path) => drop(ready.insert(tool, path)),
                Err(Unavailable::Missing(reason)) => {
                    println!("  skipped: {reason}");
                    self.counts += Counts::skip(format!("{suite}: {reason}"));
                    return None;
                }
                Err(Unavailable::Broken(output)) => {
                    println!("  FAILED: could not prepare {tool}");
                    self.counts += Counts::whole(false);
                    self.failures.push(Failure { suite, what: format!("preparing {tool}"), output });
                    return None;
                }
            }
        }
        Some(ready)
    }

    /// Runs the steps of a suite until one fails. What the last one printed, if none does.
    fn steps(&mut self, suite: &'static str, steps: Vec<Step>) -> Option<String> {
        let mut last = String::new();
        for step in steps {
            let what = process::shown(&step.command);
            println!("  {what}");
            let status = Status::new();
            let heartbeat = Heartbeat::of(&status);
            let finished = process::run(step.command, &status)
                .unwrap_or_else(|error| Finished { success: false, output: format!("can't be started: {error}\n") });
            drop(heartbeat);
            let counts = counts(step.counting, &finished);
            let verdict = if finished.success { "ok" } else { "FAILED" };
            println!("  {verdict} in {}{}", seconds(status.elapsed()), told(step.counting, &counts));
            self.counts += counts;
            if !finished.success {
                self.failures.push(Failure { suite, what, output: finished.output });
                return None;
            }
            last = finished.output;
        }
        Some(last)
    }

    /// The last words. Their last line is for machines, too.
    fn finish(self) -> bool {
        self.tell();
        println!("{}", self.counts);
        self.failures.is_empty()
    }

    /// What failed, what was skipped, and how long it took.
    fn tell(&self) {
        for Failure { suite, what, output } in &self.failures {
            println!("\n---- {suite}: {what} ----\n{}", output.trim_end());
        }
        println!();
        for reason in &self.counts.skips {
            println!("skipped: {reason}");
        }
        for Failure { suite, what, .. } in &self.failures {
            println!("failed: {suite}: {what}");
        }
        println!("took {}", seconds(self.started.elapsed()));
    }
}

fn counts(counting: Counting, finished: &Finished) -> Counts {
    match counting {
        Counting::Whole => Counts::whole(finished.success),
        Counting::Libtest => Counts::of_libtest(&finished.output, finished.success),
        Counting::Tap => Counts::of_tap(&finished.output, finished.success),
        Counting::Preparation if finished.success => Counts::default(),
        Counting::Preparation => Counts::whole(false),
    }
}

fn told(counting: Counting, counts: &Counts) -> String {
    match counting {
        Counting::Libtest | Counting::Tap => format!(": {counts}"),
        Counting::Whole | Counting::Preparation => String::new(),
    }
}

fn seconds(elapsed: Duration) -> String {
    format!("{:.1} s", elapsed.as_secs_f64())
}
