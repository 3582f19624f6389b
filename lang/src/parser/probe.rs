//! Which words could stand at a place: those that the grammar looks for there.
//!
//! There is no table of what may follow what. The grammar is asked: it parses a text with any word at the place, and whatever keyword it looks
//! for when that word comes next could stand there. So what is offered is never more or less than what is understood.

use super::Parser;
use crate::syntax_kind::SyntaxKind;

/// A keyword that could stand at a place.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expected {
    /// The keyword.
    pub word: String,
    /// How the statement that starts with it is written; nothing for a word within a statement.
    pub form: Option<&'static str>,
}

/// The place that is asked about, and what was looked for there.
#[derive(Default)]
pub(super) struct Probe {
    /// The token that stands there.
    token: Option<usize>,
    found: Vec<Expected>,
}

impl Probe {
    pub fn at(token: usize) -> Self {
        Self { token: Some(token), found: Vec::new() }
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
            let words = words.iter().map(|word| Expected { word: (*word).to_owned(), form: None });
            self.probe.found.extend(words);
        }
    }

    /// Notes that a statement of the block could come next.
    pub(super) fn offer_statements(&mut self) {
        if self.is_probed() {
            let statements = self.scope.statements.iter().chain(self.scope.common);
            let words = statements.map(|one| Expected { word: one.keyword.to_owned(), form: Some(one.form) });
            self.probe.found.extend(words);
        }
    }

    fn is_probed(&self) -> bool {
        // Behind a mistake the grammar only looks for a way to go on.
        self.probe.token == Some(self.position) && self.at(SyntaxKind::Word) && !self.failed
    }
}

#[cfg(test)]
mod tests {
    use crate::parser::expected_at;

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
        let most = found.iter().find(|found| found.word == "clusters").and_then(|found| found.form);
        assert_eq!(most, Some("clusters at most NUMBER|none"));
    }
}
