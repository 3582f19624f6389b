//! `fleetnet check --fix`: what can be mended in one way is, until nothing is left that can be.

use std::collections::BTreeMap;

use fleetnet_compiler::compile::Goal;
use fleetnet_lang::{Applicability, Diagnostic, Fix, Sources, Span};

use super::{Error, Found};
use crate::cli::Check;
use crate::output;
use crate::package::Package;
use crate::report::{Report, counted};
use crate::terminal::{Outcome, Terminal};

/// What is mended can show what else is wrong; fixes that go on for longer than this undo each other.
const MOST_ROUNDS: usize = 100;

pub fn run(args: &Check, terminal: &mut Terminal) -> Result<Outcome, Error> {
    let mut package = super::open_with_inventory(&args.package, terminal)?;
    let mut mended = Mended::default();
    let mut found = super::found(&package, &args.package, Goal::Check);
    let mut next = chosen(&package, &found, args);
    for _ in 0..MOST_ROUNDS {
        if next.is_empty() {
            break;
        }
        mended.note(&package, args, &found, &next);
        for (path, text) in texts(&found.compiled.sources, &next) {
            package.set_text(&path, &text);
        }
        found = super::found(&package, &args.package, Goal::Check);
        next = chosen(&package, &found, args);
    }
    if !next.is_empty() {
        terminal.warn("some fixes undo each other and were given up; please report it");
    }
    write(&package, &mended, terminal)?;
    mended.lines.iter().for_each(|line| terminal.say(&format!("fixed {line}")));
    let outcome = tell(&package, args, &found, terminal);
    terminal.say(&format!("{} fixed", counted(mended.lines.len(), "finding")));
    Ok(outcome)
}

/// All texts are there before the first file is replaced, and what somebody else has written meanwhile is left alone.
fn write(package: &Package, mended: &Mended, terminal: &mut Terminal) -> Result<(), Error> {
    let Some(root) = package.root() else {
        package.texts().for_each(|(_, text)| terminal.print(text));
        return Ok(());
    };
    for (name, text) in package.texts() {
        if let Some(before) = mended.before.get(name) {
            output::replace_source(&root.join(name), before, text)?;
        }
    }
    Ok(())
}

/// What is left. Where the text that came in has gone to standard output, findings go where everything about the run goes.
fn tell(package: &Package, args: &Check, found: &Found, terminal: &mut Terminal) -> Outcome {
    let report = found.report();
    if package.root().is_some() {
        return super::tell(package, report, args.package.format, terminal).outcome();
    }
    report.lines().for_each(|line| terminal.tell(&line));
    let summary = report.summary();
    terminal.say(&summary.to_string());
    summary.outcome()
}

/// What was mended.
#[derive(Default)]
struct Mended {
    /// The texts of changed files as they were read, by their names in the package.
    before: BTreeMap<String, String>,
    /// The findings, a line each.
    lines: Vec<String>,
}

impl Mended {
    fn note(&mut self, package: &Package, args: &Check, found: &Found, findings: &[Diagnostic]) {
        let sources = &found.compiled.sources;
        for file in findings.iter().filter_map(|finding| sources.get(finding.fix.as_ref()?.span.file)) {
            self.before.entry(file.path.to_string()).or_insert_with(|| file.text.to_string());
        }
        let mut report = Report::new(sources, findings);
        report.prefix = super::prefix(package, args.package.format);
        self.lines.extend(report.lines().map(|line| line.trim_end().to_owned()));
    }
}

/// The findings whose fixes are made now: none that another one touches, the first in the text before the others.
fn chosen(package: &Package, found: &Found, args: &Check) -> Vec<Diagnostic> {
    let sources = &found.compiled.sources;
    let mut fixable: Vec<(Span, &Diagnostic)> = found
        .compiled
        .diagnostics
        .iter()
        .filter_map(|finding| {
            let fix = finding.fix.as_ref().filter(|fix| is_wanted(fix, args) && is_possible(fix, package, sources))?;
            Some((fix.span, finding))
        })
        .collect();
    fixable.sort_by_key(|(span, _)| *span);
    let mut last: Option<Span> = None;
    fixable.retain(|(span, _)| {
        let is_free = last.is_none_or(|last| last.file != span.file || last.end < span.start);
        if is_free {
            last = Some(*span);
        }
        is_free
    });
    fixable.into_iter().map(|(_, finding)| finding.clone()).collect()
}

fn is_wanted(fix: &Fix, args: &Check) -> bool {
    match fix.applicability {
        Applicability::MachineApplicable => true,
        Applicability::MaybeIncorrect => args.unsafe_fixes,
    }
}

/// Only sources are changed, neither the lock nor what parameters come from, and a fix that changes nothing would never end.
fn is_possible(fix: &Fix, package: &Package, sources: &Sources) -> bool {
    let file = sources.get(fix.span.file);
    let is_source = file.is_some_and(|file| package.texts().any(|(name, _)| *name == *file.path));
    is_source && sources.text(fix.span) != fix.replacement
}

/// The new texts of files by path. The fixes are in the order of the text.
fn texts(sources: &Sources, findings: &[Diagnostic]) -> BTreeMap<String, String> {
    let mut texts = BTreeMap::new();
    for fix in findings.iter().rev().filter_map(|finding| finding.fix.as_ref()) {
        let Some(file) = sources.get(fix.span.file) else { continue };
        let text: &mut String = texts.entry(file.path.to_string()).or_insert_with(|| file.text.to_string());
        let range = fix.span.start as usize..fix.span.end as usize;
        // Spans are of these texts, so they end between characters.
        if text.get(range.clone()).is_some() {
            text.replace_range(range, &fix.replacement);
        }
    }
    texts
}
