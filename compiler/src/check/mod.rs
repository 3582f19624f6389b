//! What today's tools accept and what then fails silently, or late, on live clusters. One file or folder a family.

mod capacity;
mod clusters;
pub(crate) mod fixes;
mod meshes;
mod namespaces;
mod ownership;
mod policy;
mod promises;
mod services;
mod weights;

use std::collections::BTreeSet;
use std::fmt::Display;

use fleetnet_lang::{Code, Diagnostic, Sources, Span};

use crate::codes;
use crate::image::content::Population;
use crate::inventory::Inventory;
use crate::model::{ClusterSet, Model, PolicyId, RuleId};
use crate::plan::Plan;
use crate::workers::{self, Workers};

pub use policy::{IDLE, Naming, beside};
use policy::{Index, Outlines};

/// Every finding about a plan, whose clusters may be listed. The sources tell in which file a declaration stands.
#[must_use]
pub fn check(plan: &Plan, inventory: &Inventory, sources: &Sources, workers: &dyn Workers) -> Vec<Diagnostic> {
    without_repetition(look(plan, inventory, sources, workers).all().cloned().collect())
}

/// What there is to see in a plan.
#[derive(Debug, Default)]
pub struct Looked {
    /// What is found, also what another finding says already, but for:
    pub found: Vec<Diagnostic>,
    /// What ends that are no pods, such as `world`, matter to [anywhere](Matters::Anywhere).
    pub of_all: Vec<Diagnostic>,
    /// What [`look_at_paths`] finds.
    pub of_paths: Vec<Diagnostic>,
    /// The rules that are idle as long as nothing is removed, in order.
    pub suspects: Vec<RuleId>,
}

impl Looked {
    /// All that is found.
    pub fn all(&self) -> impl Iterator<Item = &Diagnostic> {
        let Self { found, of_all, of_paths, suspects: _ } = self;
        found.iter().chain(of_all).chain(of_paths)
    }

    /// Looks with some finders, and keeps what each finds in its place.
    fn look(&mut self, finders: &[(Place, Finder<'_>)], workers: &dyn Workers) {
        let found = workers::map(workers, finders, |(_, find)| find());
        for ((place, _), found) in finders.iter().zip(found) {
            place(self).extend(found);
        }
    }
}

/// Where findings are kept.
type Place = fn(&mut Looked) -> &mut Vec<Diagnostic>;

/// Finders of which all findings are kept in one place.
fn among<const N: usize>(place: Place, finders: [Finder<'_>; N]) -> Vec<(Place, Finder<'_>)> {
    finders.into_iter().map(|find| (place, find)).collect()
}

/// Looks at all of a plan.
#[must_use]
pub fn look(plan: &Plan, inventory: &Inventory, sources: &Sources, workers: &dyn Workers) -> Looked {
    let model = &plan.model;
    let outlines = || (Outlines::new(plan), Population::at_most(&plan.model, inventory));
    let Some((naming, (outlines, most))) = workers::both(workers, || Naming::new(plan), outlines) else {
        return Looked::default();
    };
    let index = Index::new(plan, &naming, &outlines);
    let mut looked = policy::idle(&index, sources, Scope::Everything, workers);
    let others: [Finder<'_>; 5] = [
        Box::new(|| capacity::check(plan, inventory, &most)),
        Box::new(|| clusters::check(model)),
        Box::new(|| namespaces::check(plan, sources)),
        Box::new(|| ownership::check_rules(model, sources, Scope::Everything)),
        Box::new(|| promises::check(model)),
    ];
    // What takes longest comes first, so that nobody waits for it at the end.
    let mut finders = among(|looked| &mut looked.found, policy::of_rules(index, sources, Scope::Everything));
    finders.extend(among(|looked| &mut looked.of_paths, of_paths(plan, &most, sources)));
    finders.extend(among(|looked| &mut looked.found, others));
    finders.extend(among(|looked| &mut looked.of_all, policy::of_all(index)));
    looked.look(&finders, workers);
    looked
}

/// Finds what services and the paths to them matter to.
fn of_paths<'a>(plan: &'a Plan, most: &'a Population, sources: &'a Sources) -> [Finder<'a>; 7] {
    let model = &plan.model;
    [
        Box::new(|| services::check(plan)),
        Box::new(|| weights::check(plan)),
        Box::new(|| policy::gateways::check(plan)),
        Box::new(|| capacity::check_services(plan, most)),
        Box::new(|| ownership::check(model, sources)),
        Box::new(|| meshes::check(model, sources)),
        Box::new(|| namespaces::check_exports(model, sources)),
    ]
}

/// What is found of services and the paths to them, and of all that they matter to, but for the ports of rules. There are as many pods as there can
/// be, [at most](Population::at_most).
#[must_use]
pub fn look_at_paths(plan: &Plan, most: &Population, sources: &Sources) -> Vec<Diagnostic> {
    of_paths(plan, most, sources).iter().flat_map(|find| find()).collect()
}

/// Looks at the rules of a plan that an edit of some of them may matter to. What makes rules idle is found of the whole plan, as is what the edited
/// ones matter to [anywhere](Matters::Anywhere); anything else of the rules that are looked at.
#[must_use]
pub fn look_again(plan: &Plan, naming: &Naming, sources: &Sources, touched: &Touched, workers: &dyn Workers) -> Looked {
    let (scope, outlines) = (Scope::Touched(touched), Outlines::new(plan));
    let index = Index::new(plan, naming, &outlines);
    let mut looked = policy::idle(&index, sources, scope, workers);
    let mut finders = among(|looked| &mut looked.found, policy::of_rules(index, sources, scope));
    if touched.matters == Matters::Anywhere {
        finders.extend(among(|looked| &mut looked.of_all, policy::of_all(index)));
    }
    looked.look(&finders, workers);
    looked.found.extend(namespaces::subjects(plan, scope));
    looked.found.extend(ownership::check_rules(&plan.model, sources, scope));
    looked
}

/// What is found of the labels of identities in a plan whose identities select other pods than before.
#[must_use]
pub fn look_at_labels(model: &Model) -> Vec<Diagnostic> {
    services::check_pods(model).into_iter().chain(promises::check(model)).collect()
}

/// The findings that [`look_at_labels`] gives.
pub const OF_LABELS: [Code; 2] = [codes::services::UNLISTED_BACKENDS, codes::proof::CEL_NOBODY];

/// What is looked at.
#[derive(Clone, Copy)]
pub enum Scope<'a> {
    /// All of a plan.
    Everything,
    /// What is not known of a plan of which a part was edited.
    Touched(&'a Touched),
}

/// The part of an edited plan that the edit may matter to.
#[derive(Debug, Default)]
pub struct Touched {
    /// The rules that were not there before.
    pub new: BTreeSet<RuleId>,
    /// The policies that were read again.
    pub policies: BTreeSet<PolicyId>,
    /// The rules that say something of flows that old or new ones are about, the new ones among them.
    pub beside: BTreeSet<RuleId>,
    /// The other rules that are idle as long as nothing is removed.
    pub suspects: Vec<RuleId>,
    /// Where what old and new rules name matters.
    pub matters: Matters,
}

/// Where the ends that rules name matter. None of them is an address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Matters {
    /// Pods, names and nodes: to rules with the same pods, and to nothing else.
    #[default]
    Near,
    /// Also what all of a plan is looked at for, such as `world`.
    Anywhere,
}

impl Scope<'_> {
    /// Whether a rule is looked at for itself.
    fn is_new(self, rule: RuleId) -> bool {
        match self {
            Self::Everything => true,
            Self::Touched(touched) => touched.new.contains(&rule),
        }
    }

    /// The rules that are looked at for themselves, in order.
    fn new_rules(self, model: &Model) -> Vec<RuleId> {
        match self {
            Self::Everything => model.rules.ids().collect(),
            Self::Touched(touched) => touched.new.iter().copied().collect(),
        }
    }

    /// The policies that are looked at, in order.
    fn policies(self, model: &Model) -> Vec<PolicyId> {
        match self {
            Self::Everything => model.policies.ids().collect(),
            Self::Touched(touched) => touched.policies.iter().copied().collect(),
        }
    }

    /// The rules that are looked at for what they have to do with others, in order.
    fn beside(self, model: &Model) -> Vec<RuleId> {
        match self {
            Self::Everything => model.rules.ids().collect(),
            Self::Touched(touched) => touched.beside.iter().copied().collect(),
        }
    }

    /// The rules that are known to be idle as long as nothing is removed.
    fn other_suspects(self) -> Vec<RuleId> {
        match self {
            Self::Everything => Vec::new(),
            Self::Touched(touched) => touched.suspects.clone(),
        }
    }
}

/// Finds what is wrong in one way.
type Finder<'a> = Box<dyn Fn() -> Vec<Diagnostic> + Sync + 'a>;

/// What follows from another finding about the same rule: an end that isn't known there says more than what the rest of the rule comes to, and a
/// rule that does nothing needs no other half and trusts nobody.
///
/// While a cluster is in two meshes, who is known to whom is unknown.
#[must_use]
pub fn without_repetition(mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
    use codes::clusters::{LONE_MEMBER, TWO_MESHES};
    use codes::namespaces::SUBJECT_NOT_GLOBAL;
    use codes::policy::{BEATEN_ALLOW, COARSE_TRUST, HALF_OPEN, IDLE_ALLOW, REPEATED_RULE, UNKNOWN_PEER};
    if found.iter().any(|found| found.code == TWO_MESHES) {
        found.retain(|found| ![LONE_MEMBER, UNKNOWN_PEER, SUBJECT_NOT_GLOBAL].contains(&found.code));
    }
    let pointless = [BEATEN_ALLOW, IDLE_ALLOW, REPEATED_RULE];
    let in_vain = found.iter().filter(|found| found.code == UNKNOWN_PEER).map(|found| found.span);
    let in_vain: BTreeSet<Span> = in_vain.collect();
    let idle = found.iter().filter(|found| pointless.contains(&found.code)).map(|found| found.span);
    let idle: BTreeSet<Span> = idle.collect();
    let follows = [SUBJECT_NOT_GLOBAL, HALF_OPEN, BEATEN_ALLOW];
    found.retain(|found| {
        let inside = in_vain.range(Span::new(found.span.file, found.span.start, found.span.start)..);
        let holds = |inner: &Span| inner.file == found.span.file && inner.start < found.span.end;
        let is_in_vain = follows.contains(&found.code) && inside.take(1).any(holds);
        let is_pointless = [HALF_OPEN, COARSE_TRUST].contains(&found.code) && idle.contains(&found.span);
        !is_in_vain && !is_pointless
    });
    found
}

/// Most names that a sentence lists.
const LISTED: usize = 5;

/// The clusters as part of a sentence.
fn cluster_names(model: &Model, clusters: ClusterSet) -> String {
    listed(clusters.iter().map(|id| &model.clusters[id].name.value), "no cluster")
}

/// Names as part of a sentence: all of them, or the first of many.
fn listed(names: impl ExactSizeIterator<Item = impl Display>, none: &str) -> String {
    enumerated(names.map(|name| format!("`{name}`")), none)
}

/// Phrases as part of a sentence: all of them, or the first of many.
fn enumerated(phrases: impl ExactSizeIterator<Item = String>, none: &str) -> String {
    let more = phrases.len().saturating_sub(LISTED);
    let mut shown: Vec<String> = phrases.take(LISTED).collect();
    if more > 0 {
        shown.push(format!("{more} more"));
    }
    match shown.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
        Some((last, _)) => last.clone(),
        None => none.to_owned(),
    }
}
