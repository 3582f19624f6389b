//! The verdict that a policy map gives on a packet, as Cilium's data path reads it (`__policy_can_access` of `bpf/lib/policy.h`).
//!
//! Within one identity only the longest prefix of protocol and port answers; then a second identity (any peer; in 1.20 the aggregate) may
//! win by rank. Connection tracking, which lets replies pass without asking, is not part of it.

use super::key::{Direction, PacketKey, PolicyKey};
use super::l4::Protocol;
use super::value::{Action, AuthMethod, AuthSource, PolicyValue, Rank};
use crate::abi::Abi;
use crate::identity::Identity;

/// Destination unreachable; with [`ICMP_FRAGMENTATION_NEEDED`] it always passes, so that path MTU discovery works under any policy.
pub const ICMP_UNREACHABLE: u8 = 3;
/// The code of [`ICMP_UNREACHABLE`] that says the packet is too large for the next link.
pub const ICMP_FRAGMENTATION_NEEDED: u8 = 4;
/// The precedence that nothing overrides: a deny at level 0.
const MAX_PRECEDENCE: u32 = u32::MAX;

/// Where values are looked up: a kernel map, an image's section, a slice.
pub trait PolicyMap {
    /// What an entry is known by beside its value, such as its rule.
    type Mark: Copy;

    /// The entry of the longest prefix that matches, as an LPM trie finds it.
    fn longest_match(&self, packet: PacketKey) -> Option<(PolicyValue, Self::Mark)>;
}

/// Keys and values in no particular order; an entry is marked by its place. For tests and small maps: each lookup reads all entries.
impl PolicyMap for [(PolicyKey, PolicyValue)] {
    type Mark = usize;

    fn longest_match(&self, packet: PacketKey) -> Option<(PolicyValue, usize)> {
        let matching = self.iter().enumerate().filter(|(_, (key, _))| packet.matches(key));
        matching.max_by_key(|(_, (key, _))| key.l4.bits()).map(|(place, (_, value))| (*value, place))
    }
}

/// What the policy lookup sees of a packet's transport header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A protocol with ports, or one without any and port 0.
    Port {
        /// Protocol.
        protocol: Protocol,
        /// Destination port.
        port: u16,
    },
    /// ICMP, whose type takes the place of the port.
    Icmp {
        /// Type.
        kind: u8,
        /// Code.
        code: u8,
    },
    /// ICMPv6, whose type takes the place of the port.
    Icmpv6 {
        /// Type.
        kind: u8,
    },
    /// A later fragment that is not tracked: its ports are not known.
    Fragment {
        /// Protocol.
        protocol: Protocol,
    },
}

/// A packet as the policy lookup sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Seen from the endpoint whose map is asked.
    pub direction: Direction,
    /// The peer.
    pub remote: Identity,
    /// The transport header.
    pub transport: Transport,
}

/// Why a packet is dropped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DropReason {
    /// No entry speaks of it: the direction's default.
    NoMatch,
    /// A deny.
    Denied,
    /// Allowed once the peer has authenticated.
    AuthRequired(AuthMethod),
    /// No entry speaks of it, but one with ports might if it were no fragment.
    UntrackedFragment,
}

impl DropReason {
    /// The number in Cilium's drop events.
    #[must_use]
    pub const fn code(self) -> i32 {
        match self {
            Self::NoMatch => -133,
            Self::UntrackedFragment => -157,
            Self::Denied => -181,
            Self::AuthRequired(_) => -189,
        }
    }
}

/// What becomes of the packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It passes.
    Allow,
    /// It passes to the proxy at this port.
    Redirect(core::num::NonZeroU16),
    /// It is dropped.
    Drop(DropReason),
}

/// A verdict and the entry that gave it, if one did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision<M> {
    /// The verdict.
    pub verdict: Verdict,
    /// The entry: none for a drop by default and for what passes before any lookup.
    pub entry: Option<(PolicyValue, M)>,
}

/// Whose lookup order applies, and in which cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lookup {
    /// The release.
    pub abi: Abi,
    /// The own cluster's id, for 1.20's aggregates; 0 outside of a mesh.
    pub cluster: u8,
}

impl Lookup {
    /// The verdict on a packet that connection tracking does not know.
    pub fn decide<T: PolicyMap + ?Sized>(self, map: &T, packet: Packet) -> Decision<T::Mark> {
        let (protocol, port) = match packet.transport {
            Transport::Icmp { kind: ICMP_UNREACHABLE, code: ICMP_FRAGMENTATION_NEEDED } => {
                return Decision { verdict: Verdict::Allow, entry: None };
            }
            Transport::Icmp { kind, .. } => (Protocol::ICMP, u16::from(kind)),
            Transport::Icmpv6 { kind } => (Protocol::ICMPV6, u16::from(kind)),
            Transport::Port { protocol, port } => (protocol, port),
            Transport::Fragment { protocol } => (protocol, 0),
        };
        let Packet { direction, remote, .. } = packet;
        let key = PacketKey { direction, identity: remote, protocol: protocol.number(), port };
        if let Some((chosen, other)) = self.choose(map, key) {
            return Decision { verdict: self.verdict(&chosen.0, other.as_ref()), entry: Some(chosen) };
        }
        let reason = match packet.transport {
            Transport::Fragment { .. } => DropReason::UntrackedFragment,
            Transport::Port { .. } | Transport::Icmp { .. } | Transport::Icmpv6 { .. } => DropReason::NoMatch,
        };
        Decision { verdict: Verdict::Drop(reason), entry: None }
    }

    /// The entry that wins, and the value it won against.
    fn choose<T: PolicyMap + ?Sized>(self, map: &T, key: PacketKey) -> Option<(Entry<T>, Option<PolicyValue>)> {
        let specific = map.longest_match(key);
        if let Some(entry) = specific
            && self.is_final(&entry.0)
        {
            return Some((entry, None));
        }
        let wide = self.second_lookup(map, key, specific.is_some());
        match (specific, wide) {
            (Some(specific), Some(wide)) if self.wins(&wide.0, &specific.0) => Some((wide, Some(specific.0))),
            (Some(specific), wide) => Some((specific, wide.map(|(value, _)| value))),
            (None, wide) => wide.map(|wide| (wide, None)),
        }
    }

    /// Whether no other entry can win, so that the data path does not look further.
    fn is_final(self, value: &PolicyValue) -> bool {
        match self.abi {
            Abi::Cilium118 => value.is_deny(),
            Abi::Cilium119 | Abi::Cilium120 => strength(value) == MAX_PRECEDENCE,
        }
    }

    /// What stands under the wider identity: any peer until 1.19; the aggregate in 1.20, where any peer is asked only if nothing else answers.
    fn second_lookup<T: PolicyMap + ?Sized>(self, map: &T, key: PacketKey, answered: bool) -> Option<Entry<T>> {
        let under = |identity| map.longest_match(PacketKey { identity, ..key });
        match self.abi {
            Abi::Cilium118 | Abi::Cilium119 => under(Identity::ANY),
            Abi::Cilium120 => {
                let aggregate = key.identity.aggregate(self.cluster);
                let entry = if aggregate == key.identity { None } else { under(aggregate) };
                if entry.is_none() && !answered && aggregate != Identity::ANY { under(Identity::ANY) } else { entry }
            }
        }
    }

    /// Whether the entry of the wider identity wins over the specific one; of equal ones the specific stays.
    fn wins(self, wide: &PolicyValue, specific: &PolicyValue) -> bool {
        let deny = match self.abi {
            Abi::Cilium118 => wide.is_deny(),
            Abi::Cilium119 | Abi::Cilium120 => false,
        };
        deny || (strength(wide), wide.l4_bits()) > (strength(specific), specific.l4_bits())
    }

    fn verdict(self, chosen: &PolicyValue, other: Option<&PolicyValue>) -> Verdict {
        let allowed = match chosen.action {
            Action::Deny => return Verdict::Drop(DropReason::Denied),
            Action::Allow => Verdict::Allow,
            Action::Redirect(port) => Verdict::Redirect(port),
        };
        match self.required_auth(chosen, other) {
            AuthMethod::Disabled => allowed,
            method @ (AuthMethod::Spire | AuthMethod::AlwaysFail) => Verdict::Drop(DropReason::AuthRequired(method)),
        }
    }

    /// The chosen entry's method, or the other's where a rule does not state it and the other asks for more.
    fn required_auth(self, chosen: &PolicyValue, other: Option<&PolicyValue>) -> AuthMethod {
        let own = chosen.auth.method;
        match (chosen.auth.source, other) {
            (AuthSource::Explicit, _) | (AuthSource::Derived, None) => own,
            (AuthSource::Derived, Some(other)) => {
                let lends = match self.abi {
                    Abi::Cilium118 => true,
                    Abi::Cilium119 | Abi::Cilium120 => strength(other) == strength(chosen),
                };
                if lends { own.max(other.auth.method) } else { own }
            }
        }
    }
}

type Entry<T> = (PolicyValue, <T as PolicyMap>::Mark);

fn strength(value: &PolicyValue) -> u32 {
    match value.rank {
        Rank::ProxyPriority(priority) => u32::from(priority),
        Rank::Precedence { precedence, .. } => precedence,
    }
}
