//! What nothing uses.

use fleetnet_lang::Diagnostic;

use super::context::Context;
use super::gather::Declarations;
use super::params;
use super::places::Term;
use crate::codes::names as codes;
use crate::model::{ExternalId, GroupId, Id, Name, Spanned};

/// Reports parameters, sets of clusters, groups and externals that nothing uses.
pub(super) fn report(ctx: &mut Context, declared: &Declarations<'_>) {
    // What uses them may be what is broken.
    if ctx.has_errors() {
        return;
    }
    for name in params::unused(ctx, &declared.params) {
        unused(ctx, "parameter", &name, "use it, or remove it");
    }
    for (place, set) in declared.sets.iter().enumerate() {
        term(ctx, Term::Clusters(place), "set of clusters", &set.name);
    }
    for (place, group) in declared.groups.iter().enumerate() {
        term(ctx, Term::Group(GroupId::at(place)), "group", &group.name);
    }
    for (place, external) in declared.externals.iter().enumerate() {
        term(ctx, Term::External(ExternalId::at(place)), "external", &external.name);
    }
}

fn term(ctx: &mut Context, term: Term, kind: &str, name: &Spanned<Name>) {
    if !ctx.used.contains(term) {
        unused(ctx, kind, name, "use it, or remove it");
    }
}

fn unused(ctx: &mut Context, kind: &str, name: &Spanned<Name>, help: &str) {
    let message = format!("nothing uses {kind} `{}`", name.value);
    ctx.report(Diagnostic::new(codes::UNUSED, name.span, message).help(help));
}
