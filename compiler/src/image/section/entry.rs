//! What a section holds: entries as bytes and as what they say.

use std::fmt;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;
use fleetnet_abi::ipcache::{IPCACHE_KEY_SIZE, IPCACHE_VALUE_SIZE, IpcacheError, IpcacheKey, IpcacheValue};
use fleetnet_abi::map::MapSpec;
use fleetnet_abi::policy::POLICY_KEY_SIZE;
use fleetnet_abi::policy::key::{PolicyKey, PolicyKeyError};
use fleetnet_abi::policy::value::PolicyValue;

/// Which map.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MapKind {
    /// The policy map of every endpoint that has this identity.
    Policy {
        /// The endpoint's identity.
        subject: Identity,
    },
    /// The map from address to identity.
    Ipcache,
}

impl MapKind {
    /// Type, sizes, flags and capacity.
    #[must_use]
    pub const fn spec(self, abi: Abi) -> MapSpec {
        match self {
            Self::Policy { .. } => abi.policy_map(),
            Self::Ipcache => abi.ipcache_map(),
        }
    }
}

impl fmt::Display for MapKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Policy { subject } => write!(f, "policy map of identity {subject}"),
            Self::Ipcache => f.write_str("ipcache"),
        }
    }
}

/// What brought an entry about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RuleRef {
    /// A row of the rule table.
    Rule(u32),
    /// A direction's default or an allow that is built in: no line of source.
    Default,
    /// No rule at all, such as an address of a node.
    None,
}

impl RuleRef {
    /// How many rules can be counted.
    pub const MAX_RULES: u32 = 0xFFFF_FFFE;
    const DEFAULT: u32 = 0xFFFF_FFFE;
    const NONE: u32 = 0xFFFF_FFFF;

    /// The number in files: a rule's place in the table, or a value that no place has.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Rule(number) => number,
            Self::Default => Self::DEFAULT,
            Self::None => Self::NONE,
        }
    }

    /// Reads a [`number`](Self::number).
    #[must_use]
    pub const fn from_number(number: u32) -> Self {
        match number {
            Self::DEFAULT => Self::Default,
            Self::NONE => Self::None,
            number => Self::Rule(number),
        }
    }
}

/// One entry as bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Entry<'a> {
    /// The key.
    pub key: &'a [u8],
    /// The value.
    pub value: &'a [u8],
    /// What brought it about.
    pub rule: RuleRef,
}

/// One entry of a policy map.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyEntry {
    /// Direction, peer, protocol and ports.
    pub key: PolicyKey,
    /// Action, authentication and rank.
    pub value: PolicyValue,
    /// What brought it about.
    pub rule: RuleRef,
}

/// One entry of the ipcache.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IpcacheEntry {
    /// The addresses.
    pub key: IpcacheKey,
    /// Identity and tunnel.
    pub value: IpcacheValue,
    /// What brought it about.
    pub rule: RuleRef,
}

pub(super) fn policy_key(bytes: &[u8]) -> Result<PolicyKey, PolicyKeyError> {
    PolicyKey::from_bytes(sized::<POLICY_KEY_SIZE>(bytes))
}

pub(super) fn ipcache_key(bytes: &[u8]) -> Result<IpcacheKey, IpcacheError> {
    IpcacheKey::from_bytes(sized::<IPCACHE_KEY_SIZE>(bytes))
}

pub(super) fn ipcache_value(bytes: &[u8]) -> Result<IpcacheValue, IpcacheError> {
    IpcacheValue::from_bytes(sized::<IPCACHE_VALUE_SIZE>(bytes))
}

/// The chunks of a section have the size of their map; anything else reads as zeros, which is no key.
fn sized<const N: usize>(bytes: &[u8]) -> [u8; N] {
    bytes.try_into().unwrap_or([0; N])
}
