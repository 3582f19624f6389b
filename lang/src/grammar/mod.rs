//! The grammar: one file for every group of declarations, one function for every rule, its line of the grammar above it.
//!
//! `SEP` is a new line or `;`. What may stand in a block is a table ([`Scope`]), so that the parser, its recovery and
//! its did-you-mean all read the same list.

mod fleet;
mod policy;
mod proof;
mod shared;
mod traffic;
mod workload;

use crate::parser::{Parser, Scope, Statement, statements};
use crate::syntax_kind::SyntaxKind;

/// `declaration = fleet | cluster | clusters | mesh | namespace | identity | group | external | service | export | entry
/// | balance | gateway | policy | test | invariant | rollout | guard | param`
pub(crate) static DECLARATIONS: Scope = Scope {
    what: "a declaration",
    statements: &[
        Statement { keyword: "fleet", parse: fleet::fleet },
        Statement { keyword: "cluster", parse: fleet::cluster },
        Statement { keyword: "clusters", parse: fleet::clusters },
        Statement { keyword: "mesh", parse: fleet::mesh },
        Statement { keyword: "namespace", parse: workload::namespace },
        Statement { keyword: "identity", parse: workload::identity },
        Statement { keyword: "group", parse: workload::group },
        Statement { keyword: "external", parse: workload::external },
        Statement { keyword: "service", parse: workload::service },
        Statement { keyword: "export", parse: traffic::export },
        Statement { keyword: "entry", parse: traffic::entry },
        Statement { keyword: "balance", parse: traffic::balance },
        Statement { keyword: "gateway", parse: traffic::gateway },
        Statement { keyword: "policy", parse: policy::policy },
        Statement { keyword: "test", parse: proof::test },
        Statement { keyword: "invariant", parse: proof::invariant },
        Statement { keyword: "rollout", parse: traffic::rollout },
        Statement { keyword: "guard", parse: proof::guard },
        Statement { keyword: "param", parse: fleet::param },
    ],
    common: &[],
    free: None,
};

/// `package = { [SEP] [DOC] declaration SEP }`
pub(crate) fn source_file(p: &mut Parser<'_>) {
    p.node(SyntaxKind::SourceFile, |p| statements(p, &DECLARATIONS));
}
