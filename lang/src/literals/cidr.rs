//! Blocks of addresses.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::ops::Range;

use super::{Wrong, digits};
use crate::codes;
use crate::diagnostic::Diagnostic;
use crate::source::Span;

/// A block of addresses: the first of them and how many leading bits they share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Cidr {
    address: IpAddr,
    prefix: u8,
}

impl Cidr {
    /// The first address; its bits behind the prefix are zero.
    #[must_use]
    pub fn address(self) -> IpAddr {
        self.address
    }

    /// The number of shared bits: at most 32 in IPv4, at most 128 in IPv6.
    #[must_use]
    pub fn prefix(self) -> u8 {
        self.prefix
    }
}

impl std::fmt::Display for Cidr {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.address, self.prefix)
    }
}

/// `10.0.0.0/8` or `fd00::/56`. Bits behind the prefix are an error that shows the block they lie in.
pub fn cidr(text: &str, span: Span) -> Result<Cidr, Diagnostic> {
    parse(text).map_err(|wrong| wrong.at(span))
}

fn parse(text: &str) -> Result<Cidr, Wrong> {
    let Some((address_text, prefix_text)) = text.split_once('/') else {
        return Err(without_prefix(text));
    };
    let Ok(address) = address_text.parse::<IpAddr>() else {
        return Err(bad_address(text, address_text));
    };
    let longest = if address.is_ipv4() { 32 } else { 128 };
    // Behind the slash; at least that, where nothing follows it.
    let from = address_text.len().saturating_add(usize::from(!prefix_text.is_empty()));
    let prefix = digits(prefix_text).and_then(|value| u8::try_from(value).ok()).filter(|value| *value <= longest);
    let Some(prefix) = prefix else {
        let message = format!("`/{prefix_text}` is not the length of an {} prefix", family(address));
        let help = format!("write a number from 0 to {longest} after the slash");
        return Err(Wrong::new(codes::BAD_CIDR, from..text.len(), message, help));
    };
    let block = Cidr { address: first_address(address, prefix), prefix };
    if let Some(plain) = ipv4_in_ipv6(&block) {
        let message = format!("`{text}` is IPv4 in the form of IPv6, which no packet has");
        return Err(
            Wrong::new(codes::BAD_CIDR, 0..text.len(), message, format!("write `{plain}`")).instead(plain.to_string())
        );
    }
    if block.address == address {
        return Ok(block);
    }
    let message = format!("`{text}` has bits set behind its prefix");
    let help = format!("the block is `{block}`, the single address `{address}/{longest}`");
    Err(Wrong::new(codes::HOST_BITS, 0..address_text.len(), message, help).instead(block.to_string()))
}

/// The block that is meant where IPv4 addresses are written as IPv6 maps them: data paths know them by their IPv4 form alone.
fn ipv4_in_ipv6(block: &Cidr) -> Option<Cidr> {
    let IpAddr::V6(address) = block.address else { return None };
    Some(Cidr { address: IpAddr::V4(address.to_ipv4_mapped()?), prefix: block.prefix.checked_sub(96)? })
}

fn without_prefix(text: &str) -> Wrong {
    let Ok(address) = text.parse::<IpAddr>() else { return bad_address(text, text) };
    let whole = format!("{address}/{}", if address.is_ipv4() { 32 } else { 128 });
    let help = format!("a single address is `{whole}`");
    Wrong::new(codes::BAD_CIDR, 0..text.len(), format!("`{text}` has no prefix length"), help).instead(whole)
}

fn bad_address(text: &str, address: &str) -> Wrong {
    let help = "write a block such as `10.0.0.0/8` or `fd00::/56`";
    if let Some((range, octet)) = bad_octet(address) {
        return Wrong::new(codes::BAD_CIDR, range, format!("`{octet}` is not a byte from 0 to 255"), help);
    }
    let message = format!("`{address}` is not an address");
    let range = if address.is_empty() { 0..text.len() } else { 0..address.len() };
    Wrong::new(codes::BAD_CIDR, range, message, help)
}

/// The first number of something like `10.300.0.0` that is no byte, or is written with a leading zero.
fn bad_octet(address: &str) -> Option<(Range<usize>, &str)> {
    let parts: Vec<&str> = address.split('.').collect();
    if parts.len() != 4 || !parts.iter().all(|part| part.bytes().all(|byte| byte.is_ascii_digit())) {
        return None;
    }
    let bad = parts.into_iter().find(|part| part.parse::<u8>().map(|byte| byte.to_string()).as_deref() != Ok(part))?;
    Some((super::range_of(address, bad), bad))
}

fn family(address: IpAddr) -> &'static str {
    if address.is_ipv4() { "IPv4" } else { "IPv6" }
}

fn first_address(address: IpAddr, prefix: u8) -> IpAddr {
    let prefix = u32::from(prefix);
    match address {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32_u32.saturating_sub(prefix)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128_u32.saturating_sub(prefix)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    }
}
