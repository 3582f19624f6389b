//! What a piece of the tree is.
//!
//! Keywords are contextual: the lexer only knows words. A word that the grammar takes as a keyword becomes
//! [`SyntaxKind::Keyword`] in the tree, so that a view tells a statement's values from the words that hold it together.

/// Declares the kinds and the list that turns rowan's raw numbers back into them.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident,)*) => {
        /// The kind of a token or of a node.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u16)]
        pub enum SyntaxKind { $($(#[$doc])* $kind,)* }

        const ALL: &[SyntaxKind] = &[$(SyntaxKind::$kind),*];
    };
}

kinds! {
    // Tokens: trivia.
    /// Blanks and tabs; also a carriage return.
    Whitespace,
    /// One line feed.
    Newline,
    /// `# …` up to the end of its line.
    Comment,
    /// `## …` up to the end of its line; three or more `#` are a plain comment.
    DocComment,
    // Tokens: what the grammar sees.
    /// Letters, digits and `- . _ / : % * + @`, or `$` and these.
    Word,
    /// A word that the grammar took as a keyword.
    Keyword,
    /// `"…"` on one line; without its last quote if that is missing.
    String,
    /// CEL between backticks; without the last one if that is missing.
    Cel,
    /// `{`
    LBrace,
    /// `}`
    RBrace,
    /// `(`
    LParen,
    /// `)`
    RParen,
    /// `,`
    Comma,
    /// `;`
    Semicolon,
    /// `=`
    Eq,
    /// `!=`
    NotEq,
    /// `->`
    Arrow,
    /// Characters that mean nothing.
    Unknown,
    /// The end of the text, or of the block that is being parsed. Never in a tree.
    Eof,
    // Nodes: the file and what isn't right in it.
    /// A whole text.
    SourceFile,
    /// What the grammar could not place.
    Error,
    // Nodes: declarations.
    /// `fleet NAME { … }`
    Fleet,
    /// `cluster NAME { … }`
    Cluster,
    /// `clusters NAME = SET`
    Clusters,
    /// `mesh NAME { … }`
    Mesh,
    /// `namespace NAME { … }`
    Namespace,
    /// `identity NS/NAME { … }`
    Identity,
    /// `group NAME { … }`
    Group,
    /// `external NAME { … }`
    External,
    /// `service NS/NAME { … }`
    Service,
    /// `export NS/NAME to MESH { … }`
    Export,
    /// `entry NS/NAME { … }`
    Entry,
    /// `balance NS/NAME on CLUSTER { … }`
    Balance,
    /// `gateway NS/NAME { … }`
    Gateway,
    /// `policy NAME for … { … }`
    Policy,
    /// `test "…" { … }`
    Test,
    /// `invariant NAME "…" { … }`
    Invariant,
    /// `rollout NAME for … { … }`
    Rollout,
    /// `guard { … }`
    Guard,
    /// `param NAME = VALUE`; in an environment file `NAME = VALUE`
    Param,
    // Nodes: shared parts.
    /// `{ … }` with statements.
    Block,
    /// The name that a declaration or statement introduces.
    Name,
    /// A keyword and its value: the plainest statement.
    Setting,
    /// `waive CODE "reason"`
    Waive,
    /// `labels { … }`
    Labels,
    /// `annotations { … }`
    Annotations,
    /// `KEY = VALUE`
    MapEntry,
    /// The key of an entry, a requirement or a target's setting: one word or string.
    Key,
    /// A value that may be quoted: one word or string.
    Value,
    /// Terms joined by commas, less `except …`.
    Set,
    /// One term of a set.
    Term,
    /// `except …` of a set, a group, a list of CIDRs or a CIDR.
    Except,
    /// `in TERM` or `in (SET)` behind pods.
    Place,
    /// Requirements joined by `and`.
    Selector,
    /// One requirement on a label.
    Requirement,
    /// `default allow|deny [ingress|egress]`
    Default,
    /// `weight CLUSTER = N, …`
    Weight,
    /// Clusters with their parts.
    Shares,
    /// `CLUSTER = N`
    Share,
    // Nodes: statements of one declaration.
    /// `target NAME …` of a fleet.
    Target,
    /// `KEY VALUE` of a target.
    TargetKey,
    /// `policy-by TARGET …` of a fleet.
    PolicyBy,
    /// `limits { … }` of a fleet.
    Limits,
    /// `port …` of an identity or a service.
    PortDecl,
    /// The list of a group.
    Members,
    /// One set of pods: `NS/NAME`, `NS/*`, a name or `all`.
    Pods,
    /// `cidr …` of an external.
    CidrList,
    /// `at SET { … }` of a service.
    At,
    /// `backend NS/NAME { … }` of an entry.
    Backend,
    /// `probe …` of an entry.
    Probe,
    /// `listener …` of a gateway.
    Listener,
    /// `route …` of a gateway.
    Route,
    /// `header "…" = "…"` of a route.
    Header,
    /// `step NAME { … } hold …` of a rollout.
    Step,
    /// `new-pairs at most 20` and its like.
    GuardLimit,
    // Nodes: rules and assertions.
    /// `allow …` or `deny …`
    Rule,
    /// Peers joined by commas.
    Peers,
    /// Ends and the place they run in.
    Peer,
    /// An end that is a word: pods or something built in.
    EndPods,
    /// `cidr …` as an end.
    EndCidr,
    /// `dns "…"` as an end.
    EndDns,
    /// Ports joined by commas.
    Ports,
    /// One port.
    Port,
    /// A method of HTTP and a path.
    Request,
    /// `given …`
    Given,
    /// `can …` or `cannot …`
    Assertion,
    /// `serves …`
    Serves,
    /// `share …`
    ShareCheck,
}

impl SyntaxKind {
    /// Whether the grammar never sees it.
    #[must_use]
    pub fn is_trivia(self) -> bool {
        matches!(self, Self::Whitespace | Self::Newline | Self::Comment | Self::DocComment)
    }

    /// Whether it is one of the declarations that a file consists of.
    #[must_use]
    pub fn is_declaration(self) -> bool {
        (Self::Fleet..=Self::Param).contains(&self)
    }
}

/// The language as rowan knows it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fleetnet {}

impl rowan::Language for Fleetnet {
    type Kind = SyntaxKind;

    fn kind_from_raw(raw: rowan::SyntaxKind) -> SyntaxKind {
        ALL.get(usize::from(raw.0)).copied().unwrap_or(SyntaxKind::Error)
    }

    fn kind_to_raw(kind: SyntaxKind) -> rowan::SyntaxKind {
        rowan::SyntaxKind(kind as u16)
    }
}

/// A node of the tree.
pub type SyntaxNode = rowan::SyntaxNode<Fleetnet>;
/// A token of the tree.
pub type SyntaxToken = rowan::SyntaxToken<Fleetnet>;
/// A node or a token.
pub type SyntaxElement = rowan::SyntaxElement<Fleetnet>;

/// The tokens below a node, in the order of the text, blanks and comments included.
pub fn tokens(node: &SyntaxNode) -> impl Iterator<Item = SyntaxToken> + use<> {
    node.descendants_with_tokens().filter_map(rowan::NodeOrToken::into_token)
}
