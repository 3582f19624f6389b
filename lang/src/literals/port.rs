//! Ports and protocols.

use super::{Wrong, digits, name, range_of};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// A protocol that has ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Tcp, Self::Udp, Self::Sctp];

    /// As it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Sctp => "sctp",
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|protocol| protocol.word() == word)
    }
}

impl std::fmt::Display for Protocol {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.word())
    }
}

/// Ports in a row; neither end is 0, and the first is not above the last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortRange {
    first: u16,
    last: u16,
}

impl PortRange {
    /// The ports from `first` to `last`, if both are ports in order.
    #[must_use]
    pub fn new(first: u16, last: u16) -> Option<Self> {
        (first > 0 && first <= last).then_some(Self { first, last })
    }

    /// The first port.
    #[must_use]
    pub fn first(self) -> u16 {
        self.first
    }

    /// The last port.
    #[must_use]
    pub fn last(self) -> u16 {
        self.last
    }
}

/// What a rule says of ports by one word; `icmp` is a keyword and no word.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Port<'t> {
    /// A port's name.
    Name(&'t str),
    /// Ports of one protocol.
    Range(PortRange, Protocol),
    /// All ports of one protocol.
    Protocol(Protocol),
    /// Any port of any protocol.
    Any,
}

/// `http`, `80/tcp`, `9000-9010/udp`, `tcp` or `any`.
pub fn port(text: &str, span: Span) -> Result<Port<'_>, Diagnostic> {
    if text == "any" {
        return Ok(Port::Any);
    }
    if let Some(protocol) = Protocol::from_word(text) {
        return Ok(Port::Protocol(protocol));
    }
    if !(text.contains('/') || is_ports(text)) {
        return name(text, span).map(Port::Name);
    }
    numbered(text).map(|(range, protocol)| Port::Range(range, protocol)).map_err(|wrong| wrong.at(span))
}

/// `8080/tcp`: one port of one protocol.
pub fn port_on(text: &str, span: Span) -> Result<(u16, Protocol), Diagnostic> {
    let single = numbered(text).and_then(|(range, protocol)| {
        if range.first == range.last {
            return Ok((range.first, protocol));
        }
        let ports = text.split('/').next().unwrap_or(text);
        Err(Wrong::new(codes::BAD_PORT, 0..ports.len(), "a range of ports can't stand here", "write one port"))
    });
    single.map_err(|wrong| wrong.at(span))
}

/// `8080`: a port without its protocol.
pub fn port_number(text: &str, span: Span) -> Result<u16, Diagnostic> {
    one_port(text, text).map_err(|wrong| wrong.at(span))
}

/// `tcp`, `udp` or `sctp`.
pub fn protocol(text: &str, span: Span) -> Result<Protocol, Diagnostic> {
    protocol_in(text, text).map_err(|wrong| wrong.at(span))
}

/// Whether a word without a protocol is meant as a port or a range.
fn is_ports(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit()) && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-')
}

fn numbered(text: &str) -> Result<(PortRange, Protocol), Wrong> {
    let Some((ports, protocol)) = text.split_once('/') else {
        one_port(text, text.split('-').next().unwrap_or(text))?;
        let message = format!("`{text}` has no protocol");
        let help = format!("write `{text}/tcp`, `{text}/udp` or `{text}/sctp`");
        return Err(Wrong::new(codes::BAD_PORT, 0..text.len(), message, help));
    };
    let (first_text, last_text) = ports.split_once('-').unwrap_or((ports, ports));
    let first = one_port(text, first_text)?;
    let last = one_port(text, last_text)?;
    let protocol = protocol_in(text, protocol)?;
    let range = PortRange::new(first, last).ok_or_else(|| {
        let message = format!("the range ends at {last}, below its start {first}");
        Wrong::new(codes::BAD_PORT, range_of(text, last_text), message, format!("write `{last}-{first}/{protocol}`"))
            .instead(format!("{last}-{first}/{protocol}"))
    })?;
    Ok((range, protocol))
}

fn one_port(whole: &str, part: &str) -> Result<u16, Wrong> {
    let number = digits(part).and_then(|value| u16::try_from(value).ok()).filter(|number| *number > 0);
    number.ok_or_else(|| {
        let range = if part.is_empty() { 0..whole.len() } else { range_of(whole, part) };
        let message =
            if part.is_empty() { format!("`{whole}` lacks a port") } else { format!("`{part}` is not a port") };
        Wrong::new(codes::BAD_PORT, range, message, "ports are numbers from 1 to 65535, for instance `443/tcp`")
    })
}

fn protocol_in(whole: &str, part: &str) -> Result<Protocol, Wrong> {
    Protocol::from_word(part).ok_or_else(|| {
        let range = if part.is_empty() { 0..whole.len() } else { range_of(whole, part) };
        let message = format!("`{part}` is not a protocol");
        Wrong::new(codes::BAD_PORT, range, message, "write `tcp`, `udp` or `sctp`")
    })
}
