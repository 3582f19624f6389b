//! What runs: namespaces, identities, groups, services, and what is outside.

use super::shared::{Annotations, DefaultStmt, Except, Labels, Set, Waive};
use super::tokens::Word;
use super::{AstNode, block, child, children, name, node, statements, word_after, words};

node! {
    /// `namespace NAME { … }`
    Namespace = Namespace
}

impl Namespace {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = NamespaceStmt> + use<> {
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

impl Identity {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = IdentityStmt> + use<> {
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

impl PortDecl {
    /// The port's name.
    #[must_use]
    pub fn name(&self) -> Option<Word> {
        name(self.syntax())
    }

    /// The port: `80/tcp`, or `80` if a [`target`](Self::target) follows, which then has the protocol.
    #[must_use]
    pub fn port(&self) -> Option<Word> {
        word_after(self.syntax(), "port")
    }

    /// The target port, `8080/tcp`, if it is another.
    #[must_use]
    pub fn target(&self) -> Option<Word> {
        word_after(self.syntax(), "->")
    }

    /// The application protocol.
    #[must_use]
    pub fn app(&self) -> Option<Word> {
        word_after(self.syntax(), "app")
    }
}

node! {
    /// `group NAME { … }`
    Group = Group
}

impl Group {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = GroupStmt> + use<> {
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

impl Members {
    /// What it holds.
    pub fn pods(&self) -> impl Iterator<Item = Pods> + use<> {
        children(self.syntax())
    }

    /// What is taken away.
    #[must_use]
    pub fn except(&self) -> Option<Except> {
        child(self.syntax())
    }
}

node! {
    /// One set of pods.
    Pods = Pods
}

impl Pods {
    /// `NS/NAME`, `NS/*`, a group's name or `all`.
    #[must_use]
    pub fn word(&self) -> Option<Word> {
        words(self.syntax()).next()
    }
}

node! {
    /// `external NAME { … }`
    External = External
}

impl External {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = ExternalStmt> + use<> {
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

impl CidrList {
    /// The CIDRs.
    pub fn cidrs(&self) -> impl Iterator<Item = Word> + use<> {
        words(self.syntax())
    }

    /// What is taken away.
    #[must_use]
    pub fn except(&self) -> Option<Except> {
        child(self.syntax())
    }
}

node! {
    /// `service NS/NAME { … }`
    Service = Service
}

impl Service {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = ServiceStmt> + use<> {
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

impl At {
    /// The clusters.
    #[must_use]
    pub fn clusters(&self) -> Option<Set> {
        child(self.syntax())
    }

    /// What differs.
    pub fn statements(&self) -> impl Iterator<Item = ServiceStmt> + use<> {
        block(self.syntax())
    }
}
