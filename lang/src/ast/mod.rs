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

use crate::placed::Placed;
use crate::source::{FileId, Span};
use crate::syntax_kind::{SyntaxKind, SyntaxNode, SyntaxToken};

/// A node of a known kind.
pub trait AstNode: Sized {
    /// Whether a node of a kind can be one; of others no place is worked out on the way to those that can.
    fn can_be(kind: SyntaxKind) -> bool;

    /// The view of a node, if it is of this kind.
    fn cast(node: SyntaxNode) -> Option<Self>;

    /// The node.
    fn syntax(&self) -> &SyntaxNode;

    /// From its first token that isn't a comment or blank to its last.
    fn span(&self, file: FileId) -> Span {
        Placed::of(self.syntax(), &self.syntax().green()).span(file)
    }

    /// The keyword it starts with.
    fn keyword(&self) -> Option<Word> {
        tokens_of(self.syntax(), SyntaxKind::Keyword).next().map(Word::new)
    }

    /// The text of the doc comment above a declaration, its lines joined, less the `##` and one blank of each.
    fn doc(&self) -> Option<String> {
        let lines: Vec<String> = tokens_of(self.syntax(), SyntaxKind::DocComment)
            .map(|token| {
                let line = token.text().trim_start_matches("##");
                line.strip_prefix(' ').unwrap_or(line).trim_end().to_owned()
            })
            .collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }
}

/// Declares a view of one kind of node.
macro_rules! node {
    ($(#[$doc:meta])* $name:ident = $kind:ident) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub struct $name($crate::syntax_kind::SyntaxNode);

        impl $crate::ast::AstNode for $name {
            fn can_be(kind: $crate::syntax_kind::SyntaxKind) -> bool {
                kind == $crate::syntax_kind::SyntaxKind::$kind
            }

            fn cast(node: $crate::syntax_kind::SyntaxNode) -> Option<Self> {
                Self::can_be(node.kind()).then_some(Self(node))
            }

            fn syntax(&self) -> &$crate::syntax_kind::SyntaxNode {
                &self.0
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
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$setting_doc])* $setting($crate::ast::Setting),)*
            $($(#[$node_doc])* $variant($node),)*
        }

        impl $crate::ast::AstNode for $name {
            fn can_be(kind: $crate::syntax_kind::SyntaxKind) -> bool {
                <$crate::ast::Setting as $crate::ast::AstNode>::can_be(kind)
                    $(|| <$node as $crate::ast::AstNode>::can_be(kind))*
            }

            fn cast(node: $crate::syntax_kind::SyntaxNode) -> Option<Self> {
                $(if <$node as $crate::ast::AstNode>::can_be(node.kind()) {
                    return <$node as $crate::ast::AstNode>::cast(node).map(Self::$variant);
                })*
                let setting = <$crate::ast::Setting as $crate::ast::AstNode>::cast(node)?;
                let keyword = $crate::ast::AstNode::keyword(&setting)?;
                match keyword.text() {
                    $($keyword => Some(Self::$setting(setting)),)*
                    _ => None,
                }
            }

            fn syntax(&self) -> &$crate::syntax_kind::SyntaxNode {
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
fn child<N: AstNode>(node: &SyntaxNode) -> Option<N> {
    children(node).next()
}

/// The children of a kind.
fn children<N: AstNode>(node: &SyntaxNode) -> impl Iterator<Item = N> + use<N> {
    nodes_of(node, N::can_be).filter_map(N::cast)
}

/// The statements of a node's block.
fn block<N: AstNode>(node: &SyntaxNode) -> impl Iterator<Item = N> + use<N> {
    let block = nodes_of(node, |kind| kind == SyntaxKind::Block).next();
    block.into_iter().flat_map(|block| children(&block))
}

/// The children of some kinds.
fn nodes_of<F: Fn(SyntaxKind) -> bool>(node: &SyntaxNode, is_asked: F) -> impl Iterator<Item = SyntaxNode> + use<F> {
    let (parent, mut last) = (node.clone(), None::<SyntaxNode>);
    let next = move || {
        last = match &last {
            Some(last) => last.next_sibling_by_kind(&is_asked),
            None => parent.first_child_by_kind(&is_asked),
        };
        last.clone()
    };
    std::iter::from_fn(next).fuse()
}

/// A node's own tokens of some kinds.
fn own_tokens<F: Fn(SyntaxKind) -> bool>(node: &SyntaxNode, is_asked: F) -> impl Iterator<Item = SyntaxToken> + use<F> {
    node.children_with_tokens().by_kind(is_asked).filter_map(rowan::NodeOrToken::into_token)
}

/// A node's own tokens of a kind.
fn tokens_of(node: &SyntaxNode, kind: SyntaxKind) -> impl Iterator<Item = SyntaxToken> + use<> {
    own_tokens(node, move |other| other == kind)
}

/// A node's own words, keywords aside.
fn words(node: &SyntaxNode) -> impl Iterator<Item = Word> + use<> {
    tokens_of(node, SyntaxKind::Word).map(Word::new)
}

/// A node's own strings, and the words that stand for some.
fn texts(node: &SyntaxNode) -> impl Iterator<Item = Text> + use<> {
    own_tokens(node, |kind| matches!(kind, SyntaxKind::Word | SyntaxKind::String)).filter_map(Text::new)
}

/// The name that a node introduces.
fn name(node: &SyntaxNode) -> Option<Word> {
    let name = nodes_of(node, |kind| kind == SyntaxKind::Name).next()?;
    words(&name).next()
}

/// The text of the child of this kind that holds one word or string.
fn text_in(node: &SyntaxNode, kind: SyntaxKind) -> Option<Text> {
    texts_in(node, kind).next()
}

/// The texts of the children of this kind that hold one word or string each.
fn texts_in(node: &SyntaxNode, kind: SyntaxKind) -> impl Iterator<Item = Text> + use<> {
    nodes_of(node, move |other| other == kind).filter_map(|child| texts(&child).next())
}

/// A node's own tokens from behind one that says `sign` up to the next keyword or sign that ends a clause.
fn clause<'s>(node: &SyntaxNode, sign: &'s str) -> impl Iterator<Item = SyntaxToken> + use<'s> {
    use SyntaxKind::{Arrow, Comma, Eq, Keyword, String, Word};
    let opens = move |token: &SyntaxToken| matches!(token.kind(), Keyword | Arrow | Eq) && token.text() == sign;
    own_tokens(node, |kind| matches!(kind, Keyword | Arrow | Comma | Eq | Word | String))
        .skip_while(move |token| !opens(token))
        .skip(1)
        .take_while(|token| !matches!(token.kind(), Keyword | Arrow | Eq))
}

/// The words of a clause.
fn words_after<'s>(node: &SyntaxNode, sign: &'s str) -> impl Iterator<Item = Word> + use<'s> {
    clause(node, sign).filter(|token| token.kind() == SyntaxKind::Word).map(Word::new)
}

/// The first word of a clause.
fn word_after(node: &SyntaxNode, sign: &str) -> Option<Word> {
    words_after(node, sign).next()
}

/// The texts of a clause.
fn texts_after<'s>(node: &SyntaxNode, sign: &'s str) -> impl Iterator<Item = Text> + use<'s> {
    clause(node, sign).filter_map(Text::new)
}

/// The first of a node's own keywords that is one of a choice.
fn choice<C: Choice>(node: &SyntaxNode) -> Option<C> {
    Placed::of(node, &node.green()).choice()
}
