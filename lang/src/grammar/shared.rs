//! What many declarations share: names, values, plain settings, sets, selectors, places, shares, what any block holds.

use crate::ast::Choice;
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::parser::{Free, Parser, Scope, Statement, block};
use crate::syntax_kind::SyntaxKind::{
    Annotations, Arrow, Cel, Comma, Default, Eq, Except, Key, LBrace, LParen, Labels, MapEntry, Name, NotEq, Place,
    Request, Requirement, Selector, Set, Setting, Share, Shares, String, Term, Value, Waive, Weight, Word,
};
use crate::words::{is_connector, is_method, is_method_in_lower_case, is_reserved};

/// `common = "waive" CODE STRING`, for blocks that hold nothing that becomes an object.
pub(super) const WAIVE: &[Statement] = &[WAIVE_FINDING];

/// `common = "waive" CODE STRING | "labels" map`, for clusters.
pub(super) const LABELS: &[Statement] = &[WAIVE_FINDING, LABELS_OF_BLOCK];

/// `common = "waive" CODE STRING | ("labels" | "annotations") map`, for what becomes an object.
pub(super) const OBJECT: &[Statement] = &[
    WAIVE_FINDING,
    LABELS_OF_BLOCK,
    Statement {
        keyword: "annotations",
        form: "annotations { KEY = VALUE, … }",
        about: "Annotations of the object that the block becomes.",
        parse: annotations,
    },
];

const WAIVE_FINDING: Statement = Statement {
    keyword: "waive",
    form: "waive CODE \"REASON\"",
    about: "Silences a finding in this block, with the reason.",
    parse: waive,
};

const LABELS_OF_BLOCK: Statement = Statement {
    keyword: "labels",
    form: "labels { KEY = VALUE, … }",
    about: "Labels of what the block becomes, which selectors can ask for.",
    parse: labels,
};

/// `"default" verb [direction]`, of fleets, namespaces and policies.
pub(super) const DEFAULT: Statement = Statement {
    keyword: "default",
    form: "default allow|deny [ingress|egress]",
    about: "What holds where no rule decides, for one direction or both.",
    parse: default,
};

/// `"waive" CODE STRING`
fn waive(p: &mut Parser<'_>) {
    p.node(Waive, |p| {
        p.bump_keyword();
        word(p, "the code of a finding, for instance `FN0701`");
        text(p, "the reason as a string");
    });
}

/// `"labels" map`
fn labels(p: &mut Parser<'_>) {
    p.node(Labels, map);
}

/// `"annotations" map`
fn annotations(p: &mut Parser<'_>) {
    p.node(Annotations, map);
}

/// `map = "{" [SEP] [ KEY "=" VALUE { ("," | SEP) KEY "=" VALUE } ] [SEP] "}"`
fn map(p: &mut Parser<'_>) {
    static ENTRIES: Scope = Scope {
        what: "a key and its value",
        statements: &[],
        common: &[],
        free: Some(Free { form: "KEY = VALUE", about: "One key and its value.", parse: map_entries }),
    };
    p.bump_keyword();
    block(p, &ENTRIES);
}

fn map_entries(p: &mut Parser<'_>) -> bool {
    let starts = matches!(p.current(), Word | String);
    if starts {
        list(p, |p| {
            p.node(MapEntry, |p| {
                key(p);
                sign(p, Eq, "`=`");
                value(p, "a value");
            });
        });
    }
    starts
}

// Words.

/// `NAME` or `NS/NAME` where it is declared.
pub(super) fn name(p: &mut Parser<'_>, what: &str) {
    let word = if p.needs(&[Word]) { p.text() } else { "" };
    let missing = word.is_empty() || (is_connector(word) && !matches!(p.peek(1), LBrace | Eq));
    if missing {
        return p.expected(what);
    }
    if word.split('/').any(is_reserved) {
        p.reserved_name();
    }
    p.node(Name, Parser::bump);
}

/// One word that is a value: a name that is referred to, a number, a CIDR, `$NAME`, ….
pub(super) fn word(p: &mut Parser<'_>, what: &str) {
    if p.needs(&[Word]) && !is_connector(p.text()) { p.bump() } else { p.expected(what) }
}

/// `STRING`, or `$NAME` for one.
pub(super) fn text(p: &mut Parser<'_>, what: &str) {
    if p.needs(&[String, Word]) && at_text(p) { p.bump() } else { p.expected(what) }
}

/// Whether a string, or `$NAME` for one, comes next.
pub(super) fn at_text(p: &Parser<'_>) -> bool {
    p.at(String) || (p.at(Word) && p.text().starts_with('$'))
}

/// `KEY`: a word, or anything in quotes.
pub(super) fn key(p: &mut Parser<'_>) {
    quotable(p, Key, "a key");
}

/// `VALUE`: a word, or anything in quotes.
pub(super) fn value(p: &mut Parser<'_>, what: &str) {
    quotable(p, Value, what);
}

fn quotable(p: &mut Parser<'_>, kind: crate::SyntaxKind, what: &str) {
    if p.needs(&[Word, String]) { p.node(kind, Parser::bump) } else { p.expected(what) }
}

/// A sign that must come.
pub(super) fn sign(p: &mut Parser<'_>, kind: crate::SyntaxKind, what: &str) {
    if p.needs(&[kind]) { p.bump() } else { p.expected(what) }
}

/// A keyword that must come.
pub(super) fn keyword(p: &mut Parser<'_>, word: &str) {
    if !p.eat_clause(word) {
        p.expected(&format!("`{word}`"));
    }
}

/// One of a few words.
pub(super) fn choice<C: Choice>(p: &mut Parser<'_>) {
    p.offer(C::WORDS);
    if p.needs(&[Word]) && C::WORDS.contains(&p.text()) { p.bump_keyword() } else { p.unknown_choice(C::WORDS) }
}

/// `item {"," item}`
pub(super) fn list(p: &mut Parser<'_>, item: impl Fn(&mut Parser<'_>)) {
    item(p);
    while p.needs(&[Comma]) {
        p.bump();
        item(p);
    }
}

// Settings: a keyword and its value.

/// A setting with what `inside` takes as its value.
pub(super) fn setting(p: &mut Parser<'_>, inside: impl FnOnce(&mut Parser<'_>)) {
    p.node(Setting, |p| {
        p.bump_keyword();
        inside(p);
    });
}

/// `KEYWORD`
pub(super) fn flag(p: &mut Parser<'_>) {
    setting(p, |_| ());
}

/// `KEYWORD NAME`
pub(super) fn name_setting(p: &mut Parser<'_>) {
    setting(p, |p| word(p, "a name"));
}

/// `KEYWORD NAME {"," NAME}`
pub(super) fn names_setting(p: &mut Parser<'_>) {
    setting(p, |p| list(p, |p| word(p, "a name")));
}

/// `KEYWORD NS/NAME`
pub(super) fn namespaced_setting(p: &mut Parser<'_>) {
    setting(p, |p| word(p, "a name with its namespace"));
}

/// `KEYWORD INT`
pub(super) fn number_setting(p: &mut Parser<'_>) {
    setting(p, |p| word(p, "a number"));
}

/// `KEYWORD DURATION`
pub(super) fn duration_setting(p: &mut Parser<'_>) {
    setting(p, |p| word(p, "a duration, for instance `30s`"));
}

/// `KEYWORD STRING`
pub(super) fn text_setting(p: &mut Parser<'_>) {
    setting(p, |p| text(p, "a string"));
}

/// `KEYWORD STRING {"," STRING}`
pub(super) fn texts_setting(p: &mut Parser<'_>) {
    setting(p, |p| list(p, |p| text(p, "a string")));
}

/// `KEYWORD set`
pub(super) fn set_setting(p: &mut Parser<'_>) {
    setting(p, |p| set(p, Local::Refused));
}

/// `KEYWORD selector`
pub(super) fn selector_setting(p: &mut Parser<'_>) {
    setting(p, selector);
}

/// `KEYWORD (WORD | …)`
pub(super) fn choice_setting<C: Choice>(p: &mut Parser<'_>) {
    setting(p, choice::<C>);
}

/// `default = "default" ("allow" | "deny") ["ingress" | "egress"]`
fn default(p: &mut Parser<'_>) {
    use crate::ast::{Direction, Verb};
    p.node(Default, |p| {
        p.bump_keyword();
        choice::<Verb>(p);
        p.offer(Direction::WORDS);
        if p.at(Word) && Direction::WORDS.contains(&p.text()) {
            p.bump_keyword();
        }
    });
}

// Sets of clusters.

/// Whether `local` means something: in peers it does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Local {
    Allowed,
    Refused,
}

/// `set = term {"," term} ["except" term {"," term}]`
pub(super) fn set(p: &mut Parser<'_>, local: Local) {
    p.node(Set, |p| {
        list(p, |p| term(p, local));
        except(p, |p| list(p, |p| term(p, local)));
    });
}

/// `"except" …`, if it comes next.
pub(super) fn except(p: &mut Parser<'_>, inside: impl FnOnce(&mut Parser<'_>)) {
    if p.at_clause("except") {
        p.node(Except, |p| {
            p.bump_keyword();
            inside(p);
        });
    }
}

/// `term = NAME | "all" | "local" | "region" NAME | "mesh" NAME | "where" (selector | CEL)`
fn term(p: &mut Parser<'_>, local: Local) {
    p.offer(&["all", "region", "mesh", "where"]);
    if local == Local::Allowed {
        p.offer(&["local"]);
    }
    if !p.needs(&[Word]) || is_connector(p.text()) {
        return p.expected("a cluster or a set of clusters");
    }
    p.node(Term, |p| match p.text() {
        "all" => p.bump_keyword(),
        "local" => {
            if local == Local::Refused {
                misplaced_local(p);
            }
            p.bump_keyword();
        }
        "region" | "mesh" => {
            p.bump_keyword();
            word(p, "a name");
        }
        "where" => {
            p.bump_keyword();
            if !p.eat(Cel) {
                selector(p);
            }
        }
        _ => p.bump(),
    });
}

fn misplaced_local(p: &mut Parser<'_>) {
    p.report(|span| {
        Diagnostic::new(codes::MISPLACED, span, "`local` names a cluster only for the peers of a rule or test")
            .help("name the cluster")
    });
}

/// `place = "in" (term | "(" set ")")`, if it comes next.
pub(super) fn place(p: &mut Parser<'_>, local: Local) {
    if !p.at_clause("in") {
        return;
    }
    p.node(Place, |p| {
        p.bump_keyword();
        if p.needs(&[LParen]) { p.parenthesised(|p| set(p, local)) } else { term(p, local) }
    });
}

// Selectors.

/// `selector = req {"and" req}`
pub(super) fn selector(p: &mut Parser<'_>) {
    p.node(Selector, |p| {
        requirement(p);
        while p.eat_clause("and") {
            requirement(p);
        }
    });
}

/// `req = KEY ("=" | "!=") VALUE | KEY ["not"] "in" "(" VALUE {"," VALUE} ")" | ["not"] "has" KEY`
fn requirement(p: &mut Parser<'_>) {
    if !p.needs(&[Word, String]) || (is_connector(p.text()) && p.text() != "not" && p.text() != "has") {
        return p.expected("a label key");
    }
    let negated = usize::from(p.at_word("not"));
    let has = p.text_ahead(negated) == "has" && !matches!(p.peek(negated.saturating_add(1)), Eq | NotEq);
    p.node(Requirement, |p| {
        if has {
            p.eat_clause("not");
            p.bump_keyword();
            return key(p);
        }
        key(p);
        if p.needs(&[Eq, NotEq]) {
            p.bump();
            return value(p, "a value");
        }
        let negated = p.eat_clause("not");
        if p.eat_clause("in") {
            parenthesised(p, |p| list(p, |p| value(p, "a value")));
        } else {
            p.expected(if negated { "`in`" } else { "`=`, `!=`, `in` or `not in`" });
        }
    });
}

/// `"(" … ")"`
pub(super) fn parenthesised(p: &mut Parser<'_>, inside: impl FnOnce(&mut Parser<'_>)) {
    if p.needs(&[LParen]) { p.parenthesised(inside) } else { p.expected("`(`") }
}

// Shares.

/// `weight = "weight" shares`
pub(super) fn weight(p: &mut Parser<'_>) {
    p.node(Weight, |p| {
        p.bump_keyword();
        shares(p);
    });
}

/// `block(weight)`
pub(super) fn weight_block(p: &mut Parser<'_>) {
    static WEIGHTS: Scope = Scope {
        what: "`weight`",
        statements: &[Statement {
            keyword: "weight",
            form: "weight CLUSTER = NUMBER, …",
            about: "How traffic is divided over clusters: only ratios count, `0` drains.",
            parse: weight,
        }],
        common: WAIVE,
        free: None,
    };
    block(p, &WEIGHTS);
}

/// `shares = NAME "=" (INT | PERCENT) {"," NAME "=" (INT | PERCENT)}`
pub(super) fn shares(p: &mut Parser<'_>) {
    p.node(Shares, |p| {
        list(p, |p| {
            p.node(Share, |p| {
                word(p, "a cluster");
                sign(p, Eq, "`=`");
                word(p, "a number or a percentage");
            });
        });
    });
}

/// `"->" NS/NAME`, if it comes next.
pub(super) fn arrow_target(p: &mut Parser<'_>) {
    if p.needs(&[Arrow]) {
        p.bump();
        word(p, "a service");
    }
}

/// `METHOD STRING`, if it comes next.
pub(super) fn request(p: &mut Parser<'_>) -> bool {
    let starts = at_method(p);
    if starts {
        p.node(Request, |p| {
            p.bump();
            text(p, "a path as a string");
        });
    }
    starts
}

/// Whether a method comes next. One in lower case is reported, and taken for what it means.
pub(super) fn at_method(p: &mut Parser<'_>) -> bool {
    let method = p.text();
    let in_lower_case = is_method_in_lower_case(method);
    let starts = p.at(Word) && (is_method(method) || in_lower_case);
    if starts && in_lower_case {
        p.report(|span| {
            let upper = method.to_ascii_uppercase();
            Diagnostic::new(codes::UNKNOWN_CHOICE, span, format!("`{method}` is no method: they are in upper case"))
                .help(format!("write `{upper}`"))
                .fix(span, upper)
        });
    }
    starts
}
