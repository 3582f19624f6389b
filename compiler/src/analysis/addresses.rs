//! Addresses, one for each way to be in or out of what is mentioned.
//!
//! CIDRs nest or are apart. So the addresses fall into as many atoms as there are CIDRs: those of one CIDR that are in none of the smaller ones
//! inside it. Nothing that speaks of these CIDRs tells two addresses of one atom from each other.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::model::Cidr;

/// An address of every atom of these CIDRs, all of IPv4 and all of IPv6 among them; atoms without an address are left out.
#[must_use]
pub fn atoms(cidrs: impl IntoIterator<Item = Cidr>) -> Vec<IpAddr> {
    let mut ranges: Vec<Range> = cidrs.into_iter().map(Range::of).collect();
    ranges.push(Range { family: Family::V4, first: 0, last: u32::MAX.into() });
    ranges.push(Range { family: Family::V6, first: 0, last: u128::MAX });
    // Each range is followed by those inside it.
    ranges.sort_unstable_by_key(|range| (range.family, range.first, std::cmp::Reverse(range.last)));
    ranges.dedup();
    let remainders = ranges.iter().enumerate().filter_map(|(index, range)| {
        remainder(*range, ranges.get(index + 1..).unwrap_or_default()).map(|at| range.family.address(at))
    });
    remainders.collect()
}

/// An address family.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Family {
    V4,
    V6,
}

impl Family {
    fn address(self, number: u128) -> IpAddr {
        match self {
            Self::V4 => IpAddr::V4(Ipv4Addr::from(u32::try_from(number).unwrap_or(u32::MAX))),
            Self::V6 => IpAddr::V6(Ipv6Addr::from(number)),
        }
    }

    /// Addresses for documentation (RFC 5737, RFC 3849): what a reader takes for "some address".
    fn familiar(self) -> u128 {
        match self {
            Self::V4 => u32::from(Ipv4Addr::new(192, 0, 2, 1)).into(),
            Self::V6 => u128::from(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Range {
    family: Family,
    first: u128,
    last: u128,
}

impl Range {
    fn of(cidr: Cidr) -> Self {
        match cidr {
            Cidr::V4(net) => Self {
                family: Family::V4,
                first: u32::from(net.network()).into(),
                last: u32::from(net.broadcast()).into(),
            },
            Cidr::V6(net) => Self { family: Family::V6, first: net.network().into(), last: net.broadcast().into() },
        }
    }

    fn contains(self, number: u128) -> bool {
        (self.first..=self.last).contains(&number)
    }
}

/// An address of a range that is in none of those inside it. `later` are the ranges that follow it in order.
fn remainder(range: Range, later: &[Range]) -> Option<u128> {
    let inside = later.iter().take_while(|other| other.family == range.family && other.first <= range.last);
    let familiar = range.family.familiar();
    if range.contains(familiar) && !inside.clone().any(|other| other.contains(familiar)) {
        return Some(familiar);
    }
    let mut at = range.first;
    for other in inside.clone() {
        if other.first > at {
            break;
        }
        at = at.max(other.last.checked_add(1)?);
    }
    if at > range.last {
        return None;
    }
    // The first address of a network is nobody's; the next one reads better, if it is of the same atom.
    let next = at.checked_add(1).filter(|next| range.contains(*next));
    Some(next.filter(|next| !inside.clone().any(|other| other.contains(*next))).unwrap_or(at))
}

#[cfg(test)]
mod tests {
    use super::atoms;

    fn check(cidrs: &[&str], expected: &[&str]) {
        let found = atoms(cidrs.iter().map(|cidr| cidr.parse().unwrap()));
        let found: Vec<String> = found.iter().map(ToString::to_string).collect();
        assert_eq!(found, expected, "{cidrs:?}");
    }

    #[test]
    fn every_cidr_has_an_address_of_its_own() {
        check(&[], &["192.0.2.1", "2001:db8::1"]);
        check(&["10.0.0.0/8"], &["192.0.2.1", "10.0.0.1", "2001:db8::1"]);
        check(&["10.0.0.0/8", "10.0.0.0/16"], &["192.0.2.1", "10.1.0.1", "10.0.0.1", "2001:db8::1"]);
        check(&["192.0.2.0/24"], &["0.0.0.1", "192.0.2.1", "2001:db8::1"]);
        check(&["10.0.0.0/31", "10.0.0.0/32"], &["192.0.2.1", "10.0.0.1", "10.0.0.0", "2001:db8::1"]);
    }

    #[test]
    fn a_cidr_that_others_fill_has_none() {
        check(&["10.0.0.0/8", "10.0.0.0/9", "10.128.0.0/9"], &["192.0.2.1", "10.0.0.1", "10.128.0.1", "2001:db8::1"]);
        check(&["0.0.0.0/1", "128.0.0.0/1", "::/0"], &["0.0.0.1", "192.0.2.1", "2001:db8::1"]);
    }
}
