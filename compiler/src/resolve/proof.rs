//! Tests, invariants and the guard.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use fleetnet_lang::ast::{self, AssertionVerb, AstNode, GivenKind, GuardStmt, GuardSubject, InvariantStmt, TestStmt};
use fleetnet_lang::literals::Amount;
use fleetnet_lang::{Diagnostic, FileId, Span};

use super::context::{Context, Declared};
use super::paths::Weighted;
use super::peers::{peer, peers, place_of, ports};
use super::read::{Reader, wrong_path};
use super::traffic::Offered;
use super::who::Who;
use crate::codes::names as codes;
use crate::model::{
    Assertion, Bound, ClusterSet, Given, Guard, Invariant, Name, Place, Reach, Request, Rollout, Spanned, Test,
};

/// What tests speak of.
pub(super) struct Subjects<'a> {
    pub offered: &'a Offered<'a>,
    pub paths: &'a Weighted,
    pub rollouts: &'a [Rollout],
    /// The names of all steps that are written, those of rollouts with mistakes included.
    pub steps: BTreeSet<Name>,
}

/// Resolves the tests. What is broken in one is left out of it.
pub(super) fn tests(ctx: &mut Context, subjects: &Subjects<'_>, declared: &[(FileId, ast::Test<'_>)]) -> Vec<Test> {
    let mut tests: Vec<Test> = Vec::new();
    let mut names: BTreeMap<Name, Span> = BTreeMap::new();
    for (file, node) in declared {
        let Some(test) = test(&mut Reader::new(ctx, *file), subjects, node) else { continue };
        if let Some(other) = names.get(&test.name.value) {
            let message = format!("there is already a test `{}`", test.name.value);
            let found = Diagnostic::new(codes::DUPLICATE_NAME, test.name.span, message);
            ctx.report(found.related(*other, "declared here first").help("rename one of them"));
        } else {
            names.insert(test.name.value.clone(), test.name.span);
            tests.push(test);
        }
    }
    tests
}

fn test(reader: &mut Reader<'_>, subjects: &Subjects<'_>, node: &ast::Test<'_>) -> Option<Test> {
    let name = reader.text(&node.title()?)?;
    let (mut givens, mut assertions) = (Vec::new(), Vec::new());
    let mut asserts = false;
    for statement in node.statements() {
        let span = reader.span(&statement);
        let assertion = match statement {
            TestStmt::Given(node) => {
                let given = given(reader, subjects, &node);
                givens.extend(given.map(|given| Spanned::new(given, span)));
                continue;
            }
            TestStmt::Waive(_) => continue,
            TestStmt::Assertion(node) => assertion(reader, subjects.offered.who, &node, span),
            TestStmt::Serves(node) => serves(reader, subjects, &node),
            TestStmt::Share(node) => share(reader, subjects, &node),
        };
        asserts = true;
        assertions.extend(assertion.map(|assertion| Spanned::new(assertion, span)));
    }
    if !asserts {
        let message = format!("test `{}` asserts nothing", name.value);
        reader.ctx.incomplete(name.span, message, "write `can`, `cannot`, `serves` or `share`");
    }
    Some(Test { name, givens, assertions })
}

fn given(reader: &mut Reader<'_>, subjects: &Subjects<'_>, node: &ast::Given<'_>) -> Option<Given> {
    let who = subjects.offered.who;
    match node.kind()? {
        GivenKind::Down(word, place) => {
            let name = reader.namespaced(&word)?;
            let place = match place {
                Some(place) => place_of(reader, who, &place)?,
                None => Place::Everywhere,
            };
            let identity = who.identity(reader.ctx, &name)?;
            let everywhere = who.identities[identity].clusters;
            let clusters = match place {
                Place::In(clusters, _) => clusters & everywhere,
                Place::Everywhere | Place::Local(_) => everywhere,
            };
            if clusters.is_empty() {
                let message = format!("`{}` does not run there", name.value);
                let help = format!("it runs in {}", who.places.listed(everywhere));
                let span = node.span(reader.file);
                reader.ctx.report(Diagnostic::new(codes::OUTSIDE, span, message).help(help));
                return None;
            }
            Some(Given::Down(identity, clusters))
        }
        GivenKind::ClusterLost(word) => {
            let cluster = who.places.cluster(reader, &word)?;
            Some(Given::Lost(ClusterSet::of(cluster.value)))
        }
        GivenKind::RegionLost(word) => {
            let region = reader.name(&word)?;
            Some(Given::Lost(who.places.region(reader.ctx, &region)?))
        }
        GivenKind::Step(word) => {
            let name = reader.name(&word)?;
            step(reader.ctx, subjects, &name)
        }
    }
}

fn step(ctx: &mut Context, subjects: &Subjects<'_>, name: &Spanned<Name>) -> Option<Given> {
    let Subjects { rollouts, steps: written, .. } = subjects;
    let all = rollouts.iter().enumerate().flat_map(|(rollout, declared)| {
        declared.steps.iter().enumerate().map(move |(step, declared)| (Given::Step(rollout, step), &declared.name))
    });
    let mut named = all.clone().filter(|(_, step)| step.value == name.value);
    let Some((given, first)) = named.next() else {
        // Of a rollout that was left out, what is wrong was said.
        if !written.contains(&name.value) {
            let known: Vec<Name> = all.map(|(_, step)| step.value.clone()).collect();
            ctx.unknown.note("a step of a rollout", name, Arc::new(known));
        }
        return None;
    };
    if let Some((_, second)) = named.next() {
        let message = format!("two rollouts have a step `{}`", name.value);
        ctx.report(
            Diagnostic::new(codes::BAD_VALUE, name.span, message)
                .related(first.span, "one of them")
                .related(second.span, "the other")
                .help("give steps that tests speak of names of their own"),
        );
        return None;
    }
    Some(given)
}

fn assertion(reader: &mut Reader<'_>, who: &Who, node: &ast::Assertion<'_>, span: Span) -> Option<Assertion> {
    let verb = node.verb()?;
    let reach = reach(reader, who, node)?;
    match verb {
        AssertionVerb::Can if reach.ports.is_empty() => {
            let help = "write `on` and the ports, for instance `on 443/tcp`; `on any` for all of them";
            reader.ctx.incomplete(span, "a `can` says on which ports", help);
            None
        }
        AssertionVerb::Can => Some(Assertion::Can(reach)),
        AssertionVerb::Cannot => Some(Assertion::Cannot(reach)),
    }
}

/// Resolves a question about flows.
pub(super) fn question(ctx: &mut Context, who: &Who, file: FileId, node: &ast::Assertion<'_>) -> Option<Reach> {
    reach(&mut Reader::new(ctx, file), who, node)
}

fn reach(reader: &mut Reader<'_>, who: &Who, node: &ast::Assertion<'_>) -> Option<Reach> {
    let ends = node.ends().map(|(from, to)| (peers(reader, who, &from), peers(reader, who, &to)));
    let ports = ports(reader, node.ports().as_ref());
    let request = match node.request() {
        Some(node) => Some(one_request(reader, &node)?),
        None => None,
    };
    let (from, to) = ends?;
    Some(Reach { from: from?, to: to?, ports: ports?, request })
}

/// The one request that a test asks about. With a wildcard it would be another question than its author means: whether that very text is admitted.
fn one_request(reader: &mut Reader<'_>, node: &ast::Request<'_>) -> Option<Spanned<Request>> {
    let span = reader.span(node);
    let method = reader.word(&node.method()?)?;
    let asked = reader.text(&node.path()?)?;
    let path = asked.value.as_str().split_once('?').map_or(asked.value.as_str(), |(path, _)| path);
    let wrong = if method.value.as_str() == "*" {
        let help = "write a method, for instance `GET`; a line for each of several";
        Some((method.span, "one request is asked about, with one method".to_owned(), help.to_owned()))
    } else if !path.starts_with(['/', '*']) {
        Some((asked.span, format!("`{path}` is not a path"), "paths start with `/`".to_owned()))
    } else if path.contains('*') {
        let help = "write a path that a client sends; `%2A` is a `*` in it";
        Some((asked.span, "one request is asked about, with one path".to_owned(), help.to_owned()))
    } else {
        wrong_path(path).map(|(message, help)| (asked.span, message, help))
    };
    let Some((at, message, help)) = wrong else {
        return Some(Spanned::new(Request { method: method.value, path: asked.value }, span));
    };
    reader.ctx.report(Diagnostic::new(codes::BAD_VALUE, at, message).help(help));
    None
}

fn serves(reader: &mut Reader<'_>, subjects: &Subjects<'_>, node: &ast::Serves<'_>) -> Option<Assertion> {
    /// For connections that are sent nowhere.
    const NOBODY: &str = "nobody";
    let who = subjects.offered.who;
    let service = subjects.offered.service_of(reader, node.service());
    let client = node.client().and_then(|client| peer(reader, who, &client));
    let mut clusters = Some(ClusterSet::EMPTY);
    let (nobody, words): (Vec<_>, Vec<_>) = node.clusters().partition(|word| word.text() == NOBODY);
    if let (Some(nobody), Some(_)) = (nobody.first(), words.first()) {
        let found = Diagnostic::new(codes::BAD_VALUE, nobody.span(reader.file), "`nobody` beside a cluster");
        reader.ctx.report(found.help("write `nobody` alone, or the clusters that serve"));
    }
    for word in &words {
        let cluster = who.places.cluster(reader, word);
        clusters = clusters.and_then(|all| Some(all | ClusterSet::of(cluster?.value)));
    }
    let mut peers = client?.into_iter();
    let client = peers.next()?;
    if let Some(second) = peers.next() {
        let found = Diagnostic::new(codes::BAD_VALUE, second.span, "`serves` is about one client");
        reader.ctx.report(found.help("write one `serves` for each"));
    }
    Some(Assertion::Serves { service: service?.value, client, clusters: clusters? })
}

fn share(reader: &mut Reader<'_>, subjects: &Subjects<'_>, node: &ast::ShareCheck<'_>) -> Option<Assertion> {
    let shares = node.shares().and_then(|shares| subjects.offered.shares(reader, &shares));
    let name = reader.namespaced(&node.path()?);
    let service = match node.service() {
        Some(word) => Some(subjects.offered.service_of(reader, Some(word))?),
        None => None,
    };
    let path = subjects.paths.named(reader.ctx, &name?, service)?;
    Some(Assertion::Share { path, shares: shares?.shares })
}

/// Resolves the invariants.
pub(super) fn invariants(ctx: &mut Context, declared: &[Declared<ast::Invariant<'_>>]) -> Vec<Invariant> {
    let mut invariants = Vec::with_capacity(declared.len());
    for invariant in declared {
        let mut reader = Reader::new(ctx, invariant.file);
        let title = invariant.node.title().and_then(|text| reader.text(&text)).map(|title| title.value);
        let mut requires = Vec::new();
        for statement in invariant.node.statements() {
            match statement {
                InvariantStmt::Require(setting) => requires
                    .extend(setting.cel().map(|cel| Spanned::new(cel.text().into(), cel.inner_span(invariant.file)))),
                InvariantStmt::Waive(_) => {}
            }
        }
        if requires.is_empty() {
            let message = format!("invariant `{}` requires nothing", invariant.name.value);
            ctx.incomplete(invariant.name.span, message, "write `require` and a condition in backticks");
        }
        invariants.push(Invariant { name: invariant.name.clone(), title, requires });
    }
    invariants
}

/// Resolves the guard, of which there is one.
pub(super) fn guard(ctx: &mut Context, declared: &[(FileId, ast::Guard<'_>)]) -> Guard {
    let mut guard = Guard::default();
    for (file, node) in declared {
        let span = node.keyword().map_or_else(|| node.span(*file), |keyword| keyword.span(*file));
        if let Some(first) = guard.span {
            let found = Diagnostic::new(codes::SECOND, span, "there is already a guard");
            ctx.report(found.related(first, "the other one").help("a package has one guard: join them"));
            continue;
        }
        guard.span = Some(span);
        let found = Diagnostic::new(codes::NO_EFFECT, span, "a guard has no effect yet");
        ctx.report(found.help("it is checked; plans are not judged by it in this version"));
        let mut reader = Reader::new(ctx, *file);
        for statement in node.statements() {
            match statement {
                GuardStmt::World(setting) => guard.world = Some(setting.span(*file)),
                GuardStmt::Limit(node) => limit(&mut reader, &mut guard, &node),
                GuardStmt::Waive(_) => {}
            }
        }
    }
    guard
}

fn limit(reader: &mut Reader<'_>, guard: &mut Guard, node: &ast::GuardLimit<'_>) {
    let bound = match node.most() {
        Some(word) => reader.amount(&word).map(|amount| match amount.value {
            Amount::Number(number) => Bound::Count(number),
            Amount::Percent(percent) => Bound::Percent(u64::from(percent.millionths()) / 100),
        }),
        None => Some(Bound::Count(0)),
    };
    match node.subject() {
        Some(GuardSubject::NewPairs) => guard.new_pairs = bound,
        Some(GuardSubject::LostPairs) => guard.lost_pairs = bound,
        Some(GuardSubject::Clusters) => guard.clusters = bound,
        Some(GuardSubject::RemovedObjects) => guard.removed_objects = bound,
        None => {}
    }
}
