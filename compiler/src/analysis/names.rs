//! DNS names, one for each way to match what is mentioned.
//!
//! DNS patterns only ever allow, so a name that several match can do what each of them allows and nothing else. Names that two share, and names
//! that one has for itself, tell all that matters.

use std::collections::BTreeSet;

use crate::model::DnsPattern;

/// A label that nobody mentions.
const SOME: &str = "some";

/// A name of each pattern, of each two that share one, and one that none matches. No two are matched by the same patterns.
#[must_use]
pub fn witnesses(patterns: &BTreeSet<&DnsPattern>) -> Vec<String> {
    let (open, exact): (Vec<&DnsPattern>, Vec<&DnsPattern>) =
        patterns.iter().copied().partition(|pattern| pattern.0.as_str().contains('*'));
    let mut candidates: Vec<String> = exact.iter().map(|pattern| pattern.0.to_string()).collect();
    candidates.extend(open.iter().flat_map(|pattern| instances(pattern)));
    for (index, first) in open.iter().enumerate() {
        for second in open.iter().skip(index + 1) {
            candidates.extend(common(first, second));
        }
    }
    candidates.push(format!("{SOME}-name.example"));
    let mut seen = BTreeSet::new();
    let signature = |name: &str| patterns.iter().map(|pattern| pattern.matches(name)).collect::<Vec<bool>>();
    candidates.retain(|name| seen.insert(signature(name)));
    candidates
}

/// Names of one pattern, a deep one among them if it has any.
fn instances(pattern: &DnsPattern) -> Vec<String> {
    let text = pattern.0.as_str();
    let names = match text.strip_prefix("**.") {
        Some(rest) => vec![format!("{SOME}.{rest}"), format!("{SOME}.{SOME}.{rest}")],
        None => vec![text.to_owned()],
    };
    names.into_iter().map(|name| name.replace('*', SOME)).collect()
}

/// A name that both match, if labels of the one filled with parts of the other give one.
fn common(first: &DnsPattern, second: &DnsPattern) -> Option<String> {
    let (first_text, second_text) = (first.0.as_str(), second.0.as_str());
    let (a, b) =
        (first_text.strip_prefix("**.").unwrap_or(first_text), second_text.strip_prefix("**.").unwrap_or(second_text));
    let (a, b): (Vec<&str>, Vec<&str>) = (a.split('.').collect(), b.split('.').collect());
    let long = if a.len() >= b.len() { &a } else { &b };
    let labels = long.iter().rev().enumerate().map(|(depth, own)| {
        let of = |labels: &[&str]| {
            labels.len().checked_sub(depth + 1).and_then(|at| labels.get(at).map(|label| (*label).to_owned()))
        };
        match (of(&a), of(&b)) {
            (Some(one), Some(other)) => merged(&one, &other),
            (_, _) => own.replace('*', SOME),
        }
    });
    let mut labels: Vec<String> = labels.collect();
    labels.reverse();
    let name = labels.join(".");
    let deeper = format!("{SOME}.{name}");
    [name, deeper].into_iter().find(|name| first.matches(name) && second.matches(name))
}

/// A label in the shape of two: the one's beginning, both middles, the other's end.
fn merged(one: &str, other: &str) -> String {
    match (one.contains('*'), other.contains('*')) {
        (false, _) => one.to_owned(),
        (true, false) => other.to_owned(),
        (true, true) => {
            let longer = |a: &str, b: &str| if a.len() >= b.len() { a.to_owned() } else { b.to_owned() };
            let ends = |text: &str| {
                let (head, rest) = text.split_once('*').unwrap_or((text, ""));
                let (middle, tail) = rest.rsplit_once('*').unwrap_or(("", rest));
                (head.to_owned(), middle.replace('*', ""), tail.to_owned())
            };
            let ((head, middle, tail), (other_head, other_middle, other_tail)) = (ends(one), ends(other));
            format!("{}{middle}{other_middle}{}", longer(&head, &other_head), longer(&tail, &other_tail))
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::witnesses;
    use crate::model::DnsPattern;

    fn check(patterns: &[&str], expected: &[&str]) {
        let patterns: Vec<DnsPattern> = patterns.iter().map(|text| DnsPattern((*text).into())).collect();
        let patterns: BTreeSet<&DnsPattern> = patterns.iter().collect();
        assert_eq!(witnesses(&patterns), expected, "{patterns:?}");
    }

    #[test]
    fn names_tell_patterns_apart() {
        check(&[], &["some-name.example"]);
        check(&["api.stripe.com"], &["api.stripe.com", "some-name.example"]);
        check(&["*.a.com", "b.a.com"], &["b.a.com", "some.a.com", "some-name.example"]);
        check(&["**.a.com", "*.a.com"], &["some.a.com", "some.some.a.com", "some-name.example"]);
    }

    #[test]
    fn shared_names_are_found() {
        check(
            &["api-*.a.com", "*-eu.a.com"],
            &["some-eu.a.com", "api-some.a.com", "api--eu.a.com", "some-name.example"],
        );
        check(&["**.com", "x.*.com"], &["some.com", "x.some.com", "some-name.example"]);
    }
}
