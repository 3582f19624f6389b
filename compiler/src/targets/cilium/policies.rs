//! The policy objects of a cluster: one for each identity that something is said of, one for each namespace that is only a consumer's stub.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::{FileId, Span};

use super::crd::{CiliumNetworkPolicy, Entity, LabelSelector, Peers, Ports, Rule, Side};
use super::names::Names;
use super::sides;
use super::view::View;
use crate::model::{ClusterId, Direction, IdentityId, Model, Name, NamespaceId, PodSelection, PolicyId, Verb};
use crate::plan::{Plan, Rule as PlanRule};
use crate::targets::kubernetes::{Declaration, Object, ObjectMeta, Package};

/// A policy object and the declaration behind it.
pub type Policy = (Object<CiliumNetworkPolicy>, Span);

/// The policies of a cluster whose surroundings have names.
pub fn policies<'a>(
    package: Package<'a>,
    plan: &'a Plan,
    names: &'a Names,
    cluster: ClusterId,
) -> impl Iterator<Item = Policy> + 'a {
    let view = View::new(plan, names, cluster);
    let documented = Documented::new(&plan.model);
    let here = plan.model.identities.iter().filter(move |(_, identity)| identity.clusters.contains(cluster));
    here.filter_map(move |(id, _)| of_identity(package, &view, &documented, id))
}

/// The denies of stubs: they name no cluster, so nothing has to be known for them.
pub fn stubs(package: Package<'_>, plan: &Plan, cluster: ClusterId) -> Vec<Policy> {
    let stubs = plan.stubs.iter().filter(|(_, clusters)| clusters.contains(cluster));
    stubs.filter_map(|(namespace, _)| of_stub(package, namespace)).collect()
}

fn of_identity(package: Package<'_>, view: &View<'_>, documented: &Documented, id: IdentityId) -> Option<Policy> {
    let [ingress, egress] = Direction::ALL.map(|direction| sides::side(view, id, direction));
    if ingress.is_silent() && egress.is_silent() {
        return None;
    }
    let identity = &package.model.identities[id];
    let pods = view.pods_of_all(identity.namespace, view.cluster, vec![id]);
    let selectors = pods.iter().map(LabelSelector::of).collect();
    let policy = CiliumNetworkPolicy::new(selectors, ingress, egress)?;
    let namespace = &package.model.namespaces[identity.namespace];
    let declared = match identity.pods {
        PodSelection::Declared { .. } => Declaration {
            keyword: "identity",
            name: package.model.identity_name(id),
            span: identity.name.span,
            doc: identity.doc.as_ref(),
        },
        PodSelection::Unlisted => of_namespace(package, identity.namespace),
    };
    let meta = ObjectMeta::new(package, format!("fleetnet-{}", identity.name.value), &declared);
    let meta = meta.explained(documented.of(view, id));
    Some((Object::new(meta.within(&namespace.name.value), policy), declared.span))
}

/// Nodes are let in unless a deny says otherwise, so everybody is denied by name. `nobody` can't be the name of an identity.
fn of_stub(package: Package<'_>, namespace: NamespaceId) -> Option<Policy> {
    let everybody = || vec![Rule::Some(Peers::Entities(vec![Entity::All]), Ports::Any)];
    let closed = || Side::closed(Vec::new(), everybody());
    let policy = CiliumNetworkPolicy::new(vec![LabelSelector::default()], closed(), closed())?;
    let declared = of_namespace(package, namespace);
    let meta = ObjectMeta::new(package, "fleetnet-nobody", &declared);
    Some((Object::new(meta.within(&package.model.namespaces[namespace].name.value), policy), declared.span))
}

fn of_namespace(package: Package<'_>, id: NamespaceId) -> Declaration<'_> {
    let namespace = &package.model.namespaces[id];
    let name = namespace.name.value.to_string();
    Declaration { keyword: "namespace", name, span: namespace.name.span, doc: namespace.doc.as_ref() }
}

/// The policies with a doc comment, by where they start.
struct Documented(BTreeMap<(FileId, u32), (PolicyId, Span)>);

impl Documented {
    fn new(model: &Model) -> Self {
        let policies = model.policies.iter();
        let documented = policies.filter_map(|(id, policy)| {
            let Span { file, start, .. } = policy.span;
            policy.doc.is_some().then_some(((file, start), (id, policy.span)))
        });
        Self(documented.collect())
    }

    /// What the policies say of themselves that have a part in what an identity's object says.
    fn of<'v>(&self, view: &View<'v>, identity: IdentityId) -> Vec<(String, &'v Name)> {
        if self.0.is_empty() {
            return Vec::new();
        }
        let plan = view.plan;
        let defaults = Direction::ALL.map(|of| (of, plan.default_of(identity, view.cluster, of)));
        let is_closed = |of: Direction| defaults.iter().any(|(own, default)| *own == of && default.value == Verb::Deny);
        let has_part = |rule: &&PlanRule| {
            rule.is_about(identity, view.cluster) && (rule.verb == Verb::Deny || is_closed(rule.direction))
        };
        let rules = plan.rules_of[identity].iter().map(|index| &plan.rules[*index]).filter(has_part);
        let by_rule = rules.map(|rule| plan.model.rules[rule.source].policy);
        let by_default = defaults.iter().filter_map(|(_, default)| self.around(default.span));
        let policies: BTreeSet<PolicyId> = by_rule.chain(by_default).collect();
        let said = policies.into_iter().map(|id| &plan.model.policies[id]);
        said.filter_map(|policy| Some((format!("policy {}", policy.name.value), policy.doc.as_ref()?))).collect()
    }

    /// The policy that a default stands in.
    fn around(&self, default: Span) -> Option<PolicyId> {
        let before = self.0.range(..=(default.file, default.start)).next_back();
        let (_, (id, policy)) = before?;
        (policy.file == default.file && default.end <= policy.end).then_some(*id)
    }
}
