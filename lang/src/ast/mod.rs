//! Typed views of the tree.
//!
//! A view is a node that is known to be of one kind. Every part the grammar asks for may be missing in a text that is
//! being typed, so accessors return `Option`, or iterators over what is there. Nothing is interpreted here: words stay
//! words until [`literals`](crate::literals) reads them, because `$NAME` may stand for most of them.

mod choices;
mod declarations;
mod fleet;
mod policy;
mod proof;
mod shared;
mod tokens;
mod traffic;
mod workload;

pub use choices::{
    Affinity, AssertionVerb, Choice, Direction, Encryption, ExternalTrafficPolicy, GuardSubject, ListenerProtocol,
    ProbeProtocol, RolloutKind, Routing, RuleSide, ServiceType, Strict, Verb,
};
pub use declarations::{Declaration, SourceFile};
pub use fleet::{
    Cluster, ClusterStmt, Clusters, Fleet, FleetStmt, LimitStmt, Limits, Mesh, MeshStmt, Param, PolicyBy, Target,
    TargetKey, TargetStmt,
};
pub use policy::{
    End, EndCidr, EndDns, EndPods, Peer, Peers, Policy, PolicyStmt, Port, PortKind, Ports, Request, RequestStmt, Rule,
};
pub use proof::{
    Assertion, Given, GivenKind, Guard, GuardLimit, GuardStmt, Invariant, InvariantStmt, Serves, ShareCheck, Test,
    TestStmt,
};
pub use shared::{
    Annotations, DefaultStmt, Except, Labels, MapEntry, Place, Requirement, RequirementOp, Selector, Set, Setting,
    Share, Shares, Term, TermKind, Waive, Weight,
};
pub use tokens::{CelText, Str, Text, Word};
pub use traffic::{
    Backend, Balance, BalanceStmt, Entry, EntryStmt, Export, ExportStmt, Gateway, GatewayStmt, Header, Listener, Probe,
    Rollout, RolloutStmt, Route, Step, WeightStmt,
};
pub use workload::{
    At, CidrList, External, ExternalStmt, Group, GroupStmt, Identity, IdentityStmt, Members, Namespace, NamespaceStmt,
    Pods, PortDecl, Service, ServiceStmt,
};

use crate::source::{FileId, Span};
use crate::syntax_kind::SyntaxKind;
use crate::tree::{Node, Token};

/// A node of a known kind.
pub trait AstNode<'t>: Copy {
    /// Whether a node of a kind can be one.
    fn can_be(kind: SyntaxKind) -> bool;

    /// The view of a node, if it is of this kind.
    fn cast(node: Node<'t>) -> Option<Self>;

    /// The node.
    fn syntax(&self) -> Node<'t>;

    /// From its first token that isn't a comment or blank to its last.
    fn span(&self, file: FileId) -> Span {
        self.syntax().span(file)
    }

    /// The keyword it starts with.
    fn keyword(&self) -> Option<Word<'t>> {
        self.syntax().tokens_of(SyntaxKind::Keyword).next().map(Word::new)
    }

    /// The text of the doc comment above a declaration, its lines joined, less the `##` and one blank of each.
    fn doc(&self) -> Option<String> {
        let lines: Vec<&str> = self
            .syntax()
            .tokens_of(SyntaxKind::DocComment)
            .map(|token| {
                let line = token.text().trim_start_matches("##");
                line.strip_prefix(' ').unwrap_or(line).trim_end()
            })
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// Declares a view of one kind of node.
macro_rules! node {
    ($(#[$doc:meta])* $name:ident = $kind:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub struct $name<'t>($crate::tree::Node<'t>);

        impl<'t> $crate::ast::AstNode<'t> for $name<'t> {
            fn can_be(kind: $crate::syntax_kind::SyntaxKind) -> bool {
                kind == $crate::syntax_kind::SyntaxKind::$kind
            }

            fn cast(node: $crate::tree::Node<'t>) -> Option<Self> {
                Self::can_be(node.kind()).then_some(Self(node))
            }

            fn syntax(&self) -> $crate::tree::Node<'t> {
                self.0
            }
        }
    };
}

/// Declares what may stand in a block: views of nodes, and settings by their keyword.
macro_rules! statements {
    (
        $(#[$doc:meta])* $name:ident
        settings { $($(#[$setting_doc:meta])* $setting:ident = $keyword:literal,)* }
        nodes { $($(#[$node_doc:meta])* $variant:ident($node:ident),)* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug)]
        pub enum $name<'t> {
            $($(#[$setting_doc])* $setting($crate::ast::Setting<'t>),)*
            $($(#[$node_doc])* $variant($node<'t>),)*
        }

        impl<'t> $crate::ast::AstNode<'t> for $name<'t> {
            fn can_be(kind: $crate::syntax_kind::SyntaxKind) -> bool {
                <$crate::ast::Setting<'t> as $crate::ast::AstNode<'t>>::can_be(kind)
                    $(|| <$node<'t> as $crate::ast::AstNode<'t>>::can_be(kind))*
            }

            fn cast(node: $crate::tree::Node<'t>) -> Option<Self> {
                $(if <$node<'t> as $crate::ast::AstNode<'t>>::can_be(node.kind()) {
                    return <$node<'t> as $crate::ast::AstNode<'t>>::cast(node).map(Self::$variant);
                })*
                let setting = <$crate::ast::Setting<'t> as $crate::ast::AstNode<'t>>::cast(node)?;
                let keyword = $crate::ast::AstNode::keyword(&setting)?;
                match keyword.text() {
                    $($keyword => Some(Self::$setting(setting)),)*
                    _ => None,
                }
            }

            fn syntax(&self) -> $crate::tree::Node<'t> {
                match self {
                    $(Self::$setting(inner) => $crate::ast::AstNode::syntax(inner),)*
                    $(Self::$variant(inner) => $crate::ast::AstNode::syntax(inner),)*
                }
            }
        }
    };
}
pub(crate) use {node, statements};

/// The first child of a kind.
fn child<'t, N: AstNode<'t>>(node: Node<'t>) -> Option<N> {
    children(node).next()
}

/// The children of a kind.
fn children<'t, N: AstNode<'t>>(node: Node<'t>) -> impl Iterator<Item = N> + use<'t, N> {
    node.children().filter_map(N::cast)
}

/// The statements of a node's block.
fn block<'t, N: AstNode<'t>>(node: Node<'t>) -> impl Iterator<Item = N> + use<'t, N> {
    node.children_of(SyntaxKind::Block).take(1).flat_map(children)
}

/// A node's own words, keywords aside.
fn words(node: Node<'_>) -> impl Iterator<Item = Word<'_>> {
    node.tokens_of(SyntaxKind::Word).map(Word::new)
}

/// A node's own strings, and the words that stand for some.
fn texts(node: Node<'_>) -> impl Iterator<Item = Text<'_>> {
    node.tokens().filter_map(Text::new)
}

/// The name that a node introduces.
fn name(node: Node<'_>) -> Option<Word<'_>> {
    node.children_of(SyntaxKind::Name).next().and_then(|name| words(name).next())
}

/// The text of the child of this kind that holds one word or string.
fn text_in(node: Node<'_>, kind: SyntaxKind) -> Option<Text<'_>> {
    texts_in(node, kind).next()
}

/// The texts of the children of this kind that hold one word or string each.
fn texts_in(node: Node<'_>, kind: SyntaxKind) -> impl Iterator<Item = Text<'_>> {
    node.children_of(kind).filter_map(|child| texts(child).next())
}

/// A node's own tokens, comments and blanks aside, from behind one that says `sign` up to the next keyword or sign that ends a clause.
fn clause<'t, 's>(node: Node<'t>, sign: &'s str) -> impl Iterator<Item = Token<'t>> + use<'t, 's> {
    let ends = |token: &Token<'_>| matches!(token.kind(), SyntaxKind::Keyword | SyntaxKind::Arrow | SyntaxKind::Eq);
    node.tokens()
        .filter(|token| !token.kind().is_trivia())
        .skip_while(move |token| !(ends(token) && token.text() == sign))
        .skip(1)
        .take_while(move |token| !ends(token))
}

/// The words of a clause.
fn words_after<'t, 's>(node: Node<'t>, sign: &'s str) -> impl Iterator<Item = Word<'t>> + use<'t, 's> {
    clause(node, sign).filter(|token| token.kind() == SyntaxKind::Word).map(Word::new)
}

/// The first word of a clause.
fn word_after<'t>(node: Node<'t>, sign: &str) -> Option<Word<'t>> {
    words_after(node, sign).next()
}

/// The texts of a clause.
fn texts_after<'t, 's>(node: Node<'t>, sign: &'s str) -> impl Iterator<Item = Text<'t>> + use<'t, 's> {
    clause(node, sign).filter_map(Text::new)
}

/// The first of a node's own keywords that is one of a choice.
fn choice<C: Choice>(node: Node<'_>) -> Option<C> {
    node.tokens_of(SyntaxKind::Keyword).find_map(|keyword| C::from_word(keyword.text()))
}
