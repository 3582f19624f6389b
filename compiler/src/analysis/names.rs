//! DNS names, one for each way to match some of the mentioned patterns and no others.
//!
//! A name is read label by label from its end, with all patterns that match it so far. What it will match depends on those alone, so each set
//! of them is followed once at each depth, by a label of every kind that their globs there tell apart (see [`labels`]).

use std::collections::{BTreeMap, BTreeSet};

use super::labels::{self, Budget, TooMany};
use crate::model::DnsPattern;

/// A name for those that nothing matches.
const UNMENTIONED: &str = "some-name.example";

/// How much is looked at, as steps of one pattern.
const MOST_WORK: usize = 20_000_000;

/// Most names of different kinds.
const MOST_NAMES: usize = 100_000;

/// A name for each set of patterns that are all that match some name.
///
/// # Errors
/// If the patterns overlap in more ways than can be looked at.
pub fn witnesses<'p>(patterns: impl Iterator<Item = &'p DnsPattern>) -> Result<Vec<String>, TooMany> {
    let patterns: Vec<&DnsPattern> = patterns.collect();
    let readings: Vec<Reading<'_>> = patterns.iter().map(|pattern| Reading::of(pattern)).collect();
    let mut budget = Budget(MOST_WORK);
    let mut found: BTreeSet<Vec<usize>> = BTreeSet::new();
    let mut names = Vec::new();
    let mut open = vec![Beginning { name: String::new(), alive: (0..readings.len()).collect() }];
    let mut depth = 0;
    while !open.is_empty() {
        let mut longer: BTreeMap<Vec<usize>, String> = BTreeMap::new();
        for beginning in open {
            let matched = beginning.matched(&readings, depth);
            if depth > 0 && found.insert(matched) {
                names.push(beginning.name.clone());
            }
            for next in beginning.longer(&readings, depth, &mut budget)? {
                longer.entry(next.alive).or_insert(next.name);
            }
        }
        if names.len() + longer.len() > MOST_NAMES {
            return Err(TooMany);
        }
        open = longer.into_iter().map(|(alive, name)| Beginning { name, alive }).collect();
        depth += 1;
    }
    let is_mentioned = |name: &str| patterns.iter().any(|pattern| pattern.matches(name));
    if !is_mentioned(UNMENTIONED) {
        names.retain(|name| is_mentioned(name));
        names.push(UNMENTIONED.to_owned());
    }
    Ok(names)
}

/// A pattern, its last label first.
struct Reading<'p> {
    globs: Vec<&'p str>,
    /// Whether one or more labels stand before them.
    is_deep: bool,
}

impl<'p> Reading<'p> {
    fn of(pattern: &'p DnsPattern) -> Self {
        let text = pattern.0.as_str();
        let rest = text.strip_prefix("**.");
        Self { globs: rest.unwrap_or(text).rsplit('.').collect(), is_deep: rest.is_some() }
    }
}

/// The last labels of names, and the patterns whose names may end so.
struct Beginning {
    name: String,
    alive: Vec<usize>,
}

impl Beginning {
    /// The patterns that match the name as it is.
    fn matched(&self, readings: &[Reading<'_>], depth: usize) -> Vec<usize> {
        let matches = |reading: &Reading<'_>| {
            if reading.is_deep { reading.globs.len() < depth } else { reading.globs.len() == depth }
        };
        self.alive.iter().copied().filter(|index| readings.get(*index).is_some_and(matches)).collect()
    }

    /// The name with one more label, of each kind; none if another label makes no difference.
    fn longer(&self, readings: &[Reading<'_>], depth: usize, budget: &mut Budget) -> Result<Vec<Self>, TooMany> {
        let mut by_glob: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let mut through = Vec::new();
        let mut makes_difference = depth == 0;
        for index in self.alive.iter().copied() {
            let Some(reading) = readings.get(index) else { continue };
            // A name may also be longer than the pattern: it matches no more, or only then.
            makes_difference |= reading.globs.len() >= depth;
            match reading.globs.get(depth) {
                Some(glob) => by_glob.entry(glob).or_default().push(index),
                None if reading.is_deep => through.push(index),
                None => {}
            }
        }
        if !makes_difference {
            return Ok(Vec::new());
        }
        let (globs, matching): (Vec<&str>, Vec<Vec<usize>>) = by_glob.into_iter().unzip();
        let mut longer = Vec::new();
        for label in labels::labels(&globs, budget)? {
            let of_glob = label.matched.iter().filter_map(|glob| matching.get(*glob));
            let mut alive: Vec<usize> = of_glob.flatten().chain(&through).copied().collect();
            alive.sort_unstable();
            budget.spend(alive.len() + 1)?;
            let name = if depth == 0 { label.text } else { format!("{}.{}", label.text, self.name) };
            longer.push(Self { name, alive });
        }
        Ok(longer)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::labels::TooMany;
    use super::witnesses;
    use crate::model::DnsPattern;

    fn patterns(texts: &[&str]) -> Vec<DnsPattern> {
        texts.iter().map(|text| DnsPattern((*text).into())).collect()
    }

    #[track_caller]
    fn check(texts: &[&str], expected: &[&str]) {
        assert_eq!(witnesses(patterns(texts).iter()).unwrap(), expected, "{texts:?}");
    }

    #[test]
    fn names_tell_patterns_apart() {
        check(&[], &["some-name.example"]);
        check(&["api.stripe.com"], &["api.stripe.com", "some-name.example"]);
        check(&["*.a.com", "b.a.com"], &["some.a.com", "b.a.com", "some-name.example"]);
        check(&["**.a.com", "*.a.com"], &["some.a.com", "some.some.a.com", "some-name.example"]);
    }

    #[test]
    fn fillers_are_no_others_names() {
        check(&["*.a.com", "s*.a.com"], &["other.a.com", "some.a.com", "some-name.example"]);
        check(&["*.a.com", "some.a.com"], &["other.a.com", "some.a.com", "some-name.example"]);
        check(
            &["*.a.com", "*.*.a.com", "**.a.com"],
            &["some.a.com", "some.some.a.com", "some.some.some.a.com", "some-name.example"],
        );
    }

    #[test]
    fn shared_names_are_found() {
        check(
            &["api-*.a.com", "*-eu.a.com"],
            &["api-some.a.com", "api-eu.a.com", "some-eu.a.com", "some-name.example"],
        );
        check(&["**.com", "x.*.com"], &["some.com", "x.some.com", "some-name.example"]);
    }

    /// Every set of patterns that match one of the short names over a few letters is that of a witness.
    #[test]
    fn no_combination_is_missing() {
        let patterns = patterns(&["*.a", "a*.a", "*b.*", "**.b", "**.a", "ab.*a", "*a*.b", "**.a*.b", "b.a"]);
        let matched = |name: &str| patterns.iter().map(|pattern| pattern.matches(name)).collect::<Vec<bool>>();
        let found: BTreeSet<Vec<bool>> = witnesses(patterns.iter()).unwrap().iter().map(|name| matched(name)).collect();
        let labels: Vec<String> = ["a", "b", "c"]
            .iter()
            .flat_map(|first| ["", "a", "b", "c", "aa", "ab", "ba"].iter().map(move |rest| format!("{first}{rest}")))
            .collect();
        let mut names = labels.clone();
        for _ in 0..2 {
            let longer: Vec<String> =
                names.iter().flat_map(|name| labels.iter().map(move |label| format!("{label}.{name}"))).collect();
            names.extend(longer);
        }
        for name in &names {
            assert!(found.contains(&matched(name)), "{name}");
        }
        assert!(found.len() > 12, "{found:?}");
    }

    #[test]
    fn too_many_are_no_answer() {
        let texts: Vec<String> = ('a'..='z').map(|letter| format!("*{letter}*.com")).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        assert_eq!(witnesses(patterns(&texts).iter()), Err(TooMany));
    }
}
