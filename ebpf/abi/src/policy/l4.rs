//! Protocols, and the ports that one entry can speak of.

/// An IP protocol number; 0 is not one here, since a map's key takes it for "any".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Protocol(u8);

impl Protocol {
    /// ICMP.
    pub const ICMP: Self = Self(1);
    /// TCP.
    pub const TCP: Self = Self(6);
    /// UDP.
    pub const UDP: Self = Self(17);
    /// ICMPv6.
    pub const ICMPV6: Self = Self(58);
    /// SCTP.
    pub const SCTP: Self = Self(132);

    /// The protocol of a number but 0.
    #[must_use]
    pub const fn new(number: u8) -> Option<Self> {
        if number == 0 { None } else { Some(Self(number)) }
    }

    /// The number in IP headers.
    #[must_use]
    pub const fn number(self) -> u8 {
        self.0
    }
}

/// An aligned block of ports that is not all of them: those that share the first `bits` bits. ICMP types stand in for ports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortPrefix {
    first: u16,
    bits: u8,
}

impl PortPrefix {
    /// The block at `first` of `bits` common bits, 1 to 16; nothing if `first` is not where such a block begins.
    #[must_use]
    pub const fn new(first: u16, bits: u8) -> Option<Self> {
        if bits == 0 || bits > 16 || first & !mask(bits) != 0 { None } else { Some(Self { first, bits }) }
    }

    /// One port alone.
    #[must_use]
    pub const fn single(port: u16) -> Self {
        Self { first: port, bits: 16 }
    }

    /// The first port.
    #[must_use]
    pub const fn first(self) -> u16 {
        self.first
    }

    /// The last port.
    #[must_use]
    pub const fn last(self) -> u16 {
        self.first | !mask(self.bits)
    }

    /// Common bits, 1 to 16.
    #[must_use]
    pub const fn bits(self) -> u8 {
        self.bits
    }
}

/// The bits that count in a prefix of `bits` bits.
const fn mask(bits: u8) -> u16 {
    match u16::MAX.checked_shl(16_u32.saturating_sub(bits as u32)) {
        Some(mask) => mask,
        None => 0,
    }
}

/// What an entry says of protocol and port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum L4 {
    /// Every protocol.
    Any,
    /// All of one protocol.
    Protocol(Protocol),
    /// Some ports of one protocol.
    Ports(Protocol, PortPrefix),
}

impl L4 {
    /// One port alone.
    #[must_use]
    pub const fn port(protocol: Protocol, port: u16) -> Self {
        Self::Ports(protocol, PortPrefix::single(port))
    }

    /// Prefix bits beyond identity and direction: 0, 8, or 9 to 24.
    #[must_use]
    pub const fn bits(self) -> u8 {
        match self {
            Self::Any => 0,
            Self::Protocol(_) => 8,
            Self::Ports(_, ports) => 8 + ports.bits,
        }
    }

    /// The protocol, if one is meant.
    #[must_use]
    pub const fn protocol(self) -> Option<Protocol> {
        match self {
            Self::Any => None,
            Self::Protocol(protocol) | Self::Ports(protocol, _) => Some(protocol),
        }
    }

    /// First and last port.
    #[must_use]
    pub const fn port_range(self) -> (u16, u16) {
        match self {
            Self::Any | Self::Protocol(_) => (0, u16::MAX),
            Self::Ports(_, ports) => (ports.first, ports.last()),
        }
    }

    /// Whether packets of `protocol` (0 for one that is not known) to `port` are meant.
    #[must_use]
    pub const fn contains(self, protocol: u8, port: u16) -> bool {
        match self {
            Self::Any => true,
            Self::Protocol(own) => own.0 == protocol,
            Self::Ports(own, ports) => own.0 == protocol && ports.first <= port && port <= ports.last(),
        }
    }

    /// What Cilium's engine writes for this: it drops the bits of a port prefix at 0, so that such an entry means the whole protocol.
    #[must_use]
    pub const fn as_written(self) -> Self {
        match self {
            Self::Ports(protocol, ports) if ports.first == 0 => Self::Protocol(protocol),
            Self::Any | Self::Protocol(_) | Self::Ports(..) => self,
        }
    }

    /// The fewest entries that together mean the ports from `first` to `last`, ascending; none if `last` is below `first`.
    #[must_use]
    pub const fn cover(protocol: Protocol, first: u16, last: u16) -> PortCover {
        PortCover { protocol, next: first as u32, last: last as u32 }
    }
}

/// The entries of [`L4::cover`].
#[derive(Clone, Debug)]
pub struct PortCover {
    protocol: Protocol,
    next: u32,
    last: u32,
}

impl Iterator for PortCover {
    type Item = L4;

    fn next(&mut self) -> Option<L4> {
        let first = u16::try_from(self.next).ok()?;
        let left = (self.last + 1).checked_sub(self.next).filter(|left| *left != 0)?;
        // The largest block that is aligned at `first` and not longer than what is left.
        let free_bits = self.next.trailing_zeros().min(16).min(left.ilog2());
        self.next += 1 << free_bits;
        let bits = 16_u8.saturating_sub(u8::try_from(free_bits).unwrap_or(16));
        Some(match PortPrefix::new(first, bits) {
            Some(ports) => L4::Ports(self.protocol, ports),
            None => L4::Protocol(self.protocol),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn cover(first: u16, last: u16) -> Vec<L4> {
        L4::cover(Protocol::TCP, first, last).collect()
    }

    #[test]
    fn ranges_take_as_many_entries_as_in_cilium() {
        let rows = [
            (1, 65534, 30),
            (1, 65535, 16),
            (10000, 20000, 11),
            (1, 1023, 10),
            (80, 443, 8),
            (32768, 60999, 7),
            (1024, 65535, 6),
            (30000, 32767, 5),
            (2379, 2380, 2),
            (0, 1023, 1),
            (0, 65535, 1),
            (443, 443, 1),
            (8080, 8095, 1),
            (9, 8, 0),
        ];
        for (first, last, entries) in rows {
            assert_eq!(cover(first, last).len(), entries, "{first}-{last}");
        }
        assert_eq!(cover(0, 65535), [L4::Protocol(Protocol::TCP)]);
    }

    #[test]
    fn covers_are_exact_and_disjoint() {
        for first in (0..=u16::MAX).step_by(257) {
            for last in (first..=u16::MAX).step_by(1021).chain([u16::MAX]) {
                let mut next = u32::from(first);
                for (from, to) in cover(first, last).into_iter().map(L4::port_range) {
                    assert_eq!(u32::from(from), next, "{first}-{last}");
                    next = u32::from(to) + 1;
                }
                assert_eq!(next, u32::from(last) + 1, "{first}-{last}");
            }
        }
    }

    #[test]
    fn unaligned_blocks_are_refused() {
        assert_eq!(PortPrefix::new(8081, 12), None);
        assert_eq!(PortPrefix::new(0, 0), None);
        assert_eq!(PortPrefix::new(0, 17), None);
        assert_eq!(PortPrefix::new(8080, 12).map(|ports| (ports.first(), ports.last())), Some((8080, 8095)));
    }

    #[test]
    fn a_prefix_at_port_0_is_written_as_the_whole_protocol() {
        let tcp = L4::Protocol(Protocol::TCP);
        assert_eq!(cover(0, 1023).first().map(|l4| l4.as_written()), Some(tcp));
        assert_eq!(L4::port(Protocol::TCP, 80).as_written(), L4::port(Protocol::TCP, 80));
    }
}
