//! Policies, peers, ports and requests.

use super::shared::{DefaultStmt, Except, Place, Waive};
use super::tokens::{Text, Word};
use super::{AstNode, RuleSide, Verb, block, child, children, choice, node, statements, texts, words};
use crate::tree::Node;

node! {
    /// `policy NAME [for PEERS] { … }`
    Policy = Policy
}

impl<'t> Policy<'t> {
    /// Whom it is for; nobody in a policy of rules with both ends.
    #[must_use]
    pub fn subject(&self) -> Option<Peers<'t>> {
        child(self.syntax())
    }

    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = PolicyStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a policy.
    PolicyStmt
    settings {}
    nodes {
        /// `default …`
        Default(DefaultStmt),
        /// `allow …` or `deny …`
        Rule(Rule),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `VERB (from|to) PEERS REST` or `VERB PEERS -> PEERS REST`
    Rule = Rule
}

impl<'t> Rule<'t> {
    /// What it does.
    #[must_use]
    pub fn verb(&self) -> Option<Verb> {
        choice(self.syntax())
    }

    /// `from` or `to`; nothing in a rule with both ends.
    #[must_use]
    pub fn side(&self) -> Option<RuleSide> {
        choice(self.syntax())
    }

    /// The peers of a rule about a subject.
    #[must_use]
    pub fn peers(&self) -> Option<Peers<'t>> {
        child(self.syntax()).filter(|_| self.side().is_some())
    }

    /// The sources and destinations of a rule with both ends.
    #[must_use]
    pub fn ends(&self) -> Option<(Peers<'t>, Peers<'t>)> {
        ends(self.syntax()).filter(|_| self.side().is_none())
    }

    /// The ports, if not any.
    #[must_use]
    pub fn ports(&self) -> Option<Ports<'t>> {
        child(self.syntax())
    }

    /// The requests, if not any, and what is waived among them.
    pub fn requests(&self) -> impl Iterator<Item = RequestStmt<'t>> + use<'t> {
        block(self.syntax())
    }

    /// Why.
    #[must_use]
    pub fn reason(&self) -> Option<Text<'t>> {
        super::texts_after(self.syntax(), "reason").next()
    }
}

/// The peers on both sides of an arrow.
pub(super) fn ends(node: Node<'_>) -> Option<(Peers<'_>, Peers<'_>)> {
    let mut peers = children(node);
    Some((peers.next()?, peers.next()?))
}

statements! {
    /// A line of a rule's block.
    RequestStmt
    settings {}
    nodes {
        /// `METHOD PATH`
        Request(Request),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `METHOD PATH`
    Request = Request
}

impl<'t> Request<'t> {
    /// The method, or `*`.
    #[must_use]
    pub fn method(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> Option<Text<'t>> {
        texts(self.syntax()).nth(1)
    }
}

node! {
    /// Peers joined by commas.
    Peers = Peers
}

impl<'t> Peers<'t> {
    /// The peers in order.
    pub fn peers(&self) -> impl Iterator<Item = Peer<'t>> + use<'t> {
        children(self.syntax())
    }
}

node! {
    /// `END [PLACE]` or `(END, …) PLACE`
    Peer = Peer
}

impl<'t> Peer<'t> {
    /// The ends: several if they stand in parentheses.
    pub fn ends(&self) -> impl Iterator<Item = End<'t>> + use<'t> {
        children(self.syntax())
    }

    /// Where they run, if not everywhere they do.
    #[must_use]
    pub fn place(&self) -> Option<Place<'t>> {
        child(self.syntax())
    }
}

statements! {
    /// One end of a flow.
    End
    settings {}
    nodes {
        /// Pods or something built in.
        Pods(EndPods),
        /// Addresses.
        Cidr(EndCidr),
        /// A DNS name.
        Dns(EndDns),
    }
}

node! {
    /// An end that is a word: `NS/NAME`, `NS/*`, a group, an external, `all`, `world`, ….
    EndPods = EndPods
}

impl<'t> EndPods<'t> {
    /// The word.
    #[must_use]
    pub fn word(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }
}

node! {
    /// `cidr CIDR [except …]`
    EndCidr = EndCidr
}

impl<'t> EndCidr<'t> {
    /// The CIDR.
    #[must_use]
    pub fn cidr(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }

    /// What is taken away.
    #[must_use]
    pub fn except(&self) -> Option<Except<'t>> {
        child(self.syntax())
    }
}

node! {
    /// `dns STRING`
    EndDns = EndDns
}

impl<'t> EndDns<'t> {
    /// The pattern.
    #[must_use]
    pub fn pattern(&self) -> Option<Text<'t>> {
        texts(self.syntax()).next()
    }
}

node! {
    /// Ports joined by commas.
    Ports = Ports
}

impl<'t> Ports<'t> {
    /// The ports in order.
    pub fn ports(&self) -> impl Iterator<Item = Port<'t>> + use<'t> {
        children(self.syntax())
    }
}

node! {
    /// One port.
    Port = Port
}

/// What a port says.
#[derive(Clone, Copy, Debug)]
pub enum PortKind<'t> {
    /// A name, `80/tcp`, `9000-9010/udp`, a protocol or `any`: what [`literals::port`](crate::literals::port) reads.
    Word(Word<'t>),
    /// `icmp`, or one type of it.
    Icmp(Option<Word<'t>>),
}

impl<'t> Port<'t> {
    /// What it says, if it is complete.
    #[must_use]
    pub fn kind(&self) -> Option<PortKind<'t>> {
        let word = words(self.syntax()).next();
        if self.keyword().is_some() { Some(PortKind::Icmp(word)) } else { word.map(PortKind::Word) }
    }
}
