//! Labels of DNS names, one for each way to match some globs and no others.
//!
//! Each glob is an automaton over letters, its states sets of places in it, kept as bits: labels, and so globs, have at most 63 letters.
//! All are run at once, over all letters that stand in any of them and one that stands in none, so that every combination that some label
//! has is found. There can be exponentially many; whoever asks says how much is looked at.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// Most letters of a label.
const LONGEST: usize = 63;

/// Labels that read well, tried before others.
const FAMILIAR: [&str; 2] = ["some", "other"];

/// Letters of labels, the hyphen aside; the first that isn't mentioned stands for all such.
const LETTERS: &[u8] = b"xyzabcdefghijklmnopqrstuvw0123456789_";

/// More combinations than are looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooMany;

/// How much is left to look at.
#[derive(Clone, Copy, Debug)]
pub struct Budget(pub usize);

impl Budget {
    /// Takes a part of what is left.
    pub fn spend(&mut self, work: usize) -> Result<(), TooMany> {
        self.0 = self.0.checked_sub(work).ok_or(TooMany)?;
        Ok(())
    }
}

/// A label, and which of the globs match it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The label.
    pub text: String,
    /// Indices of the globs, in order.
    pub matched: Vec<usize>,
}

/// A label of every kind that the globs tell apart: what one label's globs say of it is what they say of every label of its kind.
pub fn labels(globs: &[&str], budget: &mut Budget) -> Result<Vec<Label>, TooMany> {
    let space = Space::of(globs);
    let mut found: Vec<Label> = Vec::new();
    for (index, text) in &space.literals {
        let mut matched = space.matched(text);
        matched.push(*index);
        matched.sort_unstable();
        found.push(Label { text: (*text).to_owned(), matched });
    }
    let others = space.explore(budget)?;
    found.extend(others.into_iter().map(|(matched, text)| Label { text, matched }));
    Ok(found)
}

/// The globs with a wildcard, and the letters that matter.
struct Space<'g> {
    literals: Vec<(usize, &'g str)>,
    /// Every beginning of a literal, as text that others can be told from.
    beginnings: BTreeSet<&'g str>,
    open: Vec<Glob<'g>>,
    letters: Vec<u8>,
}

/// A place in the search: where each glob stands, what has been read as long as it begins a literal, and whether it may end here.
type Key = (Vec<u64>, Option<String>, bool);

impl<'g> Space<'g> {
    fn of(globs: &[&'g str]) -> Self {
        let (open, literals): (Vec<_>, Vec<_>) =
            globs.iter().copied().enumerate().partition(|(_, glob)| glob.contains('*'));
        let mentioned: BTreeSet<u8> = globs.iter().flat_map(|glob| glob.bytes()).filter(|byte| *byte != b'*').collect();
        let unmentioned = LETTERS.iter().copied().find(|letter| !mentioned.contains(letter));
        let beginnings = |text: &'g str| (1..=text.len()).filter_map(|end| text.get(..end));
        Self {
            beginnings: literals.iter().flat_map(|(_, text)| beginnings(text)).collect(),
            literals,
            open: open.into_iter().map(|(index, text)| Glob::of(index, text)).collect(),
            letters: unmentioned.into_iter().chain(mentioned).collect(),
        }
    }

    /// The globs with wildcards that match a label.
    fn matched(&self, label: &str) -> Vec<usize> {
        let end = |glob: &Glob<'_>| label.bytes().fold(glob.start(), |places, letter| glob.step(places, letter));
        self.open.iter().filter(|glob| glob.accepts(end(glob))).map(|glob| glob.index).collect()
    }

    /// A label that is no literal for each combination of the other globs, shortest first.
    fn explore(&self, budget: &mut Budget) -> Result<Vec<(Vec<usize>, String)>, TooMany> {
        let mut found = Found { order: Vec::new(), seen: BTreeSet::new() };
        for text in self.familiar() {
            found.add(self.matched(&text), &text);
        }
        let combinations = u32::try_from(self.open.len()).ok().and_then(|count| 1_usize.checked_shl(count));
        let start: Vec<u64> = self.open.iter().map(Glob::start).collect();
        let mut seen: BTreeSet<Key> = BTreeSet::new();
        let mut queue = VecDeque::from([(start, String::new())]);
        while let Some((places, text)) = queue.pop_front() {
            if is_label(&text) && !self.is_literal(&text) {
                found.add(self.accepted(&places), &text);
            }
            if combinations == Some(found.order.len()) {
                break;
            }
            for letter in self.letters.iter().copied().filter(|_| text.len() < LONGEST) {
                budget.spend(self.open.len() + 1)?;
                let next: Vec<u64> =
                    self.open.iter().zip(&places).map(|(glob, places)| glob.step(*places, letter)).collect();
                let text = format!("{text}{}", char::from(letter));
                let begins = self.beginnings.contains(text.as_str()).then(|| text.clone());
                if text != "-" && seen.insert((next.clone(), begins, letter == b'-')) {
                    queue.push_back((next, text));
                }
            }
        }
        Ok(found.order)
    }

    fn familiar(&self) -> Vec<String> {
        let [first, _] = FAMILIAR;
        let filled = self.open.iter().map(|glob| glob.text.replace('*', first));
        let all = FAMILIAR.iter().map(|text| (*text).to_owned()).chain(filled);
        all.filter(|text| is_label(text) && !self.is_literal(text)).collect()
    }

    fn is_literal(&self, label: &str) -> bool {
        self.beginnings.contains(label) && self.literals.iter().any(|(_, literal)| *literal == label)
    }

    fn accepted(&self, places: &[u64]) -> Vec<usize> {
        let accepting = self.open.iter().zip(places).filter(|(glob, places)| glob.accepts(**places));
        accepting.map(|(glob, _)| glob.index).collect()
    }
}

struct Found {
    order: Vec<(Vec<usize>, String)>,
    seen: BTreeSet<Vec<usize>>,
}

impl Found {
    fn add(&mut self, matched: Vec<usize>, text: &str) {
        if self.seen.insert(matched.clone()) {
            self.order.push((matched, text.to_owned()));
        }
    }
}

fn is_label(text: &str) -> bool {
    !text.is_empty() && text.len() <= LONGEST && !text.starts_with('-') && !text.ends_with('-')
}

/// A glob as an automaton; bit `n` of its state is the place before its letter `n`.
struct Glob<'g> {
    index: usize,
    text: &'g str,
    stars: u64,
    /// The places before each letter.
    before: BTreeMap<u8, u64>,
}

impl<'g> Glob<'g> {
    fn of(index: usize, text: &'g str) -> Self {
        let mut before: BTreeMap<u8, u64> = BTreeMap::new();
        for (place, letter) in text.bytes().take(LONGEST).enumerate() {
            *before.entry(letter).or_default() |= 1 << place;
        }
        let stars = before.remove(&b'*').unwrap_or(0);
        Self { index, text, stars, before }
    }

    fn start(&self) -> u64 {
        self.past_stars(1)
    }

    /// A wildcard may stand for nothing; no two stand side by side.
    fn past_stars(&self, places: u64) -> u64 {
        places | ((places & self.stars) << 1)
    }

    fn step(&self, places: u64, letter: u8) -> u64 {
        let before = self.before.get(&letter).copied().unwrap_or(0);
        self.past_stars(((places & before) << 1) | (places & self.stars))
    }

    fn accepts(&self, places: u64) -> bool {
        places & (1 << self.text.len().min(LONGEST)) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::{Budget, TooMany, labels};

    #[track_caller]
    fn check(globs: &[&str], expected: &[(&str, &[usize])]) {
        let found = labels(globs, &mut Budget(100_000)).unwrap();
        let found: Vec<(&str, &[usize])> =
            found.iter().map(|label| (label.text.as_str(), label.matched.as_slice())).collect();
        assert_eq!(found, expected, "{globs:?}");
    }

    #[test]
    fn every_combination_is_found() {
        check(&[], &[("some", &[])]);
        check(&["some"], &[("some", &[0]), ("other", &[])]);
        check(&["some", "other"], &[("some", &[0]), ("other", &[1]), ("x", &[])]);
        check(&["*"], &[("some", &[0])]);
        check(&["s*", "*"], &[("some", &[0, 1]), ("other", &[1])]);
        check(&["some", "s*"], &[("some", &[0, 1]), ("other", &[]), ("ssome", &[1])]);
        check(&["api-*", "*-eu"], &[("some", &[]), ("api-some", &[0]), ("some-eu", &[1]), ("api-eu", &[0, 1])]);
        check(&["x", "*"], &[("x", &[0, 1]), ("some", &[1])]);
    }

    #[test]
    fn labels_match_as_names_do() {
        let globs = ["a*b*c", "*b*", "ab*", "*c", "abc", "a-*"];
        let found = labels(&globs, &mut Budget(1_000_000)).unwrap();
        assert!(found.len() > 10, "{found:?}");
        for label in found {
            let matching = |glob: &str| crate::model::DnsPattern(glob.into()).matches(&label.text);
            let matched: Vec<usize> =
                globs.iter().enumerate().filter(|(_, glob)| matching(glob)).map(|(index, _)| index).collect();
            assert_eq!(matched, label.matched, "{}", label.text);
        }
    }

    #[test]
    fn too_many_are_no_answer() {
        let globs: Vec<String> = ('a'..='z').map(|letter| format!("*{letter}*")).collect();
        let globs: Vec<&str> = globs.iter().map(String::as_str).collect();
        assert_eq!(labels(&globs, &mut Budget(100_000)), Err(TooMany));
    }
}
