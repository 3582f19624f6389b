//! The one YAML serialiser of the project.
//!
//! Long lines stay one line: folded, one changed word would be a diff of a whole paragraph.

use serde::Serialize;
use serde_saphyr::{SerializerOptions, ser_options};

use super::{Body, Object};

/// One object as a document, without separator. Text that some parser would read as another type is quoted.
#[must_use]
pub fn document<B: Body>(object: &Object<B>) -> String {
    text(object)
}

/// Helm values and other files that are one document without being an object, below what is said of them.
#[must_use]
pub fn values(about: Option<&str>, values: &impl Serialize) -> Vec<u8> {
    let comment = |line: &str| {
        let line: String = line.chars().map(|c| if ends_comment(c) { ' ' } else { c }).collect();
        format!("# {line}").trim_end().to_owned() + "\n"
    };
    let mut file: String = about.unwrap_or_default().lines().map(comment).collect();
    file.push_str(&text(values));
    file.into_bytes()
}

/// Whether some parser takes a character for the end of a line, or refuses a file with it.
fn ends_comment(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Adds a document with its separator, so that files may be concatenated.
pub fn append(file: &mut String, document: &str) {
    file.push_str("---\n");
    file.push_str(document);
}

/// Anything as one document.
#[expect(clippy::expect_used, reason = "ours are records, lists, text and numbers, and a `String` takes every write")]
pub(super) fn text(value: &impl Serialize) -> String {
    let mut text = String::new();
    serde_saphyr::to_fmt_writer_with_options(&mut text, value, options()).expect("it has a shape of YAML");
    text
}

fn options() -> SerializerOptions {
    ser_options! { prefer_block_scalars: false, compact_list_indent: true }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_stays_text() {
        let words =
            ["on", "y", "1e3", "443", "0x1f", "12:30", "~", "null", "", "a: b", "- x", "*", "1_000", "fd00::/8"];
        let quoted: String = words.map(|word| format!("- \"{word}\"\n")).concat();
        let expected = quoted.replace("\"fd00::/8\"", "fd00::/8");
        assert_eq!(String::from_utf8(values(None, &words)).unwrap(), expected);
    }

    #[test]
    fn long_text_stays_one_line() {
        let long = "word ".repeat(50);
        assert_eq!(String::from_utf8(values(None, &[long.trim()])).unwrap().lines().count(), 1);
    }

    #[test]
    fn no_text_leaves_its_comment() {
        let about = "one\n\ntwo\r\u{85}a: 1\u{2028}b: 2\u{2029}c: 3\u{0}";
        assert_eq!(values(Some(about), &["x"]), "# one\n#\n# two  a: 1 b: 2 c: 3\n- x\n".as_bytes());
    }

    #[test]
    fn files_can_be_concatenated() {
        let mut file = String::new();
        for document in ["a: 1\n", "b: 2\n"] {
            append(&mut file, document);
        }
        assert_eq!(file, "---\na: 1\n---\nb: 2\n");
    }
}
