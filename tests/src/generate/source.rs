//! A package as a list of declarations and their statements: text to compile, and parts to leave out when a failure is made small.

use std::fmt;

/// A package of one file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Source {
    /// Its declarations, in order.
    pub declarations: Vec<Declaration>,
}

/// One declaration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Declaration {
    /// What stands before its block: `policy p1 for all`.
    pub head: String,
    /// The statements of its block; none for a declaration without a block.
    pub block: Option<Vec<String>>,
}

impl Declaration {
    /// `HEAD { STATEMENT … }`.
    #[must_use]
    pub fn new(head: impl Into<String>, statements: Vec<String>) -> Self {
        Self { head: head.into(), block: Some(statements) }
    }

    /// A declaration of one line.
    #[must_use]
    pub fn line(text: impl Into<String>) -> Self {
        Self { head: text.into(), block: None }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.declarations.iter().try_for_each(|declaration| declaration.fmt(f))
    }
}

impl fmt::Display for Declaration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(block) = &self.block else { return writeln!(f, "{}", self.head) };
        writeln!(f, "{} {{", self.head)?;
        block.iter().try_for_each(|statement| writeln!(f, "  {statement}"))?;
        writeln!(f, "}}")
    }
}

/// The smallest package that can be reached by leaving out declarations and statements, one after the other, while `fails` holds of it.
#[must_use]
pub fn minimise(source: &Source, mut fails: impl FnMut(&Source) -> bool) -> Source {
    let mut least = source.clone();
    loop {
        let smaller = without_one_part(&least).into_iter().find(|candidate| fails(candidate));
        match smaller {
            Some(smaller) => least = smaller,
            None => return least,
        }
    }
}

/// Every package with one declaration, statement, or item of a list less; whole declarations first, as they are the larger step.
fn without_one_part(source: &Source) -> Vec<Source> {
    let mut candidates = Vec::new();
    for place in (0..source.declarations.len()).rev() {
        let mut less = source.clone();
        less.declarations.remove(place);
        candidates.push(less);
    }
    for (place, declaration) in source.declarations.iter().enumerate().rev() {
        let Some(block) = &declaration.block else { continue };
        for statement in (0..block.len()).rev() {
            let mut less = source.clone();
            if let Some(block) = less.declarations.get_mut(place).and_then(|declaration| declaration.block.as_mut()) {
                block.remove(statement);
            }
            candidates.push(less);
        }
        for (statement, text) in block.iter().enumerate() {
            for shorter in shorter(text) {
                let mut less = source.clone();
                let block = less.declarations.get_mut(place).and_then(|declaration| declaration.block.as_mut());
                if let Some(statement) = block.and_then(|block| block.get_mut(statement)) {
                    *statement = shorter;
                }
                candidates.push(less);
            }
        }
    }
    candidates
}

/// A statement with one item of one of its lists less. What comes out need not be legal: then it doesn't fail in the same way.
fn shorter(statement: &str) -> Vec<String> {
    let parts: Vec<&str> = statement.split(", ").collect();
    let mut candidates = Vec::new();
    for place in 1..parts.len() {
        // The item before a comma starts after the last blank of its part; the one behind ends before the first.
        let (before, after) = (parts.get(..place).unwrap_or_default(), parts.get(place..).unwrap_or_default());
        let (before, after) = (before.join(", "), after.join(", "));
        if let Some((kept, _)) = before.rsplit_once(' ') {
            candidates.push(format!("{kept} {after}"));
        }
        let rest = after.find(' ').and_then(|blank| after.get(blank..)).unwrap_or_default();
        candidates.push(format!("{before}{rest}"));
    }
    candidates
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fails_is_made_small() {
        let policy = Declaration::new(
            "policy p for all",
            vec!["deny to world".to_owned(), "allow from a/b, c/d, e/f on 80/tcp".to_owned()],
        );
        let source = Source { declarations: vec![Declaration::line("param x = 1"), policy] };
        let least = minimise(&source, |source| source.to_string().contains("c/d"));
        assert_eq!(least.to_string(), "policy p for all {\n  allow from c/d on 80/tcp\n}\n");
    }
}
