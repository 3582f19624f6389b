//! How many tests passed, failed and were skipped, read from what a step printed.

use std::fmt;
use std::ops::AddAssign;

/// A tally. Its text is the last line of a run: `N passed, N failed, N skipped`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub passed: usize,
    pub failed: usize,
    /// Tests that `#[ignore]` leaves out, or Node's `skip`, which don't say what they lack.
    pub ignored: usize,
    /// Tests and suites that lacked something, each as `NAME: WHAT IS MISSING`.
    pub skips: Vec<String>,
}

impl Counts {
    /// One test that passed or failed as a whole.
    pub fn whole(success: bool) -> Self {
        Self { passed: usize::from(success), failed: usize::from(!success), ..Self::default() }
    }

    /// A suite that can't run.
    pub fn skip(reason: String) -> Self {
        Self { skips: vec![reason], ..Self::default() }
    }

    /// What Rust's test harness reports, over all binaries of a `cargo test`. A test that lacks something says so by a
    /// line `skipped: NAME: WHAT IS MISSING` and returns; the harness counts it as passed, we as skipped. A failure
    /// without a failed test (it didn't compile, a binary crashed) counts as one.
    pub fn of_libtest(output: &str, success: bool) -> Self {
        let mut counts = Self::default();
        for line in output.lines().map(str::trim) {
            if let Some(totals) = line.strip_prefix("test result: ") {
                counts.passed += total(totals, "passed");
                counts.failed += total(totals, "failed");
                counts.ignored += total(totals, "ignored");
            } else if let Some((_, reason)) = line.split_once("skipped: ") {
                counts.skips.push(reason.to_owned());
            }
        }
        counts.passed = counts.passed.saturating_sub(counts.skips.len());
        if !success && counts.failed == 0 {
            counts.failed = 1;
        }
        counts
    }

    /// What Node's test runner reports at its end.
    pub fn of_tap(output: &str, success: bool) -> Self {
        let total = |word: &str| {
            let number = |line: &str| line.strip_prefix("# ")?.strip_prefix(word)?.trim().parse().ok();
            output.lines().filter_map(number).next_back().unwrap_or(0)
        };
        let (passed, failed, ignored) = (total("pass "), total("fail "), total("skipped "));
        let mut counts = Self { passed, failed, ignored, ..Self::default() };
        if !success && counts.failed == 0 {
            counts.failed = 1;
        }
        counts
    }

    fn skipped(&self) -> usize {
        self.ignored + self.skips.len()
    }
}

/// The number before `word` in `ok. 3 passed; 0 failed; 1 ignored; …`.
fn total(totals: &str, word: &str) -> usize {
    totals
        .split(['.', ';'])
        .filter_map(|part| part.trim().strip_suffix(word))
        .find_map(|number| number.trim().parse().ok())
        .unwrap_or(0)
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.ignored += other.ignored;
        self.skips.extend(other.skips);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn totals_of_all_binaries_add_up() {
        let output = "
            test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s
            test result: FAILED. 10 passed; 2 failed; 0 ignored; 0 measured; 0 filtered out; finished in 1.20s";
        assert_eq!(Counts::of_libtest(output, false).to_string(), "13 passed, 2 failed, 1 skipped");
    }

    #[test]
    fn a_test_that_says_it_is_skipped_did_not_pass() {
        let output = "
            test corpus ... skipped: corpus: FLEETNET_SHARED is not set
            test result: ok. 3 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let counts = Counts::of_libtest(output, true);
        assert_eq!(counts.to_string(), "2 passed, 0 failed, 1 skipped");
        assert_eq!(counts.skips, ["corpus: FLEETNET_SHARED is not set"]);
    }

    #[test]
    fn the_last_totals_of_node_count() {
        let output = "ok 1 - a\n# pass 9\n# tests 3\n# pass 2\n# fail 1\n# skipped 0\n";
        assert_eq!(Counts::of_tap(output, false).to_string(), "2 passed, 1 failed, 0 skipped");
        assert_eq!(Counts::of_tap("", false).to_string(), "0 passed, 1 failed, 0 skipped");
    }

    #[test]
    fn what_node_skips_did_not_pass() {
        let output = "ok 1 - a\nok 2 - b # SKIP no browser\n# tests 2\n# pass 1\n# fail 0\n# skipped 1\n";
        assert_eq!(Counts::of_tap(output, true).to_string(), "1 passed, 0 failed, 1 skipped");
    }

    #[test]
    fn what_does_not_compile_is_a_failure() {
        assert_eq!(
            Counts::of_libtest("error[E0308]: mismatched types", false).to_string(),
            "0 passed, 1 failed, 0 skipped"
        );
    }
}
