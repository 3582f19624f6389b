//! What is found where something is wrong with what was edited, as there is with nearly all that is half written.

use std::collections::BTreeSet;

use fleetnet_lang::ast::{self, AstNode, Declaration};
use fleetnet_lang::{Diagnostic, FileId, Parse, Span};

use super::difference::Rewritten;
use super::edits::Later;
use super::moved::{self, Changed};
use super::{Again, is_in};
use crate::codes::names::{EMPTY_GROUP, UNUSED};
use crate::compile::stages::has_errors;
use crate::resolve::again::is_about_paths;
use crate::resolve::mistakes::Anew;
use crate::workers::Workers;

/// What was written into the files of a package.
#[derive(Default)]
struct Written<'t> {
    /// Where declarations stood that are others now, or gone.
    regions: Vec<Span>,
    /// The names of the identities among those.
    gone: BTreeSet<&'t str>,
    identities: Vec<(FileId, ast::Identity<'t>)>,
    policies: Vec<(FileId, ast::Policy<'t>)>,
    /// Whether services, paths to them or tests are others.
    has_other_paths: bool,
}

impl<'t> Written<'t> {
    fn add(&mut self, file: FileId, then: &[Declaration<'t>], now: &[Declaration<'t>]) {
        self.has_other_paths |= then.iter().chain(now).any(is_about_paths);
        for declaration in then {
            self.regions.push(declaration.span(file));
            if let Declaration::Identity(identity) = declaration {
                self.gone.extend(identity.name().map(|name| name.text()));
            }
        }
        for declaration in now {
            if let Declaration::Policy(policy) = declaration {
                self.policies.push((file.later(), *policy));
            } else if let Declaration::Identity(identity) = declaration {
                self.identities.push((file.later(), *identity));
            }
        }
    }
}

/// Some names, if no two are alike.
fn apart<'t>(names: impl Iterator<Item = ast::Word<'t>>) -> Option<BTreeSet<&'t str>> {
    let mut all = BTreeSet::new();
    names.map(|name| name.text()).all(|name| all.insert(name)).then_some(all)
}

impl Again {
    /// What is found in a package with a mistake in its policies, identities, services, paths or tests; nothing where there is none in them, or more
    /// has to be known.
    pub(super) fn found_without_plan(&self, later: &Later, workers: &dyn Workers) -> Option<Vec<Diagnostic>> {
        let (mut changed, mut written) = (Vec::new(), Written::default());
        for touched in &later.parses {
            let (then, now) = self.versions(later, touched)?;
            let Rewritten { then, now, words } = Rewritten::between(then, now)?;
            written.add(touched.0, &then, &now);
            changed.push(Changed { file: touched.0, words });
        }
        let offer = self.offer.as_ref();
        if !self.are_told_apart(&written) || (written.has_other_paths && offer.is_none()) {
            return None;
        }
        let touched: Vec<(FileId, Parse)> =
            later.parses.iter().map(|(file, parse)| (file.later(), parse.clone())).collect();
        let files: Vec<(FileId, &Parse)> = self.files_now(later).collect();
        let anew = Anew {
            touched: &touched,
            identities: &written.identities,
            policies: &written.policies,
            paths: written.has_other_paths.then_some(&*files),
        };
        let mistakes = self.reread.mistakes(anew, &self.plan.model.meshes, workers)?;
        let of_paths = offer.filter(|_| !written.has_other_paths).map(|offer| &offer.found);
        let before = self.resolved.iter().chain(of_paths.into_iter().flatten());
        // What uses something may be what is wrong.
        let is_left = |found: &&Diagnostic| found.code != UNUSED && !is_in(&written.regions, found.span);
        let found = before.filter(is_left).cloned().chain(mistakes).collect();
        let mut found = moved::findings(found, &changed, &later.sources)?;
        found.extend(later.parses.iter().flat_map(|(_, parse)| parse.diagnostics.iter().cloned()));
        if has_errors(&found) { self.told(found, &changed, later) } else { None }
    }

    /// Whether each name is that of one policy or identity, no identity is gone, and no group waits for one.
    fn are_told_apart(&self, written: &Written<'_>) -> bool {
        let policies = apart(written.policies.iter().filter_map(|(_, policy)| policy.name()));
        let identities = apart(written.identities.iter().filter_map(|(_, identity)| identity.name()));
        let (Some(policies), Some(identities)) = (policies, identities) else { return false };
        let stays = |span: Span| !is_in(&written.regions, span);
        let model = &self.plan.model;
        let is_policy = |name: &str| {
            let rows = model.policies.rows();
            let place = rows.binary_search_by(|policy| policy.name.value.as_str().cmp(name));
            place.ok().and_then(|place| rows.get(place)).is_some_and(|policy| stays(policy.name.span))
        };
        let is_identity =
            |name: &str| self.reread.identity_of(name).is_some_and(|id| stays(model.identities[id].name.span));
        let is_waited_for = || self.resolved.iter().any(|found| found.code == EMPTY_GROUP);
        written.gone.is_subset(&identities)
            && !policies.into_iter().any(is_policy)
            && !identities.into_iter().any(is_identity)
            && (written.identities.is_empty() || !is_waited_for())
    }
}
