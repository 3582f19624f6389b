//! What must hold: tests, invariants and guards.

use super::policy::{on_ports, pair, peer};
use super::shared::{
    Local, WAIVE, arrow_target, at_text, keyword, list, name, place, request, setting, shares, text, word,
};
use crate::parser::{Parser, Scope, Statement, block};
use crate::syntax_kind::SyntaxKind::{Assertion, Cel, Given, Guard, GuardLimit, Invariant, Serves, ShareCheck, Test};

static TEST: Scope = Scope {
    what: "a statement of a test",
    statements: &[
        Statement {
            keyword: "given",
            form: "given IDENTITY [in CLUSTERS] down, given cluster|region NAME lost or given step NAME",
            about: "What the whole test assumes: pods down, a cluster or region lost, a step of a rollout.",
            parse: given,
        },
        Statement {
            keyword: "can",
            form: "can PEERS -> PEERS on PORTS [METHOD PATH]",
            about: "Every source reaches every destination, wherever they run, on every port.",
            parse: assertion,
        },
        Statement {
            keyword: "cannot",
            form: "cannot PEERS -> PEERS [on PORTS] [METHOD PATH]",
            about: "No source reaches any destination, on any of the ports.",
            parse: assertion,
        },
        Statement {
            keyword: "serves",
            form: "serves NAMESPACE/SERVICE for PEER from CLUSTER, …|nobody",
            about: "Exactly the clusters that connections are sent to.",
            parse: serves,
        },
        Statement {
            keyword: "share",
            form: "share NAMESPACE/NAME [-> NAMESPACE/SERVICE] CLUSTER = NUMBER, …",
            about: "The shares that weights come to.",
            parse: share,
        },
    ],
    common: WAIVE,
    free: None,
};

static INVARIANT: Scope = Scope {
    what: "`require`",
    statements: &[Statement {
        keyword: "require",
        form: "require CEL",
        about: "A condition over `flow`: its ends, port and protocol.",
        parse: require,
    }],
    common: WAIVE,
    free: None,
};

static GUARD: Scope = Scope {
    what: "a statement of a guard",
    statements: &[
        Statement {
            keyword: "new-pairs",
            form: "new-pairs at most NUMBER|none",
            about: "How many pairs of a source and a destination may newly talk.",
            parse: limit,
        },
        Statement {
            keyword: "lost-pairs",
            form: "lost-pairs at most NUMBER|none",
            about: "How many pairs of a source and a destination may no longer talk.",
            parse: limit,
        },
        Statement {
            keyword: "clusters",
            form: "clusters at most NUMBER|none",
            about: "How many clusters may change.",
            parse: limit,
        },
        Statement {
            keyword: "removed-objects",
            form: "removed-objects at most NUMBER|none",
            about: "How many objects may be removed.",
            parse: limit,
        },
        Statement {
            keyword: "world",
            form: "world never wider",
            about: "Nothing more may be reached from `world`, or reach it.",
            parse: world,
        },
    ],
    common: WAIVE,
    free: None,
};

/// `test = "test" STRING block( "given" given | can | cannot | serves | share )`
pub(super) fn test(p: &mut Parser<'_>) {
    p.node(Test, |p| {
        p.bump_keyword();
        text(p, "what the test shows, as a string");
        block(p, &TEST);
    });
}

/// `given = NS/NAME [place] "down" | ("cluster" | "region") NAME "lost" | "step" NAME`
fn given(p: &mut Parser<'_>) {
    p.node(Given, |p| {
        p.bump_keyword();
        p.offer(&["cluster", "region", "step"]);
        match p.text() {
            "cluster" | "region" => {
                p.bump_keyword();
                word(p, "a name");
                keyword(p, "lost");
            }
            "step" => {
                p.bump_keyword();
                word(p, "a step's name");
            }
            _ => {
                word(p, "an identity, `cluster`, `region` or `step`");
                place(p, Local::Refused);
                keyword(p, "down");
            }
        }
    });
}

/// `("can" | "cannot") peers "->" peers ["on" ports] [METHOD STRING]`
fn assertion(p: &mut Parser<'_>) {
    p.node(Assertion, |p| {
        p.bump_keyword();
        pair(p);
        on_ports(p);
        request(p);
    });
}

/// `peers "->" peers ["on" ports] [METHOD STRING]`, and nothing else
pub(crate) fn question(p: &mut Parser<'_>) {
    p.node(Assertion, |p| {
        p.single("PEERS -> PEERS [on PORTS] [METHOD PATH]", |p| {
            pair(p);
            on_ports(p);
            request(p);
        });
    });
}

/// `"serves" NS/NAME "for" peer "from" (NAME {"," NAME} | "nobody")`
fn serves(p: &mut Parser<'_>) {
    p.node(Serves, |p| {
        p.bump_keyword();
        word(p, "a service");
        keyword(p, "for");
        peer(p);
        keyword(p, "from");
        list(p, |p| word(p, "a cluster or `nobody`"));
    });
}

/// `"share" NS/NAME ["->" NS/NAME] shares`
fn share(p: &mut Parser<'_>) {
    p.node(ShareCheck, |p| {
        p.bump_keyword();
        word(p, "an entry or a gateway");
        arrow_target(p);
        shares(p);
    });
}

/// `invariant = "invariant" NAME [STRING] block( "require" CEL )`
pub(super) fn invariant(p: &mut Parser<'_>) {
    p.node(Invariant, |p| {
        p.bump_keyword();
        name(p, "the invariant's name");
        if at_text(p) {
            p.bump();
        }
        block(p, &INVARIANT);
    });
}

/// `"require" CEL`
fn require(p: &mut Parser<'_>) {
    setting(p, |p| if p.needs(&[Cel]) { p.bump() } else { p.expected("CEL between backticks") });
}

/// `guard = "guard" block( limit | "world" "never" "wider" )`
pub(super) fn guard(p: &mut Parser<'_>) {
    p.node(Guard, |p| {
        p.bump_keyword();
        block(p, &GUARD);
    });
}

/// `("new-pairs" | "lost-pairs" | "clusters" | "removed-objects") ("at" "most" (INT | PERCENT) | "none")`
fn limit(p: &mut Parser<'_>) {
    p.node(GuardLimit, |p| {
        p.bump_keyword();
        if p.eat_clause("none") {
            return;
        }
        if !p.eat_clause("at") {
            return p.expected("`at most` or `none`");
        }
        keyword(p, "most");
        word(p, "a number or a percentage");
    });
}

/// `"world" "never" "wider"`
fn world(p: &mut Parser<'_>) {
    setting(p, |p| {
        keyword(p, "never");
        keyword(p, "wider");
    });
}
