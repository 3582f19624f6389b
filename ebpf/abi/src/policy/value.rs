//! Values of a policy map. Layout: `struct policy_entry` of `bpf/lib/policy.h`.

use core::fmt;
use core::mem::{offset_of, size_of};
use core::num::NonZeroU16;

use super::key::PolicyKey;
use super::{POLICY_VALUE_118_SIZE, POLICY_VALUE_119_SIZE};
use crate::abi::Abi;

const DENY: u8 = 0x01;
const RESERVED: u8 = 0x06;
/// Where the prefix length (5 bits) begins in the flag byte.
const L4_BITS_SHIFT: u32 = 3;
const AUTH_EXPLICIT: u8 = 0x80;

/// The first four bytes, which all releases share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct RawPolicyHead {
    /// Network order; 0 for none.
    pub proxy_port: [u8; 2],
    /// Bit 0 deny, bits 1 and 2 are 0, bits 3 to 7 the key's prefix length beyond 40.
    pub flags: u8,
    /// Bits 0 to 6 the authentication type, bit 7 whether a rule states it.
    pub auth: u8,
}

/// The value of 1.18 as it lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct RawPolicyValue118 {
    /// What all releases share.
    pub head: RawPolicyHead,
    /// Of two redirects the one with the larger number wins; 0 for no redirect.
    pub proxy_port_priority: u8,
    /// 0.
    pub pad: [u8; 3],
}

/// The value from 1.19 as it lies in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct RawPolicyValue119 {
    /// What all releases share.
    pub head: RawPolicyHead,
    /// The larger wins.
    pub precedence: u32,
    /// Carried into events; 0 for none.
    pub cookie: u32,
}

const _: () = {
    assert!(size_of::<RawPolicyHead>() == 4);
    assert!(offset_of!(RawPolicyHead, proxy_port) == 0);
    assert!(offset_of!(RawPolicyHead, flags) == 2);
    assert!(offset_of!(RawPolicyHead, auth) == 3);
    assert!(size_of::<RawPolicyValue118>() == POLICY_VALUE_118_SIZE);
    assert!(offset_of!(RawPolicyValue118, proxy_port_priority) == 4);
    assert!(offset_of!(RawPolicyValue118, pad) == 5);
    assert!(size_of::<RawPolicyValue119>() == POLICY_VALUE_119_SIZE);
    assert!(offset_of!(RawPolicyValue119, precedence) == 4);
    assert!(offset_of!(RawPolicyValue119, cookie) == 8);
};

impl RawPolicyValue118 {
    /// The bytes in memory.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; POLICY_VALUE_118_SIZE] {
        let RawPolicyHead { proxy_port: [p0, p1], flags, auth } = self.head;
        let [pad0, pad1, pad2] = self.pad;
        [p0, p1, flags, auth, self.proxy_port_priority, pad0, pad1, pad2]
    }

    /// Any bytes, as they would be read.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; POLICY_VALUE_118_SIZE]) -> Self {
        let [p0, p1, flags, auth, proxy_port_priority, pad @ ..] = bytes;
        Self { head: RawPolicyHead { proxy_port: [p0, p1], flags, auth }, proxy_port_priority, pad }
    }
}

impl RawPolicyValue119 {
    /// The bytes in memory.
    #[must_use]
    pub const fn to_bytes(self) -> [u8; POLICY_VALUE_119_SIZE] {
        let RawPolicyHead { proxy_port: [p0, p1], flags, auth } = self.head;
        let [r0, r1, r2, r3] = self.precedence.to_le_bytes();
        let [c0, c1, c2, c3] = self.cookie.to_le_bytes();
        [p0, p1, flags, auth, r0, r1, r2, r3, c0, c1, c2, c3]
    }

    /// Any bytes, as they would be read.
    #[must_use]
    pub const fn from_bytes(bytes: [u8; POLICY_VALUE_119_SIZE]) -> Self {
        let [p0, p1, flags, auth, r0, r1, r2, r3, c0, c1, c2, c3] = bytes;
        Self {
            head: RawPolicyHead { proxy_port: [p0, p1], flags, auth },
            precedence: u32::from_le_bytes([r0, r1, r2, r3]),
            cookie: u32::from_le_bytes([c0, c1, c2, c3]),
        }
    }
}

/// What happens to a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Action {
    /// It passes.
    Allow,
    /// It is dropped.
    Deny,
    /// It goes to the proxy that listens at this port of the node.
    Redirect(NonZeroU16),
}

/// How the peer must have proved who it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthMethod {
    /// Not at all.
    #[default]
    Disabled,
    /// By SPIRE.
    Spire,
    /// In no way that succeeds: for tests.
    AlwaysFail,
}

/// Whether a rule states the method, or a less specific entry lends it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum AuthSource {
    /// Taken over from less specific entries, also at lookup.
    #[default]
    Derived,
    /// Stated by a rule.
    Explicit,
}

/// Required authentication.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Auth {
    /// How.
    pub method: AuthMethod,
    /// Who says so.
    pub source: AuthSource,
}

impl Auth {
    /// No authentication, and none stated.
    pub const NONE: Self = Self { method: AuthMethod::Disabled, source: AuthSource::Derived };
}

/// Which of two entries wins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Rank {
    /// 1.18: a deny wins over anything, then the larger proxy priority.
    ProxyPriority(u8),
    /// From 1.19: the larger precedence; the cookie is only carried along.
    Precedence {
        /// `(2^24 - 1 - level) << 8`, and a byte for the kind of entry.
        precedence: u32,
        /// 0 for none.
        cookie: u32,
    },
}

/// Which of several listeners takes a redirect, 1 (first) to 126; parsers have the defaults below.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ListenerPriority(u8);

impl ListenerPriority {
    /// HTTP rules.
    pub const HTTP: Self = Self(101);
    /// TLS and server names.
    pub const TLS: Self = Self(116);
    /// DNS rules.
    pub const DNS: Self = Self(121);
    /// A listener that the rule names.
    pub const CRD: Self = Self(126);

    /// A priority of 1 to 126.
    #[must_use]
    pub const fn new(priority: u8) -> Option<Self> {
        if priority == 0 || priority > 126 { None } else { Some(Self(priority)) }
    }
}

/// Level 0 is the strongest, and where Cilium and Kubernetes network policies are. 24 bits count.
pub type Level = u32;
const MAX_LEVEL: Level = 0x00FF_FFFF;
const LEVEL_SHIFT: u32 = 8;

impl Rank {
    /// Of a plain allow at level 0.
    #[must_use]
    pub const fn allow(abi: Abi) -> Self {
        Self::at_level_0(abi, 0, 1)
    }

    /// Of a deny at level 0.
    #[must_use]
    pub const fn deny(abi: Abi) -> Self {
        Self::at_level_0(abi, 0, 255)
    }

    /// Of a redirect at level 0.
    #[must_use]
    pub const fn redirect(abi: Abi, listener: ListenerPriority) -> Self {
        Self::at_level_0(abi, 128 - listener.0, 255 - listener.0)
    }

    const fn at_level_0(abi: Abi, proxy_priority: u8, low: u8) -> Self {
        match abi {
            Abi::Cilium118 => Self::ProxyPriority(proxy_priority),
            Abi::Cilium119 | Abi::Cilium120 => {
                Self::Precedence { precedence: MAX_LEVEL << LEVEL_SHIFT | low as u32, cookie: 0 }
            }
        }
    }

    /// The same kind of entry at another level; 1.18 has none.
    #[must_use]
    pub const fn at_level(self, level: Level) -> Self {
        match self {
            Self::ProxyPriority(_) => self,
            Self::Precedence { precedence, cookie } => {
                let [low, ..] = precedence.to_le_bytes();
                Self::Precedence { precedence: MAX_LEVEL.saturating_sub(level) << LEVEL_SHIFT | low as u32, cookie }
            }
        }
    }
}

/// What an entry does, and how it ranks among others. Made for one key, whose prefix length it repeats.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct PolicyValue {
    /// What happens.
    pub action: Action,
    /// Required authentication.
    pub auth: Auth,
    /// Which of two entries wins.
    pub rank: Rank,
    l4_bits: u8,
}

impl PolicyValue {
    /// The value of a key.
    #[must_use]
    pub const fn new(key: &PolicyKey, action: Action, auth: Auth, rank: Rank) -> Self {
        Self { action, auth, rank, l4_bits: key.l4.bits() }
    }

    /// A plain allow at level 0.
    #[must_use]
    pub const fn allow(abi: Abi, key: &PolicyKey) -> Self {
        Self::new(key, Action::Allow, Auth::NONE, Rank::allow(abi))
    }

    /// A deny at level 0.
    #[must_use]
    pub const fn deny(abi: Abi, key: &PolicyKey) -> Self {
        Self::new(key, Action::Deny, Auth::NONE, Rank::deny(abi))
    }

    /// A redirect at level 0.
    #[must_use]
    pub const fn redirect(abi: Abi, key: &PolicyKey, proxy_port: NonZeroU16, listener: ListenerPriority) -> Self {
        Self::new(key, Action::Redirect(proxy_port), Auth::NONE, Rank::redirect(abi, listener))
    }

    /// Prefix bits beyond identity and direction of the key it was made for.
    #[must_use]
    pub const fn l4_bits(&self) -> u8 {
        self.l4_bits
    }

    /// Whether it is a deny.
    #[must_use]
    pub const fn is_deny(&self) -> bool {
        matches!(self.action, Action::Deny)
    }

    /// The cookie, 0 for none.
    #[must_use]
    pub const fn cookie(&self) -> u32 {
        match self.rank {
            Rank::ProxyPriority(_) => 0,
            Rank::Precedence { cookie, .. } => cookie,
        }
    }

    /// The bytes of the map's value; the rank says in which layout.
    #[must_use]
    pub const fn to_bytes(&self) -> PolicyValueBytes {
        let head = self.head();
        match self.rank {
            Rank::ProxyPriority(proxy_port_priority) => {
                PolicyValueBytes::V118(RawPolicyValue118 { head, proxy_port_priority, pad: [0; 3] }.to_bytes())
            }
            Rank::Precedence { precedence, cookie } => {
                PolicyValueBytes::V119(RawPolicyValue119 { head, precedence, cookie }.to_bytes())
            }
        }
    }

    const fn head(&self) -> RawPolicyHead {
        let (deny, port) = match self.action {
            Action::Allow => (0, 0),
            Action::Deny => (DENY, 0),
            Action::Redirect(port) => (0, port.get()),
        };
        let method = match self.auth.method {
            AuthMethod::Disabled => 0,
            AuthMethod::Spire => 1,
            AuthMethod::AlwaysFail => 2,
        };
        let explicit = match self.auth.source {
            AuthSource::Derived => 0,
            AuthSource::Explicit => AUTH_EXPLICIT,
        };
        RawPolicyHead {
            proxy_port: port.to_be_bytes(),
            flags: deny | self.l4_bits << L4_BITS_SHIFT,
            auth: method | explicit,
        }
    }

    /// Reads a value as an engine writes it; the length says in which layout.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, PolicyValueError> {
        let (head, rank) = if let Ok(bytes) = <[u8; POLICY_VALUE_118_SIZE]>::try_from(bytes) {
            let raw = RawPolicyValue118::from_bytes(bytes);
            if raw.pad != [0; 3] {
                return Err(PolicyValueError::Padding);
            }
            (raw.head, Rank::ProxyPriority(raw.proxy_port_priority))
        } else if let Ok(bytes) = <[u8; POLICY_VALUE_119_SIZE]>::try_from(bytes) {
            let raw = RawPolicyValue119::from_bytes(bytes);
            (raw.head, Rank::Precedence { precedence: raw.precedence, cookie: raw.cookie })
        } else {
            return Err(PolicyValueError::Size(bytes.len()));
        };
        Self::from_head(head, rank)
    }

    fn from_head(head: RawPolicyHead, rank: Rank) -> Result<Self, PolicyValueError> {
        if head.flags & RESERVED != 0 {
            return Err(PolicyValueError::Flags(head.flags));
        }
        let method = match head.auth & !AUTH_EXPLICIT {
            0 => AuthMethod::Disabled,
            1 => AuthMethod::Spire,
            2 => AuthMethod::AlwaysFail,
            other => return Err(PolicyValueError::Auth(other)),
        };
        let source = if head.auth & AUTH_EXPLICIT == 0 { AuthSource::Derived } else { AuthSource::Explicit };
        let action = match (head.flags & DENY != 0, NonZeroU16::new(u16::from_be_bytes(head.proxy_port))) {
            (true, Some(port)) => return Err(PolicyValueError::DenyWithProxy(port)),
            (true, None) => Action::Deny,
            (false, Some(port)) => Action::Redirect(port),
            (false, None) => Action::Allow,
        };
        Ok(Self { action, auth: Auth { method, source }, rank, l4_bits: head.flags >> L4_BITS_SHIFT })
    }
}

/// A value's bytes, in one of the two layouts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum PolicyValueBytes {
    /// 1.18.
    V118([u8; POLICY_VALUE_118_SIZE]),
    /// From 1.19.
    V119([u8; POLICY_VALUE_119_SIZE]),
}

impl PolicyValueBytes {
    /// The bytes.
    #[must_use]
    pub const fn as_slice(&self) -> &[u8] {
        match self {
            Self::V118(bytes) => bytes,
            Self::V119(bytes) => bytes,
        }
    }
}

/// Why bytes are no value of a policy map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyValueError {
    /// Neither 8 nor 12 bytes.
    Size(usize),
    /// A bit of the flag byte that no release assigns.
    Flags(u8),
    /// A byte that is not in use is not 0.
    Padding,
    /// An authentication type that no release assigns.
    Auth(u8),
    /// A deny that names a proxy port.
    DenyWithProxy(NonZeroU16),
}

impl fmt::Display for PolicyValueError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Size(size) => write!(f, "{size} bytes are neither 8 (1.18) nor 12 (from 1.19)"),
            Self::Flags(flags) => write!(f, "flag byte {flags:#04x} has unknown bits set"),
            Self::Padding => f.write_str("a byte that is not in use is not 0"),
            Self::Auth(method) => write!(f, "authentication type {method} is unknown"),
            Self::DenyWithProxy(port) => write!(f, "a deny that names the proxy port {port}"),
        }
    }
}

impl core::error::Error for PolicyValueError {}
