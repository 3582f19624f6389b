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
        Statement {
            keyword: "fleet",
            form: "fleet NAME { … }",
            about: "The package's fleet: its targets, its defaults and its limits.",
            parse: fleet::fleet,
        },
        Statement {
            keyword: "cluster",
            form: "cluster NAME { … }",
            about: "A cluster, as far as a target or a rule has to know it.",
            parse: fleet::cluster,
        },
        Statement {
            keyword: "clusters",
            form: "clusters NAME = CLUSTERS",
            about: "A named set of clusters.",
            parse: fleet::clusters,
        },
        Statement {
            keyword: "mesh",
            form: "mesh NAME { … }",
            about: "A network across clusters; a cluster is in one at most.",
            parse: fleet::mesh,
        },
        Statement {
            keyword: "namespace",
            form: "namespace NAME { … }",
            about: "A namespace, and the clusters that have it.",
            parse: workload::namespace,
        },
        Statement {
            keyword: "identity",
            form: "identity NAMESPACE/NAME { … }",
            about: "Who a pod is: by its labels, its service account, or both.",
            parse: workload::identity,
        },
        Statement {
            keyword: "group",
            form: "group NAME { … }",
            about: "A named set of identities.",
            parse: workload::group,
        },
        Statement {
            keyword: "external",
            form: "external NAME { … }",
            about: "What the fleet does not govern: addresses, DNS names, pods of a namespace that isn't declared.",
            parse: workload::external,
        },
        Statement {
            keyword: "service",
            form: "service NAMESPACE/NAME { … }",
            about: "A service, one for each cluster that runs its pods.",
            parse: workload::service,
        },
        Statement {
            keyword: "export",
            form: "export NAMESPACE/SERVICE to MESH [{ … }]",
            about: "Makes one service of those of a mesh's clusters.",
            parse: traffic::export,
        },
        Statement {
            keyword: "entry",
            form: "entry NAMESPACE/NAME { … }",
            about: "A public DNS name that answers with the addresses of the clusters that run a service.",
            parse: traffic::entry,
        },
        Statement {
            keyword: "balance",
            form: "balance NAMESPACE/SERVICE on CLUSTER [{ internal }]",
            about: "One layer-4 balancer over every cluster that runs the service.",
            parse: traffic::balance,
        },
        Statement {
            keyword: "gateway",
            form: "gateway NAMESPACE/NAME { … }",
            about: "HTTP, TLS or TCP from outside: listeners open ports, routes lead from them to services.",
            parse: traffic::gateway,
        },
        Statement {
            keyword: "policy",
            form: "policy NAME [for PEERS] { … }",
            about: "Rules: about its subjects with `for`, with both ends without.",
            parse: policy::policy,
        },
        Statement {
            keyword: "test",
            form: "test STRING { … }",
            about: "Assertions that are proven each time the package is checked.",
            parse: proof::test,
        },
        Statement {
            keyword: "invariant",
            form: "invariant NAME [STRING] { … }",
            about: "A condition that every flow which passes fulfils.",
            parse: proof::invariant,
        },
        Statement {
            keyword: "rollout",
            form: "rollout NAME for entry|gateway|export NAMESPACE/NAME [-> NAMESPACE/SERVICE] { … }",
            about: "The steps on the way to the weights that the source declares.",
            parse: traffic::rollout,
        },
        Statement {
            keyword: "guard",
            form: "guard { … }",
            about: "What a change may do at most, compared with the build before.",
            parse: proof::guard,
        },
        Statement {
            keyword: "param",
            form: "param NAME = VALUE",
            about: "A value that can be set from outside, and stands as `$NAME` in the source.",
            parse: fleet::param,
        },
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
    free: Some(Free { form: "NAME = VALUE", about: "The value of a parameter.", parse: fleet::param_value }),
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
            assert!(declaration.about.ends_with('.'), "{}: {}", declaration.form, declaration.about);
        }
    }
}
