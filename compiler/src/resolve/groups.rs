//! Groups of identities.

use std::collections::BTreeSet;

use fleetnet_lang::Diagnostic;
use fleetnet_lang::ast::{self, GroupStmt};
use fleetnet_lang::literals::{self, PodsRef};

use super::context::{Context, Declared};
use super::exceptions;
use super::names::Found;
use super::order::in_order;
use super::places::{Term, wrong_kind};
use super::read::Reader;
use super::who::Who;
use crate::codes::names as codes;
use crate::model::satisfy::in_namespace;
use crate::model::{Group, GroupId, Id, IdentityId, Name, Spanned, Table};

/// Resolves the groups, nested ones unfolded.
pub(super) fn resolve(ctx: &mut Context, who: &Who, declared: &[Declared<ast::Group<'_>>]) -> Table<GroupId, Group> {
    let dependencies: Vec<Vec<usize>> = declared.iter().map(|group| needs(ctx, who, group)).collect();
    let ordered = in_order(&dependencies);
    for cycle in &ordered.cycles {
        let mut names: Vec<&Spanned<Name>> =
            cycle.iter().filter_map(|place| Some(&declared.get(*place)?.name)).collect();
        names.sort_by_key(|name| std::cmp::Reverse(name.span));
        let Some((first, rest)) = names.split_first() else { continue };
        let message = format!("group `{}` contains itself", first.value);
        let found = Diagnostic::new(codes::CYCLE, first.span, message).help("take it out of one of these groups");
        ctx.report(rest.iter().fold(found, |found, name| found.related(name.span, "through this one")));
    }
    let circular: BTreeSet<usize> = ordered.cycles.iter().flatten().copied().collect();
    let mut members: Vec<Option<BTreeSet<IdentityId>>> = vec![None; declared.len()];
    for place in ordered.order.into_iter().filter(|place| !circular.contains(place)) {
        let Some(group) = declared.get(place) else { continue };
        let found = members_of(ctx, who, group, &members);
        if found.as_ref().is_some_and(BTreeSet::is_empty) {
            let message = format!("group `{}` selects nobody", group.name.value);
            let found = Diagnostic::new(codes::EMPTY_GROUP, group.name.span, message);
            ctx.report(found.help("rules about it do nothing: correct its condition, or remove it"));
        }
        if let Some(slot) = members.get_mut(place) {
            *slot = found;
        }
    }
    let rows = declared.iter().zip(members).map(|(group, members)| Group {
        name: group.name.clone(),
        members: members.into_iter().flatten().collect(),
        doc: group.doc(),
    });
    rows.collect::<Vec<_>>().into()
}

/// The groups that a group refers to.
fn needs(ctx: &Context, who: &Who, group: &Declared<ast::Group<'_>>) -> Vec<usize> {
    let mut needs = Vec::new();
    for statement in group.node.statements() {
        match statement {
            GroupStmt::Members(node) => {
                let except = node.except().into_iter().flat_map(|except| except.pods());
                for word in node.pods().chain(except).filter_map(|pods| pods.word()) {
                    match who.places.terms.get(ctx.params.replaced(&word).as_str()) {
                        Found::Is(Term::Group(id)) => needs.push(id.index()),
                        Found::Is(Term::Cluster(_) | Term::Clusters(_) | Term::External(_))
                        | Found::Broken
                        | Found::Unknown => {}
                    }
                }
            }
            GroupStmt::Where(_) | GroupStmt::Waive(_) => {}
        }
    }
    needs
}

/// The members of a group; none where something in it is broken.
fn members_of(
    ctx: &mut Context,
    who: &Who,
    group: &Declared<ast::Group<'_>>,
    groups: &[Option<BTreeSet<IdentityId>>],
) -> Option<BTreeSet<IdentityId>> {
    let mut reader = Reader::new(ctx, group.file);
    let mut members = BTreeSet::new();
    let mut stated = false;
    let mut sound = true;
    for statement in group.node.statements() {
        let found = match statement {
            GroupStmt::Where(setting) => {
                let selector = setting.selector().and_then(|selector| reader.selector(&selector));
                selector.map(|selector| {
                    let rows = who.identities.iter();
                    rows.filter(|(_, identity)| selector.value.matches(&identity.labels)).map(|(id, _)| id).collect()
                })
            }
            GroupStmt::Members(node) => list(&mut reader, who, &node, groups),
            GroupStmt::Waive(_) => continue,
        };
        stated = true;
        sound &= found.is_some();
        members.extend(found.unwrap_or_default());
    }
    if !stated {
        let message = format!("group `{}` does not say whom it holds", group.name.value);
        ctx.incomplete(group.name.span, message, "write identities, or `where` and a selector over their labels");
    }
    (stated && sound).then_some(members)
}

fn list(
    reader: &mut Reader<'_>,
    who: &Who,
    node: &ast::Members<'_>,
    groups: &[Option<BTreeSet<IdentityId>>],
) -> Option<BTreeSet<IdentityId>> {
    let mut union = |pods: Vec<ast::Pods<'_>>| {
        let sets: Vec<_> = pods.iter().map(|pods| one(reader, who, pods, groups)).collect();
        sets.into_iter().try_fold(BTreeSet::new(), |mut all, set| {
            all.extend(set?);
            Some(all)
        })
    };
    let members = union(node.pods().collect());
    let except = union(node.except().into_iter().flat_map(|except| except.pods()).collect());
    let (members, except) = (members?, except?);
    if !except.is_empty() {
        exceptions::pods(reader.ctx, reader.file, node);
    }
    Some(members.difference(&except).copied().collect())
}

fn one(
    reader: &mut Reader<'_>,
    who: &Who,
    pods: &ast::Pods<'_>,
    groups: &[Option<BTreeSet<IdentityId>>],
) -> Option<BTreeSet<IdentityId>> {
    let name = reader.word(&pods.word()?)?;
    match checked(reader, &name)? {
        PodsRef::Identity(_) => Some(BTreeSet::from([who.identity(reader.ctx, &name)?])),
        PodsRef::Namespace(_) => {
            let namespace = who.namespace(reader.ctx, &super::context::split(&name).0)?;
            Some(in_namespace(&who.identities, namespace).collect())
        }
        PodsRef::Name("all") => Some(who.identities.ids().collect()),
        PodsRef::Name(_) => {
            let term = reader.ctx.find(&who.places.terms, &name, "a group of this package")?;
            reader.ctx.used.note(term);
            match term {
                Term::Group(id) => groups.get(id.index()).cloned().flatten(),
                Term::Cluster(_) | Term::Clusters(_) | Term::External(_) => {
                    let help = "name identities, `NAMESPACE/*`, groups or `all`";
                    wrong_kind(reader.ctx, &name, term, "identities are meant here", help);
                    None
                }
            }
        }
    }
}

/// A word as a set of pods.
pub(super) fn checked<'n>(reader: &mut Reader<'_>, name: &'n Spanned<Name>) -> Option<PodsRef<'n>> {
    let text = name.value.as_str();
    let read = literals::pods(text, name.span);
    read.or_else(|found| reader.ctx.misnamed.pods(text, name.span).ok_or(found))
        .map_err(|found| reader.ctx.report(found))
        .ok()
}
