//! The fleet, its clusters and meshes, and parameters.

use super::shared::{DefaultStmt, Labels, Set, Waive};
use super::tokens::{Text, Word};
use super::{AstNode, block, child, node, statements, text_in, words};
use crate::syntax_kind::SyntaxKind;

node! {
    /// `fleet NAME { … }`
    Fleet = Fleet
}

impl<'t> Fleet<'t> {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = FleetStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a fleet.
    FleetStmt
    settings {
        /// `dns strict`
        Dns = "dns",
        /// `files STRING, …`
        Files = "files",
    }
    nodes {
        /// `target …`
        Target(Target),
        /// `policy-by …`
        PolicyBy(PolicyBy),
        /// `default …`
        Default(DefaultStmt),
        /// `limits { … }`
        Limits(Limits),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `target TARGET [for SET] [{ KEY VALUE … }]`
    Target = Target
}

impl<'t> Target<'t> {
    /// The target.
    #[must_use]
    pub fn target(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }

    /// The clusters it is for, if not all.
    #[must_use]
    pub fn clusters(&self) -> Option<Set<'t>> {
        child(self.syntax())
    }

    /// Its settings in order.
    pub fn statements(&self) -> impl Iterator<Item = TargetStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a target.
    TargetStmt
    settings {}
    nodes {
        /// `KEY VALUE`
        Key(TargetKey),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `KEY VALUE` of a target.
    TargetKey = TargetKey
}

impl<'t> TargetKey<'t> {
    /// The key.
    #[must_use]
    pub fn key(&self) -> Option<Text<'t>> {
        text_in(self.syntax(), SyntaxKind::Key)
    }

    /// The value.
    #[must_use]
    pub fn value(&self) -> Option<Text<'t>> {
        text_in(self.syntax(), SyntaxKind::Value)
    }
}

node! {
    /// `policy-by TARGET [for SET]`
    PolicyBy = PolicyBy
}

impl<'t> PolicyBy<'t> {
    /// The target.
    #[must_use]
    pub fn target(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }

    /// The clusters, if not all.
    #[must_use]
    pub fn clusters(&self) -> Option<Set<'t>> {
        child(self.syntax())
    }
}

node! {
    /// `limits { … }`
    Limits = Limits
}

impl<'t> Limits<'t> {
    /// The limits in order.
    pub fn statements(&self) -> impl Iterator<Item = LimitStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A limit of the fleet.
    LimitStmt
    settings {
        /// `weight-error PERCENT`
        WeightError = "weight-error",
        /// `policy-map INT`
        PolicyMap = "policy-map",
    }
    nodes {
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `cluster NAME { … }`
    Cluster = Cluster
}

impl<'t> Cluster<'t> {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = ClusterStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a cluster.
    ClusterStmt
    settings {
        /// `id INT`
        Id = "id",
        /// `region NAME`
        Region = "region",
        /// `zone NAME`
        Zone = "zone",
        /// `ipam NAME`
        Ipam = "ipam",
        /// `pods CIDR, …`
        Pods = "pods",
        /// `nodes CIDR, …`
        Nodes = "nodes",
        /// `services CIDR, …`
        Services = "services",
        /// `cilium STRING`
        Cilium = "cilium",
        /// `cilium-name STRING`
        CiliumName = "cilium-name",
        /// `vnet STRING`
        Vnet = "vnet",
        /// `clustermesh STRING`
        Clustermesh = "clustermesh",
        /// `context STRING`
        Context = "context",
    }
    nodes {
        /// `labels { … }`
        Labels(Labels),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `clusters NAME = SET`
    Clusters = Clusters
}

impl<'t> Clusters<'t> {
    /// The set it names.
    #[must_use]
    pub fn set(&self) -> Option<Set<'t>> {
        child(self.syntax())
    }
}

node! {
    /// `mesh NAME { … }`
    Mesh = Mesh
}

impl<'t> Mesh<'t> {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = MeshStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a mesh.
    MeshStmt
    settings {
        /// `members SET`
        Members = "members",
        /// `publish SET`
        Publish = "publish",
        /// `consume SET`
        Consume = "consume",
        /// `routing native|tunnel`, a [`Routing`](super::Routing)
        Routing = "routing",
        /// `encryption wireguard|ipsec|none`, an [`Encryption`](super::Encryption)
        Encryption = "encryption",
        /// `forget-lost-after DURATION`
        ForgetLostAfter = "forget-lost-after",
    }
    nodes {
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `param NAME = VALUE`
    Param = Param
}

impl<'t> Param<'t> {
    /// The value.
    #[must_use]
    pub fn value(&self) -> Option<Text<'t>> {
        text_in(self.syntax(), SyntaxKind::Value)
    }
}
