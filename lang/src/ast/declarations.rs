//! A file and the declarations in it.

use super::tokens::Word;
use super::{
    AstNode, Balance, Cluster, Clusters, Entry, Export, External, Fleet, Gateway, Group, Guard, Identity, Invariant,
    Mesh, Namespace, Param, Policy, Rollout, Service, Test, children, name, node,
};
use crate::syntax_kind::{SyntaxKind, SyntaxNode};

node! {
    /// A whole file.
    SourceFile = SourceFile
}

impl SourceFile {
    /// The declarations in order.
    pub fn declarations(&self) -> impl Iterator<Item = Declaration> + use<> {
        children(self.syntax())
    }
}

/// Declares the enum over all declarations.
macro_rules! declarations {
    ($($(#[$doc:meta])* $name:ident,)*) => {
        /// One declaration.
        #[derive(Clone, Debug, PartialEq, Eq, Hash)]
        pub enum Declaration { $($(#[$doc])* $name($name),)* }

        impl AstNode for Declaration {
            fn can_be(kind: SyntaxKind) -> bool {
                matches!(kind, $(SyntaxKind::$name)|*)
            }

            fn cast(node: SyntaxNode) -> Option<Self> {
                match node.kind() {
                    $(SyntaxKind::$name => $name::cast(node).map(Self::$name),)*
                    _ => None,
                }
            }

            fn syntax(&self) -> &SyntaxNode {
                match self { $(Self::$name(inner) => inner.syntax(),)* }
            }
        }

        $(impl $name {
            /// The name it declares, as written; a service where the declaration is about one that exists.
            #[must_use]
            pub fn name(&self) -> Option<Word> {
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
