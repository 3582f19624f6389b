//! What formatting would change, as `patch -p0` and `git apply -p0` take it.

use similar::TextDiff;

/// Lines of a text up to which what stays is looked for line by line; it takes the square of them.
const MOST_LINES: usize = 10_000;
/// Unchanged lines around a change.
const CONTEXT: usize = 3;

/// A unified diff from one text to another.
pub fn patch(name: &str, old: &str, new: &str) -> String {
    let name = name.strip_prefix("./").unwrap_or(name);
    if old.lines().count().max(new.lines().count()) <= MOST_LINES {
        let diff = TextDiff::from_lines(old, new);
        return diff.unified_diff().context_radius(CONTEXT).header(name, name).to_string();
    }
    let side = |sign: char, text: &str| -> String {
        let lines = text.split_inclusive('\n').map(|line| format!("{sign}{line}"));
        let is_whole = text.is_empty() || text.ends_with('\n');
        lines.collect::<String>() + if is_whole { "" } else { "\n\\ No newline at end of file\n" }
    };
    // A side without lines starts before the first.
    let range = |text: &str| format!("{},{}", usize::from(!text.is_empty()), text.lines().count());
    let (before, after) = (range(old), range(new));
    format!("--- {name}\n+++ {name}\n@@ -{before} +{after} @@\n{}{}", side('-', old), side('+', new))
}

#[cfg(test)]
mod tests {
    use super::{MOST_LINES, patch};

    #[test]
    fn only_what_changes_and_what_is_around_it() {
        let old = "a\nb\nc\nd\ne  \nf";
        let new = "a\nb\nc\nd\ne\nf\n";
        let expected = "--- x\n+++ x\n@@ -2,5 +2,5 @@\n b\n c\n d\n-e  \n-f\n\\ No newline at end of file\n+e\n+f\n";
        assert_eq!(patch("x", old, new), expected);
    }

    #[test]
    fn a_file_that_nobody_reads_changes_as_a_whole() {
        let old = "a \n".repeat(MOST_LINES) + "b";
        let patch = patch("x", &old, &("a\n".repeat(MOST_LINES) + "b\n"));
        assert!(patch.starts_with("--- x\n+++ x\n@@ -1,10001 +1,10001 @@\n-a \n"));
        assert!(patch.contains("\n-b\n\\ No newline at end of file\n+a\n") && patch.ends_with("+a\n+b\n"));
        let emptied = super::patch("./x", &" \n".repeat(MOST_LINES + 1), "");
        assert!(emptied.starts_with("--- x\n+++ x\n@@ -1,10001 +0,0 @@\n- \n") && emptied.ends_with("\n- \n"));
    }
}
