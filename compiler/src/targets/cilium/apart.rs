//! Peers that lie in one another, taken apart: prefixes inside prefixes and the world, pods of a namespace among all foreign ones.
//!
//! A data path sends a peer's connections to a proxy or it does not; so whatever one rule lists and another doesn't must be selected apart.

use std::collections::{BTreeMap, BTreeSet};

use super::peers::{Fixed, Peers, Placed};
use super::view::View;
use crate::model::satisfy::{Conjunction, Key, complement};
use crate::model::{Cidr, CidrBlock, ClusterId, ClusterSet, ForeignPods, Name, Requirement, Selector};

/// Peers that no rule tells apart.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Atom {
    /// Pods in one cluster.
    Pods(Placed, ClusterId),
    /// Anything else.
    Fixed(Fixed),
}

/// What some rules tell apart.
pub struct Apart {
    prefixes: BTreeSet<Cidr>,
    /// For each undeclared namespace that a rule speaks of, disjoint sets that together are all its pods.
    foreign: BTreeMap<Name, Vec<Conjunction>>,
    known_foreign: ClusterSet,
}

impl Apart {
    /// What the peers of rules tell apart.
    pub fn new<'a>(view: &View<'_>, rules: impl Iterator<Item = &'a Peers>) -> Self {
        let mut apart =
            Self { prefixes: BTreeSet::new(), foreign: BTreeMap::new(), known_foreign: view.known_foreign() };
        for peers in rules {
            for block in peers.fixed.iter().filter_map(block) {
                apart.prefixes.extend(std::iter::once(&block.cidr).chain(&block.except));
            }
            for pods in peers.placed.keys().filter_map(foreign_pods) {
                let sets = apart.foreign.entry(pods.namespace.clone()).or_insert_with(|| vec![Conjunction::default()]);
                if let Some(pods) = Conjunction::of_selector(&pods.selector) {
                    *sets = split(sets, &pods);
                }
            }
        }
        apart
    }

    /// Peers as the atoms that they are made of.
    pub fn atoms(&self, peers: &Peers) -> Vec<Atom> {
        let placed = peers.placed.iter().flat_map(|(placed, clusters)| self.pods(placed, *clusters));
        placed.chain(peers.fixed.iter().flat_map(|fixed| self.fixed(fixed)).map(Atom::Fixed)).collect()
    }

    fn pods(&self, placed: &Placed, clusters: ClusterSet) -> Vec<Atom> {
        let within = |placed: Placed, clusters: ClusterSet| {
            clusters.iter().map(move |cluster| Atom::Pods(placed.clone(), cluster)).collect::<Vec<_>>()
        };
        match placed {
            Placed::Identity(_) => within(placed.clone(), clusters),
            Placed::Foreign(_) => {
                let rest = Placed::Foreign(self.foreign.keys().cloned().collect());
                let known = clusters & self.known_foreign;
                let apart =
                    self.foreign.iter().flat_map(|(namespace, sets)| sets.iter().map(|set| part(namespace, set)));
                apart.flat_map(|part| within(part, known)).chain(within(rest, clusters)).collect()
            }
            Placed::ForeignPods(pods) => {
                let Some(wanted) = Conjunction::of_selector(&pods.selector) else { return Vec::new() };
                let sets = self.foreign.get(&pods.namespace).into_iter().flatten();
                let meant = sets.filter(|set| set.and(&wanted).as_ref() == Some(*set));
                meant.flat_map(|set| within(part(&pods.namespace, set), clusters)).collect()
            }
        }
    }

    fn fixed(&self, fixed: &Fixed) -> Vec<Fixed> {
        let inside = |holds: &dyn Fn(&Cidr) -> bool| -> Vec<Fixed> {
            let prefixes = self.prefixes.iter().filter(|prefix| holds(prefix));
            prefixes.map(|prefix| Fixed::Cidr(self.less_others(*prefix))).collect()
        };
        match fixed {
            Fixed::World(_) => {
                let mut atoms = inside(&|_| true);
                atoms.push(Fixed::World(outermost(self.prefixes.iter())));
                atoms
            }
            Fixed::Cidr(block) => inside(&|prefix| {
                block.cidr.contains(prefix) && !block.except.iter().any(|except| except.contains(prefix))
            }),
            Fixed::Dns(_)
            | Fixed::Host
            | Fixed::RemoteNodes
            | Fixed::KubeApiserver
            | Fixed::Gateways
            | Fixed::ClusterDns => vec![fixed.clone()],
        }
    }

    fn less_others(&self, cidr: Cidr) -> CidrBlock {
        let inside = self.prefixes.iter().filter(|prefix| **prefix != cidr && cidr.contains(*prefix));
        CidrBlock { cidr, except: outermost(inside) }
    }
}

fn block(fixed: &Fixed) -> Option<&CidrBlock> {
    match fixed {
        Fixed::Cidr(block) => Some(block),
        Fixed::World(_)
        | Fixed::Dns(_)
        | Fixed::Host
        | Fixed::RemoteNodes
        | Fixed::KubeApiserver
        | Fixed::Gateways
        | Fixed::ClusterDns => None,
    }
}

fn foreign_pods(placed: &Placed) -> Option<&ForeignPods> {
    match placed {
        Placed::ForeignPods(pods) => Some(pods),
        Placed::Identity(_) | Placed::Foreign(_) => None,
    }
}

/// Each of some disjoint sets as those inside and those outside of another.
fn split(sets: &[Conjunction], by: &Conjunction) -> Vec<Conjunction> {
    // One conjunction has as many others outside as it has conditions at most: far below the bound of complements.
    let outside = complement(std::slice::from_ref(by)).unwrap_or_default();
    let parts = |set: &Conjunction| {
        let inside = set.and(by);
        inside.into_iter().chain(outside.iter().filter_map(|rest| set.and(rest))).collect::<Vec<_>>()
    };
    sets.iter().flat_map(parts).collect()
}

fn part(namespace: &Name, set: &Conjunction) -> Placed {
    let requirement = |(key, condition)| match key {
        Key::Label(key) => Some(Requirement { key, condition }),
        Key::Account => None,
    };
    let requirements = set.conditions().into_iter().filter_map(requirement).collect();
    Placed::ForeignPods(ForeignPods { namespace: namespace.clone(), selector: Selector { requirements } })
}

/// Prefixes without those inside others.
fn outermost<'a>(prefixes: impl Iterator<Item = &'a Cidr>) -> Vec<Cidr> {
    // In order, a prefix comes after all that hold it.
    let mut widest: Vec<Cidr> = Vec::new();
    for prefix in prefixes {
        if !widest.last().is_some_and(|wide| wide.contains(prefix)) {
            widest.push(*prefix);
        }
    }
    widest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_become_disjoint() {
        let parse = |texts: &[&str]| texts.iter().map(|text| text.parse().unwrap()).collect::<Vec<Cidr>>();
        let prefixes = parse(&["10.0.0.0/8", "10.1.0.0/16", "10.1.2.0/24", "10.9.0.0/16"]).into_iter().collect();
        let apart = Apart { prefixes, foreign: BTreeMap::new(), known_foreign: ClusterSet::EMPTY };
        let except = |cidr: &str| apart.less_others(cidr.parse().unwrap()).except;
        assert_eq!(except("10.0.0.0/8"), parse(&["10.1.0.0/16", "10.9.0.0/16"]));
        assert_eq!(except("10.1.0.0/16"), parse(&["10.1.2.0/24"]));
        assert_eq!(outermost(apart.prefixes.iter()), parse(&["10.0.0.0/8"]));
    }
}
