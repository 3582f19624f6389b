//! Which release's maps are meant, and what differs between them.

use core::fmt;

use crate::identity::Identity;
use crate::map::{self, MapSpec, MapType};
use crate::policy::{POLICY_KEY_SIZE, POLICY_VALUE_118_SIZE, POLICY_VALUE_119_SIZE};

/// The engine whose maps are read or written. Sizes, lookup order and content differ between these, patch releases do not count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Abi {
    /// Cilium 1.18: values of 8 bytes ranked by the deny bit and a proxy priority.
    Cilium118,
    /// Cilium 1.19: values of 12 bytes with precedence and cookie.
    Cilium119,
    /// Cilium 1.20: as 1.19, but wildcards stand under aggregate identities too, and the maps have another pin prefix.
    Cilium120,
}

/// Identities under which 1.20 writes a rule for any peer.
const ANY_PEER_120: [Identity; 5] = [
    Identity::ANY,
    Identity::AGGREGATE_CLUSTER,
    Identity::AGGREGATE_CLUSTER_MESH,
    Identity::AGGREGATE_WORLD,
    Identity::AGGREGATE_REMOTE_NODE,
];

impl Abi {
    /// Every ABI, oldest first.
    pub const ALL: [Self; 3] = [Self::Cilium118, Self::Cilium119, Self::Cilium120];

    /// The ABI of a Cilium release, or nothing if its layout is not known here.
    #[must_use]
    pub const fn from_version(major: u32, minor: u32) -> Option<Self> {
        match (major, minor) {
            (1, 18) => Some(Self::Cilium118),
            (1, 19) => Some(Self::Cilium119),
            (1, 20) => Some(Self::Cilium120),
            _ => None,
        }
    }

    /// The release as `(major, minor)`.
    #[must_use]
    pub const fn version(self) -> (u32, u32) {
        match self {
            Self::Cilium118 => (1, 18),
            Self::Cilium119 => (1, 19),
            Self::Cilium120 => (1, 20),
        }
    }

    /// The number that stands for it in files: never reused, never renumbered.
    #[must_use]
    pub const fn number(self) -> u32 {
        match self {
            Self::Cilium118 => 118,
            Self::Cilium119 => 119,
            Self::Cilium120 => 120,
        }
    }

    /// The ABI behind a [`number`](Self::number).
    #[must_use]
    pub const fn from_number(number: u32) -> Option<Self> {
        match number {
            118 => Some(Self::Cilium118),
            119 => Some(Self::Cilium119),
            120 => Some(Self::Cilium120),
            _ => None,
        }
    }

    /// Its name on the command line and in output.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cilium118 => "cilium-1.18",
            Self::Cilium119 => "cilium-1.19",
            Self::Cilium120 => "cilium-1.20",
        }
    }

    /// Bytes of a policy map's value.
    #[must_use]
    pub const fn policy_value_size(self) -> usize {
        match self {
            Self::Cilium118 => POLICY_VALUE_118_SIZE,
            Self::Cilium119 | Self::Cilium120 => POLICY_VALUE_119_SIZE,
        }
    }

    /// What a policy map's pin starts with; the endpoint's number in five digits follows.
    #[must_use]
    pub const fn policy_pin_prefix(self) -> &'static str {
        match self {
            Self::Cilium118 | Self::Cilium119 => "cilium_policy_v2_",
            Self::Cilium120 => "cilium_policy_v3_",
        }
    }

    /// The pin of one endpoint's policy map, below [`map::PIN_DIRECTORY`].
    #[must_use]
    pub const fn policy_pin(self, endpoint: u16) -> PolicyPin {
        PolicyPin { abi: self, endpoint }
    }

    /// Type, sizes, flags and capacity of a policy map.
    #[must_use]
    pub const fn policy_map(self) -> MapSpec {
        MapSpec {
            name: self.policy_pin_prefix(),
            map_type: MapType::LpmTrie,
            key_size: POLICY_KEY_SIZE,
            value_size: self.policy_value_size(),
            flags: match self {
                Self::Cilium118 => map::NO_PREALLOC,
                Self::Cilium119 | Self::Cilium120 => map::NO_PREALLOC | map::RDONLY_PROG,
            },
            min_capacity: map::POLICY_MAP_MIN,
            max_capacity: map::POLICY_MAP_MAX,
        }
    }

    /// Type, sizes, flags and capacity of the ipcache, which is the same in all releases.
    #[must_use]
    pub const fn ipcache_map(self) -> MapSpec {
        match self {
            Self::Cilium118 | Self::Cilium119 | Self::Cilium120 => MapSpec {
                name: map::IPCACHE_PIN,
                map_type: MapType::LpmTrie,
                key_size: crate::ipcache::IPCACHE_KEY_SIZE,
                value_size: crate::ipcache::IPCACHE_VALUE_SIZE,
                flags: map::NO_PREALLOC | map::RDONLY_PROG,
                min_capacity: map::IPCACHE_MAX,
                max_capacity: map::IPCACHE_MAX,
            },
        }
    }

    /// The identities under which a rule for any peer is written.
    #[must_use]
    pub const fn any_peer_identities(self) -> &'static [Identity] {
        match self {
            Self::Cilium118 | Self::Cilium119 => &[Identity::ANY],
            Self::Cilium120 => &ANY_PEER_120,
        }
    }
}

impl fmt::Display for Abi {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The name under which an endpoint's policy map is pinned, written by `Display`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PolicyPin {
    abi: Abi,
    endpoint: u16,
}

impl fmt::Display for PolicyPin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{:05}", self.abi.policy_pin_prefix(), self.endpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn versions_and_numbers_round_trip() {
        for abi in Abi::ALL {
            let (major, minor) = abi.version();
            assert_eq!(Abi::from_version(major, minor), Some(abi));
            assert_eq!(Abi::from_number(abi.number()), Some(abi));
            assert_eq!(abi.name(), std::format!("cilium-{major}.{minor}"));
        }
        assert_eq!(Abi::from_version(1, 17), None);
        assert_eq!(Abi::from_version(2, 18), None);
        assert_eq!(Abi::from_number(0), None);
    }

    #[test]
    fn policy_maps_differ_as_the_releases_do() {
        let shapes = Abi::ALL.map(|abi| {
            let spec = abi.policy_map();
            (abi.policy_pin(42).to_string(), spec.key_size, spec.value_size, spec.flags)
        });
        assert_eq!(
            shapes,
            [
                ("cilium_policy_v2_00042".to_string(), 12, 8, 0x01),
                ("cilium_policy_v2_00042".to_string(), 12, 12, 0x81),
                ("cilium_policy_v3_00042".to_string(), 12, 12, 0x81),
            ]
        );
        assert_eq!(Abi::ALL.map(|abi| abi.any_peer_identities().len()), [1, 1, 5]);
    }
}
