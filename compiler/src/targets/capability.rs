//! What each target can express: one table, asked by checks and shown to users.

use crate::model::TargetKind;

/// Something that a package can ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Construct {
    /// Rules that allow, and closed defaults.
    Allow,
    /// Rules that deny.
    Deny,
    /// Rules whose ends run in different clusters.
    BetweenClusters,
    /// HTTP requests in rules.
    Requests,
    /// DNS names in rules.
    Names,
    /// `export`.
    Export,
    /// `affinity` of an export.
    Affinity,
    /// `weight` of an export.
    ExportWeight,
    /// `entry`, with its weights.
    Entry,
    /// `gateway`, with its weights.
    Gateway,
    /// `dns-label` of a service.
    DnsLabel,
}

impl Construct {
    /// All of them, in order.
    pub const ALL: [Self; 11] = [
        Self::Allow,
        Self::Deny,
        Self::BetweenClusters,
        Self::Requests,
        Self::Names,
        Self::Export,
        Self::Affinity,
        Self::ExportWeight,
        Self::Entry,
        Self::Gateway,
        Self::DnsLabel,
    ];

    /// What it is, in a few words.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Allow => "allow rules and closed defaults",
            Self::Deny => "deny rules",
            Self::BetweenClusters => "rules between clusters",
            Self::Requests => "HTTP requests in rules",
            Self::Names => "DNS names in rules",
            Self::Export => "exports",
            Self::Affinity => "affinity of exports",
            Self::ExportWeight => "weights of exports",
            Self::Entry => "entries and their weights",
            Self::Gateway => "gateways and their weights",
            Self::DnsLabel => "public DNS labels of services",
        }
    }
}

/// Whether a target can express something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Support {
    /// All of it.
    Full,
    /// With a restriction.
    Within(&'static str),
    /// Nothing of it.
    None,
}

/// What a target makes of a construct.
#[must_use]
pub fn support(target: TargetKind, construct: Construct) -> Support {
    match target {
        TargetKind::AzureFleet => azure_fleet(construct),
        TargetKind::Cilium => cilium(construct),
        TargetKind::GatewayApi => only(construct, &[Construct::Gateway]),
        TargetKind::NetworkPolicy => only(construct, &[Construct::Allow, Construct::Deny]),
        TargetKind::Istio => istio(construct),
        TargetKind::Linkerd => linkerd(construct),
        TargetKind::Mcs | TargetKind::AzureNetwork => only(construct, &[Construct::Export]),
        TargetKind::Bpf => bpf(construct),
    }
}

/// The targets that can express a construct, in the order of the documentation.
pub fn able(construct: Construct) -> impl Iterator<Item = TargetKind> {
    TargetKind::ALL.into_iter().filter(move |target| support(*target, construct) != Support::None)
}

fn only(construct: Construct, able: &[Construct]) -> Support {
    if able.contains(&construct) { Support::Full } else { Support::None }
}

fn cilium(construct: Construct) -> Support {
    match construct {
        Construct::Allow
        | Construct::Deny
        | Construct::BetweenClusters
        | Construct::Requests
        | Construct::Export
        | Construct::Affinity => Support::Full,
        Construct::Names => Support::Within("`**.` from Cilium 1.19 on"),
        Construct::ExportWeight | Construct::Entry | Construct::Gateway | Construct::DnsLabel => Support::None,
    }
}

/// Its data path is Cilium; entries are Traffic Manager's.
fn azure_fleet(construct: Construct) -> Support {
    match construct {
        Construct::Entry => Support::Within("public load balancers, in steps of 1/1000"),
        Construct::DnsLabel => Support::Within("load balancers"),
        Construct::Export => Support::Within("services with an address"),
        Construct::Allow
        | Construct::Deny
        | Construct::BetweenClusters
        | Construct::Requests
        | Construct::Names
        | Construct::Affinity
        | Construct::ExportWeight
        | Construct::Gateway => cilium(construct),
    }
}

fn istio(construct: Construct) -> Support {
    match construct {
        Construct::Allow | Construct::Deny | Construct::BetweenClusters => {
            Support::Within("identities with an `account` of their own")
        }
        Construct::Requests | Construct::Export | Construct::Affinity | Construct::ExportWeight => Support::Full,
        Construct::Names | Construct::Entry | Construct::Gateway | Construct::DnsLabel => Support::None,
    }
}

fn linkerd(construct: Construct) -> Support {
    match construct {
        Construct::Allow | Construct::BetweenClusters => Support::Within("ingress"),
        Construct::Requests | Construct::Export | Construct::ExportWeight => Support::Full,
        Construct::Deny
        | Construct::Names
        | Construct::Affinity
        | Construct::Entry
        | Construct::Gateway
        | Construct::DnsLabel => Support::None,
    }
}

/// What its own data path does on clusters without Cilium; elsewhere its images say what Cilium does.
fn bpf(construct: Construct) -> Support {
    match construct {
        Construct::Allow
        | Construct::Deny
        | Construct::BetweenClusters
        | Construct::Export
        | Construct::Affinity
        | Construct::ExportWeight => Support::Full,
        Construct::Requests | Construct::Names | Construct::Entry | Construct::Gateway | Construct::DnsLabel => {
            Support::None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_construct_is_some_targets() {
        let names = |construct| able(construct).map(TargetKind::keyword).collect::<Vec<_>>().join(" ");
        let table: Vec<String> =
            Construct::ALL.map(|construct| format!("{}: {}", construct.text(), names(construct))).into();
        let expected = [
            "allow rules and closed defaults: azure-fleet cilium network-policy istio linkerd bpf",
            "deny rules: azure-fleet cilium network-policy istio bpf",
            "rules between clusters: azure-fleet cilium istio linkerd bpf",
            "HTTP requests in rules: azure-fleet cilium istio linkerd",
            "DNS names in rules: azure-fleet cilium",
            "exports: azure-fleet cilium mcs istio linkerd azure-network bpf",
            "affinity of exports: azure-fleet cilium istio bpf",
            "weights of exports: istio linkerd bpf",
            "entries and their weights: azure-fleet",
            "gateways and their weights: gateway-api",
            "public DNS labels of services: azure-fleet",
        ];
        assert_eq!(table, expected);
    }
}
