//! Keys and values of labels, as Kubernetes takes them.

use super::{Wrong, name, range_of};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// The longest value, and the longest key behind its prefix, in bytes.
const LONGEST: usize = 63;

/// `app` or `app.kubernetes.io/name`: an optional DNS name and a slash, then at most 63 letters, digits, `-`, `_`, `.`,
/// the first and the last a letter or digit.
pub fn label_key(text: &str, span: Span) -> Result<&str, Diagnostic> {
    let check = || {
        let (prefix, key) = text.split_once('/').map_or((None, text), |(prefix, key)| (Some(prefix), key));
        if let Some(prefix) = prefix {
            name::subdomain_in(text, prefix).map_err(|wrong| Wrong { code: codes::BAD_LABEL_KEY, ..wrong })?;
        }
        if key.is_empty() { Err("is empty") } else { qualified(key) }.map_err(|problem| {
            let range = if key.is_empty() { 0..text.len() } else { range_of(text, key) };
            Wrong::new(codes::BAD_LABEL_KEY, range, format!("the label key `{text}` {problem}"), RULE)
        })
    };
    check().map(|()| text).map_err(|wrong| wrong.at(span))
}

/// Nothing, or at most 63 letters, digits, `-`, `_`, `.`, the first and the last a letter or digit.
pub fn label_value(text: &str, span: Span) -> Result<&str, Diagnostic> {
    let checked = if text.is_empty() { Ok(()) } else { qualified(text) };
    checked.map(|()| text).map_err(|problem| {
        Wrong::new(codes::BAD_LABEL_VALUE, 0..text.len(), format!("the label value `{text}` {problem}"), RULE).at(span)
    })
}

const RULE: &str =
    "Kubernetes takes up to 63 letters, digits, `-`, `_` and `.`, the first and the last a letter or digit";

fn qualified(text: &str) -> Result<(), &'static str> {
    let legal = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if text.len() > LONGEST {
        return Err("is longer than 63 characters");
    }
    if !text.chars().all(legal) {
        return Err("has a character that no label may have");
    }
    let edges =
        text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.ends_with(|c: char| c.is_ascii_alphanumeric());
    if edges { Ok(()) } else { Err("does not start and end with a letter or digit") }
}
