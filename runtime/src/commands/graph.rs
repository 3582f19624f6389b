//! `fleetnet graph`: a picture of the network, the same as on the page of the playground.

use fleetnet_compiler::analysis::graph::graph;
use fleetnet_compiler::compile::{Goal, Options};
use fleetnet_compiler::picture;

use super::Error;
use crate::cli::{Format, Graph, GraphFormat};
use crate::output;
use crate::report::{Report, Summary};
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &Graph, terminal: &mut Terminal) -> Result<Outcome, Error> {
    let package = super::open(&args.path, &args.params.env, terminal)?;
    let mut compiled = super::compiled(&package, &Options { params: args.params.set.clone(), goal: Goal::Check });
    let drawn = match &compiled.plan {
        Some(plan) => graph(plan).map(|graph| picture::draw(plan, &graph)).map_err(|found| vec![found]),
        None => Err(Vec::new()),
    };
    match drawn {
        Ok(picture) => {
            let file = args.output.as_deref().filter(|path| !output::is_standard_output(path));
            match (args.format, file) {
                (GraphFormat::Svg, Some(path)) => output::write_file(path, &picture.svg)?,
                (GraphFormat::Svg, None) => terminal.print(&picture.svg),
            }
            picture.omitted.iter().for_each(|omitted| terminal.say(omitted));
            // A package with a broken promise can still be looked at.
            if !compiled.diagnostics.is_empty() {
                terminal.say(&format!("{}; `fleetnet check` lists them", Summary::of(&compiled.diagnostics, 0)));
            }
            Ok(Outcome::Good)
        }
        Err(found) => {
            compiled.diagnostics.extend(found);
            super::tell(&package, Report::new(&compiled.sources, &compiled.diagnostics), Format::Human, terminal);
            Ok(Outcome::Findings)
        }
    }
}
