//! Did you mean …?

/// The candidate that `word` is most likely a slip of: at most one edit for every three letters away, a swap of two
/// neighbours being one; of several equally near the first.
#[must_use]
pub fn nearest<'c>(word: &str, candidates: &[&'c str]) -> Option<&'c str> {
    let length = word.chars().count();
    if length > LONGEST {
        return None;
    }
    let allowed = length.div_ceil(3).min(3);
    let distance = |candidate: &str| strsim::osa_distance(&word.to_lowercase(), candidate);
    let ranked = candidates.iter().map(|candidate| (distance(candidate), *candidate));
    // A candidate of one or two letters that shares none with the word is no slip of it.
    let near = ranked.filter(|(distance, candidate)| *distance <= allowed && *distance < candidate.chars().count());
    near.min_by_key(|(distance, _)| *distance).map(|(_, candidate)| candidate)
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
}
