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

use crate::parser::{Free, Parser, Scope, Statement, statements};
use crate::syntax_kind::SyntaxKind;

/// `declaration = fleet | cluster | clusters | mesh | namespace | identity | group | external | service | export | entry
/// | balance | gateway | policy | test | invariant | rollout | guard | param`
pub(crate) static DECLARATIONS: Scope = Scope {
    what: "a declaration",
    statements: &[
        Statement { keyword: "fleet", form: "fleet NAME { … }", parse: fleet::fleet },
        Statement { keyword: "cluster", form: "cluster NAME { … }", parse: fleet::cluster },
        Statement { keyword: "clusters", form: "clusters NAME = CLUSTERS", parse: fleet::clusters },
        Statement { keyword: "mesh", form: "mesh NAME { … }", parse: fleet::mesh },
        Statement { keyword: "namespace", form: "namespace NAME { … }", parse: workload::namespace },
        Statement { keyword: "identity", form: "identity NAMESPACE/NAME { … }", parse: workload::identity },
        Statement { keyword: "group", form: "group NAME { … }", parse: workload::group },
        Statement { keyword: "external", form: "external NAME { … }", parse: workload::external },
        Statement { keyword: "service", form: "service NAMESPACE/NAME { … }", parse: workload::service },
        Statement { keyword: "export", form: "export NAMESPACE/SERVICE to MESH [{ … }]", parse: traffic::export },
        Statement { keyword: "entry", form: "entry NAMESPACE/NAME { … }", parse: traffic::entry },
        Statement {
            keyword: "balance",
            form: "balance NAMESPACE/SERVICE on CLUSTER [{ internal }]",
            parse: traffic::balance,
        },
        Statement { keyword: "gateway", form: "gateway NAMESPACE/NAME { … }", parse: traffic::gateway },
        Statement { keyword: "policy", form: "policy NAME [for PEERS] { … }", parse: policy::policy },
        Statement { keyword: "test", form: "test STRING { … }", parse: proof::test },
        Statement { keyword: "invariant", form: "invariant NAME [STRING] { … }", parse: proof::invariant },
        Statement {
            keyword: "rollout",
            form: "rollout NAME for entry|gateway|export NAMESPACE/NAME [-> NAMESPACE/SERVICE] { … }",
            parse: traffic::rollout,
        },
        Statement { keyword: "guard", form: "guard { … }", parse: proof::guard },
        Statement { keyword: "param", form: "param NAME = VALUE", parse: fleet::param },
    ],
    common: &[],
    free: None,
};

/// `package = { [SEP] [DOC] declaration SEP }`
pub(crate) fn source_file(p: &mut Parser<'_>) {
    p.node(SyntaxKind::SourceFile, |p| statements(p, &DECLARATIONS));
}

/// What an environment file consists of.
static VALUES: Scope = Scope {
    what: "a value of a parameter",
    statements: &[],
    common: &[],
    free: Some(Free { form: "NAME = VALUE", parse: fleet::param_value }),
};

/// `environment = { [SEP] NAME "=" value SEP }`
pub(crate) fn environment(p: &mut Parser<'_>) {
    p.node(SyntaxKind::SourceFile, |p| statements(p, &VALUES));
}

pub(crate) use proof::question;

#[cfg(test)]
mod tests {
    /// The form of a statement is shown to whoever wrote it otherwise.
    #[test]
    fn every_declaration_is_written_as_its_form_says() {
        for declaration in super::DECLARATIONS.statements {
            let form = declaration.form.strip_prefix(declaration.keyword);
            assert!(form.is_some_and(|rest| rest.starts_with(' ')), "{}", declaration.form);
        }
    }
}
