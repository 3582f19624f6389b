//! Exceptions that take nothing away, whatever else the package says.
//!
//! Only what is written out is judged. A region, a condition or a set with a name holds more one day, and a parameter elsewhere, so that an
//! exception from it may be meant for then or there.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::ast::{self, Term as AstTerm, TermKind};
use fleetnet_lang::literals::{self, PodsRef};
use fleetnet_lang::{Diagnostic, FileId, Span};

use super::context::Context;
use super::names::{Found, Index};
use super::places::Term;
use super::set_text::SetText;
use crate::codes::names as codes;
use crate::model::{Cidr, CidrBlock, ClusterId, Spanned};

/// Reports clusters that are taken out of a list of clusters which doesn't name them.
pub(super) fn clusters(ctx: &mut Context, terms: &Index<Term>, text: &SetText<'_>) {
    let cluster = |term: &AstTerm<'_>| -> Option<Spanned<ClusterId>> {
        let TermKind::Name(word) = term.kind()? else { return None };
        match terms.get(word.text()) {
            Found::Is(Term::Cluster(id)) => Some(Spanned::new(id, word.span(text.file))),
            Found::Is(Term::Clusters(_) | Term::Group(_) | Term::External(_)) | Found::Broken | Found::Unknown => None,
        }
    };
    let Some(listed) = text.terms.iter().map(cluster).collect::<Option<Vec<_>>>() else { return };
    let listed: BTreeSet<ClusterId> = listed.into_iter().map(|cluster| cluster.value).collect();
    for except in text.except.iter().filter_map(cluster).filter(|except| !listed.contains(&except.value)) {
        ctx.report(
            idle(except.span).help("the clusters before `except` are named, and this is none of them: remove it"),
        );
    }
}

/// Reports pods that are taken out of a list of pods none of which can be among them.
pub(super) fn pods(ctx: &mut Context, file: FileId, node: &ast::Members<'_>) {
    let listed = node.pods().filter_map(|pods| pods.word());
    let Some(listed) = listed.map(|word| named(&word, file)).collect::<Option<Vec<_>>>() else { return };
    let except = node.except().into_iter().flat_map(|except| except.pods());
    for word in except.filter_map(|pods| pods.word()) {
        let Some(except) = named(&word, file) else { continue };
        if !listed.iter().any(|listed| may_share(*listed, except)) {
            let help = "the pods before `except` are named, and these are none of them: remove it";
            ctx.report(idle(word.span(file)).help(help));
        }
    }
}

/// Pods by their own name or their namespace's: a group holds others one day.
fn named<'t>(word: &ast::Word<'t>, file: FileId) -> Option<PodsRef<'t>> {
    match literals::pods(word.text(), word.span(file)).ok()? {
        PodsRef::Name(_) => None,
        named => Some(named),
    }
}

fn may_share(one: PodsRef<'_>, other: PodsRef<'_>) -> bool {
    match (one, other) {
        (PodsRef::Identity(one), PodsRef::Identity(other)) => one == other,
        (PodsRef::Identity(identity), PodsRef::Namespace(namespace))
        | (PodsRef::Namespace(namespace), PodsRef::Identity(identity)) => identity.namespace == namespace,
        (PodsRef::Namespace(one), PodsRef::Namespace(other)) => one == other,
        (PodsRef::Name(_), _) | (_, PodsRef::Name(_)) => true,
    }
}

/// Reports addresses that other exceptions take out of the same blocks already.
pub(super) fn nested(ctx: &mut Context, blocks: &[Cidr], except: &[Spanned<Cidr>]) {
    let written: Vec<Spanned<Cidr>> = except.iter().copied().filter(|cidr| is_written(ctx, cidr.span)).collect();
    let known: BTreeMap<Cidr, Span> = written.iter().map(|cidr| (cidr.value, cidr.span)).collect();
    for inner in &written {
        let around = |block: &Cidr| {
            let mut wider = wider(inner.value).take_while(|wider| wider != block);
            wider.find_map(|wider| known.get(&wider).copied())
        };
        let mut blocks =
            blocks.iter().filter(|block| **block != inner.value && block.contains(&inner.value)).peekable();
        if blocks.peek().is_none() {
            continue;
        }
        if let Some(&[outer, ..]) = blocks.map(around).collect::<Option<Vec<_>>>().as_deref() {
            let found = idle(inner.span).related(outer, "takes it away already");
            ctx.report(found.help("remove the narrower of the two, or the wider if it is too wide"));
        }
    }
}

/// Reports addresses that are taken out of one block of an external and are in another one.
pub(super) fn added_again(ctx: &mut Context, blocks: &[Spanned<CidrBlock>], except: &[Spanned<Cidr>]) {
    let written = blocks.iter().filter(|block| is_written(ctx, block.span));
    let mut by_cidr: BTreeMap<Cidr, Vec<&Spanned<CidrBlock>>> = BTreeMap::new();
    written.for_each(|block| by_cidr.entry(block.value.cidr).or_default().push(block));
    let overlaps = |one: &Cidr, other: &Cidr| one.contains(other) || other.contains(one);
    let mut found = Vec::new();
    for except in except.iter().filter(|except| is_written(ctx, except.span)) {
        let around = std::iter::once(except.value).chain(wider(except.value));
        let mut holders = around.filter_map(|cidr| by_cidr.get(&cidr)).flatten();
        let holds_all =
            |block: &&&Spanned<CidrBlock>| !block.value.except.iter().any(|own| overlaps(own, &except.value));
        if let Some(again) = holders.find(holds_all) {
            let diagnostic = idle(except.span).related(again.span, "holds it again");
            found.push(diagnostic.help("lines add up: take it out of this block as well, or leave the exception out"));
        }
    }
    ctx.found.extend(found);
}

/// Whether a value is no parameter's.
fn is_written(ctx: &Context, span: Span) -> bool {
    !ctx.params.uses().is_at(span)
}

/// The blocks around a block, from the narrowest on.
fn wider(cidr: Cidr) -> impl Iterator<Item = Cidr> {
    std::iter::successors(cidr.supernet(), Cidr::supernet)
}

fn idle(span: Span) -> Diagnostic {
    Diagnostic::new(codes::IDLE_EXCEPT, span, "this exception takes nothing away")
}
