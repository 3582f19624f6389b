//! The other ends of rules: sets of them, and how a cluster's policies select exactly these.
//!
//! A selector may only match pods that the plan means. So clusters and namespaces are always named, a namespace is selected as a whole only if
//! every identity that its pods can have there is meant, and what isn't known in the cluster is not selected at all.

use std::collections::{BTreeMap, BTreeSet};

use super::crd::{self, CidrRule, Entity, FqdnSelector, LabelSelector};
use super::view::View;
use crate::model::satisfy::{Conjunction, Key};
use crate::model::{
    CLOUD_METADATA, CLUSTER_DNS_LABEL, CLUSTER_DNS_NAMESPACE, Cidr, CidrBlock, ClusterId, ClusterSet, Condition,
    DnsPattern, ForeignPods, IdentityId, Name, NamespaceId,
};
use crate::plan::{Locality, Peer};

/// A set of peers.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Peers {
    /// Pods, with the clusters where they are known.
    pub placed: BTreeMap<Placed, ClusterSet>,
    /// Everything else.
    pub fixed: BTreeSet<Fixed>,
}

/// Peers that run in clusters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placed {
    /// Pods of an identity.
    Identity(IdentityId),
    /// Pods that the fleet doesn't govern, less those of some undeclared namespaces.
    Foreign(Vec<Name>),
    /// Some of them.
    ForeignPods(ForeignPods),
}

/// Peers that are the same for every cluster.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fixed {
    /// Everything that isn't known, less some prefixes.
    World(Vec<Cidr>),
    /// Addresses of it.
    Cidr(CidrBlock),
    /// Names of it.
    Dns(DnsPattern),
    /// The pod's own node.
    Host,
    /// The other nodes of the mesh.
    RemoteNodes,
    /// The API server.
    KubeApiserver,
    /// What gateways proxy.
    Gateways,
    /// The DNS pods of the cluster.
    ClusterDns,
}

impl Peers {
    /// Adds a peer of a rule, as far as it is known in the view's cluster.
    pub fn add(&mut self, view: &View<'_>, peer: &Peer) {
        let within = |locality: Locality| match locality {
            Locality::Anywhere => view.model().all_clusters(),
            Locality::SubjectCluster => ClusterSet::of(view.cluster),
        };
        match peer {
            Peer::Pods { pods, locality } => {
                for set in pods.iter() {
                    let known = view.known(view.model().identities[set.identity].namespace);
                    self.place(Placed::Identity(set.identity), set.clusters & known & within(*locality));
                }
            }
            Peer::Foreign { clusters, locality } => {
                self.place(Placed::Foreign(Vec::new()), *clusters & within(*locality));
            }
            Peer::ForeignPods { pods, clusters, locality } => {
                self.place(Placed::ForeignPods(pods.clone()), *clusters & view.known_foreign() & within(*locality));
            }
            Peer::World => self.fix(Fixed::World(Vec::new())),
            // The engine takes all addresses of a family that it doesn't have for the whole world.
            Peer::Cidr(block) if !view.model().clusters[view.cluster].families().have(&block.cidr) => {}
            Peer::Cidr(block) => self.fix(Fixed::Cidr(block.clone())),
            Peer::Dns(pattern) => self.fix(Fixed::Dns(pattern.clone())),
            Peer::Host => self.fix(Fixed::Host),
            Peer::RemoteNodes => self.fix(Fixed::RemoteNodes),
            Peer::KubeApiserver => self.fix(Fixed::KubeApiserver),
            Peer::Gateways => self.fix(Fixed::Gateways),
            Peer::ClusterDns => self.fix(Fixed::ClusterDns),
            Peer::CloudMetadata => {
                for address in CLOUD_METADATA {
                    self.fix(Fixed::Cidr(CidrBlock {
                        cidr: Cidr::from(std::net::IpAddr::from(address)),
                        except: Vec::new(),
                    }));
                }
            }
        }
    }

    /// Adds pods.
    pub fn place(&mut self, placed: Placed, clusters: ClusterSet) {
        if !clusters.is_empty() {
            let known = self.placed.entry(placed).or_default();
            *known = *known | clusters;
        }
    }

    /// Adds a peer that is no pods of some clusters.
    pub fn fix(&mut self, fixed: Fixed) {
        self.fixed.insert(fixed);
    }

    /// As lists for rules, one for each kind that there is.
    #[must_use]
    pub fn lower(&self, view: &View<'_>) -> Vec<crd::Peers> {
        let mut endpoints = self.pods(view);
        let (mut entities, mut cidrs, mut names) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
        for fixed in &self.fixed {
            match fixed {
                Fixed::World(prefixes) if prefixes.is_empty() => drop(entities.insert(Entity::World)),
                Fixed::World(prefixes) => endpoints.extend(world_less(view, prefixes)),
                Fixed::Host => drop(entities.insert(Entity::Host)),
                Fixed::RemoteNodes => drop(entities.insert(Entity::RemoteNode)),
                Fixed::KubeApiserver => drop(entities.insert(Entity::KubeApiserver)),
                Fixed::Gateways => drop(entities.insert(Entity::Ingress)),
                Fixed::ClusterDns => drop(endpoints.insert(cluster_dns(view))),
                Fixed::Cidr(block) => drop(cidrs.insert(cidr(block))),
                Fixed::Dns(pattern) => drop(names.insert(name(pattern))),
            }
        }
        let lists = [
            list(endpoints).map(crd::Peers::Endpoints),
            list(entities).map(crd::Peers::Entities),
            list(cidrs).map(crd::Peers::Cidrs),
            list(names).map(crd::Peers::Names),
        ];
        lists.into_iter().flatten().collect()
    }

    fn pods(&self, view: &View<'_>) -> BTreeSet<LabelSelector> {
        let mut meant: BTreeMap<(NamespaceId, ClusterId), Vec<IdentityId>> = BTreeMap::new();
        let mut selectors = BTreeSet::new();
        for (placed, clusters) in &self.placed {
            match placed {
                Placed::Identity(identity) => {
                    let namespace = view.model().identities[*identity].namespace;
                    for cluster in clusters.iter() {
                        meant.entry((namespace, cluster)).or_default().push(*identity);
                    }
                }
                Placed::Foreign(less) => selectors.extend(foreign(view, less, *clusters)),
                Placed::ForeignPods(pods) => selectors.extend(foreign_pods(view, pods, *clusters)),
            }
        }
        selectors.extend(governed(view, meant));
        selectors
    }
}

fn list<T>(set: BTreeSet<T>) -> Option<Vec<T>> {
    (!set.is_empty()).then(|| set.into_iter().collect())
}

/// Selectors of governed pods: whole namespaces together where they are meant in the same clusters, else the pods of a namespace with as few
/// selectors as can be.
fn governed(view: &View<'_>, meant: BTreeMap<(NamespaceId, ClusterId), Vec<IdentityId>>) -> Vec<LabelSelector> {
    let mut whole: BTreeMap<NamespaceId, ClusterSet> = BTreeMap::new();
    let mut parts: BTreeMap<(NamespaceId, Conjunction), ClusterSet> = BTreeMap::new();
    for ((namespace, cluster), identities) in meant {
        if view.identities(namespace, cluster) == identities {
            whole.entry(namespace).or_default().insert(cluster);
            continue;
        }
        for pods in view.pods_of_all(namespace, cluster, identities).iter() {
            parts.entry((namespace, pods.clone())).or_default().insert(cluster);
        }
    }
    let mut together: BTreeMap<ClusterSet, Vec<NamespaceId>> = BTreeMap::new();
    for (namespace, clusters) in whole {
        together.entry(clusters).or_default().push(namespace);
    }
    let name = |namespace: NamespaceId| view.model().namespaces[namespace].name.value.to_string();
    let place = |pods: LabelSelector, namespaces: Vec<String>, clusters: ClusterSet| {
        pods.in_namespaces(namespaces).in_clusters(view.names_of(clusters))
    };
    let whole = together.into_iter().map(|(clusters, namespaces)| {
        place(LabelSelector::default(), namespaces.into_iter().map(name).collect(), clusters)
    });
    let parts = parts
        .into_iter()
        .map(|((namespace, pods), clusters)| place(LabelSelector::of(&pods), vec![name(namespace)], clusters));
    whole.chain(parts).collect()
}

/// Pods that the fleet doesn't govern. In a cluster whose namespaces stay with it only those of consumers' stubs are known elsewhere.
fn foreign(view: &View<'_>, less: &[Name], clusters: ClusterSet) -> Vec<LabelSelector> {
    let model = view.model();
    let mut by_governed: BTreeMap<Vec<NamespaceId>, ClusterSet> = BTreeMap::new();
    let mut by_stubs: BTreeMap<Vec<NamespaceId>, ClusterSet> = BTreeMap::new();
    for cluster in clusters.iter() {
        if view.known_foreign().contains(cluster) {
            let governed = model.namespaces.iter().filter(|(_, namespace)| namespace.clusters.contains(cluster));
            by_governed.entry(governed.map(|(id, _)| id).collect()).or_default().insert(cluster);
        } else {
            let stubs = model
                .namespaces
                .ids()
                .filter(|id| view.plan.stubs[*id].contains(cluster) && view.known(*id).contains(cluster));
            by_stubs.entry(stubs.collect()).or_default().insert(cluster);
        }
    }
    let names = |namespaces: &[NamespaceId]| -> Vec<String> {
        namespaces.iter().map(|id| model.namespaces[*id].name.value.to_string()).collect()
    };
    let mut selectors = Vec::new();
    for (governed, clusters) in by_governed {
        let less = less.iter().map(ToString::to_string);
        let mut outside: BTreeSet<String> = names(&governed).into_iter().chain(less).collect();
        let clusters = view.names_of(clusters);
        if outside.insert(CLUSTER_DNS_NAMESPACE.to_owned()) {
            let rest = besides_dns(LabelSelector::default());
            selectors.push(rest.in_namespaces(vec![CLUSTER_DNS_NAMESPACE.to_owned()]).in_clusters(clusters.clone()));
        }
        let outside = outside.into_iter().collect();
        selectors.push(LabelSelector::default().outside_namespaces(outside).in_clusters(clusters));
    }
    for (stubs, clusters) in by_stubs {
        if !stubs.is_empty() {
            selectors.push(LabelSelector::default().in_namespaces(names(&stubs)).in_clusters(view.names_of(clusters)));
        }
    }
    selectors
}

fn foreign_pods(view: &View<'_>, pods: &ForeignPods, clusters: ClusterSet) -> Option<LabelSelector> {
    let selector = LabelSelector::of(&Conjunction::of_selector(&pods.selector)?);
    let selector = if pods.namespace.as_str() == CLUSTER_DNS_NAMESPACE { besides_dns(selector) } else { selector };
    Some(selector.in_namespaces(vec![pods.namespace.to_string()]).in_clusters(view.names_of(clusters)))
}

/// DNS pods are a peer of their own, in every cluster.
fn besides_dns(selector: LabelSelector) -> LabelSelector {
    let (key, value) = CLUSTER_DNS_LABEL;
    selector.with(&Key::Label(Name::from(key)), &Condition::NotIn(vec![Name::from(value)]))
}

fn cluster_dns(view: &View<'_>) -> LabelSelector {
    let (key, value) = CLUSTER_DNS_LABEL;
    LabelSelector::default()
        .with(&Key::Label(Name::from(key)), &Condition::In(vec![Name::from(value)]))
        .in_namespaces(vec![CLUSTER_DNS_NAMESPACE.to_owned()])
        .in_clusters(vec![view.names.of(view.cluster)])
}

/// Everything that isn't known has one of three labels, by the families of the cluster; addresses of a prefix have a label for it. All
/// addresses of a family at once have none: they are the family's part of the world, or all of it where there is one family.
fn world_less(view: &View<'_>, prefixes: &[Cidr]) -> Vec<LabelSelector> {
    let pods = &view.model().clusters[view.cluster].pods;
    let is_v4 = |cidr: &Cidr| matches!(cidr, Cidr::V4(_));
    let dual_stack = pods.iter().any(|range| is_v4(&range.value)) && pods.iter().any(|range| !is_v4(&range.value));
    let (all, narrower): (Vec<Cidr>, Vec<Cidr>) = prefixes.iter().partition(|prefix| prefix.prefix_len() == 0);
    let is_taken = |world: &&str| match *world {
        "world-ipv4" => all.iter().any(is_v4),
        "world-ipv6" => !all.iter().all(is_v4),
        _ => !dual_stack && !all.is_empty(),
    };
    let left = ["world", "world-ipv4", "world-ipv6"].into_iter().filter(|world| !is_taken(world));
    left.map(|world| LabelSelector::reserved(world).outside(&narrower)).collect()
}

fn cidr(block: &CidrBlock) -> CidrRule {
    CidrRule { cidr: block.cidr.to_string(), except: block.except.iter().map(ToString::to_string).collect() }
}

/// Inside a label one star is as good as several; two of them before the first dot are the engine's own sign for any depth.
fn name(pattern: &DnsPattern) -> FqdnSelector {
    let text = pattern.0.as_str();
    if !text.contains('*') {
        return FqdnSelector::MatchName(text.to_owned());
    }
    let (deep, rest) = match text.strip_prefix("**.") {
        Some(rest) => ("**.", rest),
        None => ("", text),
    };
    let mut labels = rest.to_owned();
    while labels.contains("**") {
        labels = labels.replace("**", "*");
    }
    FqdnSelector::MatchPattern(format!("{deep}{labels}"))
}

/// What no package that passes its checks asks for.
#[cfg(test)]
mod tests {
    use fleetnet_lang::{SourceFile, Sources, parse};

    use super::*;
    use crate::targets::cilium::{Names, policies};
    use crate::targets::kubernetes::{Package, yaml};
    use crate::{plan, resolve};

    /// All policies of two clusters that know nothing of each other's pods, with one rule.
    fn policies_with(rule: &str) -> String {
        let text = format!(
            r#"fleet test {{ target cilium ; default deny }}
cluster east {{ id 1 ; pods 10.1.0.0/16 ; cilium "1.19.4" }}
cluster west {{ id 2 ; pods 10.2.0.0/16 ; cilium "1.19.4" }}
mesh pair {{ members all }}
namespace shop {{ in all }}
namespace db {{ in west }}
identity shop/web {{ match app = web }}
identity db/main {{ match app = main }}
policy one {{ {rule} }}
"#
        );
        let sources = Sources::new(vec![SourceFile::new("test.fleetnet", text)]);
        let parses: Vec<_> = sources.iter().map(|(id, file)| (id, parse(id, &file.text))).collect();
        let (model, wrong) = resolve::resolve(&parses, &[]);
        let (plan, more) = plan::build(model.unwrap(), &crate::workers::Alone);
        assert!(wrong.is_empty() && more.is_empty(), "{wrong:?} {more:?}");
        let package = Package { model: &plan.model, sources: &sources };
        let names = Names::new(&plan);
        let clusters = plan.model.all_clusters();
        let policies = clusters.iter().flat_map(|cluster| policies::policies(package, &plan, &names, cluster));
        policies.map(|(policy, _)| yaml::document(&policy)).collect()
    }

    #[test]
    fn pods_that_are_not_known_are_not_selected() {
        let near = policies_with("deny shop/web -> db/main in local");
        assert!(near.contains("ingressDeny"), "{near}");
        assert_eq!(policies_with("deny shop/web -> db/main"), near);
    }

    #[test]
    fn stars_of_a_label_are_one() {
        let expected = FqdnSelector::MatchPattern("a*b.example.net".to_owned());
        assert_eq!(name(&DnsPattern("a**b.example.net".into())), expected);
    }
}
