//! What runs: namespaces, identities, groups, services, and what is outside.

use super::shared::{
    DEFAULT, Local, OBJECT, WAIVE, choice_setting, except, flag, keyword, list, name, name_setting, names_setting,
    namespaced_setting, selector, selector_setting, set, set_setting, setting, text_setting, texts_setting, word,
};
use crate::ast::{ExternalTrafficPolicy, ServiceType};
use crate::parser::{Free, Parser, Scope, Statement, block};
use crate::syntax_kind::SyntaxKind::{
    Arrow, At, CidrList, External, Group, Identity, LBrace, Members, Namespace, Pods, PortDecl, Service, Word,
};
use crate::words::is_connector;

static NAMESPACE: Scope = Scope {
    what: "a statement of a namespace",
    statements: &[
        Statement {
            keyword: "in",
            form: "in CLUSTERS",
            about: "The clusters that have the namespace.",
            parse: set_setting,
        },
        Statement {
            keyword: "global",
            form: "global in MESH",
            about: "The mesh in which the namespace's pods are known to every cluster.",
            parse: global,
        },
        Statement {
            keyword: "owner",
            form: "owner STRING",
            about: "The team that owns the namespace.",
            parse: text_setting,
        },
        Statement {
            keyword: "files",
            form: "files STRING, …",
            about: "The files that may speak for the namespace.",
            parse: texts_setting,
        },
        DEFAULT,
    ],
    common: OBJECT,
    free: None,
};

static IDENTITY: Scope = Scope {
    what: "a statement of an identity",
    statements: &[
        Statement {
            keyword: "match",
            form: "match KEY = VALUE and …",
            about: "The labels that a pod has to have; of several lines, any.",
            parse: selector_setting,
        },
        Statement {
            keyword: "account",
            form: "account NAME",
            about: "The service account that a pod has to run under.",
            parse: name_setting,
        },
        Statement {
            keyword: "in",
            form: "in CLUSTERS",
            about: "Narrows the identity to some of the namespace's clusters.",
            parse: set_setting,
        },
        Statement {
            keyword: "port",
            form: "port NAME NUMBER/PROTOCOL",
            about: "A name for a port that no service names.",
            parse: identity_port,
        },
    ],
    common: WAIVE,
    free: None,
};

static GROUP: Scope = Scope {
    what: "identities or `where`",
    statements: &[Statement {
        keyword: "where",
        form: "where KEY = VALUE and …",
        about: "All identities with these labels of their own and their namespaces.",
        parse: selector_setting,
    }],
    common: WAIVE,
    free: Some(Free {
        form: "NAMESPACE/IDENTITY, … [except NAMESPACE/IDENTITY, …]",
        about: "The identities and groups of the group, less those behind `except`.",
        parse: members,
    }),
};

static EXTERNAL: Scope = Scope {
    what: "a statement of an external",
    statements: &[
        Statement {
            keyword: "cidr",
            form: "cidr CIDR, … [except CIDR, …]",
            about: "Addresses, less those behind `except`.",
            parse: cidr_list,
        },
        Statement {
            keyword: "dns",
            form: "dns STRING, …",
            about: "DNS names: `*` stands for one label, a leading `**.` for any number.",
            parse: texts_setting,
        },
        Statement {
            keyword: "pods",
            form: "pods NAMESPACE [where KEY = VALUE and …]",
            about: "Pods of a namespace that the fleet does not declare.",
            parse: external_pods,
        },
    ],
    common: WAIVE,
    free: None,
};

static SERVICE: Scope = Scope {
    what: "a statement of a service",
    statements: &[
        Statement {
            keyword: "pods",
            form: "pods NAMESPACE/IDENTITY",
            about: "The identity whose pods the service leads to.",
            parse: namespaced_setting,
        },
        Statement {
            keyword: "port",
            form: "port NAME NUMBER [-> NUMBER]/PROTOCOL [app NAME]",
            about: "A port: its name, the number that clients use, the pods' own where it differs, its protocol.",
            parse: service_port,
        },
        Statement {
            keyword: "type",
            form: "type cluster-ip|node-port|load-balancer",
            about: "How the service can be reached from outside of its cluster.",
            parse: choice_setting::<ServiceType>,
        },
        Statement {
            keyword: "headless",
            form: "headless",
            about: "The service has no address of its own: its name gives those of its pods.",
            parse: flag,
        },
        Statement {
            keyword: "dns-label",
            form: "dns-label STRING",
            about: "The label of the service's public DNS name.",
            parse: text_setting,
        },
        Statement {
            keyword: "external-traffic-policy",
            form: "external-traffic-policy local|cluster",
            about: "Whether traffic from outside stays on the node that it comes to.",
            parse: choice_setting::<ExternalTrafficPolicy>,
        },
        Statement {
            keyword: "routes-from",
            form: "routes-from NAMESPACE, …",
            about: "The namespaces whose gateways may lead routes to the service.",
            parse: names_setting,
        },
        Statement {
            keyword: "at",
            form: "at CLUSTERS { … }",
            about: "What is different in some clusters; everything else stays.",
            parse: at,
        },
    ],
    common: OBJECT,
    free: None,
};

/// `namespace = "namespace" NAME block( "in" set | "global" "in" NAME | "owner" STRING | files | default )`
pub(super) fn namespace(p: &mut Parser<'_>) {
    p.node(Namespace, |p| {
        p.bump_keyword();
        name(p, "the namespace's name");
        block(p, &NAMESPACE);
    });
}

/// `"global" "in" NAME`
fn global(p: &mut Parser<'_>) {
    setting(p, |p| {
        keyword(p, "in");
        word(p, "a mesh");
    });
}

/// `identity = "identity" NS/NAME block( "match" selector | "account" NAME | "in" set | "port" NAME INT "/" PROTO )`
pub(super) fn identity(p: &mut Parser<'_>) {
    p.node(Identity, |p| {
        p.bump_keyword();
        name(p, "the identity's name with its namespace");
        block(p, &IDENTITY);
    });
}

/// `"port" NAME INT "/" PROTO`
fn identity_port(p: &mut Parser<'_>) {
    p.node(PortDecl, |p| {
        p.bump_keyword();
        name(p, "the port's name");
        word(p, "a port, for instance `8080/tcp`");
    });
}

/// `group = "group" NAME block( "where" selector | pods {"," pods} ["except" pods {"," pods}] )`
pub(super) fn group(p: &mut Parser<'_>) {
    p.node(Group, |p| {
        p.bump_keyword();
        name(p, "the group's name");
        block(p, &GROUP);
    });
}

/// `pods {"," pods} ["except" pods {"," pods}]`
fn members(p: &mut Parser<'_>) -> bool {
    // A word before a `{` is a statement that a group doesn't have.
    let starts = p.at(Word) && !is_connector(p.text()) && p.peek(1) != LBrace;
    if starts {
        p.node(Members, |p| {
            list(p, pods);
            except(p, |p| list(p, pods));
        });
    }
    starts
}

/// `pods = NS/NAME | NS/"*" | NAME | "all"`
fn pods(p: &mut Parser<'_>) {
    if p.needs(&[Word]) && !is_connector(p.text()) {
        p.node(Pods, Parser::bump);
    } else {
        p.expected("an identity, `NAMESPACE/*` or a group");
    }
}

/// `external = "external" NAME block( cidr | "dns" STRING {"," STRING} | "pods" NAME ["where" selector] )`
pub(super) fn external(p: &mut Parser<'_>) {
    p.node(External, |p| {
        p.bump_keyword();
        name(p, "the external's name");
        block(p, &EXTERNAL);
    });
}

/// `cidr = "cidr" CIDR {"," CIDR} ["except" CIDR {"," CIDR}]`
fn cidr_list(p: &mut Parser<'_>) {
    p.node(CidrList, |p| {
        p.bump_keyword();
        list(p, |p| word(p, "a CIDR"));
        except(p, |p| list(p, |p| word(p, "a CIDR")));
    });
}

/// `"pods" NAME ["where" selector]`
fn external_pods(p: &mut Parser<'_>) {
    setting(p, |p| {
        word(p, "a namespace");
        if p.eat_clause("where") {
            selector(p);
        }
    });
}

/// `service = "service" NS/NAME block( pods | port | type | headless | dns-label | … | "at" set block(the same) )`
pub(super) fn service(p: &mut Parser<'_>) {
    p.node(Service, |p| {
        p.bump_keyword();
        name(p, "the service's name with its namespace");
        block(p, &SERVICE);
    });
}

/// `"port" NAME INT ["->" INT] "/" PROTO ["app" NAME]`
fn service_port(p: &mut Parser<'_>) {
    p.node(PortDecl, |p| {
        p.bump_keyword();
        name(p, "the port's name");
        word(p, "a port, for instance `80/tcp` or `80 -> 8080/tcp`");
        if p.needs(&[Arrow]) {
            p.bump();
            word(p, "the target port, for instance `8080/tcp`");
        }
        if p.eat_clause("app") {
            word(p, "an application protocol");
        }
    });
}

/// `"at" set block(the same)`
fn at(p: &mut Parser<'_>) {
    p.node(At, |p| {
        p.bump_keyword();
        set(p, Local::Refused);
        block(p, &SERVICE);
    });
}
