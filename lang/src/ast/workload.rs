//! What runs: namespaces, identities, groups, services, and what is outside.

use super::shared::{Annotations, DefaultStmt, Except, Labels, Set, Waive};
use super::tokens::Word;
use super::{AstNode, block, child, children, name, node, statements, word_after, words};

node! {
    /// `namespace NAME { … }`
    Namespace = Namespace
}

impl<'t> Namespace<'t> {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = NamespaceStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a namespace.
    NamespaceStmt
    settings {
        /// `in SET`
        In = "in",
        /// `global in MESH`; the mesh is the setting's word
        Global = "global",
        /// `owner STRING`
        Owner = "owner",
        /// `files STRING, …`
        Files = "files",
    }
    nodes {
        /// `default …`
        Default(DefaultStmt),
        /// `labels { … }`
        Labels(Labels),
        /// `annotations { … }`
        Annotations(Annotations),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `identity NS/NAME { … }`
    Identity = Identity
}

impl<'t> Identity<'t> {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = IdentityStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of an identity.
    IdentityStmt
    settings {
        /// `match SELECTOR`
        Match = "match",
        /// `account NAME`
        Account = "account",
        /// `in SET`
        In = "in",
    }
    nodes {
        /// `port NAME N/PROTO`
        Port(PortDecl),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `port NAME N[ -> TARGET]/PROTO [app NAME]` of an identity or a service.
    PortDecl = PortDecl
}

impl<'t> PortDecl<'t> {
    /// The port's name.
    #[must_use]
    pub fn name(&self) -> Option<Word<'t>> {
        name(self.syntax())
    }

    /// The port: `80/tcp`, or `80` if a [`target`](Self::target) follows, which then has the protocol.
    #[must_use]
    pub fn port(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "port")
    }

    /// The target port, `8080/tcp`, if it is another.
    #[must_use]
    pub fn target(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "->")
    }

    /// The application protocol.
    #[must_use]
    pub fn app(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "app")
    }
}

node! {
    /// `group NAME { … }`
    Group = Group
}

impl<'t> Group<'t> {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = GroupStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a group.
    GroupStmt
    settings {
        /// `where SELECTOR`
        Where = "where",
    }
    nodes {
        /// `PODS, … [except PODS, …]`
        Members(Members),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// The list of a group.
    Members = Members
}

impl<'t> Members<'t> {
    /// What it holds.
    pub fn pods(&self) -> impl Iterator<Item = Pods<'t>> + use<'t> {
        children(self.syntax())
    }

    /// What is taken away.
    #[must_use]
    pub fn except(&self) -> Option<Except<'t>> {
        child(self.syntax())
    }
}

node! {
    /// One set of pods.
    Pods = Pods
}

impl<'t> Pods<'t> {
    /// `NS/NAME`, `NS/*`, a group's name or `all`.
    #[must_use]
    pub fn word(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }
}

node! {
    /// `external NAME { … }`
    External = External
}

impl<'t> External<'t> {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = ExternalStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of an external.
    ExternalStmt
    settings {
        /// `dns STRING, …`
        Dns = "dns",
        /// `pods NAMESPACE [where SELECTOR]`
        Pods = "pods",
    }
    nodes {
        /// `cidr CIDR, … [except CIDR, …]`
        Cidr(CidrList),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `cidr CIDR, … [except CIDR, …]`
    CidrList = CidrList
}

impl<'t> CidrList<'t> {
    /// The CIDRs.
    pub fn cidrs(&self) -> impl Iterator<Item = Word<'t>> + use<'t> {
        words(self.syntax())
    }

    /// What is taken away.
    #[must_use]
    pub fn except(&self) -> Option<Except<'t>> {
        child(self.syntax())
    }
}

node! {
    /// `service NS/NAME { … }`
    Service = Service
}

impl<'t> Service<'t> {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = ServiceStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a service.
    ServiceStmt
    settings {
        /// `pods NS/NAME`
        Pods = "pods",
        /// `type …`, a [`ServiceType`](super::ServiceType)
        Type = "type",
        /// `headless`
        Headless = "headless",
        /// `dns-label STRING`
        DnsLabel = "dns-label",
        /// `external-traffic-policy …`, an [`ExternalTrafficPolicy`](super::ExternalTrafficPolicy)
        ExternalTrafficPolicy = "external-traffic-policy",
        /// `routes-from NAME, …`
        RoutesFrom = "routes-from",
    }
    nodes {
        /// `port …`
        Port(PortDecl),
        /// `at SET { … }`
        At(At),
        /// `labels { … }`
        Labels(Labels),
        /// `annotations { … }`
        Annotations(Annotations),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `at SET { … }`: what differs in some clusters.
    At = At
}

impl<'t> At<'t> {
    /// The clusters.
    #[must_use]
    pub fn clusters(&self) -> Option<Set<'t>> {
        child(self.syntax())
    }

    /// What differs.
    pub fn statements(&self) -> impl Iterator<Item = ServiceStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}
