//! Where traffic is sent: exports, entries, balances, gateways, and rollouts from one split to another.

use super::shared::{
    OBJECT, WAIVE, arrow_target, at_method, at_text, choice, choice_setting, duration_setting, flag, keyword, list,
    name, name_setting, set_setting, shares, sign, text, text_setting, weight, weight_block, word,
};
use crate::ast::{Affinity, ListenerProtocol, ProbeProtocol, RolloutKind};
use crate::parser::{Parser, Scope, Statement, block};
use crate::syntax_kind::SyntaxKind::{
    Arrow, Backend, Balance, Entry, Eq, Export, Gateway, Header, LBrace, Listener, Probe, Rollout, Route, Step,
};

static EXPORT: Scope = Scope {
    what: "a statement of an export",
    statements: &[
        Statement {
            keyword: "from",
            form: "from CLUSTERS",
            about: "Which clusters offer the service.",
            parse: set_setting,
        },
        Statement {
            keyword: "consume",
            form: "consume CLUSTERS",
            about: "Which clusters get the service.",
            parse: set_setting,
        },
        Statement {
            keyword: "affinity",
            form: "affinity local|remote|none",
            about: "Whose backends go first: those of the client's own cluster, or those of the others.",
            parse: choice_setting::<Affinity>,
        },
        Statement {
            keyword: "weight",
            form: "weight CLUSTER = NUMBER, …",
            about: "How traffic is divided over clusters: only ratios count, `0` drains.",
            parse: weight,
        },
    ],
    common: OBJECT,
    free: None,
};

static ENTRY: Scope = Scope {
    what: "a statement of an entry",
    statements: &[
        Statement {
            keyword: "backend",
            form: "backend NAMESPACE/SERVICE [{ weight … }]",
            about: "The service that the name stands for.",
            parse: backend,
        },
        Statement {
            keyword: "resource-group",
            form: "resource-group STRING",
            about: "The resource group that the name's profile is made in.",
            parse: text_setting,
        },
        Statement {
            keyword: "ttl",
            form: "ttl DURATION",
            about: "How long an answer may be kept.",
            parse: duration_setting,
        },
        Statement {
            keyword: "probe",
            form: "probe http|https|tcp [PATH] port NUMBER [every DURATION] [timeout DURATION] [tolerate NUMBER]",
            about: "How it is found out which clusters are up.",
            parse: probe,
        },
    ],
    common: OBJECT,
    free: None,
};

static BALANCE: Scope = Scope {
    what: "`internal`",
    statements: &[Statement {
        keyword: "internal",
        form: "internal",
        about: "Keeps the balancer off the internet.",
        parse: flag,
    }],
    common: OBJECT,
    free: None,
};

static GATEWAY: Scope = Scope {
    what: "a statement of a gateway",
    statements: &[
        Statement {
            keyword: "class",
            form: "class NAME",
            about: "The class of the gateway, which says what implements it.",
            parse: name_setting,
        },
        Statement {
            keyword: "in",
            form: "in CLUSTERS",
            about: "The clusters that have the gateway.",
            parse: set_setting,
        },
        Statement {
            keyword: "listener",
            form: "listener NAME http|https|tls|tcp PORT [host STRING, …] [certificate STRING]",
            about: "Opens a port, for all host names or some.",
            parse: listener,
        },
        Statement {
            keyword: "route",
            form: "route [METHOD] [PATH] [header STRING = STRING …] [on LISTENER] -> NAMESPACE/SERVICE [port NAME] [{ weight … }]",
            about: "Leads requests from a listener to a service: by method, path and headers.",
            parse: route,
        },
    ],
    common: OBJECT,
    free: None,
};

static ROLLOUT: Scope = Scope {
    what: "a step",
    statements: &[Statement {
        keyword: "step",
        form: "step NAME { CLUSTER = NUMBER, … } [hold DURATION]",
        about: "The weights of one step, and how long it is held at least.",
        parse: step,
    }],
    common: WAIVE,
    free: None,
};

/// `export = "export" NS/NAME "to" NAME [block( ("from" | "consume") set | "affinity" … | weight )]`
pub(super) fn export(p: &mut Parser<'_>) {
    p.node(Export, |p| {
        p.bump_keyword();
        name(p, "a service");
        keyword(p, "to");
        word(p, "a mesh");
        if p.at_block() {
            block(p, &EXPORT);
        }
    });
}

/// `entry = "entry" NS/NAME block( backend | "resource-group" STRING | "ttl" DURATION | probe )`
pub(super) fn entry(p: &mut Parser<'_>) {
    p.node(Entry, |p| {
        p.bump_keyword();
        name(p, "the entry's name with its namespace");
        block(p, &ENTRY);
    });
}

/// `"backend" NS/NAME [block(weight)]`
fn backend(p: &mut Parser<'_>) {
    p.node(Backend, |p| {
        p.bump_keyword();
        word(p, "a service");
        if p.at_block() {
            weight_block(p);
        }
    });
}

/// `"probe" ("http" | "https" | "tcp") [STRING] "port" INT ["every" DURATION] ["timeout" DURATION] ["tolerate" INT]`
fn probe(p: &mut Parser<'_>) {
    p.node(Probe, |p| {
        p.bump_keyword();
        choice::<ProbeProtocol>(p);
        if at_text(p) {
            p.bump();
        }
        keyword(p, "port");
        word(p, "a number");
        for (clause, what) in [("every", "a duration"), ("timeout", "a duration"), ("tolerate", "a number")] {
            if p.eat_clause(clause) {
                word(p, what);
            }
        }
    });
}

/// `balance = "balance" NS/NAME "on" NAME [block("internal")]`
pub(super) fn balance(p: &mut Parser<'_>) {
    p.node(Balance, |p| {
        p.bump_keyword();
        name(p, "a service");
        keyword(p, "on");
        word(p, "a cluster");
        if p.at_block() {
            block(p, &BALANCE);
        }
    });
}

/// `gateway = "gateway" NS/NAME block( "class" NAME | "in" set | listener | route )`
pub(super) fn gateway(p: &mut Parser<'_>) {
    p.node(Gateway, |p| {
        p.bump_keyword();
        name(p, "the gateway's name with its namespace");
        block(p, &GATEWAY);
    });
}

/// `"listener" NAME ("http" | "https" | "tls" | "tcp") INT ["host" STRING {"," STRING}] ["certificate" STRING]`
fn listener(p: &mut Parser<'_>) {
    p.node(Listener, |p| {
        p.bump_keyword();
        name(p, "the listener's name");
        choice::<ListenerProtocol>(p);
        word(p, "a port number");
        if p.eat_clause("host") {
            list(p, |p| text(p, "a host name as a string"));
        }
        if p.eat_clause("certificate") {
            text(p, "the certificate's name as a string");
        }
    });
}

/// `"route" [METHOD] [STRING] {"header" STRING "=" STRING} ["on" NAME] "->" NS/NAME ["port" NAME] [block(weight)]`
fn route(p: &mut Parser<'_>) {
    p.node(Route, |p| {
        p.bump_keyword();
        if at_method(p) {
            p.bump();
        }
        if at_text(p) {
            p.bump();
        }
        while p.at_clause("header") {
            header(p);
        }
        if p.eat_clause("on") {
            word(p, "a listener");
        }
        sign(p, Arrow, "`->` and a service");
        word(p, "a service");
        if p.eat_clause("port") {
            word(p, "a port's name");
        }
        if p.at_block() {
            weight_block(p);
        }
    });
}

/// `"header" STRING "=" STRING`
fn header(p: &mut Parser<'_>) {
    p.node(Header, |p| {
        p.bump_keyword();
        text(p, "the header's name as a string");
        sign(p, Eq, "`=`");
        text(p, "the header's value as a string");
    });
}

/// `rollout = "rollout" NAME "for" ("entry" | "gateway" | "export") NS/NAME ["->" NS/NAME] block( step )`
pub(super) fn rollout(p: &mut Parser<'_>) {
    p.node(Rollout, |p| {
        p.bump_keyword();
        name(p, "the rollout's name");
        keyword(p, "for");
        choice::<RolloutKind>(p);
        word(p, "its name with its namespace");
        arrow_target(p);
        block(p, &ROLLOUT);
    });
}

/// `"step" NAME "{" shares "}" ["hold" DURATION]`
fn step(p: &mut Parser<'_>) {
    p.node(Step, |p| {
        p.bump_keyword();
        name(p, "the step's name");
        if p.needs(&[LBrace]) {
            p.braced(|p| {
                p.next_statement();
                shares(p);
            });
        } else {
            p.expected("`{`");
        }
        if p.eat_clause("hold") {
            word(p, "a duration, for instance `30m`");
        }
    });
}
