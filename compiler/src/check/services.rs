//! Services that hide who calls them, or that send to other pods than they say.

use std::collections::BTreeMap;

use fleetnet_lang::{Diagnostic, Span};

use crate::codes::services as codes;
use crate::model::satisfy::{self, AllConjunctions, Conjunction};
use crate::model::{
    ClusterSet, Direction, ExternalTrafficPolicy, IdentityId, Model, Name, PodSelection, ServiceId, ServiceSpec,
    ServiceType,
};
use crate::plan::{Peer, Plan, Rule};

pub(super) fn check(plan: &Plan) -> Vec<Diagnostic> {
    let hidden = plan.model.services.iter().filter_map(|(id, service)| {
        let mut variants = service.variants.iter();
        variants.find_map(|(clusters, spec)| hidden_clients(plan, id, *clusters, spec))
    });
    hidden.chain(check_pods(&plan.model)).collect()
}

/// Those of them that send to other pods.
pub(super) fn check_pods(model: &Model) -> Vec<Diagnostic> {
    let mut wide: BTreeMap<IdentityId, Vec<Wide>> = BTreeMap::new();
    let pods = AllConjunctions::new(model);
    for (id, service) in model.services.iter() {
        let unlisted =
            |(clusters, spec): &(ClusterSet, ServiceSpec)| unlisted_backends(model, &pods, id, *clusters, spec);
        if let Some(one) = service.variants.iter().find_map(unlisted) {
            wide.entry(one.unlisted).or_default().push(one);
        }
    }
    wide.into_values().filter_map(|services| unlisted_pods(model, services)).collect()
}

/// What a node sends on to a pod of another node has the node's address: rules about addresses outside don't match it.
fn hidden_clients(plan: &Plan, id: ServiceId, clusters: ClusterSet, spec: &ServiceSpec) -> Option<Diagnostic> {
    let hides = match (spec.kind, spec.external_traffic_policy) {
        (ServiceType::LoadBalancer | ServiceType::NodePort, ExternalTrafficPolicy::Cluster) => true,
        (ServiceType::LoadBalancer | ServiceType::NodePort, ExternalTrafficPolicy::Local)
        | (ServiceType::ClusterIp, _) => false,
    };
    let span = spec.external_traffic_policy_span.filter(|_| hides)?;
    let pods = spec.pods.value;
    let here = clusters & plan.model.identities[pods].clusters;
    let about = |rule: &&Rule| {
        rule.direction == Direction::Ingress
            && rule.peers.iter().any(is_outside)
            && here.iter().any(|cluster| rule.is_about(pods, cluster))
    };
    let rule = plan.rules_of[pods].iter().map(|index| &plan.rules[*index]).find(about)?;
    let message =
        format!("`{}` hides the addresses of its clients, and a rule is about them", plan.model.service_name(id));
    Some(
        Diagnostic::new(codes::HIDDEN_CLIENTS, span, message)
            .related(plan.model.rules[rule.source].span, "to this rule every client would be a node")
            .help("write `external-traffic-policy local`: then the pods see who calls")
            .suggest(span, "external-traffic-policy local"),
    )
}

/// Peers that are told by their addresses.
fn is_outside(peer: &Peer) -> bool {
    match peer {
        Peer::World | Peer::Cidr(_) => true,
        Peer::Pods { .. }
        | Peer::Foreign { .. }
        | Peer::ForeignPods { .. }
        | Peer::Dns(_)
        | Peer::Host
        | Peer::RemoteNodes
        | Peer::KubeApiserver
        | Peer::Gateways
        | Peer::ClusterDns
        | Peer::CloudMetadata => false,
    }
}

/// A Service selects by labels alone: pods with an identity's labels and another account are unlisted, and backends all the same.
fn unlisted_backends(
    model: &Model,
    pods: &AllConjunctions<'_>,
    id: ServiceId,
    clusters: ClusterSet,
    spec: &ServiceSpec,
) -> Option<Wide> {
    let identity = &model.identities[spec.pods.value];
    let PodSelection::Declared { matches, account: Some(account) } = &identity.pods else { return None };
    let [selector] = matches.as_slice() else { return None };
    let labels = Conjunction::of_selector(selector)?;
    let unlisted = unlisted(model, spec.pods.value)?;
    if (clusters & identity.clusters & model.identities[unlisted].clusters).is_empty() {
        return None;
    }
    let meets = |pods: &Conjunction| !pods.is_apart_from(&labels);
    // Where another identity has these labels as well, that is what is said of the service; where none has, pods with another account are listed
    // nowhere.
    let mut others = satisfy::identities_of(model, identity.namespace).filter(|id| *id != spec.pods.value);
    if others.any(|id| pods.of(id).iter().any(meets)) {
        return None;
    }
    Some(Wide { service: id, unlisted, account: account.clone(), span: spec.pods.span, identity: identity.name.span })
}

/// A service whose labels unlisted pods may have, too.
struct Wide {
    service: ServiceId,
    unlisted: IdentityId,
    account: Name,
    span: Span,
    identity: Span,
}

/// One finding for all services of a namespace: they are told apart in the same way.
fn unlisted_pods(model: &Model, mut services: Vec<Wide>) -> Option<Diagnostic> {
    services.sort_by_key(|service| service.span);
    let (first, others) = services.split_first()?;
    let (service, who) = (model.service_name(first.service), model.identity_name(first.unlisted));
    let message =
        format!("`{service}` also sends to pods with these labels and another account than `{}`", first.account);
    let found = Diagnostic::new(codes::UNLISTED_BACKENDS, first.span, message)
        .related(first.identity, format!("without the account a pod is `{who}`"));
    let also = |found: Diagnostic, other: &Wide| {
        found.related(other.span, format!("so does `{}`", model.service_name(other.service)))
    };
    let found = others.iter().fold(found, also);
    Some(found.help("a Service knows no accounts: `match` a label that only these pods have"))
}

fn unlisted(model: &Model, declared: IdentityId) -> Option<IdentityId> {
    let mut all = satisfy::identities_of(model, model.identities[declared].namespace);
    all.find(|id| model.identities[*id].pods == PodSelection::Unlisted)
}
