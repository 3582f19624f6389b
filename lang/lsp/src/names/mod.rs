//! Which name stands where: what declares it, and what refers to it.
//!
//! The names of a file are read from its tree alone, so that they are there while the file is half typed, and only those of a file that
//! changes are read again. A name that several declarations give a meaning (a port of several destinations) has several symbols.

mod condition;
mod lookup;
mod read;

use fleetnet_lang::Span;

pub use lookup::{Named, Ports, definitions, definitions_of, inseparable, named, uses_of};
pub use read::read;

/// Names that are told apart: two things of one space never share a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Space {
    /// The fleet.
    Fleet,
    /// Parameters.
    Param,
    /// Clusters, sets of clusters, groups and externals.
    Shared,
    /// Regions: what clusters name as theirs.
    Region,
    /// Meshes.
    Mesh,
    /// Namespaces.
    Namespace,
    /// Identities, with their namespaces.
    Identity,
    /// Services, with their namespaces.
    Service,
    /// Entries, with their namespaces.
    Entry,
    /// Gateways, with their namespaces.
    Gateway,
    /// Policies.
    Policy,
    /// Invariants.
    Invariant,
    /// Rollouts.
    Rollout,
    /// The steps of all rollouts.
    Step,
    /// The listeners of one gateway.
    Listener,
    /// The ports of one identity, whoever declares them.
    Port,
    /// The ports of one service.
    ServicePort,
}

/// One thing with a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Symbol {
    /// Which names it is among.
    pub space: Space,
    /// Whose it is: the gateway of a listener, the identity or service of a port; else empty.
    pub owner: String,
    /// The name, with its namespace if it has one.
    pub name: String,
}

impl Symbol {
    /// A thing that belongs to no other.
    #[must_use]
    pub fn new(space: Space, name: &str) -> Self {
        Self { space, owner: String::new(), name: name.to_owned() }
    }

    /// A part of something.
    #[must_use]
    pub fn of(owner: &str, space: Space, name: &str) -> Self {
        Self { space, owner: owner.to_owned(), name: name.to_owned() }
    }
}

/// What is declared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// A fleet.
    Fleet,
    /// A parameter.
    Param,
    /// A cluster.
    Cluster,
    /// A set of clusters.
    ClusterSet,
    /// A region; every cluster in it declares it.
    Region,
    /// A mesh.
    Mesh,
    /// A namespace.
    Namespace,
    /// An identity.
    Identity,
    /// A group.
    Group,
    /// An external.
    External,
    /// A service.
    Service,
    /// An entry.
    Entry,
    /// A gateway.
    Gateway,
    /// A listener of a gateway.
    Listener,
    /// A policy.
    Policy,
    /// An invariant.
    Invariant,
    /// A rollout.
    Rollout,
    /// A step of a rollout.
    Step,
    /// A port of an identity or a service.
    Port,
}

impl Kind {
    /// As people call it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Fleet => "fleet",
            Self::Param => "param",
            Self::Cluster => "cluster",
            Self::ClusterSet => "clusters",
            Self::Region => "region",
            Self::Mesh => "mesh",
            Self::Namespace => "namespace",
            Self::Identity => "identity",
            Self::Group => "group",
            Self::External => "external",
            Self::Service => "service",
            Self::Entry => "entry",
            Self::Gateway => "gateway",
            Self::Listener => "listener",
            Self::Policy => "policy",
            Self::Invariant => "invariant",
            Self::Rollout => "rollout",
            Self::Step => "step",
            Self::Port => "port",
        }
    }
}

/// A place that declares something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Definition {
    /// What it declares; several for the port of a service, which is one of the service and one of the pods behind it.
    pub symbols: Vec<Symbol>,
    /// What it is.
    pub kind: Kind,
    /// Where its own name stands, without its namespace.
    pub name: Span,
    /// All of the declaration.
    pub whole: Span,
    /// The doc comment.
    pub doc: Option<String>,
}

/// A place that refers to something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Use {
    /// Where its own name stands, without its namespace.
    pub span: Span,
    /// What it means.
    pub meaning: Meaning,
}

/// What a place that refers to something means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// One thing.
    Symbol(Symbol),
    /// The first of these that is declared.
    First(Vec<Symbol>),
    /// The port of this name of every pod among these destinations.
    PortOf {
        /// As written: identities, `NAMESPACE/*`, groups, `all`.
        destinations: Vec<String>,
        /// The port.
        name: String,
    },
}

/// A group whose pods are listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupList {
    /// Its name.
    pub name: String,
    /// Its members as written.
    pub members: Vec<String>,
}

/// The names of one file, in order of place.
#[derive(Clone, Debug, Default)]
pub struct Names {
    /// What it declares.
    pub definitions: Vec<Definition>,
    /// What it refers to.
    pub uses: Vec<Use>,
    /// The groups it lists.
    pub groups: Vec<GroupList>,
}
