//! Where traffic is sent.

use super::shared::{Annotations, Labels, Shares, Waive, Weight};
use super::tokens::{Text, Word};
use super::{
    AstNode, ListenerProtocol, ProbeProtocol, RolloutKind, block, children, choice, clause, name, node, statements,
    texts_after, word_after, words,
};
use crate::syntax_kind::SyntaxKind;

node! {
    /// `export NS/NAME to MESH { … }`
    Export = Export
}

impl<'t> Export<'t> {
    /// The mesh.
    #[must_use]
    pub fn mesh(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "to")
    }

    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = ExportStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of an export.
    ExportStmt
    settings {
        /// `from SET`
        From = "from",
        /// `consume SET`
        Consume = "consume",
        /// `affinity …`, an [`Affinity`](super::Affinity)
        Affinity = "affinity",
    }
    nodes {
        /// `weight …`
        Weight(Weight),
        /// `labels { … }`
        Labels(Labels),
        /// `annotations { … }`
        Annotations(Annotations),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `entry NS/NAME { … }`
    Entry = Entry
}

impl<'t> Entry<'t> {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = EntryStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of an entry.
    EntryStmt
    settings {
        /// `resource-group STRING`
        ResourceGroup = "resource-group",
        /// `ttl DURATION`
        Ttl = "ttl",
    }
    nodes {
        /// `backend …`
        Backend(Backend),
        /// `probe …`
        Probe(Probe),
        /// `labels { … }`
        Labels(Labels),
        /// `annotations { … }`
        Annotations(Annotations),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `backend NS/NAME [{ weight … }]`
    Backend = Backend
}

impl<'t> Backend<'t> {
    /// The service.
    #[must_use]
    pub fn service(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }

    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = WeightStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a backend or a route.
    WeightStmt
    settings {}
    nodes {
        /// `weight …`
        Weight(Weight),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `probe PROTO [PATH] port N [every DURATION] [timeout DURATION] [tolerate N]`
    Probe = Probe
}

impl<'t> Probe<'t> {
    /// How.
    #[must_use]
    pub fn protocol(&self) -> Option<ProbeProtocol> {
        choice(self.syntax())
    }

    /// The path.
    #[must_use]
    pub fn path(&self) -> Option<Text<'t>> {
        let before_port = self.syntax().tokens_of(SyntaxKind::Keyword).nth(1)?;
        texts_after(self.syntax(), before_port.text()).next()
    }

    /// The port.
    #[must_use]
    pub fn port(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "port")
    }

    /// The time between two probes.
    #[must_use]
    pub fn every(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "every")
    }

    /// How long an answer may take.
    #[must_use]
    pub fn timeout(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "timeout")
    }

    /// How many failures are borne.
    #[must_use]
    pub fn tolerate(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "tolerate")
    }
}

node! {
    /// `balance NS/NAME on CLUSTER [{ internal }]`
    Balance = Balance
}

impl<'t> Balance<'t> {
    /// The cluster.
    #[must_use]
    pub fn cluster(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "on")
    }

    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = BalanceStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a balance.
    BalanceStmt
    settings {
        /// `internal`
        Internal = "internal",
    }
    nodes {
        /// `labels { … }`
        Labels(Labels),
        /// `annotations { … }`
        Annotations(Annotations),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `gateway NS/NAME { … }`
    Gateway = Gateway
}

impl<'t> Gateway<'t> {
    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = GatewayStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a gateway.
    GatewayStmt
    settings {
        /// `class NAME`
        Class = "class",
        /// `in SET`
        In = "in",
    }
    nodes {
        /// `listener …`
        Listener(Listener),
        /// `route …`
        Route(Route),
        /// `labels { … }`
        Labels(Labels),
        /// `annotations { … }`
        Annotations(Annotations),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `listener NAME PROTO N [host STRING, …] [certificate STRING]`
    Listener = Listener
}

impl<'t> Listener<'t> {
    /// The listener's name.
    #[must_use]
    pub fn name(&self) -> Option<Word<'t>> {
        name(self.syntax())
    }

    /// What it speaks.
    #[must_use]
    pub fn protocol(&self) -> Option<ListenerProtocol> {
        choice(self.syntax())
    }

    /// The port's number.
    #[must_use]
    pub fn port(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }

    /// The host names.
    pub fn hosts(&self) -> impl Iterator<Item = Text<'t>> + use<'t> {
        texts_after(self.syntax(), "host")
    }

    /// The certificate.
    #[must_use]
    pub fn certificate(&self) -> Option<Text<'t>> {
        texts_after(self.syntax(), "certificate").next()
    }
}

node! {
    /// `route [METHOD] [PATH] {header K = V} [on LISTENER] -> SERVICE [port NAME] [{ weight … }]`
    Route = Route
}

impl<'t> Route<'t> {
    /// The method, if not any.
    #[must_use]
    pub fn method(&self) -> Option<Word<'t>> {
        let first = clause(self.syntax(), "route").next().and_then(Text::new)?;
        match first {
            Text::Word(word) if word.param().is_none() => Some(word),
            Text::Word(_) | Text::Str(_) => None,
        }
    }

    /// The path, if not any.
    #[must_use]
    pub fn path(&self) -> Option<Text<'t>> {
        texts_after(self.syntax(), "route").find(|text| matches!(text, Text::Str(_)) || text.param().is_some())
    }

    /// The headers that must be there.
    pub fn headers(&self) -> impl Iterator<Item = Header<'t>> + use<'t> {
        children(self.syntax())
    }

    /// The listener, if not all.
    #[must_use]
    pub fn listener(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "on")
    }

    /// The service it leads to.
    #[must_use]
    pub fn service(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "->")
    }

    /// The service's port, by name.
    #[must_use]
    pub fn port(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "port")
    }

    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = WeightStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

node! {
    /// `header STRING = STRING`
    Header = Header
}

impl<'t> Header<'t> {
    /// The header's name.
    #[must_use]
    pub fn name(&self) -> Option<Text<'t>> {
        texts_after(self.syntax(), "header").next()
    }

    /// The header's value.
    #[must_use]
    pub fn value(&self) -> Option<Text<'t>> {
        texts_after(self.syntax(), "=").next()
    }
}

node! {
    /// `rollout NAME for KIND NS/NAME [-> NS/NAME] { … }`
    Rollout = Rollout
}

impl<'t> Rollout<'t> {
    /// What kind of path moves.
    #[must_use]
    pub fn kind(&self) -> Option<RolloutKind> {
        choice(self.syntax())
    }

    /// The entry, gateway or exported service.
    #[must_use]
    pub fn path(&self) -> Option<Word<'t>> {
        words(self.syntax()).next()
    }

    /// The service behind a gateway.
    #[must_use]
    pub fn service(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "->")
    }

    /// The statements in order.
    pub fn statements(&self) -> impl Iterator<Item = RolloutStmt<'t>> + use<'t> {
        block(self.syntax())
    }
}

statements! {
    /// A statement of a rollout.
    RolloutStmt
    settings {}
    nodes {
        /// `step …`
        Step(Step),
        /// `waive …`
        Waive(Waive),
    }
}

node! {
    /// `step NAME { SHARES } [hold DURATION]`
    Step = Step
}

impl<'t> Step<'t> {
    /// The step's name.
    #[must_use]
    pub fn name(&self) -> Option<Word<'t>> {
        name(self.syntax())
    }

    /// The shares.
    #[must_use]
    pub fn shares(&self) -> Option<Shares<'t>> {
        block(self.syntax()).next()
    }

    /// How long to stay.
    #[must_use]
    pub fn hold(&self) -> Option<Word<'t>> {
        word_after(self.syntax(), "hold")
    }
}
