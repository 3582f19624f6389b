//! Addresses as ranges, so that blocks less their exceptions can be joined and compared. IPv4 comes before IPv6, as everywhere.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::{Cidr, CidrBlock};

/// Addresses of one family, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct AddressRange {
    pub first: IpAddr,
    pub last: IpAddr,
}

impl AddressRange {
    /// A single address.
    pub(super) fn only(address: impl Into<IpAddr>) -> Self {
        let address = address.into();
        Self { first: address, last: address }
    }
}

impl From<&Cidr> for AddressRange {
    fn from(cidr: &Cidr) -> Self {
        Self { first: cidr.network(), last: cidr.broadcast() }
    }
}

/// What is left of a block, in order.
pub(super) fn left(block: &CidrBlock) -> Vec<AddressRange> {
    let whole = AddressRange::from(&block.cidr);
    let mut left = Vec::new();
    let mut next = Some(whole.first);
    for except in joined(block.except.iter().map(AddressRange::from).collect()) {
        let (Some(first), before) = (next, previous(except.first)) else { break };
        left.extend(before.filter(|last| first <= *last).map(|last| AddressRange { first, last }));
        next = following(except.last);
    }
    left.extend(next.filter(|first| *first <= whole.last).map(|first| AddressRange { first, last: whole.last }));
    left
}

/// Sorts ranges and joins those that overlap or touch.
pub(super) fn joined(mut ranges: Vec<AddressRange>) -> Vec<AddressRange> {
    ranges.sort_unstable();
    let mut joined: Vec<AddressRange> = Vec::with_capacity(ranges.len());
    for range in ranges {
        let touches = |last: &AddressRange| range.first <= last.last || following(last.last) == Some(range.first);
        match joined.last_mut() {
            Some(last) if touches(last) => last.last = last.last.max(range.last),
            Some(_) | None => joined.push(range),
        }
    }
    joined
}

/// Whether all of a range lies in joined ranges.
pub(super) fn hold(joined: &[AddressRange], range: AddressRange) -> bool {
    let index = joined.partition_point(|own| own.last < range.first);
    joined.get(index).is_some_and(|own| own.first <= range.first && range.last <= own.last)
}

/// Whether some of a range lies in joined ranges.
pub(super) fn meet(joined: &[AddressRange], range: AddressRange) -> bool {
    let index = joined.partition_point(|own| own.last < range.first);
    joined.get(index).is_some_and(|own| own.first <= range.last)
}

/// The next address of the family.
fn following(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_add(1).map(|next| Ipv4Addr::from(next).into()),
        IpAddr::V6(address) => u128::from(address).checked_add(1).map(|next| Ipv6Addr::from(next).into()),
    }
}

/// The address before it of the family.
fn previous(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_sub(1).map(|next| Ipv4Addr::from(next).into()),
        IpAddr::V6(address) => u128::from(address).checked_sub(1).map(|next| Ipv6Addr::from(next).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(cidr: &str, except: &[&str], expected: &[(&str, &str)]) {
        let except = except.iter().map(|text| text.parse().unwrap()).collect();
        let block = CidrBlock { cidr: cidr.parse().unwrap(), except };
        let found: Vec<_> =
            left(&block).iter().map(|range| (range.first.to_string(), range.last.to_string())).collect();
        let found: Vec<_> = found.iter().map(|(first, last)| (first.as_str(), last.as_str())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn exceptions_are_taken_out() {
        check("192.0.2.0/24", &[], &[("192.0.2.0", "192.0.2.255")]);
        check("192.0.2.0/24", &["192.0.2.0/25"], &[("192.0.2.128", "192.0.2.255")]);
        check("192.0.2.0/24", &["192.0.2.0/25", "192.0.2.128/25"], &[]);
        check("192.0.2.0/24", &["192.0.2.0/26", "192.0.2.0/28"], &[("192.0.2.64", "192.0.2.255")]);
        check("192.0.2.0/24", &["192.0.2.64/26"], &[("192.0.2.0", "192.0.2.63"), ("192.0.2.128", "192.0.2.255")]);
        check("0.0.0.0/0", &["128.0.0.0/1"], &[("0.0.0.0", "127.255.255.255")]);
        check("::/0", &["::/1"], &[("8000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]);
        check("0.0.0.0/0", &["0.0.0.0/1", "128.0.0.0/1"], &[]);
    }

    #[test]
    fn neighbours_are_joined_and_families_kept_apart() {
        let range = |text: &str| AddressRange::from(&text.parse::<Cidr>().unwrap());
        let all = joined(vec![range("128.0.0.0/1"), range("::/0"), range("0.0.0.0/1")]);
        assert_eq!(all, [range("0.0.0.0/0"), range("::/0")]);
        assert!(hold(&all, range("127.255.255.0/24")) && !hold(&all[..1], range("::/128")));
        let some = joined(vec![range("10.1.0.0/16"), range("10.3.0.0/16")]);
        assert!(meet(&some, range("10.0.0.0/8")) && !hold(&some, range("10.0.0.0/8")));
        assert!(!meet(&some, range("10.2.0.0/16")) && meet(&some, range("10.3.255.255/32")));
    }
}
