//! Names of ICMP types, after the registries of both families.

use crate::model::{PortRange, Protocol};

/// Name, type in ICMP (RFC 792 and later), type in ICMPv6 (RFC 4443 and later).
const TYPES: &[(&str, Option<u16>, Option<u16>)] = &[
    ("echo-reply", Some(0), Some(129)),
    ("destination-unreachable", Some(3), Some(1)),
    ("packet-too-big", None, Some(2)),
    ("redirect", Some(5), Some(137)),
    ("echo-request", Some(8), Some(128)),
    ("router-advertisement", Some(9), Some(134)),
    ("router-solicitation", Some(10), Some(133)),
    ("time-exceeded", Some(11), Some(3)),
    ("parameter-problem", Some(12), Some(4)),
    ("timestamp", Some(13), None),
    ("timestamp-reply", Some(14), None),
    ("multicast-listener-query", None, Some(130)),
    ("multicast-listener-report", None, Some(131)),
    ("multicast-listener-done", None, Some(132)),
    ("neighbor-solicitation", None, Some(135)),
    ("neighbor-advertisement", None, Some(136)),
    ("extended-echo-request", Some(42), Some(160)),
    ("extended-echo-reply", Some(43), Some(161)),
];

/// The types of a name in both families, in the order of the families; none if there is no such name.
pub(super) fn ranges(name: &str) -> Vec<PortRange> {
    let found = TYPES.iter().find(|(known, _, _)| *known == name);
    let single = |protocol, number: u16| PortRange { protocol, first: number, last: number };
    found
        .into_iter()
        .flat_map(|(_, four, six)| {
            let four = four.map(|number| single(Protocol::IcmpV4, number));
            four.into_iter().chain(six.map(|number| single(Protocol::IcmpV6, number)))
        })
        .collect()
}

/// All names.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TYPES.iter().map(|(name, _, _)| *name)
}
