//! Which engine fills the policy maps of each cluster.

use fleetnet_abi::abi::Abi;

use crate::model::{ClusterId, ClusterSet, Spanned, TargetKind, Version};
use crate::plan::Plan;

/// What fills the policy maps of a cluster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Engine {
    /// Cilium, of a release whose maps are known, and where it is written.
    Known(Abi, Spanned<Version>),
    /// Cilium, of a release whose maps are not known.
    Unknown(Spanned<Version>),
    /// Cilium, of a release that nobody says.
    Unsaid,
    /// Nothing of Cilium's.
    Other,
}

impl Engine {
    /// The releases whose maps are known and that the cluster's may be. One that is not known is none of them: what it puts into a map may be
    /// more than what any of these puts there, or less.
    #[must_use]
    pub fn releases(self) -> Vec<Abi> {
        match self {
            Self::Known(release, _) => vec![release],
            Self::Unknown(_) | Self::Unsaid => Abi::ALL.to_vec(),
            Self::Other => Vec::new(),
        }
    }
}

/// What fills the policy maps of a cluster.
#[must_use]
pub fn engine(plan: &Plan, cluster: ClusterId) -> Engine {
    if !plan.enforcers[cluster].is_some_and(is_cilium) {
        return Engine::Other;
    }
    let Some(version) = plan.model.clusters[cluster].cilium else { return Engine::Unsaid };
    let Version { major, minor, .. } = version.value;
    Abi::from_version(major.into(), minor.into())
        .map_or(Engine::Unknown(version), |release| Engine::Known(release, version))
}

/// The clusters whose policy maps are filled by an engine of which releases are known.
#[must_use]
pub fn with_known_engine(plan: &Plan) -> ClusterSet {
    plan.enforcers.iter().filter(|(_, kind)| kind.is_some_and(is_cilium)).map(|(id, _)| id).collect()
}

/// Whether a target's rules are policies of Cilium's, and its connections divided by it.
#[must_use]
pub fn is_cilium(kind: TargetKind) -> bool {
    match kind {
        TargetKind::AzureFleet | TargetKind::Cilium => true,
        TargetKind::Mcs
        | TargetKind::GatewayApi
        | TargetKind::NetworkPolicy
        | TargetKind::Istio
        | TargetKind::Linkerd
        | TargetKind::AzureNetwork
        | TargetKind::Bpf => false,
    }
}
