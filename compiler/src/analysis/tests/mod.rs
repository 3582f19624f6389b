//! Packages as text, and what is found of their promises.

mod brute;
mod capacity;
mod classes;
mod fleets;
mod graph;
mod growth;
mod inventory;
mod promises;
mod redundant;
mod steps;
mod why;

use fleetnet_lang::{FileId, Parse, Severity, SourceFile, Sources};

use crate::plan::Plan;
use crate::{plan, resolve};

/// The plan of a package that has nothing wrong with it, and its texts.
fn plan(files: &[(&str, &str)]) -> (Sources, Plan) {
    let sources = Sources::new(files.iter().map(|(path, text)| SourceFile::new(*path, *text)).collect());
    let parses: Vec<(FileId, Parse)> =
        sources.iter().map(|(id, file)| (id, fleetnet_lang::parse(id, &file.text))).collect();
    let mut found: Vec<_> = parses.iter().flat_map(|(_, parse)| parse.diagnostics.iter().cloned()).collect();
    let (model, more) = resolve::resolve(&parses, &[]);
    found.extend(more);
    let (plan, more) = plan::build(model.expect("a package"), &crate::workers::Alone);
    found.extend(more);
    let wrong: Vec<String> = found
        .iter()
        .filter(|found| found.severity == Severity::Error)
        .map(|found| format!("{}: {} at `{}`", found.code, found.message, sources.text(found.span)))
        .collect();
    assert_eq!(wrong, Vec::<String>::new());
    (sources, plan)
}

/// What is found of a package's promises: number and headline, in order of place.
fn found(files: &[(&str, &str)]) -> Vec<String> {
    let (_, plan) = plan(files);
    let mut found = super::findings(&plan, &super::proof(&plan, &crate::workers::Alone));
    found.sort_by_key(fleetnet_lang::Diagnostic::sort_key);
    found.iter().map(|found| format!("{} {}", found.code, found.message)).collect()
}
