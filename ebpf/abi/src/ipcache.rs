//! The ipcache (`cilium_ipcache_v2`): from address prefix to identity and tunnel, by longest prefix.
//!
//! Layout: `struct ipcache_key` and `struct remote_endpoint_info` of `bpf/lib/eps.h`.

use core::fmt;
use core::mem::{offset_of, size_of};
use core::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::identity::Identity;

/// Bytes of a key.
pub const IPCACHE_KEY_SIZE: usize = 24;
/// Bytes of a value.
pub const IPCACHE_VALUE_SIZE: usize = 24;

/// Prefix bits before the address: cluster, padding and family.
const STATIC_BITS: u32 = 32;
const FAMILY_IPV4: u8 = 1;
const FAMILY_IPV6: u8 = 2;

const SKIP_TUNNEL: u8 = 1;
const HAS_TUNNEL: u8 = 1 << 1;
const IPV6_TUNNEL: u8 = 1 << 2;
const REMOTE_CLUSTER: u8 = 1 << 3;
const KNOWN_FLAGS: u8 = SKIP_TUNNEL | HAS_TUNNEL | IPV6_TUNNEL | REMOTE_CLUSTER;

/// The key as it lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct RawIpcacheKey {
    /// 32 and the bits of the address prefix.
    pub prefix_len: u32,
    /// 0 but for overlapping address plans.
    pub cluster_id: u16,
    /// 0.
    pub pad: u8,
    /// 1 IPv4, 2 IPv6.
    pub family: u8,
    /// Network order; IPv4 in the first four bytes.
    pub address: [u8; 16],
}

const _: () = {
    assert!(size_of::<RawIpcacheKey>() == IPCACHE_KEY_SIZE);
    assert!(offset_of!(RawIpcacheKey, cluster_id) == 4);
    assert!(offset_of!(RawIpcacheKey, pad) == 6);
    assert!(offset_of!(RawIpcacheKey, family) == 7);
    assert!(offset_of!(RawIpcacheKey, address) == 8);
};

impl RawIpcacheKey {
    /// The bytes in memory.
    #[must_use]
    pub fn to_bytes(self) -> [u8; IPCACHE_KEY_SIZE] {
        let mut bytes = [0; IPCACHE_KEY_SIZE];
        let [p0, p1, p2, p3] = self.prefix_len.to_le_bytes();
        let [c0, c1] = self.cluster_id.to_le_bytes();
        let head = [p0, p1, p2, p3, c0, c1, self.pad, self.family];
        for (to, from) in bytes.iter_mut().zip(head.into_iter().chain(self.address)) {
            *to = from;
        }
        bytes
    }

    /// Any bytes, as they would be read.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; IPCACHE_KEY_SIZE]) -> Self {
        let [p0, p1, p2, p3, c0, c1, pad, family, address @ ..] = bytes;
        Self {
            prefix_len: u32::from_le_bytes([p0, p1, p2, p3]),
            cluster_id: u16::from_le_bytes([c0, c1]),
            pad,
            family,
            address,
        }
    }
}

/// The value as it lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct RawIpcacheValue {
    /// The identity of the addresses.
    pub identity: u32,
    /// Network order; IPv4 in the first four bytes.
    pub tunnel_endpoint: [u8; 16],
    /// 0.
    pub pad: u16,
    /// Index of the encryption key, 0 for none.
    pub encrypt_key: u8,
    /// Bit 0 skip the tunnel, 1 there is a tunnel endpoint, 2 and it is IPv6, 3 in another cluster.
    pub flags: u8,
}

const _: () = {
    assert!(size_of::<RawIpcacheValue>() == IPCACHE_VALUE_SIZE);
    assert!(offset_of!(RawIpcacheValue, tunnel_endpoint) == 4);
    assert!(offset_of!(RawIpcacheValue, pad) == 20);
    assert!(offset_of!(RawIpcacheValue, encrypt_key) == 22);
    assert!(offset_of!(RawIpcacheValue, flags) == 23);
};

impl RawIpcacheValue {
    /// The bytes in memory.
    #[must_use]
    pub fn to_bytes(self) -> [u8; IPCACHE_VALUE_SIZE] {
        let mut bytes = [0; IPCACHE_VALUE_SIZE];
        let [pad0, pad1] = self.pad.to_le_bytes();
        let tail = [pad0, pad1, self.encrypt_key, self.flags];
        let all = self.identity.to_le_bytes().into_iter().chain(self.tunnel_endpoint).chain(tail);
        for (to, from) in bytes.iter_mut().zip(all) {
            *to = from;
        }
        bytes
    }

    /// Any bytes, as they would be read.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; IPCACHE_VALUE_SIZE]) -> Self {
        let [i0, i1, i2, i3, tunnel_endpoint @ .., pad0, pad1, encrypt_key, flags] = bytes;
        Self {
            identity: u32::from_le_bytes([i0, i1, i2, i3]),
            tunnel_endpoint,
            pad: u16::from_le_bytes([pad0, pad1]),
            encrypt_key,
            flags,
        }
    }
}

/// An address prefix, masked: no bit beyond its length is set. Ordered as its bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IpcacheKey {
    address: IpAddr,
    length: u8,
}

impl IpcacheKey {
    /// The prefix of `length` bits, or nothing if `address` has fewer bits or has bits set beyond them.
    #[must_use]
    pub fn new(address: IpAddr, length: u8) -> Option<Self> {
        let (width, bits) = match address {
            IpAddr::V4(v4) => (32, u128::from(v4.to_bits()) << 96),
            IpAddr::V6(v6) => (128, v6.to_bits()),
        };
        let beyond = bits.checked_shl(u32::from(length)).unwrap_or(0);
        (length <= width && beyond == 0).then_some(Self { address, length })
    }

    /// The first address.
    #[must_use]
    pub const fn address(self) -> IpAddr {
        self.address
    }

    /// Bits that count.
    #[must_use]
    pub const fn length(self) -> u8 {
        self.length
    }

    /// The bytes of the map's key.
    #[must_use]
    pub fn to_bytes(self) -> [u8; IPCACHE_KEY_SIZE] {
        let (family, address) = address_bytes(self.address);
        let prefix_len = STATIC_BITS + u32::from(self.length);
        RawIpcacheKey { prefix_len, cluster_id: 0, pad: 0, family, address }.to_bytes()
    }

    /// Reads a key as the agent writes it.
    pub fn from_bytes(bytes: [u8; IPCACHE_KEY_SIZE]) -> Result<Self, IpcacheError> {
        let raw = RawIpcacheKey::from_bytes(bytes);
        if raw.cluster_id != 0 {
            return Err(IpcacheError::ClusterId(raw.cluster_id));
        }
        if raw.pad != 0 {
            return Err(IpcacheError::Padding);
        }
        let address = match raw.family {
            FAMILY_IPV4 => ipv4(raw.address).ok_or(IpcacheError::Padding)?,
            FAMILY_IPV6 => IpAddr::V6(Ipv6Addr::from(raw.address)),
            family => return Err(IpcacheError::Family(family)),
        };
        let length = raw.prefix_len.checked_sub(STATIC_BITS).and_then(|bits| u8::try_from(bits).ok());
        length.and_then(|length| Self::new(address, length)).ok_or(IpcacheError::PrefixLength(raw.prefix_len))
    }
}

impl Ord for IpcacheKey {
    fn cmp(&self, other: &Self) -> core::cmp::Ordering {
        self.to_bytes().cmp(&other.to_bytes())
    }
}

impl PartialOrd for IpcacheKey {
    fn partial_cmp(&self, other: &Self) -> Option<core::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for IpcacheKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.address, self.length)
    }
}

/// Whose the addresses of a prefix are, and how they are reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct IpcacheValue {
    /// The identity of the addresses.
    pub identity: Identity,
    /// The node behind which they are, if packets to it are encapsulated.
    pub tunnel: Option<IpAddr>,
    /// Index of the encryption key, 0 for none.
    pub encrypt_key: u8,
    /// Whether packets go out without encapsulation although there is a tunnel endpoint.
    pub skip_tunnel: bool,
    /// Whether the addresses belong to another cluster of the mesh.
    pub remote_cluster: bool,
}

impl IpcacheValue {
    /// Addresses that are reached without a tunnel.
    #[must_use]
    pub const fn direct(identity: Identity) -> Self {
        Self { identity, tunnel: None, encrypt_key: 0, skip_tunnel: false, remote_cluster: false }
    }

    /// The bytes of the map's value.
    #[must_use]
    pub fn to_bytes(self) -> [u8; IPCACHE_VALUE_SIZE] {
        let (tunnel_flags, tunnel_endpoint) = match self.tunnel {
            None => (0, [0; 16]),
            Some(IpAddr::V4(v4)) => (HAS_TUNNEL, address_bytes(IpAddr::V4(v4)).1),
            Some(IpAddr::V6(v6)) => (HAS_TUNNEL | IPV6_TUNNEL, v6.octets()),
        };
        let skip = if self.skip_tunnel { SKIP_TUNNEL } else { 0 };
        let remote = if self.remote_cluster { REMOTE_CLUSTER } else { 0 };
        let flags = tunnel_flags | skip | remote;
        let Self { identity: Identity(identity), encrypt_key, .. } = self;
        RawIpcacheValue { identity, tunnel_endpoint, pad: 0, encrypt_key, flags }.to_bytes()
    }

    /// Reads a value as the agent writes it.
    pub fn from_bytes(bytes: [u8; IPCACHE_VALUE_SIZE]) -> Result<Self, IpcacheError> {
        let raw = RawIpcacheValue::from_bytes(bytes);
        if raw.pad != 0 {
            return Err(IpcacheError::Padding);
        }
        let tunnel = match (raw.flags & HAS_TUNNEL != 0, raw.flags & IPV6_TUNNEL != 0) {
            (true, true) => Some(IpAddr::V6(Ipv6Addr::from(raw.tunnel_endpoint))),
            (true, false) => Some(ipv4(raw.tunnel_endpoint).ok_or(IpcacheError::Padding)?),
            (false, false) if raw.tunnel_endpoint == [0; 16] => None,
            (false, _) => return Err(IpcacheError::Flags(raw.flags)),
        };
        if raw.flags & !KNOWN_FLAGS != 0 {
            return Err(IpcacheError::Flags(raw.flags));
        }
        Ok(Self {
            identity: Identity(raw.identity),
            tunnel,
            encrypt_key: raw.encrypt_key,
            skip_tunnel: raw.flags & SKIP_TUNNEL != 0,
            remote_cluster: raw.flags & REMOTE_CLUSTER != 0,
        })
    }
}

fn address_bytes(address: IpAddr) -> (u8, [u8; 16]) {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            (FAMILY_IPV4, [a, b, c, d, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])
        }
        IpAddr::V6(v6) => (FAMILY_IPV6, v6.octets()),
    }
}

/// The IPv4 address of a field of 16 bytes, or nothing if the other twelve are in use.
fn ipv4(field: [u8; 16]) -> Option<IpAddr> {
    let [a, b, c, d, rest @ ..] = field;
    (rest == [0; 12]).then_some(IpAddr::V4(Ipv4Addr::new(a, b, c, d)))
}

/// Why bytes are no ipcache key or value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum IpcacheError {
    /// A cluster id, which only overlapping address plans have.
    ClusterId(u16),
    /// A byte that is not in use is not 0.
    Padding,
    /// Neither IPv4 nor IPv6.
    Family(u8),
    /// Longer than an address of the family, or the address has bits set beyond it.
    PrefixLength(u32),
    /// An unknown flag, or a tunnel endpoint that the flags do not announce.
    Flags(u8),
}

impl fmt::Display for IpcacheError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::ClusterId(id) => write!(f, "cluster id {id} where 0 belongs"),
            Self::Padding => f.write_str("a byte that is not in use is not 0"),
            Self::Family(family) => write!(f, "address family {family} is neither 1 (IPv4) nor 2 (IPv6)"),
            Self::PrefixLength(bits) => write!(f, "prefix length {bits} does not fit the address"),
            Self::Flags(flags) => write!(f, "flags {flags:#04x} are unknown or do not fit the tunnel endpoint"),
        }
    }
}

impl core::error::Error for IpcacheError {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hex;

    fn key(address: &str, length: u8) -> IpcacheKey {
        IpcacheKey::new(address.parse().expect("an address"), length).expect("a prefix")
    }

    #[test]
    fn golden_keys() {
        let rows = [
            (key("10.0.1.5", 32), "40000000 0000 00 01 0a000105 000000000000000000000000"),
            (key("10.0.0.0", 8), "28000000 0000 00 01 0a000000 000000000000000000000000"),
            (key("0.0.0.0", 0), "20000000 0000 00 01 00000000 000000000000000000000000"),
            (key("fd00:1::", 64), "60000000 0000 00 02 fd000001000000000000000000000000"),
            (key("fd00::7", 128), "a0000000 0000 00 02 fd000000000000000000000000000007"),
        ];
        for (key, bytes) in rows {
            assert_eq!(hex(&key.to_bytes()), bytes.replace(' ', ""), "{key}");
            assert_eq!(IpcacheKey::from_bytes(key.to_bytes()), Ok(key));
        }
    }

    #[test]
    fn golden_values() {
        let direct = IpcacheValue::direct(Identity(0x0100_0001));
        let node: IpAddr = "192.168.0.2".parse().expect("an address");
        let tunnel =
            IpcacheValue { tunnel: Some(node), remote_cluster: true, ..IpcacheValue::direct(Identity(0x20100)) };
        let node6: IpAddr = "fd00::2".parse().expect("an address");
        let tunnel6 = IpcacheValue { tunnel: Some(node6), skip_tunnel: true, encrypt_key: 3, ..direct };
        let rows = [
            (direct, "01000001 00000000000000000000000000000000 0000 00 00"),
            (tunnel, "00010200 c0a80002000000000000000000000000 0000 00 0a"),
            (tunnel6, "01000001 fd000000000000000000000000000002 0000 03 07"),
        ];
        for (value, bytes) in rows {
            assert_eq!(hex(&value.to_bytes()), bytes.replace(' ', ""));
            assert_eq!(IpcacheValue::from_bytes(value.to_bytes()), Ok(value));
        }
    }

    #[test]
    fn prefixes_with_bits_beyond_their_length_are_refused() {
        let new = |address: &str, length| IpcacheKey::new(address.parse().expect("an address"), length);
        assert_eq!(new("10.0.0.1", 8), None);
        assert_eq!(new("10.0.0.0", 33), None);
        assert_eq!(new("fd00::", 129), None);
        assert_eq!(new("fd00::1", 127), None);
    }

    #[test]
    fn keys_and_values_that_no_agent_writes_are_refused() {
        let with_key = |place: usize, byte: u8| {
            let mut bytes = key("10.0.1.5", 32).to_bytes();
            bytes[place] = byte;
            IpcacheKey::from_bytes(bytes)
        };
        assert_eq!(with_key(0, 65), Err(IpcacheError::PrefixLength(65)));
        assert_eq!(with_key(0, 31), Err(IpcacheError::PrefixLength(31)));
        assert_eq!(with_key(0, 56), Err(IpcacheError::PrefixLength(56)));
        assert_eq!(with_key(4, 1), Err(IpcacheError::ClusterId(1)));
        assert_eq!(with_key(6, 1), Err(IpcacheError::Padding));
        assert_eq!(with_key(7, 0), Err(IpcacheError::Family(0)));
        assert_eq!(with_key(23, 1), Err(IpcacheError::Padding));
        let with_value = |place: usize, byte: u8| {
            let mut bytes = IpcacheValue::direct(Identity(9)).to_bytes();
            bytes[place] = byte;
            IpcacheValue::from_bytes(bytes)
        };
        assert_eq!(with_value(4, 1), Err(IpcacheError::Flags(0)));
        assert_eq!(with_value(20, 1), Err(IpcacheError::Padding));
        assert_eq!(with_value(23, 0x10), Err(IpcacheError::Flags(0x10)));
        assert_eq!(with_value(23, 0x04), Err(IpcacheError::Flags(0x04)));
    }
}
