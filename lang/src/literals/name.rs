//! Names: DNS-1123 labels, so that they are legal in Kubernetes as they stand.

use std::net::IpAddr;

use nom::character::complete::satisfy;
use nom::combinator::{all_consuming, recognize};
use nom::multi::many0_count;
use nom::{IResult, Parser};

use super::{Wrong, range_of};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// The longest label, in bytes.
const LONGEST_LABEL: usize = 63;
/// The longest DNS name, in bytes.
const LONGEST_SUBDOMAIN: usize = 253;

/// `NAMESPACE/NAME`
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct NamespacedName<'t> {
    /// Before the slash.
    pub namespace: &'t str,
    /// After it.
    pub name: &'t str,
}

/// A set of pods by a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PodsRef<'t> {
    /// `NAMESPACE/NAME`: one identity, `NAMESPACE/unlisted` among them.
    Identity(NamespacedName<'t>),
    /// `NAMESPACE/*`: all pods of a namespace.
    Namespace(&'t str),
    /// A group, an external, `all` or something built in.
    Name(&'t str),
}

/// A DNS-1123 label of at most 63 characters.
pub fn name(text: &str, span: Span) -> Result<&str, Diagnostic> {
    label(text, text).map_err(|wrong| wrong.at(span))
}

/// `NAMESPACE/NAME`
pub fn namespaced_name(text: &str, span: Span) -> Result<NamespacedName<'_>, Diagnostic> {
    let parts = || {
        let Some((namespace, name)) = text.split_once('/') else {
            let message = format!("`{text}` has no namespace");
            return Err(Wrong::new(codes::BAD_NAMESPACED_NAME, 0..text.len(), message, "write `NAMESPACE/NAME`"));
        };
        Ok(NamespacedName { namespace: label(text, namespace)?, name: label(text, name)? })
    };
    parts().map_err(|wrong: Wrong| wrong.at(span))
}

/// `NAMESPACE/NAME`, `NAMESPACE/*` or a name.
pub fn pods(text: &str, span: Span) -> Result<PodsRef<'_>, Diagnostic> {
    if let Some((what, help)) = outside(text, span) {
        return Err(Diagnostic::new(codes::BAD_NAME, span, format!("`{text}` is {what}, not a name")).help(help));
    }
    match text.split_once('/') {
        None => name(text, span).map(PodsRef::Name),
        Some((namespace, "*")) => label(text, namespace).map(PodsRef::Namespace).map_err(|wrong| wrong.at(span)),
        Some(_) => namespaced_name(text, span).map(PodsRef::Identity),
    }
}

/// A text that is an address or a DNS name: what it is, and how a peer says so.
fn outside(text: &str, span: Span) -> Option<(&'static str, String)> {
    let (address, prefix) = text.split_once('/').map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let length = match address.parse() {
        Ok(IpAddr::V4(_)) => "32",
        Ok(IpAddr::V6(_)) => "128",
        Err(_) => return domain(text).map(|help| ("a DNS name", help)),
    };
    let block = format!("{address}/{}", prefix.unwrap_or(length));
    // What is wrong with the block itself is told where it is written as one.
    let help = match (super::cidr(&block, span), prefix) {
        (Ok(_), None) => format!("a rule says it as `cidr {block}`, an external has a name for it"),
        (Ok(_), Some(_)) => {
            format!("a rule says it as `cidr {block}`; several exceptions of one block stand in parentheses")
        }
        (Err(_), _) => "a rule says it as `cidr` and a block such as `10.0.0.0/8`".to_owned(),
    };
    Some(("an address", help))
}

/// How a peer says a DNS name, if a text is one: no last label of any is all digits.
fn domain(text: &str) -> Option<String> {
    let last = text.rsplit('.').next().filter(|last| last.len() < text.len())?;
    if last.bytes().all(|byte| byte.is_ascii_digit()) || !text.split('.').all(is_dns_label) {
        return None;
    }
    Some(match text.split_once('.').filter(|(_, rest)| !rest.contains('.')) {
        Some((namespace, name)) => {
            format!("a rule says it as `dns \"{text}\"`; an identity is `{namespace}/{name}`")
        }
        None => format!("a rule says it as `dns \"{text}\"`, an external has a name for it"),
    })
}

/// Labels joined by dots: a DNS-1123 subdomain of at most 253 characters.
pub fn subdomain(text: &str, span: Span) -> Result<&str, Diagnostic> {
    subdomain_in(text, text).map_err(|wrong| wrong.at(span))
}

/// A DNS name where `*` stands for any part of a label and a leading `**.` for any number of labels.
pub fn dns_pattern(text: &str, span: Span) -> Result<&str, Diagnostic> {
    let labels = text.strip_prefix("**.").unwrap_or(text);
    let fits = !labels.is_empty() && labels.len() <= LONGEST_SUBDOMAIN;
    let wrong = labels.split('.').find(|part| {
        let plain = part.replace('*', "x").to_ascii_lowercase();
        part.contains("**") || part.len() > LONGEST_LABEL || !is_dns_label(&plain)
    });
    match wrong {
        None if fits => Ok(text),
        None => Err(Wrong::new(
            codes::BAD_DNS_NAME,
            0..text.len(),
            format!("a DNS name has 1 to {LONGEST_SUBDOMAIN} characters"),
            "write a name such as `api.example.com`",
        )),
        Some(part) => Err(Wrong::new(
            codes::BAD_DNS_NAME,
            dns_label_range(text, part),
            bad_dns_label(text, part),
            "write a name such as `api.example.com`; `*` is any part of one label, a leading `**.` any depth",
        )),
    }
    .map_err(|wrong| wrong.at(span))
}

/// Checks the label `part` of the word `whole`.
fn label<'t>(whole: &str, part: &'t str) -> Result<&'t str, Wrong> {
    if part.len() <= LONGEST_LABEL && is_label(part) {
        return Ok(part);
    }
    let range = if part.is_empty() { 0..whole.len() } else { range_of(whole, part) };
    let message = if part.is_empty() {
        format!("a part of the name `{whole}` is empty")
    } else if part.len() > LONGEST_LABEL && is_label(part) {
        format!("a name of {} characters is longer than {LONGEST_LABEL}", part.len())
    } else {
        format!("`{part}` is not a name")
    };
    let rule = "names are lower-case letters, digits and `-`, start with a letter or digit and end with one";
    // A `*` is a pattern and no slip.
    let Some(nearest) = nearest_label(part).filter(|_| !part.contains('*')) else {
        return Err(Wrong::new(codes::BAD_NAME, range, message, rule));
    };
    let mut instead = whole.to_owned();
    instead.replace_range(range.clone(), &nearest);
    Err(Wrong::new(codes::BAD_NAME, range, message, format!("{rule}: `{nearest}`")).instead(instead))
}

pub(super) fn subdomain_in<'t>(whole: &str, part: &'t str) -> Result<&'t str, Wrong> {
    if part.len() > LONGEST_SUBDOMAIN {
        let message = format!("a DNS name of {} characters is longer than {LONGEST_SUBDOMAIN}", part.len());
        return Err(Wrong::new(codes::BAD_DNS_NAME, range_of(whole, part), message, "shorten it"));
    }
    match part.split('.').find(|label| !is_label(label)) {
        None => Ok(part),
        Some(label) => Err(Wrong::new(
            codes::BAD_DNS_NAME,
            dns_label_range(whole, label),
            bad_dns_label(whole, label),
            "labels are lower-case letters, digits and `-`, and start and end with a letter or digit",
        )),
    }
}

fn bad_dns_label(whole: &str, label: &str) -> String {
    if label.is_empty() {
        format!("`{whole}` has an empty label")
    } else {
        format!("`{label}` is no label of a DNS name")
    }
}

/// Where the label stands; everything, if it is empty.
fn dns_label_range(whole: &str, label: &str) -> std::ops::Range<usize> {
    if label.is_empty() { 0..whole.len() } else { range_of(whole, label) }
}

fn is_label(text: &str) -> bool {
    let edge = || satisfy(|c| c.is_ascii_lowercase() || c.is_ascii_digit());
    let inner = || satisfy(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-');
    let whole: IResult<&str, &str> = all_consuming(recognize((edge(), many0_count(inner())))).parse(text);
    whole.is_ok() && !text.ends_with('-')
}

/// A label of a DNS name as clients send it: an underscore may stand in it.
fn is_dns_label(text: &str) -> bool {
    is_label(&text.replace('_', "x"))
}

/// The legal name that looks most like `text`.
fn nearest_label(text: &str) -> Option<String> {
    let letter = |c: char| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' };
    let legal: String = text.chars().map(letter).collect();
    let mut name = String::new();
    for part in legal.split('-').filter(|part| !part.is_empty()) {
        if !name.is_empty() {
            name.push('-');
        }
        name.push_str(part);
    }
    name.truncate(LONGEST_LABEL);
    let name = name.trim_end_matches('-');
    (!name.is_empty()).then(|| name.to_owned())
}
