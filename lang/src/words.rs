//! Words that mean something wherever they stand.

/// What is built in, and so no name: nothing built in is ever shadowed.
const BUILT_IN: &[&str] = &[
    "all",
    "any",
    "local",
    "nobody",
    "unlisted",
    "world",
    "host",
    "remote-nodes",
    "kube-apiserver",
    "gateways",
    "cluster-dns",
    "cloud-metadata",
    "foreign",
    "region",
    "mesh",
    "where",
    "cidr",
    "dns",
    "tcp",
    "udp",
    "sctp",
    "icmp",
];

/// The words that can follow a name.
const CONNECTORS: &[&str] = &["and", "in", "not", "has", "except", "from", "to", "on", "for"];

/// Whether a word can't be a name.
#[must_use]
pub fn is_reserved(word: &str) -> bool {
    BUILT_IN.contains(&word) || is_connector(word)
}

/// Whether a word only ever stands behind a name.
pub(crate) fn is_connector(word: &str) -> bool {
    CONNECTORS.contains(&word)
}

/// Whether a word is a method of HTTP: upper-case, or `*` for all.
pub(crate) fn is_method(word: &str) -> bool {
    word == "*" || (!word.is_empty() && word.chars().all(|c| c.is_ascii_uppercase() || c == '-'))
}

/// The methods of HTTP that clients send.
const METHODS: &[&str] = &["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "CONNECT", "TRACE"];

/// Whether a word is meant as a method of HTTP.
pub(crate) fn is_method_in_lower_case(word: &str) -> bool {
    !is_method(word) && METHODS.iter().any(|method| method.eq_ignore_ascii_case(word))
}
