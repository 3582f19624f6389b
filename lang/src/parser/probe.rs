//! Which words could stand at a place, and how the statement there is written: what the grammar looks for.
//!
//! There is no table of what may follow what. The grammar is asked: it parses a text with any word at the place, and whatever keyword it looks
//! for when that word comes next could stand there. So what is offered is never more or less than what is understood.

use super::{Event, Parser};
use crate::syntax_kind::SyntaxKind;

/// A keyword that could stand at a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// The keyword.
    pub word: String,
    /// How the statement that starts with it is written; nothing for a word within a statement.
    pub form: Option<&'static str>,
    /// What that says, in a line.
    pub about: Option<&'static str>,
}

/// A statement up to a place in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Begun {
    /// How the statement is written.
    pub form: &'static str,
    /// What it says, in a line.
    pub about: &'static str,
    /// Its tokens before the place, but for blanks and comments.
    pub tokens: Vec<(SyntaxKind, String)>,
}

/// The place that is asked about, and what was looked for there.
#[derive(Default)]
pub(super) struct Probe {
    /// The token that stands there.
    token: Option<usize>,
    found: Vec<Expected>,
    /// The innermost statement around it.
    statement: Option<Around>,
}

/// The statement around the place.
struct Around {
    /// Its first token.
    start: usize,
    /// How it is written, where that is known.
    form: Option<&'static str>,
    /// What it says.
    about: &'static str,
}

impl Probe {
    pub fn at(token: usize) -> Self {
        Self { token: Some(token), ..Self::default() }
    }

    /// In order, each once.
    pub fn finish(mut self) -> Vec<Expected> {
        self.found.sort();
        self.found.dedup_by(|one, other| one.word == other.word);
        self.found
    }
}

impl Parser<'_> {
    /// Notes that one of these words could come next.
    pub fn offer(&mut self, words: &[&str]) {
        if self.is_probed() {
            let words = words.iter().map(|word| Expected { word: (*word).to_owned(), form: None, about: None });
            self.probe.found.extend(words);
        }
    }

    /// Notes that a statement of the block could come next.
    pub(super) fn offer_statements(&mut self) {
        if self.is_probed() {
            let statements = self.scope.statements.iter().chain(self.scope.common);
            let words = statements.map(|one| Expected {
                word: one.keyword.to_owned(),
                form: Some(one.form),
                about: Some(one.about),
            });
            self.probe.found.extend(words);
        }
    }

    /// Notes that the statement is through that began at `start`.
    pub(super) fn probe_statement(&mut self, start: usize) {
        let inside = self.probe.token.is_some_and(|token| (start..self.position).contains(&token));
        if inside && self.probe.statement.is_none() {
            self.probe.statement = Some(Around { start, form: self.form, about: self.about });
        }
    }

    /// The statement around the place, up to it.
    pub(super) fn begun(&self) -> Option<Begun> {
        let Around { start, form, about } = *self.probe.statement.as_ref()?;
        let kinds = self.events.iter().filter_map(|event| match event {
            Event::Token(kind) => Some(*kind),
            Event::Open(_) | Event::Close => None,
        });
        let before = self.probe.token?.checked_sub(start)?;
        let tokens = kinds.enumerate().skip(start).take(before);
        let tokens = tokens.map(|(index, kind)| (kind, self.input.text(index).to_owned())).collect();
        Some(Begun { form: form?, about, tokens })
    }

    fn is_probed(&self) -> bool {
        // Behind a mistake the grammar only looks for a way to go on.
        self.probe.token == Some(self.position) && self.at(SyntaxKind::Word) && !self.failed
    }
}

#[cfg(test)]
mod tests {
    use crate::parser::{begun_at, expected_at};

    #[track_caller]
    fn check(text: &str, expected: &[&str]) {
        let offset = text.find("here").unwrap();
        let found = expected_at(text, u32::try_from(offset).unwrap());
        let words: Vec<&str> = found.iter().map(|found| found.word.as_str()).collect();
        assert_eq!(words, expected, "{text}");
    }

    #[test]
    fn a_word_is_offered_where_it_is_understood() {
        check("balance a/b on c { here }", &["annotations", "internal", "labels", "waive"]);
        check("mesh m { routing here }", &["native", "tunnel"]);
        check("policy p here", &["for"]);
        check("policy p for a/b { allow here }", &["from", "to"]);
        check("policy p { allow a/b here -> a/c }", &["in"]);
        check("policy p { allow a/b -> a/c in here on 80/tcp }", &["all", "local", "mesh", "region", "where"]);
        check("policy p { allow a/b -> a/c on 80/tcp here }", &["reason"]);
        check("test \"t\" { serves a/b for c/d here }", &["from", "in"]);
        check("clusters c = a here", &["except"]);
        check("identity a/b { match app here }", &["in", "not"]);
        check("cluster here { }", &[]);
    }

    #[test]
    fn statements_come_with_their_forms() {
        let found = expected_at("guard { here }", 8);
        let most = found.iter().find(|found| found.word == "clusters").unwrap();
        assert_eq!(most.form, Some("clusters at most NUMBER|none"));
        assert_eq!(most.about, Some("How many clusters may change."));
    }

    #[track_caller]
    fn check_begun(text: &str, form: Option<&str>, tokens: &[&str]) {
        let offset = text.find("here").unwrap();
        let begun = begun_at(text, u32::try_from(offset).unwrap());
        assert_eq!(begun.as_ref().map(|begun| begun.form), form, "{text}");
        let found = begun.map(|begun| begun.tokens).unwrap_or_default();
        assert_eq!(found.iter().map(|(_, text)| text.as_str()).collect::<Vec<_>>(), tokens, "{text}");
    }

    #[test]
    fn a_statement_is_the_innermost_one_up_to_the_place() {
        let weight = Some("weight CLUSTER = NUMBER, …");
        check_begun("# c\nexport a/b to m { weight one = 1,\n  here = 2 }", weight, &["weight", "one", "=", "1", ","]);
        check_begun("mesh m { members a }\nmesh here", Some("mesh NAME { … }"), &["mesh"]);
        check_begun("cluster m { labels { a = here } }", Some("KEY = VALUE"), &["a", "="]);
        check_begun("ttl here", None, &[]);
        check_begun("entry a/b {\n  ttl 5\n  here\n}", None, &[]);
        // What follows from a mistake, too.
        check_begun("entry a/b { ttl { } here }", Some("ttl DURATION"), &["ttl", "{", "}"]);
    }
}
