//! From trees to a model: every name bound, every word read, every parameter replaced.
//!
//! ```text
//! declarations ─gather→ by kind and name ─params→ values ─places→ clusters, sets, meshes ─who→ namespaces, identities, groups, externals
//!                                                ─policies→ policies, rules ─paths→ services, exports, entries, gateways, rollouts, tests
//! ```
//!
//! Declarations may stand in any order, so each kind is resolved after those that it can refer to; where kinds refer to themselves (sets,
//! groups, parameters), in an order found first. A mistake is reported where it is made: a reference to something declared and broken gives
//! nothing and says nothing, and what depends on it is left out or has the value that causes no further findings.

pub mod again;
mod beside;
mod broken;
mod clusters;
mod context;
mod disjoint;
mod exceptions;
mod externals;
mod fleet;
mod gateways;
mod gather;
mod groups;
mod icmp;
mod identities;
mod meshes;
mod misnamed;
pub mod mistakes;
mod names;
mod namespaces;
mod order;
mod params;
mod paths;
mod peers;
mod places;
mod policies;
mod proof;
mod read;
mod rollouts;
mod service_forms;
mod services;
mod set_text;
mod traffic;
mod unused;
pub mod waive;
mod who;

use std::collections::BTreeSet;

use fleetnet_lang::{Diagnostic, FileId, Parse, Severity, Span};

use crate::compile::ParamValue;
use crate::model::{Model, Paths, Reach, Uses};
use crate::workers::{Alone, Workers};
use again::Names;
use broken::Broken;
pub use context::Used;
use context::{Context, Declared};
use gather::Declarations;
pub use params::Outside;
use places::Places;

use who::Who;

/// The model of a package, and what is wrong with its declarations. There is no model where there is not exactly one fleet; a model is only
/// to be used if no error was found. `parses` holds the trees of all sources, in order of their ids.
#[must_use]
pub fn resolve(parses: &[(FileId, Parse)], params: &[ParamValue]) -> (Option<Model>, Vec<Diagnostic>) {
    let outside = Outside { environments: &[], set: params };
    let Resolved { model, found, .. } = resolve_asked(parses, outside, None, &Alone);
    (model, found)
}

/// What came of resolving a package.
pub struct Resolved {
    /// The model; nothing where there is not exactly one fleet.
    pub model: Option<Model>,
    /// The names of the model.
    pub names: Option<Names>,
    /// The flows that a question speaks of; nothing where something is wrong with it.
    pub asked: Option<Reach>,
    /// What is wrong.
    pub found: Vec<Diagnostic>,
}

/// As [`resolve`], with environment files, workers, and the tree of a question.
#[must_use]
pub fn resolve_asked(
    parses: &[(FileId, Parse)],
    outside: Outside<'_>,
    question: Option<(FileId, &Parse)>,
    workers: &dyn Workers,
) -> Resolved {
    let mut ctx = Context { unparsed: are_broken(parses), ..Context::default() };
    let declared = gather::gather(&mut ctx, parses);
    let package = Span::new(parses.first().map_or(FileId(0), |(file, _)| *file), 0, 0);
    let fleet = fleet::single(&mut ctx, &declared.fleets, package);
    let root = fleet.map_or(package, |fleet| fleet.name.span);
    params::resolve(&mut ctx, &declared.params, outside, root);
    let resolved = fleet.map(|fleet| model(&mut ctx, &declared, fleet, parses, workers, question));
    let (model, names, asked) = match resolved {
        Some((model, names, asked)) => (Some(model), Some(names), asked),
        None => (None, None, None),
    };
    let has_errors = ctx.has_errors();
    let found = findings(ctx, parses);
    // Otherwise whatever has an error is left out of the package, and nobody is told.
    debug_assert!(
        !has_errors
            || workers.is_given_up()
            || are_broken(parses)
            || found.iter().any(|found| found.severity == Severity::Error),
        "an error is told"
    );
    Resolved { model, names, asked, found }
}

fn model(
    ctx: &mut Context,
    declared: &Declarations<'_>,
    fleet: &Declared<fleetnet_lang::ast::Fleet<'_>>,
    parses: &[(FileId, Parse)],
    workers: &dyn Workers,
    question: Option<(FileId, &Parse)>,
) -> (Model, Names, Option<Reach>) {
    let clusters = clusters::resolve(ctx, &declared.clusters);
    let places = Places::resolve(ctx, clusters, declared);
    let fleet = fleet::resolve(ctx, &places, fleet);
    let meshes = meshes::resolve(ctx, &places, &declared.meshes);
    let who = who(ctx, places, declared, workers);
    let groups = groups::resolve(ctx, &who, &declared.groups);
    let externals = externals::resolve(ctx, &who, &declared.externals);
    let (policies, rules) = policies::resolve(ctx, &who, &declared.policies, workers);
    let paths = paths::resolve(ctx, &who, &meshes, declared, workers).into_model();
    let asked = question.and_then(|(file, parse)| proof::question(ctx, &who, file, &parse.question()?));
    let invariants = proof::invariants(ctx, &declared.invariants);
    let guard = proof::guard(ctx, &declared.guards);
    let waives = waive::gather(ctx, parses, workers);
    unused::report(ctx, declared);
    let Paths { services, exports, entries, balances, gateways, rollouts, tests } = paths;
    let Who { places, namespaces, namespace_index, identities, identity_index } = who;
    let sets = places.whole_sets(&declared.sets);
    let (clusters, places) = places.without_clusters();
    let model = Model {
        fleet,
        sets,
        clusters,
        meshes,
        namespaces,
        identities,
        groups,
        externals,
        services,
        exports,
        entries,
        balances,
        gateways,
        policies,
        rules,
        tests,
        invariants,
        rollouts,
        guard,
        waives,
        uses: ctx.params.uses().clone(),
    };
    (model, Names { places, namespace_index, identity_index, params: ctx.params.part(), used: ctx.used.clone() }, asked)
}

fn who(ctx: &mut Context, places: Places, declared: &Declarations<'_>, workers: &dyn Workers) -> Who {
    let (namespaces, namespace_index) = namespaces::resolve(ctx, &places, &declared.namespaces);
    let (identities, identity_index) =
        identities::resolve(ctx, &places, (&namespaces, &namespace_index), &declared.identities, workers);
    Who { places, namespaces, namespace_index, identities, identity_index }
}

/// Whether the parser had to leave something out.
fn are_broken(parses: &[(FileId, Parse)]) -> bool {
    parses.iter().any(|(_, parse)| parse.diagnostics.iter().any(|found| found.severity == Severity::Error))
}

/// What was found, less what the parser said already.
fn findings(ctx: Context, parses: &[(FileId, Parse)]) -> Vec<Diagnostic> {
    // A tree may be that of a later text, which the parser knew nothing of.
    let of_file = |(file, parse): &'_ (FileId, Parse)| {
        let (file, said) = (*file, parse.diagnostics.iter());
        said.map(move |said| (said.code.number, Span { file, ..said.span })).collect::<Vec<_>>()
    };
    let said: BTreeSet<(u16, Span)> = parses.iter().flat_map(of_file).collect();
    let broken = Broken::of(parses);
    let mut found = ctx.found;
    let uses = ctx.params.uses().clone();
    found.extend(ctx.unknown.diagnostics(&broken, &ctx.misnamed));
    misnamed::retain_given(&mut found, parses);
    found.retain(|diagnostic| !said.contains(&(diagnostic.code.number, diagnostic.span)));
    found.retain(|diagnostic| diagnostic.severity != Severity::Error || !broken.concerns(diagnostic));
    in_order(found, &uses)
}

/// Findings in order, each once, with the values of parameters.
fn in_order(mut found: Vec<Diagnostic>, uses: &Uses) -> Vec<Diagnostic> {
    uses.show(&mut found);
    found.sort_by_key(Diagnostic::sort_key);
    // A text that means two things, such as a mesh's members and its member selector, is read twice.
    found.dedup();
    found
}
