//! Did you mean …?

use std::cmp::Reverse;

/// The candidate that `word` is most likely a slip of: at most one edit for every three letters away, a swap of two
/// neighbours being one. Of several equally near the one with the same letters, then the one that begins most alike, as
/// slips are seldom made in a word's first letters; then the first of the alphabet, whatever their order here.
#[must_use]
pub fn nearest<'c>(word: &str, candidates: &[&'c str]) -> Option<&'c str> {
    let length = word.chars().count();
    if length > LONGEST {
        return None;
    }
    let allowed = length.div_ceil(3).min(3);
    let word = word.to_lowercase();
    let distance = |candidate: &str| strsim::osa_distance(&word, candidate);
    let ranked = candidates.iter().map(|candidate| (distance(candidate), *candidate));
    // A candidate of one or two letters that shares none with the word is no slip of it.
    let near = ranked.filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count());
    let rank = |distance, candidate| {
        (distance, letters(candidate) != letters(&word), Reverse(alike(candidate, &word)), candidate)
    };
    near.min_by_key(|(distance, candidate)| rank(*distance, *candidate)).map(|(_, candidate)| candidate)
}

/// The letters of a word, whatever their order.
fn letters(word: &str) -> Vec<char> {
    let mut letters: Vec<char> = word.chars().collect();
    letters.sort_unstable();
    letters
}

/// How many letters two words begin with alike.
fn alike(one: &str, other: &str) -> usize {
    one.chars().zip(other.chars()).take_while(|(one, other)| one == other).count()
}

/// Longer words are no slips, and the distance costs the product of both lengths.
const LONGEST: usize = 80;

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_slips_and_nothing_else() {
        let words = ["cluster", "clusters", "id", "pods", "region"];
        let check = |word, expected| assert_eq!(nearest(word, &words), expected, "{word}");
        check("clutser", Some("cluster"));
        check("Cluster", Some("cluster"));
        check("pod", Some("pods"));
        check("regoin", Some("region"));
        check("xy", None);
        check("payments", None);
        check(&"x".repeat(1000), None);
    }

    #[test]
    fn of_equally_near_words_the_likeliest_is_found_in_any_order() {
        for (word, candidates, expected) in [
            // A swap before a letter that is another or too many.
            ("prot", ["port", "prop", "proto"], "port"),
            // What begins alike before what ends alike.
            ("shop-c", ["shop-a", "whop-c", "chop-c"], "shop-a"),
            ("east-3", ["west-3", "east-2", "east-1"], "east-1"),
        ] {
            let [a, b, c] = candidates;
            for order in [[a, b, c], [b, c, a], [c, a, b], [c, b, a]] {
                assert_eq!(nearest(word, &order), Some(expected), "{word} of {order:?}");
            }
        }
    }
}
