//! The rows beside the maps: what an image is of, and what its numbers mean.
//!
//! Texts are shared: a file may name one text from every row, and must not need more memory for it than it is long.

use std::sync::Arc;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::{Identity, Scope};

/// Which maps of which cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    /// The engine whose maps these are.
    pub abi: Abi,
    /// The cluster's number in the mesh, 0 outside of one.
    pub cluster_id: u8,
    /// The cluster's name; never empty.
    pub cluster: String,
    /// The fleet's name.
    pub fleet: String,
    /// Names the build that the image belongs to, all 0 if it belongs to none.
    pub build: [u8; 32],
}

/// A rule of the source, for the entries that it brought about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleRow {
    /// Path relative to the package's root.
    pub file: Arc<str>,
    /// From 1.
    pub line: u32,
    /// The rule as written.
    pub text: Arc<str>,
}

/// What an identity's number is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum IdentityKind {
    /// Reserved or well-known: the same in every cluster.
    Reserved,
    /// Pods with one set of labels.
    Pods,
    /// Pods that the engine numbers, but no inventory lists yet.
    Placeholder,
    /// An address prefix; each node numbers it for itself.
    Cidr,
    /// Another node; each node numbers it for itself.
    Node,
}

impl IdentityKind {
    /// Every kind.
    pub const ALL: [Self; 5] = [Self::Reserved, Self::Pods, Self::Placeholder, Self::Cidr, Self::Node];

    /// The number that stands for it in files.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Reserved => 1,
            Self::Pods => 2,
            Self::Placeholder => 3,
            Self::Cidr => 4,
            Self::Node => 5,
        }
    }

    /// Its name in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Reserved => "reserved",
            Self::Pods => "pods",
            Self::Placeholder => "placeholder",
            Self::Cidr => "cidr",
            Self::Node => "node",
        }
    }

    /// Whether `number` lies in the range of the kind.
    #[must_use]
    pub const fn fits(self, number: Identity) -> bool {
        match self {
            Self::Reserved => number.is_reserved(),
            Self::Pods | Self::Placeholder => !number.is_reserved() && matches!(number.scope(), Scope::Global),
            Self::Cidr => matches!(number.scope(), Scope::Cidr),
            Self::Node => matches!(number.scope(), Scope::RemoteNode),
        }
    }
}

/// What an identity's number stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdentityRow {
    /// The number.
    pub number: Identity,
    /// What kind of thing.
    pub kind: IdentityKind,
    /// What it stands for, the same whatever its number: `shop/cart`, `10.0.0.0/8`, `host`.
    pub name: Arc<str>,
    /// The labels that the engine selects it by, sorted, without duplicates.
    pub labels: Vec<Arc<str>>,
}
