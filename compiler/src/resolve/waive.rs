//! `waive CODE "reason"`: findings that somebody has looked at.
//!
//! A waive silences one kind of warning or note inside the declaration or block that it stands in. Errors cannot be waived: what they are
//! about has no meaning that a build could be made of.

use std::collections::BTreeSet;

use fleetnet_lang::ast;
use fleetnet_lang::{Code, Diagnostic, FileId, Node, Parse, Severity, Sources, Span, SyntaxKind, literals};

use super::context::Context;
use super::read::Reader;
use crate::check::fixes;
use crate::codes;
use crate::codes::names;
use crate::compile::Goal;
use crate::model::Waive;
use crate::workers::{self, Workers};

/// Collects the waives of all files, in source order.
pub(super) fn gather(ctx: &mut Context, parses: &[(FileId, Parse)], workers: &dyn Workers) -> Vec<Waive> {
    let shared: &Context = ctx;
    let parts = workers::map(workers, parses, |(file, parse)| {
        let mut part = shared.part();
        let written = parse.file().into_iter().flat_map(|root| root.waives());
        let resolved =
            written.filter_map(|(owner, node)| resolve_one(&mut Reader::new(&mut part, *file), owner, &node));
        let waives: Vec<Waive> = resolved.collect();
        (part, waives)
    });
    let mut all = Vec::new();
    for (part, waives) in parts {
        ctx.join(part);
        all.extend(waives);
    }
    all
}

fn resolve_one(reader: &mut Reader<'_>, owner: Node<'_>, node: &ast::Waive<'_>) -> Option<Waive> {
    let word = node.code()?;
    let place = word.span(reader.file);
    let number = match literals::code(word.text(), place) {
        Ok(number) => number,
        Err(found) => {
            reader.ctx.report(found);
            return None;
        }
    };
    let mut known = codes::all().chain(fleetnet_lang::codes::ALL.iter().copied());
    let code: Option<Code> = known.find(|code| code.number == number);
    let refused = match code {
        None => Some(format!("no finding has the code `{}`", word.text())),
        Some(code) if code.severity == Severity::Error => {
            Some(format!("`{code}` is an error, which cannot be waived: {}", code.summary))
        }
        Some(_) => None,
    };
    if let Some(message) = refused {
        let found = Diagnostic::new(names::NOT_WAIVABLE, place, message);
        reader.ctx.report(found.help("waive a warning or a note, by the code that it is shown with"));
        return None;
    }
    let reason = node.reason().and_then(|text| reader.text(&text));
    if let Some(empty) = reason.as_ref().filter(|reason| reason.value.as_str().trim().is_empty()) {
        let found = Diagnostic::new(names::BAD_VALUE, empty.span, "a waive without a reason");
        reader.ctx.report(found.help("say why the finding may stand, for whoever reads it next"));
    }
    let scope = scope(owner, reader.file);
    Some(Waive { code: code?, reason: reason.map(|reason| reason.value), scope, span: reader.span(node) })
}

fn scope(owner: Node<'_>, file: FileId) -> Span {
    let range = owner.text_range();
    Span::new(file, range.start().into(), range.end().into())
}

/// Whether something is waived in a node.
#[must_use]
pub fn is_in(node: Node<'_>) -> bool {
    node.descendants().any(|node| node.kind() == SyntaxKind::Waive)
}

/// Takes out what is waived, and adds what waives nothing. Waives of findings that only a later stage has are left alone where that stage
/// was not reached: in a check, and where there is an error.
#[must_use]
pub fn apply(waives: &[Waive], found: Vec<Diagnostic>, goal: Goal, sources: &Sources) -> Vec<Diagnostic> {
    let mut used = vec![false; waives.len()];
    let mut kept: Vec<Diagnostic> = Vec::with_capacity(found.len());
    for diagnostic in found {
        let mut scopes = BTreeSet::new();
        for (waive, used) in waives.iter().zip(&mut used) {
            // A second one for the same block adds nothing.
            if diagnostic.severity != Severity::Error && covers(waive, &diagnostic) && scopes.insert(waive.scope) {
                *used = true;
            }
        }
        kept.extend(scopes.is_empty().then_some(diagnostic));
    }
    if kept.iter().any(|diagnostic| diagnostic.severity == Severity::Error) {
        return kept;
    }
    for (waive, _) in waives.iter().zip(used).filter(|(waive, used)| !used && is_judged(waive.code, goal)) {
        let message = format!("nothing is found here that `{}` would waive", waive.code);
        let (span, text) = fixes::removal(sources, waive.span);
        kept.push(Diagnostic::new(names::UNUSED_WAIVE, waive.span, message).help("remove it").fix(span, text));
    }
    kept
}

fn covers(waive: &Waive, diagnostic: &Diagnostic) -> bool {
    let (scope, span) = (waive.scope, diagnostic.span);
    waive.code == diagnostic.code && scope.file == span.file && scope.start <= span.start && span.end <= scope.end
}

/// Findings of targets (FN09xx) are only made by a build.
fn is_judged(code: Code, goal: Goal) -> bool {
    match goal {
        Goal::Check => code.number < 900,
        Goal::Build => true,
    }
}
