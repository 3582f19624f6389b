//! What a flow can be about: protocols, ports, addresses, names, requests.

use std::fmt;
use std::net::IpAddr;

pub use ipnet::IpNet as Cidr;

use super::{Name, Spanned};

/// A transport protocol with ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Transport {
    /// Protocol 6.
    Tcp,
    /// Protocol 17.
    Udp,
    /// Protocol 132.
    Sctp,
}

impl Transport {
    /// All of them, in order.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// As it is written in the language.
    #[must_use]
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }
}

/// The protocol of one flow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// With ports.
    Transport(Transport),
    /// ICMP over IPv4 (protocol 1); a flow's port is its type.
    IcmpV4,
    /// ICMP over IPv6 (protocol 58); a flow's port is its type.
    IcmpV6,
}

/// A contiguous range of ports of one protocol. All ports of a protocol are `0..=65535`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    /// The protocol.
    pub protocol: Protocol,
    /// First port (or ICMP type).
    pub first: u16,
    /// Last port (or ICMP type), never below `first`.
    pub last: u16,
}

impl PortRange {
    /// Every port of a protocol, or every ICMP type.
    #[must_use]
    pub fn all(protocol: Protocol) -> Self {
        let last = match protocol {
            Protocol::Transport(_) => u16::MAX,
            Protocol::IcmpV4 | Protocol::IcmpV6 => 255,
        };
        Self { protocol, first: 0, last }
    }

    /// Whether a flow to `port` of `protocol` is inside.
    #[must_use]
    pub fn contains(self, protocol: Protocol, port: u16) -> bool {
        self.protocol == protocol && (self.first..=self.last).contains(&port)
    }
}

/// One port of a rule or test, as written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PortExpr {
    /// Any port and protocol, ICMP included (`any`).
    Any,
    /// A port name, to be resolved for each destination by itself.
    Named(Name),
    /// Numbers, or all ports of a protocol.
    Range(PortRange),
    /// An ICMP type by name, or every type: at most one range for each family.
    Icmp {
        /// The type's name, or nothing for all types.
        name: Option<Name>,
        /// What it is in each family that has it.
        ranges: Vec<PortRange>,
    },
}

/// The ports of a rule or test; an empty list is any port and protocol.
pub type PortExprs = Vec<Spanned<PortExpr>>;

/// A CIDR less other CIDRs inside it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CidrBlock {
    /// The block.
    pub cidr: Cidr,
    /// What is left out, each inside `cidr`; sorted, without repetition.
    pub except: Vec<Cidr>,
}

impl CidrBlock {
    /// Whether the address is in the block and in none of its exceptions.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        self.cidr.contains(&address) && !self.except.iter().any(|except| except.contains(&address))
    }
}

/// As it is written behind `cidr`.
impl fmt::Display for CidrBlock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cidr)?;
        for (place, except) in self.except.iter().enumerate() {
            write!(f, "{} {except}", if place == 0 { " except" } else { "," })?;
        }
        Ok(())
    }
}

/// A DNS name, or a pattern of names: `*` is any part of one label, a leading `**.` one or more labels. Always in lower case, without a final dot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DnsPattern(pub Name);

impl DnsPattern {
    /// Whether a name is one of the pattern's.
    #[must_use]
    pub fn matches(&self, name: &str) -> bool {
        let name = name.strip_suffix('.').unwrap_or(name);
        if !self.0.as_str().contains('*') {
            return self.0.as_str().eq_ignore_ascii_case(name);
        }
        let name = &*name.to_ascii_lowercase();
        if let Some(rest) = self.0.as_str().strip_prefix("**.") {
            return name
                .match_indices('.')
                .any(|(dot, _)| name.get(dot + 1..).is_some_and(|tail| labels_match(rest, tail)));
        }
        labels_match(self.0.as_str(), name)
    }
}

fn labels_match(pattern: &str, name: &str) -> bool {
    pattern.split('.').count() == name.split('.').count()
        && pattern.split('.').zip(name.split('.')).all(|(pattern, label)| glob(pattern, label, Dialect::DnsLabel))
}

/// An HTTP request that a rule admits, or a literal one in a test.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Request {
    /// The method in upper case, or `*` for any.
    pub method: Name,
    /// The path: `*` is one or more characters other than `/`, `**` any, also none.
    pub path: Name,
}

impl Request {
    /// Whether a literal request (no wildcards, the query ignored) is admitted.
    #[must_use]
    pub fn admits(&self, method: &str, path: &str) -> bool {
        let path = path.split_once('?').map_or(path, |(path, _)| path);
        (self.method.as_str() == "*" || self.method.as_str() == method) && glob(self.path.as_str(), path, Dialect::Path)
    }

    /// Whether every literal request that `other` admits is admitted. What only a longer look could tell counts as no.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        (self.method.as_str() == "*" || self.method == other.method)
            && path_covers(&pieces(self.path.as_str()), &pieces(other.path.as_str()))
    }
}

/// A piece of a path pattern.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Piece {
    Literal(char),
    /// One or more characters other than `/`.
    Within,
    /// Any text, also none.
    Deep,
}

fn pieces(pattern: &str) -> Vec<Piece> {
    let mut pieces = Vec::with_capacity(pattern.len());
    let mut rest = pattern.chars().peekable();
    while let Some(next) = rest.next() {
        pieces.push(match next {
            '*' if rest.next_if_eq(&'*').is_some() => Piece::Deep,
            '*' => Piece::Within,
            literal => Piece::Literal(literal),
        });
    }
    pieces
}

/// Reads a pattern as the text of another: a wildcard is taken by one that is at least as wide, or by part of one.
fn path_covers(outer: &[Piece], inner: &[Piece]) -> bool {
    let mut ends = vec![false; inner.len() + 1];
    if let Some(start) = ends.first_mut() {
        *start = true;
    }
    for piece in outer {
        let mut inside = false;
        let mut reached = Vec::with_capacity(ends.len());
        for (place, starts) in ends.iter().enumerate() {
            let before = place.checked_sub(1).and_then(|index| Some((*inner.get(index)?, *ends.get(index)?)));
            let (taken, begins) = before.map_or((false, false), |(text, begins)| (takes(*piece, text), begins));
            inside = taken && (begins || (inside && !matches!(piece, Piece::Literal(_))));
            reached.push(inside || (*starts && *piece == Piece::Deep));
            inside = inside || (*starts && *piece == Piece::Deep);
        }
        ends = reached;
    }
    ends.last().copied().unwrap_or(false)
}

fn takes(piece: Piece, text: Piece) -> bool {
    match (piece, text) {
        (Piece::Literal(expected), Piece::Literal(found)) => expected == found,
        (Piece::Literal(_), Piece::Within | Piece::Deep) | (Piece::Within, Piece::Deep) => false,
        (Piece::Within, Piece::Literal(found)) => found != '/',
        (Piece::Within, Piece::Within) | (Piece::Deep, Piece::Literal(_) | Piece::Within | Piece::Deep) => true,
    }
}

/// What wildcards stand for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Dialect {
    /// `*` is any text, also none.
    DnsLabel,
    /// `*` is one or more characters other than `/`, `**` any text, also none.
    Path,
}

/// Follows the set of places in `text` that a prefix of `pattern` can end at, so that no pattern takes more than their product in time.
fn glob(pattern: &str, text: &str, dialect: Dialect) -> bool {
    let mut ends = vec![false; text.len() + 1];
    if let Some(start) = ends.first_mut() {
        *start = true;
    }
    let mut rest = pattern;
    while let Some(next) = rest.chars().next() {
        let deep = dialect == Dialect::Path && rest.starts_with("**");
        let taken = if deep { 2 } else { next.len_utf8() };
        let step = match (next, deep, dialect) {
            ('*', true, _) | ('*', _, Dialect::DnsLabel) => spread(&ends, text, |_| true, Least::None),
            ('*', false, Dialect::Path) => spread(&ends, text, |byte| byte != b'/', Least::One),
            _ => literal(&ends, text, rest.get(..taken).unwrap_or_default()),
        };
        ends = step;
        rest = rest.get(taken..).unwrap_or_default();
    }
    ends.last().copied().unwrap_or(false)
}

/// How much a wildcard takes at the least.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Least {
    None,
    One,
}

fn spread(ends: &[bool], text: &str, takes: impl Fn(u8) -> bool, least: Least) -> Vec<bool> {
    let mut inside = false;
    let mut reached = Vec::with_capacity(ends.len());
    for (place, starts) in ends.iter().enumerate() {
        let before = place.checked_sub(1).and_then(|index| text.as_bytes().get(index));
        inside = inside && before.is_some_and(|byte| takes(*byte));
        reached.push(inside || (*starts && least == Least::None));
        inside = inside || *starts;
    }
    reached
}

fn literal(ends: &[bool], text: &str, expected: &str) -> Vec<bool> {
    let ended = |place: usize| {
        place.checked_sub(expected.len()).is_some_and(|start| {
            ends.get(start) == Some(&true) && text.as_bytes().get(start..place) == Some(expected.as_bytes())
        })
    };
    (0..ends.len()).map(ended).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(pattern: &str, path: &str, admitted: bool) {
        let request = Request { method: "GET".into(), path: pattern.into() };
        assert_eq!(request.admits("GET", path), admitted, "{pattern} on {path}");
    }

    #[test]
    fn paths() {
        check("/v1/*", "/v1/items", true);
        check("/v1/*", "/v1/items?page=2", true);
        check("/v1/*", "/v1/", false);
        check("/v1/*", "/v1/items/7", false);
        check("/v1/**", "/v1/", true);
        check("/v1/**", "/v1/items/7", true);
        check("/v1/**/edit", "/v1/items/7/edit", true);
        check("/v1/**/edit", "/v1/edit", false);
        check("/*/x*z", "/a/xyz", true);
        check("/*/x*z", "/a/xz", false);
        check("/é*", "/éa", true);
        check("", "", true);
    }

    #[track_caller]
    fn check_covers(outer: &str, inner: &str, covered: bool) {
        let request = |path: &str| Request { method: "GET".into(), path: path.into() };
        assert_eq!(request(outer).covers(&request(inner)), covered, "{outer} over {inner}");
    }

    #[test]
    fn paths_in_paths() {
        check_covers("/v1/**", "/v1/items", true);
        check_covers("/v1/**", "/v1/", true);
        check_covers("/v1/**", "/v1/*/edit", true);
        check_covers("/v1/**", "/v1", false);
        check_covers("/v1/*", "/v1/items", true);
        check_covers("/v1/*", "/v1/a*", true);
        check_covers("/v1/a*", "/v1/*", false);
        check_covers("/v1/*", "/v1/**", false);
        check_covers("/v1/*", "/v1/items/7", false);
        check_covers("/v1/*", "/v1/", false);
        check_covers("**", "/v1/**/x", true);
        check_covers("/**/x", "/**/a/x", true);
        check_covers("/**/x", "/**", false);
        check_covers("/*/x*z", "/a/x*yz", true);
        check_covers("", "", true);
        let any = Request { method: "*".into(), path: "/**".into() };
        let get = Request { method: "GET".into(), path: "/a".into() };
        assert!(any.covers(&get) && !get.covers(&any));
    }

    #[test]
    fn names() {
        let matches = |pattern: &str, name: &str| DnsPattern(pattern.into()).matches(name);
        assert!(matches("api.stripe.com", "API.stripe.com."));
        assert!(matches("*.stripe.com", "api.stripe.com"));
        assert!(!matches("*.stripe.com", "a.b.stripe.com"));
        assert!(!matches("*.stripe.com", "stripe.com"));
        assert!(matches("**.stripe.com", "a.b.stripe.com"));
        assert!(!matches("**.stripe.com", "stripe.com"));
        assert!(matches("api*.stripe.com", "api.stripe.com"));
    }
}
