//! `language [SIZE…]` takes packages of these sizes through what an author waits for, and prints what each took, a line each, for
//! `cargo xtask bench language`, in the form of `bench`.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line program")]

use std::process::ExitCode;
use std::time::Duration;

use fleetnet_bench::fleet::{self, LANGUAGE, Size};
use fleetnet_bench::format;
use fleetnet_bench::session::{Edit, Session, Waits};
use fleetnet_bench::stages::{Build, Stage};
use fleetnet_bench::table::{Row, fastest, timed};
use fleetnet_lang::SourceFile;
use fleetnet_threads::Threads;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

/// What an author waits for after each save.
const CHECK: [Stage; 5] = [Stage::Parse, Stage::Resolve, Stage::Plan, Stage::Check, Stage::CheckTargets];

/// One round says as much about what else the machine is doing.
const ROUNDS: usize = 5;

fn main() -> ExitCode {
    let names: Vec<String> = std::env::args().skip(1).collect();
    let known = LANGUAGE.map(|(size, _)| size.name).join(", ");
    if let Some(unknown) = names.iter().find(|name| !LANGUAGE.iter().any(|(size, _)| size.name == **name)) {
        eprintln!("error: there is no size `{unknown}`; the sizes are {known}");
        return ExitCode::FAILURE;
    }
    for (size, limit) in
        LANGUAGE.iter().filter(|(size, _)| names.is_empty() || names.iter().any(|name| name == size.name))
    {
        if let Err(problem) = measure(*size, *limit) {
            eprintln!("error: {problem}");
            return ExitCode::FAILURE;
        }
    }
    ExitCode::SUCCESS
}

fn measure(size: Size, limit: Duration) -> Result<(), String> {
    let files = fleet::sources(size);
    let lines = files.iter().map(|file| file.text.lines().count()).sum();
    let mut best = fastest(ROUNDS, || once(size, &files))?;
    let waits: f64 = best.iter().take(CHECK.len()).map(|row| row.seconds).sum();
    best.insert(CHECK.len(), Row { what: "parse + check", seconds: waits, bytes: 0 });
    best.push(Row {
        what: "percent of the limit for parse + check",
        seconds: 0.0,
        bytes: whole(100.0 * waits / limit.as_secs_f64()),
    });
    best.extend(edits(&files)?);
    best.extend(format(&files));
    best.push(Row { what: "lines", seconds: 0.0, bytes: lines });
    for row in &best {
        println!("{}\t{row}", size.name);
    }
    Ok(())
}

fn once(size: Size, files: &[SourceFile]) -> Result<Vec<Row>, String> {
    let mut build = Build::new(files.to_vec(), Threads::of_machine());
    let mut rows = Vec::new();
    for stage in CHECK.into_iter().chain([Stage::Prove]) {
        rows.push(timed(stage.name(), || build.run(stage)));
        if let Some(first) = build.errors().first() {
            return Err(format!("{} of {}: {first}", stage.name(), size.name));
        }
    }
    Ok(rows)
}

/// Every file laid out, one after the other, and how much text that is in a second.
fn format(files: &[SourceFile]) -> [Row; 2] {
    let texts = format::scruffy(files);
    let mut bytes = 0;
    let row = timed("format", || bytes = format::layout(&texts));
    #[expect(clippy::cast_precision_loss, reason = "a package has less than 2^52 bytes")]
    let speed = bytes as f64 / 1e6 / row.seconds;
    [row, Row { what: "format, MB/s", seconds: 0.0, bytes: whole(speed) }]
}

/// What an editor waits for after edits, the longest of a kind.
fn edits(files: &[SourceFile]) -> Result<Vec<Row>, String> {
    let mut session = Session::open(files, Threads::of_machine());
    let row = |what, seconds| Row { what, seconds, bytes: 0 };
    fastest(ROUNDS, || {
        let waits = Edit::ALL.map(|edit| (edit, session.edit(edit)));
        let longest = |wait: fn(&Waits) -> f64, edits: &[Edit]| {
            let asked = waits.iter().filter(|(edit, _)| edits.contains(edit));
            asked.map(|(_, waits)| wait(waits)).fold(0.0, f64::max)
        };
        Ok(vec![
            row("edit to mistakes in the form", longest(|waits| waits.form, &Edit::ALL)),
            row("edit of a comment to findings", longest(|waits| waits.findings, &[Edit::Comment])),
            row("edit of a rule to findings", longest(|waits| waits.findings, &[Edit::Port, Edit::Rule])),
            row("edit of an identity to findings", longest(|waits| waits.findings, &[Edit::Label, Edit::Identity])),
            row("edit of a service to findings", longest(|waits| waits.findings, &[Edit::Service, Edit::Target])),
            row("edit of half a rule to findings", longest(|waits| waits.findings, &[Edit::Unfinished])),
            row("edit that takes a whole compilation", longest(|waits| waits.findings, &[Edit::Declaration])),
            row("edit to tests and invariants", longest(|waits| waits.promises, &Edit::ALL)),
        ])
    })
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
fn whole(number: f64) -> usize {
    number.round() as usize
}
