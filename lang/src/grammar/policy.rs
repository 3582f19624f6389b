//! Policies and what rules and assertions are about: peers and ports.

use super::shared::{DEFAULT, Local, WAIVE, except, list, name, parenthesised, place, request, sign, text, word};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::parser::{Free, Parser, Scope, Statement, block};
use crate::syntax_kind::SyntaxKind::{
    Arrow, EndCidr, EndDns, EndPods, LParen, Peer, Peers, Policy, Port, Ports, Rule, Word,
};
use crate::words::{is_connector, is_method};

static SUBJECT_RULES: Scope = Scope {
    what: "a rule or `default`",
    statements: &[
        DEFAULT,
        Statement {
            keyword: "allow",
            form: "allow from|to PEERS [on PORTS] [{ METHOD PATH … }] [reason STRING]",
            about: "Allows flows of the subjects from or to peers, unless a `deny` matches.",
            parse: subject_rule,
        },
        Statement {
            keyword: "deny",
            form: "deny from|to PEERS [on PORTS] [reason STRING]",
            about: "Denies flows of the subjects from or to peers, whatever allows them.",
            parse: subject_rule,
        },
    ],
    common: WAIVE,
    free: None,
};

static PAIR_RULES: Scope = Scope {
    what: "a rule",
    statements: &[
        Statement {
            keyword: "allow",
            form: "allow PEERS -> PEERS [on PORTS] [{ METHOD PATH … }] [reason STRING]",
            about: "Allows flows at both ends, unless a `deny` matches.",
            parse: pair_rule,
        },
        Statement {
            keyword: "deny",
            form: "deny PEERS -> PEERS [on PORTS] [reason STRING]",
            about: "Denies flows at both ends, whatever allows them.",
            parse: pair_rule,
        },
    ],
    common: WAIVE,
    free: None,
};

/// The rules of a policy whose head is wrong, so that nobody knows which form it has.
static ANY_RULES: Scope = Scope {
    what: "a rule or `default`",
    statements: &[
        DEFAULT,
        Statement {
            keyword: "allow",
            form: "allow from|to PEERS … or allow PEERS -> PEERS …",
            about: "Allows flows, unless a `deny` matches.",
            parse: any_rule,
        },
        Statement {
            keyword: "deny",
            form: "deny from|to PEERS … or deny PEERS -> PEERS …",
            about: "Denies flows, whatever allows them.",
            parse: any_rule,
        },
    ],
    common: WAIVE,
    free: None,
};

static REQUESTS: Scope = Scope {
    what: "a method in upper case, or `*`, and a path",
    statements: &[],
    common: WAIVE,
    free: Some(Free {
        form: "METHOD PATH",
        about: "A request that is admitted: `*` is within a segment of the path, `**` the rest.",
        parse: request,
    }),
};

/// `policy = "policy" NAME "for" peers block( default | verb ("from" | "to") peers rest )
///         | "policy" NAME block( verb peers "->" peers rest )`
pub(super) fn policy(p: &mut Parser<'_>) {
    p.node(Policy, |p| {
        p.bump_keyword();
        name(p, "the policy's name");
        if p.eat_clause("for") {
            peers(p);
            block(p, &SUBJECT_RULES);
        } else if p.at_block() {
            block(p, &PAIR_RULES);
        } else {
            p.expected("`for` or `{`");
            block(p, &ANY_RULES);
        }
    });
}

/// `verb ("from" | "to") peers rest`
fn subject_rule(p: &mut Parser<'_>) {
    rule(p, |p| {
        if p.at_clause("from") || p.at_clause("to") {
            p.bump_keyword();
            return peers(p);
        }
        p.expected("`from` or `to`");
        pair(p);
    });
}

/// `verb peers "->" peers rest`
fn pair_rule(p: &mut Parser<'_>) {
    rule(p, |p| {
        if !(p.at_word("from") || p.at_word("to")) {
            return pair(p);
        }
        let side = p.text();
        p.report(|span| {
            Diagnostic::new(codes::MISPLACED, span, format!("`{side}` has no subject in a policy without `for`"))
                .help("write `policy NAME for PEERS { … }`, or rules with both ends, `A -> B`")
        });
        p.bump_keyword();
        peers(p);
    });
}

fn any_rule(p: &mut Parser<'_>) {
    let about_subject = matches!(p.text_ahead(1), "from" | "to");
    if about_subject { subject_rule(p) } else { pair_rule(p) }
}

/// `rest = ["on" ports] [block(METHOD STRING)] ["reason" STRING]`, behind the verb and what `ends` takes.
fn rule(p: &mut Parser<'_>, ends: impl FnOnce(&mut Parser<'_>)) {
    p.node(Rule, |p| {
        p.bump_keyword();
        ends(p);
        on_ports(p);
        if p.at_block() {
            block(p, &REQUESTS);
        }
        if p.eat_clause("reason") {
            text(p, "the reason as a string");
        }
    });
}

/// `peers "->" peers`
pub(super) fn pair(p: &mut Parser<'_>) {
    peers(p);
    sign(p, Arrow, "`->`");
    peers(p);
}

/// `["on" ports]`
pub(super) fn on_ports(p: &mut Parser<'_>) {
    if p.eat_clause("on") {
        ports(p);
    }
}

/// `peers = peer {"," peer}`
fn peers(p: &mut Parser<'_>) {
    p.node(Peers, |p| list(p, peer));
}

/// `peer = end [place] | "(" end {"," end} ")" place`
pub(super) fn peer(p: &mut Parser<'_>) {
    p.needs(&[Word, LParen]);
    if p.at(LParen) {
        p.node(Peer, |p| {
            p.parenthesised(|p| list(p, end));
            if p.at_clause("in") { place(p, Local::Allowed) } else { missing_place(p) }
        });
    } else if at_end_of_flow(p) {
        p.node(Peer, |p| {
            end(p);
            place(p, Local::Allowed);
        });
    } else {
        p.expected("a peer");
    }
}

fn missing_place(p: &mut Parser<'_>) {
    p.report(|span| {
        Diagnostic::new(codes::EXPECTED, span, "peers in parentheses need the place where they run")
            .help("write `(A, B) in CLUSTERS`, or leave the parentheses out")
    });
}

fn at_end_of_flow(p: &Parser<'_>) -> bool {
    p.at(Word) && !is_connector(p.text())
}

/// `end = pods | BUILTIN | cidr1 | "dns" STRING`
fn end(p: &mut Parser<'_>) {
    p.needs(&[Word]);
    p.offer(&["cidr", "dns"]);
    if !at_end_of_flow(p) {
        return p.expected("a peer");
    }
    match p.text() {
        "cidr" => end_cidr(p),
        "dns" => p.node(EndDns, |p| {
            p.bump_keyword();
            text(p, "a DNS name as a string");
        }),
        _ => p.node(EndPods, Parser::bump),
    }
}

/// `cidr1 = "cidr" CIDR ["except" (CIDR | "(" CIDR {"," CIDR} ")")]`
fn end_cidr(p: &mut Parser<'_>) {
    p.node(EndCidr, |p| {
        p.bump_keyword();
        word(p, "a CIDR");
        except(p, |p| {
            if p.at(LParen) {
                parenthesised(p, |p| list(p, |p| word(p, "a CIDR")));
            } else {
                word(p, "a CIDR");
            }
        });
    });
}

/// `ports = port {"," port}`
fn ports(p: &mut Parser<'_>) {
    p.node(Ports, |p| list(p, port));
}

/// `port = NAME | INT ["-" INT] "/" PROTO | PROTO | "icmp" [NAME] | "any"`
fn port(p: &mut Parser<'_>) {
    if !p.needs(&[Word]) || is_connector(p.text()) {
        return p.expected("a port, for instance `443/tcp`");
    }
    p.offer(&["any", "icmp", "tcp", "udp", "sctp"]);
    p.node(Port, |p| {
        if !p.at_word("icmp") {
            return p.bump();
        }
        p.bump_keyword();
        if p.at(Word) && p.text() != "reason" && !is_connector(p.text()) && !is_method(p.text()) {
            p.bump();
        }
    });
}
