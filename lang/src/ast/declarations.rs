//! A file and the declarations in it.

use super::tokens::Word;
use super::{
    AstNode, Balance, Cluster, Clusters, Entry, Export, External, Fleet, Gateway, Group, Guard, Identity, Invariant,
    Mesh, Namespace, Param, Policy, Rollout, Service, Test, Waive, children, name, node,
};
use crate::syntax_kind::SyntaxKind;
use crate::tree::Node;

node! {
    /// A whole file.
    SourceFile = SourceFile
}

impl<'t> SourceFile<'t> {
    /// The declarations in order.
    pub fn declarations(&self) -> impl Iterator<Item = Declaration<'t>> + use<'t> {
        children(self.syntax())
    }

    /// What is waived anywhere in it, in order, with the declaration or statement in whose block it is.
    pub fn waives(&self) -> impl Iterator<Item = (Node<'t>, Waive<'t>)> + use<'t> {
        let mut open = vec![(None, self.syntax())];
        let next = move || loop {
            let (owner, node) = open.pop()?;
            if let Some(found) = owner.zip(Waive::cast(node)) {
                return Some(found);
            }
            let behind = open.len();
            if node.kind() == SyntaxKind::SourceFile {
                open.extend(node.children().map(|child| (None, child)));
            } else {
                let statements = node.children_of(SyntaxKind::Block).flat_map(Node::children);
                open.extend(statements.map(|child| (Some(node), child)));
            }
            open.get_mut(behind..).unwrap_or_default().reverse();
        };
        std::iter::from_fn(next)
    }
}

/// Declares the enum over all declarations.
macro_rules! declarations {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// One declaration.
        #[derive(Clone, Copy, Debug)]
        pub enum Declaration<'t> { $($(#[$doc])* $name($name<'t>),)* }

        impl<'t> AstNode<'t> for Declaration<'t> {
            fn can_be(kind: SyntaxKind) -> bool {
                matches!(kind, $(SyntaxKind::$name)|*)
            }

            fn cast(node: Node<'t>) -> Option<Self> {
                match node.kind() {
                    $(SyntaxKind::$name => $name::cast(node).map(Self::$name),)*
                    _ => None,
                }
            }

            fn syntax(&self) -> Node<'t> {
                match self { $(Self::$name(inner) => inner.syntax(),)* }
            }
        }

        $(impl<'t> $name<'t> {
            /// The name it declares, as written; a service where the declaration is about one that exists.
            #[must_use]
            pub fn name(&self) -> Option<Word<'t>> {
                name(self.syntax())
            }
        })*
    };
}

declarations! {
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
    /// `policy NAME … { … }`
    Policy,
    /// `test "…" { … }`; has no name.
    Test,
    /// `invariant NAME "…" { … }`
    Invariant,
    /// `rollout NAME for … { … }`
    Rollout,
    /// `guard { … }`; has no name.
    Guard,
    /// `param NAME = VALUE`
    Param,
}
