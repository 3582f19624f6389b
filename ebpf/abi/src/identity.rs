//! Security identities: the numbers that policy speaks of instead of addresses.
//!
//! A number is `scope << 24 | cluster << 16 | local`; fleets of up to 255 clusters only (the 511 mode moves the cluster bits).

use core::fmt;

/// A numeric security identity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(transparent)]
pub struct Identity(pub u32);

/// Where an identity's number is valid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// The whole mesh: reserved, well-known and pod identities.
    Global,
    /// One node: address prefixes and names.
    Cidr,
    /// One node: other nodes.
    RemoteNode,
    /// A top byte that no release assigns.
    Unknown(u8),
}

impl Identity {
    /// Unknown; in a policy map: any peer.
    pub const ANY: Self = Self(0);
    /// The node itself.
    pub const HOST: Self = Self(1);
    /// Everything outside of the mesh (of IPv4 and IPv6 where only one of them is in use).
    pub const WORLD: Self = Self(2);
    /// Pods that Cilium does not manage.
    pub const UNMANAGED: Self = Self(3);
    /// The health check endpoint.
    pub const HEALTH: Self = Self(4);
    /// Endpoints whose labels are not known yet.
    pub const INIT: Self = Self(5);
    /// Other nodes, of every cluster of the mesh.
    pub const REMOTE_NODE: Self = Self(6);
    /// The API server.
    pub const KUBE_APISERVER: Self = Self(7);
    /// Cilium's ingress proxy.
    pub const INGRESS: Self = Self(8);
    /// IPv4 outside of the mesh, in dual stack.
    pub const WORLD_IPV4: Self = Self(9);
    /// IPv6 outside of the mesh, in dual stack.
    pub const WORLD_IPV6: Self = Self(10);
    /// Until 1.19: the encrypted overlay.
    pub const ENCRYPTED_OVERLAY: Self = Self(11);
    /// From 1.20: stands for the pods of the own cluster.
    pub const AGGREGATE_CLUSTER: Self = Self(11);
    /// From 1.20: stands for the pods of the other clusters.
    pub const AGGREGATE_CLUSTER_MESH: Self = Self(12);
    /// From 1.20: stands for the address prefixes of rules.
    pub const AGGREGATE_WORLD: Self = Self(13);
    /// From 1.20: stands for the numbered other nodes.
    pub const AGGREGATE_REMOTE_NODE: Self = Self(14);

    /// The first number of pods, in every cluster's share; below are reserved, well-known and user-reserved numbers.
    pub const FIRST_LOCAL: u16 = 256;
    /// The first number of address prefixes.
    pub const FIRST_CIDR: Self = Self(0x0100_0001);
    /// The last number of address prefixes.
    pub const LAST_CIDR: Self = Self(0x01FF_FFFF);
    /// Below this, 1.20 takes an identity for reserved and falls back to [`ANY`](Self::ANY) directly.
    const FIRST_WELL_KNOWN: u32 = 100;

    /// The identity `local` of a cluster.
    #[must_use]
    pub const fn of_cluster(cluster: u8, local: u16) -> Self {
        Self((cluster as u32) << 16 | local as u32)
    }

    /// Where the number is valid.
    #[must_use]
    pub const fn scope(self) -> Scope {
        let [.., top] = self.0.to_le_bytes();
        match top {
            0 => Scope::Global,
            1 => Scope::Cidr,
            2 => Scope::RemoteNode,
            other => Scope::Unknown(other),
        }
    }

    /// The cluster bits; they mean a cluster in the global scope only.
    #[must_use]
    pub const fn cluster(self) -> u8 {
        let [_, _, cluster, _] = self.0.to_le_bytes();
        cluster
    }

    /// The bits below the cluster's.
    #[must_use]
    pub const fn local(self) -> u16 {
        let [low, high, _, _] = self.0.to_le_bytes();
        u16::from_le_bytes([low, high])
    }

    /// Whether the number has a meaning of its own in every cluster: reserved, well-known or user-reserved.
    #[must_use]
    pub const fn is_reserved(self) -> bool {
        self.0 < Self::FIRST_LOCAL as u32
    }

    /// The identity under which 1.20 looks a second time, seen from the cluster `own`.
    #[must_use]
    pub const fn aggregate(self, own: u8) -> Self {
        if self.0 == Self::ANY.0 || (Self::AGGREGATE_CLUSTER.0 <= self.0 && self.0 <= Self::AGGREGATE_REMOTE_NODE.0) {
            return self;
        }
        if self.0 < Self::FIRST_WELL_KNOWN {
            return Self::ANY;
        }
        match self.scope() {
            Scope::RemoteNode => Self::AGGREGATE_REMOTE_NODE,
            Scope::Cidr => Self::AGGREGATE_WORLD,
            Scope::Global | Scope::Unknown(_) if self.cluster() == own => Self::AGGREGATE_CLUSTER,
            Scope::Global | Scope::Unknown(_) => Self::AGGREGATE_CLUSTER_MESH,
        }
    }

    /// The name of a reserved identity, as Cilium's `reserved:` labels have it. The aggregates share numbers with older meanings and
    /// have no label.
    #[must_use]
    pub const fn reserved_name(self) -> Option<&'static str> {
        match self {
            Self::ANY => Some("unknown"),
            Self::HOST => Some("host"),
            Self::WORLD => Some("world"),
            Self::UNMANAGED => Some("unmanaged"),
            Self::HEALTH => Some("health"),
            Self::INIT => Some("init"),
            Self::REMOTE_NODE => Some("remote-node"),
            Self::KUBE_APISERVER => Some("kube-apiserver"),
            Self::INGRESS => Some("ingress"),
            Self::WORLD_IPV4 => Some("world-ipv4"),
            Self::WORLD_IPV6 => Some("world-ipv6"),
            _ => None,
        }
    }
}

impl fmt::Display for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_carry_the_cluster() {
        let id = Identity::of_cluster(1, 0x0101);
        assert_eq!((id, id.cluster(), id.local(), id.scope()), (Identity(0x10101), 1, 0x0101, Scope::Global));
        assert_eq!(Identity::of_cluster(255, 0xFFFF), Identity(0x00FF_FFFF));
        assert_eq!(Identity::FIRST_CIDR.scope(), Scope::Cidr);
        assert_eq!(Identity(0x0200_0001).scope(), Scope::RemoteNode);
        assert_eq!(Identity(0x0700_0001).scope(), Scope::Unknown(7));
    }

    #[test]
    fn aggregates_as_1_20_computes_them() {
        let rows = [
            (0, 0),
            (1, 0),
            (10, 0),
            (11, 11),
            (12, 12),
            (13, 13),
            (14, 14),
            (15, 0),
            (99, 0),
            (104, 12), // well-known numbers have cluster bits 0
            (0x0003_0100, 11),
            (0x0004_0100, 12),
            (0x0100_0001, 13),
            (0x0103_0001, 13),
            (0x0200_0001, 14),
        ];
        for (id, aggregate) in rows {
            assert_eq!(Identity(id).aggregate(3), Identity(aggregate), "identity {id:#x}");
        }
        assert_eq!(Identity(104).aggregate(0), Identity::AGGREGATE_CLUSTER);
    }
}
