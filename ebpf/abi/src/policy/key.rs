//! Keys of a policy map. Layout: `struct policy_key` of `bpf/lib/policy.h`.

use core::cmp::Ordering;
use core::fmt;
use core::mem::{offset_of, size_of};

use super::POLICY_KEY_SIZE;
use super::l4::{L4, PortPrefix, Protocol};
use crate::identity::Identity;

/// Prefix bits that every entry has: identity and direction.
const STATIC_BITS: u32 = 40;
/// Prefix bits of a packet's own key.
const FULL_BITS: u32 = 64;

/// Which way a packet goes, seen from the endpoint that the map belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Direction {
    /// To the endpoint.
    Ingress,
    /// From the endpoint.
    Egress,
}

impl Direction {
    const fn bit(self) -> u8 {
        match self {
            Self::Ingress => 0,
            Self::Egress => 1,
        }
    }
}

/// The key as it lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct RawPolicyKey {
    /// 40 (identity and direction), and 8 for the protocol, and 1 to 16 for the port.
    pub prefix_len: u32,
    /// The peer; 0 for any.
    pub identity: u32,
    /// Bit 0: egress; the others are 0.
    pub egress: u8,
    /// 0 for any.
    pub protocol: u8,
    /// Network order, masked to the prefix.
    pub port: [u8; 2],
}

const _: () = {
    assert!(size_of::<RawPolicyKey>() == POLICY_KEY_SIZE);
    assert!(offset_of!(RawPolicyKey, prefix_len) == 0);
    assert!(offset_of!(RawPolicyKey, identity) == 4);
    assert!(offset_of!(RawPolicyKey, egress) == 8);
    assert!(offset_of!(RawPolicyKey, protocol) == 9);
    assert!(offset_of!(RawPolicyKey, port) == 10);
};

impl RawPolicyKey {
    /// The bytes in memory.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; POLICY_KEY_SIZE] {
        let [p0, p1, p2, p3] = self.prefix_len.to_le_bytes();
        let [i0, i1, i2, i3] = self.identity.to_le_bytes();
        let [port0, port1] = self.port;
        [p0, p1, p2, p3, i0, i1, i2, i3, self.egress, self.protocol, port0, port1]
    }

    /// Any bytes, as they would be read.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; POLICY_KEY_SIZE]) -> Self {
        let [p0, p1, p2, p3, i0, i1, i2, i3, egress, protocol, port0, port1] = bytes;
        Self {
            prefix_len: u32::from_le_bytes([p0, p1, p2, p3]),
            identity: u32::from_le_bytes([i0, i1, i2, i3]),
            egress,
            protocol,
            port: [port0, port1],
        }
    }
}

/// What one entry speaks of. Ordered as its bytes are, which is the order of entries in an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PolicyKey {
    /// Which way.
    pub direction: Direction,
    /// The peer; [`Identity::ANY`] for any.
    pub identity: Identity,
    /// Which protocol and ports.
    pub l4: L4,
}

impl PolicyKey {
    /// The layout.
    #[must_use]
    pub const fn raw(self) -> RawPolicyKey {
        let (protocol, port) = match self.l4 {
            L4::Any => (0, 0),
            L4::Protocol(protocol) => (protocol.number(), 0),
            L4::Ports(protocol, ports) => (protocol.number(), ports.first()),
        };
        RawPolicyKey {
            prefix_len: STATIC_BITS + self.l4.bits() as u32,
            identity: self.identity.0,
            egress: self.direction.bit(),
            protocol,
            port: port.to_be_bytes(),
        }
    }

    /// The bytes of the map's key.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; POLICY_KEY_SIZE] {
        self.raw().to_bytes()
    }

    /// Reads a key as an engine writes it.
    pub fn from_bytes(bytes: [u8; POLICY_KEY_SIZE]) -> Result<Self, PolicyKeyError> {
        let raw = RawPolicyKey::from_bytes(bytes);
        let direction = match raw.egress {
            0 => Direction::Ingress,
            1 => Direction::Egress,
            other => return Err(PolicyKeyError::Direction(other)),
        };
        Ok(Self { direction, identity: Identity(raw.identity), l4: l4_of(raw)? })
    }
}

fn l4_of(raw: RawPolicyKey) -> Result<L4, PolicyKeyError> {
    let length = PolicyKeyError::PrefixLength(raw.prefix_len);
    let port = u16::from_be_bytes(raw.port);
    let beyond = PolicyKeyError::BeyondPrefix { protocol: raw.protocol, port };
    let bits = raw.prefix_len.checked_sub(STATIC_BITS).and_then(|bits| u8::try_from(bits).ok()).ok_or(length)?;
    match bits {
        0 if raw.protocol == 0 && port == 0 => Ok(L4::Any),
        0 => Err(beyond),
        8..=24 => {
            let protocol = Protocol::new(raw.protocol).ok_or(PolicyKeyError::Protocol)?;
            match PortPrefix::new(port, bits - 8) {
                Some(ports) => Ok(L4::Ports(protocol, ports)),
                None if bits == 8 && port == 0 => Ok(L4::Protocol(protocol)),
                None => Err(beyond),
            }
        }
        _ => Err(length),
    }
}

impl Ord for PolicyKey {
    fn cmp(&self, other: &Self) -> Ordering {
        self.to_bytes().cmp(&other.to_bytes())
    }
}

impl PartialOrd for PolicyKey {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The key that a packet is looked up with: everything known, so that the longest prefix wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketKey {
    /// Which way.
    pub direction: Direction,
    /// The peer.
    pub identity: Identity,
    /// Protocol number.
    pub protocol: u8,
    /// Destination port, ICMP type, or 0 where there is neither.
    pub port: u16,
}

impl PacketKey {
    /// The bytes to call `bpf_map_lookup_elem` with.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; POLICY_KEY_SIZE] {
        RawPolicyKey {
            prefix_len: FULL_BITS,
            identity: self.identity.0,
            egress: self.direction.bit(),
            protocol: self.protocol,
            port: self.port.to_be_bytes(),
        }
        .to_bytes()
    }

    /// Whether an entry of this key speaks of the packet.
    #[must_use]
    pub fn matches(self, key: &PolicyKey) -> bool {
        self.direction == key.direction && self.identity == key.identity && key.l4.contains(self.protocol, self.port)
    }

    /// Every key that could speak of the packet, longest prefix first: the first of them that a map holds is its answer.
    pub fn candidates(self) -> impl Iterator<Item = PolicyKey> {
        let ports = Protocol::new(self.protocol).into_iter().flat_map(move |protocol| {
            let prefixes = (1..=16_u8).rev().filter_map(move |bits| {
                let first = self.port & u16::MAX.checked_shl(16 - u32::from(bits)).unwrap_or(0);
                PortPrefix::new(first, bits)
            });
            prefixes.map(move |ports| L4::Ports(protocol, ports)).chain([L4::Protocol(protocol)])
        });
        let Self { direction, identity, .. } = self;
        ports.chain([L4::Any]).map(move |l4| PolicyKey { direction, identity, l4 })
    }
}

/// Why bytes are no key of a policy map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyKeyError {
    /// The length names no field's end: not 40, 48, or 49 to 64.
    PrefixLength(u32),
    /// The direction byte is neither 0 nor 1.
    Direction(u8),
    /// Protocol 0 where the prefix says that the protocol counts.
    Protocol,
    /// Protocol or port have bits set beyond the prefix.
    BeyondPrefix {
        /// The protocol byte.
        protocol: u8,
        /// The port.
        port: u16,
    },
}

impl fmt::Display for PolicyKeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::PrefixLength(bits) => write!(f, "prefix length {bits} is none of 40, 48 and 49 to 64"),
            Self::Direction(byte) => write!(f, "direction byte {byte:#04x} is neither 0 (ingress) nor 1 (egress)"),
            Self::Protocol => f.write_str("protocol 0 although the prefix includes the protocol"),
            Self::BeyondPrefix { protocol, port } => {
                write!(f, "protocol {protocol} and port {port} have bits set beyond the prefix")
            }
        }
    }
}

impl core::error::Error for PolicyKeyError {}
