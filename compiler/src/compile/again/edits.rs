//! What was edited in a package that was compiled.

use std::ops::Range;

use fleetnet_lang::{Diagnostic, FileId, Parse, Sources, Span, ast};

use super::Again;
use super::difference::{Change, Difference, EditedPolicy, Version};
use super::moved::Changed;
use super::relabelled::{self, Relabelled};
use crate::check::Matters;
use crate::compile::World;
use crate::compile::texts::Texts;
use crate::model::{BuiltIn, Direction, Id, Model, Peer, PeerEnd, Policy, PolicyId, Rule, RuleEnds, RuleId};
use crate::plan::Written;
use crate::resolve::Used;
use crate::resolve::again::{Offer, Read};
use crate::workers::Workers;

/// What has changed since a package was compiled.
pub(super) struct Changes {
    /// The files that were touched.
    pub changed: Vec<Changed>,
    /// What was edited in each, in order.
    pub edits: Vec<Edits>,
    /// The services, the paths to them and the tests, if some are others.
    pub paths: Option<Read<Offer>>,
}

/// The texts of a package that was edited since it was compiled.
pub(super) struct Later {
    /// The texts of now, each in the place of its earlier one.
    pub now: Sources,
    /// The earlier texts, and [the later ones](FileId::later) of those files that were touched.
    pub sources: Sources,
    /// The trees of those, by the ids of their files.
    pub parses: Vec<(FileId, Parse)>,
}

/// The rules and identities of one file that were edited, and rules of it that are to be looked at again.
pub(super) struct Edits {
    /// Which file.
    pub file: FileId,
    /// Where the file's rules are among all.
    pub at: Range<usize>,
    /// The policies that are others now.
    pub policies: Vec<(PolicyId, Policy)>,
    /// All rules of the file.
    pub rules: Vec<Written>,
    /// What is wrong with the policies.
    pub found: Vec<Diagnostic>,
    /// Where the rules and policies were.
    pub regions: Vec<Span>,
    /// What they used, and what they use.
    pub used: (Used, Used),
    /// Where those rules matter that were there or are.
    pub matters: Matters,
    /// The identities that select other pods, or have other ports.
    pub identities: Vec<Relabelled>,
}

impl Edits {
    /// Nothing yet.
    pub fn of(file: FileId) -> Self {
        Self {
            file,
            at: 0..0,
            policies: Vec::new(),
            rules: Vec::new(),
            found: Vec::new(),
            regions: Vec::new(),
            used: Default::default(),
            matters: Matters::default(),
            identities: Vec::new(),
        }
    }

    /// Whether the file's rules and policies are what they were.
    pub fn are_of_no_rules(&self) -> bool {
        let is_kept = |written: &Written| matches!(written, Written::Kept(_));
        self.policies.is_empty() && self.rules.len() == self.at.len() && self.rules.iter().all(is_kept)
    }
}

impl Again {
    /// The texts as they are now; nothing if more has changed than texts of the package's own files.
    pub(super) fn later(&self, world: &dyn World) -> Option<Later> {
        let (now, texts) = Texts::of(world, None);
        if texts != self.texts || now.iter().count() != self.sources.iter().count() {
            return None;
        }
        let (mut sources, mut parses) = (self.sources.clone(), Vec::new());
        for ((id, then), (_, file)) in self.sources.iter().zip(now.iter()) {
            if then.path != file.path {
                return None;
            }
            if then.text != file.text {
                self.parse_of(id)?;
                sources.add_later(id, file.clone());
                parses.push((id, world.parsed(id, file).unwrap_or_else(|| fleetnet_lang::parse(id, &file.text))));
            }
        }
        Some(Later { now, sources, parses })
    }

    /// A file that was touched, as it was and as it is.
    pub(super) fn versions<'t>(
        &'t self,
        later: &'t Later,
        (file, parse): &'t (FileId, Parse),
    ) -> Option<(Version<'t>, Version<'t>)> {
        let text = |id| later.sources.get(id).map(|source| &*source.text);
        let then = Version { text: text(*file)?, parse: self.parse_of(*file)? };
        Some((then, Version { text: text(file.later())?, parse }))
    }

    fn parse_of(&self, file: FileId) -> Option<&Parse> {
        let place = self.parses.binary_search_by_key(&file, |(file, _)| *file).ok()?;
        self.parses.get(place).map(|(_, parse)| parse)
    }

    /// What has changed; nothing if that matters to more than is looked at again.
    pub(super) fn changed(&self, later: &Later, workers: &dyn Workers) -> Option<Changes> {
        let (mut changed, mut edits) = (Vec::new(), Vec::new());
        let mut has_other_paths = false;
        for touched in &later.parses {
            let (then, now) = self.versions(later, touched)?;
            let difference = Difference::between(then, now)?;
            let Difference { policies, identities, has_other_paths: others, words } = difference;
            has_other_paths |= others;
            let of_file = Changed { file: touched.0, words };
            let mut edited = self.edits(&of_file, &policies)?;
            // Which listed pods are whose is a matter of all labels.
            if !identities.is_empty() && self.texts.inventory.is_some() {
                return None;
            }
            let groups = || relabelled::selecting_groups(&self.reread, &self.parses);
            let groups = if identities.is_empty() { Vec::new() } else { groups()? };
            for identity in &identities {
                if workers.is_given_up() {
                    return None;
                }
                let read = Relabelled::read(&self.reread, &self.plan.model, &groups, &of_file, identity)?;
                edited.used.0.join(&read.used.0);
                edited.used.1.join(&read.used.1);
                edited.identities.push(read);
            }
            edits.push(edited);
            changed.push(of_file);
        }
        let read = || self.reread.paths(&self.plan.model.meshes, self.files_now(later), workers);
        let paths = if has_other_paths { Some(self.offer.as_ref().and_then(|_| read())?) } else { None };
        self.lower_named_again(paths.as_ref().map(|paths| &paths.value.paths), &mut edits)?;
        self.are_used_alike(&edits, paths.as_ref()).then_some(Changes { changed, edits, paths })
    }

    /// The trees of all files as they are now.
    pub(super) fn files_now<'t>(&'t self, later: &'t Later) -> impl Iterator<Item = (FileId, &'t Parse)> {
        self.parses.iter().map(|(file, parse)| {
            let now = later.parses.iter().find(|(touched, _)| touched == file);
            now.map_or((*file, parse), |(file, parse)| (file.later(), parse))
        })
    }

    /// Whether whatever is used, and nothing else, still is.
    fn are_used_alike(&self, edits: &[Edits], paths: Option<&Read<Offer>>) -> bool {
        let (mut then, mut now) = (Used::default(), Used::default());
        for edits in edits {
            then.join(&edits.used.0);
            now.join(&edits.used.1);
        }
        if let (Some(before), Some(after)) = (&self.offer, paths) {
            then.join(&before.used);
            now.join(&after.used);
            if before.params != after.value.params {
                return false;
            }
        }
        self.reread.are_used_alike(&then, &now)
    }

    /// The policies of a file as they were and as they are; nothing if they matter to more than rules.
    fn edits(&self, changed: &Changed, policies: &[EditedPolicy<'_>]) -> Option<Edits> {
        let at = self.rules_of(changed.file);
        let mut left = (at.start..at.end).map(RuleId::at).peekable();
        let mut edits = Edits { at, ..Edits::of(changed.file) };
        for EditedPolicy { then, now, change } in policies {
            let id = self.policy(then)?;
            let own = std::iter::from_fn(|| left.next_if(|rule| self.plan.model.rules[*rule].policy == id));
            let own: Vec<RuleId> = own.collect();
            match change {
                Change::Rules { before, then, now } => {
                    let behind = own.get(before + then.len()..)?;
                    edits.rules.extend(own.get(..*before)?.iter().copied().map(Written::Kept));
                    self.rules(changed, id, (then, now), &mut edits)?;
                    edits.rules.extend(behind.iter().copied().map(Written::Kept));
                }
                Change::Whole => self.whole(changed, id, (then, now), &mut edits)?,
            }
        }
        left.next().is_none().then_some(edits)
    }

    /// Where the rules of a file are among all.
    pub(super) fn rules_of(&self, file: FileId) -> Range<usize> {
        let written = self.plan.model.rules.rows();
        written.partition_point(|rule| rule.span.file < file)..written.partition_point(|rule| rule.span.file <= file)
    }

    fn rules(
        &self,
        changed: &Changed,
        policy: PolicyId,
        (then, now): (&[ast::Rule<'_>], &[ast::Rule<'_>]),
        edits: &mut Edits,
    ) -> Option<()> {
        let read = |file, rules: &[ast::Rule<'_>]| {
            rules.iter().map(|rule| self.reread.rule(policy, file, rule)).collect::<Option<Vec<_>>>()
        };
        let (then, now) = (read(changed.file, then)?, read(changed.later(), now)?);
        for rule in &then {
            edits.used.0.join(&rule.used);
        }
        for rule in &now {
            edits.used.1.join(&rule.used);
        }
        for rule in then.iter().chain(&now) {
            edits.matters = edits.matters.max(matters(&self.plan.model, &rule.value)?);
        }
        edits.regions.extend(then.iter().map(|rule| rule.value.span));
        for Read { value, found, .. } in now {
            edits.rules.push(Written::New(value));
            edits.found.extend(found);
        }
        Some(())
    }

    fn whole(
        &self,
        changed: &Changed,
        id: PolicyId,
        (then, now): (&ast::Policy<'_>, &ast::Policy<'_>),
        edits: &mut Edits,
    ) -> Option<()> {
        let then = self.reread.policy(id, changed.file, then)?;
        let now = self.reread.policy(id, changed.later(), now)?;
        for policy in [&then.value, &now.value] {
            edits.matters = edits.matters.max(policy_matters(&self.plan.model, policy)?);
        }
        edits.used.0.join(&then.used);
        edits.used.1.join(&now.used);
        edits.regions.push(then.value.0.span);
        let (policy, rules) = now.value;
        edits.policies.push((id, policy));
        edits.rules.extend(rules.into_iter().map(Written::New));
        edits.found.extend(now.found);
        Some(())
    }

    fn policy(&self, node: &ast::Policy<'_>) -> Option<PolicyId> {
        let name = node.name()?;
        let policies = self.plan.model.policies.rows();
        policies.binary_search_by(|policy| policy.name.value.as_str().cmp(name.text())).ok().map(PolicyId::at)
    }
}

/// Where a policy and its rules matter; nothing where it has a default, or one of them takes a whole compilation.
fn policy_matters(model: &Model, (policy, rules): &(Policy, Vec<Rule>)) -> Option<Matters> {
    if Direction::ALL.into_iter().any(|direction| policy.default.of(direction).is_some()) {
        return None;
    }
    let subject = policy.subject.as_deref().map(|subject| peers_matter(model, subject));
    subject.into_iter().chain(rules.iter().map(|rule| matters(model, rule))).try_fold(Matters::Near, widest)
}

/// Where a rule matters; nothing where it speaks of addresses: they are compared with all others, and take room in all clusters.
pub(super) fn matters(model: &Model, rule: &Rule) -> Option<Matters> {
    match &rule.ends {
        RuleEnds::OneEnded { peers, .. } => peers_matter(model, peers),
        RuleEnds::TwoEnded { from, to } => widest(peers_matter(model, from)?, peers_matter(model, to)),
    }
}

fn peers_matter(model: &Model, peers: &[Peer]) -> Option<Matters> {
    let each = peers.iter().map(|peer| match peer.end {
        PeerEnd::Identity(_) | PeerEnd::Namespace(_) | PeerEnd::Group(_) | PeerEnd::All | PeerEnd::Dns(_) => {
            Some(Matters::Near)
        }
        PeerEnd::External(id) => model.externals[id].cidrs.is_empty().then_some(Matters::Near),
        PeerEnd::Cidr(_) => None,
        PeerEnd::BuiltIn(built_in) => match built_in {
            BuiltIn::Foreign | BuiltIn::Host | BuiltIn::RemoteNodes | BuiltIn::KubeApiserver => Some(Matters::Near),
            BuiltIn::World | BuiltIn::Gateways | BuiltIn::ClusterDns => Some(Matters::Anywhere),
            BuiltIn::CloudMetadata => None,
        },
    });
    each.into_iter().try_fold(Matters::Near, widest)
}

fn widest(one: Matters, other: Option<Matters>) -> Option<Matters> {
    other.map(|other| one.max(other))
}
