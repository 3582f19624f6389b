//! What Cilium cannot say, reported at the construct that asks for it.

use fleetnet_lang::{Diagnostic, Span};

use super::label_filter::{self, Fate, Filter};
use super::services;
use crate::codes::targets as codes;
use crate::image::content;
use crate::model::{
    ClusterId, ClusterSet, Export, PodSelection, PortExpr, PortRange, Protocol, Selector, ServiceAddress, TargetKind,
    Transport, Version,
};
use crate::plan::{Peer, Plan, Ports, Rule};

/// The first release that knows `**.` in patterns of names.
const DEEP_PATTERNS: Version = Version { major: 1, minor: 19, patch: 0 };
/// Longest label key without a prefix: the engine puts the source before it and then wants a legal key.
const LONGEST_KEY: usize = 59;

/// Reports what labels and exports ask of Cilium that it cannot do.
pub fn check(plan: &Plan, diagnostics: &mut Vec<Diagnostic>) {
    let enforced = content::with_known_engine(plan);
    if enforced.is_empty() {
        return;
    }
    keys(plan, enforced, diagnostics);
    for export in &plan.model.exports {
        diagnostics.extend(unwanted(plan, export));
        diagnostics.extend(headless(plan, export));
        diagnostics.extend(services::shared_target(&plan.model, export));
        diagnostics.extend(services::differing_ports(&plan.model, export));
    }
}

/// What rules ask of it that it cannot do; of a written one, all that it has become.
pub fn check_rules(plan: &Plan, rules: &[Rule]) -> Vec<Diagnostic> {
    let enforced = content::with_known_engine(plan);
    if enforced.is_empty() { Vec::new() } else { of_rules(plan, enforced, rules) }
}

/// Those of [`check`] that are about labels alone, of identities and of others' pods.
pub fn check_keys(plan: &Plan) -> Vec<Diagnostic> {
    let enforced = content::with_known_engine(plan);
    let mut found = Vec::new();
    if !enforced.is_empty() {
        keys(plan, enforced, &mut found);
    }
    found
}

fn of_rules(plan: &Plan, enforced: ClusterSet, rules: &[Rule]) -> Vec<Diagnostic> {
    let mut of_rules: Vec<Diagnostic> = Vec::new();
    for rule in rules {
        let clusters = rule.subjects.iter().fold(ClusterSet::EMPTY, |all, set| all | set.clusters) & enforced;
        let span = plan.model.rules[rule.source].span;
        of_rules.extend(patterns(plan, rule, span, clusters));
        of_rules.extend(sctp(plan, rule, clusters));
    }
    // A written rule is several of the plan, in several clusters, and what is wrong with it is said once.
    of_rules.sort_by(Diagnostic::order);
    of_rules.dedup_by(|later, first| (later.code, later.span) == (first.code, first.span));
    of_rules
}

fn managed(plan: &Plan, clusters: ClusterSet) -> Option<ClusterId> {
    clusters.iter().find(|cluster| plan.enforcers[*cluster] == Some(TargetKind::AzureFleet))
}

fn patterns(plan: &Plan, rule: &Rule, span: Span, clusters: ClusterSet) -> Option<Diagnostic> {
    let mut patterns = rule.peers.iter().filter_map(|peer| match peer {
        Peer::Dns(pattern) => Some(pattern.0.as_str()),
        Peer::Pods { .. }
        | Peer::Foreign { .. }
        | Peer::ForeignPods { .. }
        | Peer::World
        | Peer::Cidr(_)
        | Peer::Host
        | Peer::RemoteNodes
        | Peer::KubeApiserver
        | Peer::Gateways
        | Peer::ClusterDns
        | Peer::CloudMetadata => None,
    });
    let old = |cluster: &ClusterId| {
        let version = plan.model.clusters[*cluster].cilium;
        version.is_some_and(|version| version.value < DEEP_PATTERNS)
    };
    patterns.find_map(|pattern| {
        if pattern.bytes().all(|byte| byte == b'*') {
            let message = format!("Cilium reads the pattern `{pattern}` as every name, of any depth");
            return Some(
                Diagnostic::new(codes::NAME_PATTERN, span, message)
                    .help("name domains: `*.example.com`, or allow `world`"),
            );
        }
        let cluster = pattern.starts_with("**.").then(|| clusters.iter().find(old)).flatten()?;
        let row = &plan.model.clusters[cluster];
        let message = format!("`{pattern}` means any depth only from Cilium {DEEP_PATTERNS} on");
        let found = Diagnostic::new(codes::NAME_PATTERN, span, message);
        let found = match row.cilium {
            Some(version) => found.related(version.span, format!("`{}` runs {}", row.name.value, version.value)),
            None => found,
        };
        Some(found.help("write one pattern for each depth: `*.example.com`, `*.*.example.com`"))
    })
}

fn sctp(plan: &Plan, rule: &Rule, clusters: ClusterSet) -> Option<Diagnostic> {
    let is_sctp = |range: &PortRange| range.protocol == Protocol::Transport(Transport::Sctp);
    let Ports::Ranges(ranges) = &rule.ports else { return None };
    let cluster = managed(plan, clusters).filter(|_| ranges.iter().any(is_sctp))?;
    let written = &plan.model.rules[rule.source];
    let said = written.ports.iter().find(|port| match &port.value {
        PortExpr::Range(range) => is_sctp(range),
        PortExpr::Any | PortExpr::Named(_) | PortExpr::Icmp { .. } => false,
    });
    let name = &plan.model.clusters[cluster].name.value;
    let message = format!("`sctp` can't be judged on `{name}`: its Cilium has SCTP off, and Azure sets it");
    Some(
        Diagnostic::new(codes::SCTP_OFF, said.map_or(written.span, |port| port.span), message)
            .help("leave `sctp` out, or say where the rule is for: `for … in …`"),
    )
}

/// Labels by which the engine can't select.
fn keys(plan: &Plan, enforced: ClusterSet, diagnostics: &mut Vec<Diagnostic>) {
    let model = &plan.model;
    for identity in model.identities.rows() {
        let PodSelection::Declared { matches, .. } = &identity.pods else { continue };
        let clusters = identity.clusters & enforced;
        diagnostics.extend(matches.iter().find_map(|selector| key(plan, selector, identity.name.span, clusters)));
    }
    for external in model.externals.rows() {
        for pods in &external.pods {
            diagnostics.extend(key(plan, &pods.value.selector, pods.span, enforced));
        }
    }
}

fn key(plan: &Plan, selector: &Selector, span: Span, clusters: ClusterSet) -> Option<Diagnostic> {
    if clusters.is_empty() {
        return None;
    }
    let managed = managed(plan, clusters);
    let filter = if managed.is_some() { Filter::Default } else { Filter::Listed };
    selector.requirements.iter().map(|requirement| requirement.key.as_str()).find_map(|key| {
        let (message, help) = match label_filter::fate(key, filter) {
            Fate::Overwritten => (
                format!("`{key}` is no label of a pod: Cilium writes it itself"),
                "select by a label of the pods; say where they run with `in`".to_owned(),
            ),
            Fate::Dropped => (
                format!("Cilium leaves `{key}` out of identities, so that this matches no pod"),
                "select by a label that the workload sets itself, such as `app`".to_owned(),
            ),
            // The engine puts the label's source before the key and then wants a legal one.
            Fate::Kept if !key.contains('/') && key.len() > LONGEST_KEY => (
                format!("Cilium can't select by the label `{key}`"),
                format!("use a key of at most {LONGEST_KEY} characters, or one with a prefix: `example.com/…`"),
            ),
            Fate::Kept => return None,
        };
        let found = Diagnostic::new(codes::LABEL_KEY, span, message).help(help);
        Some(match managed.filter(|_| label_filter::fate(key, Filter::Listed) == Fate::Kept) {
            Some(cluster) => {
                let cluster = &plan.model.clusters[cluster].name;
                found.related(cluster.span, "its filter is the default, and Azure sets it")
            }
            None => found,
        })
    })
}

/// A cluster that offers its pods gets those of all others: a global service has no switch for one way only.
fn unwanted(plan: &Plan, export: &Export) -> Option<Diagnostic> {
    let cluster = (export.from.less(export.consume) & plan.model.fleet.joined()).iter().next()?;
    let others = export.from.less(ClusterSet::of(cluster));
    if others.is_empty() {
        return None;
    }
    let name = &plan.model.clusters[cluster].name.value;
    let message = format!("`{name}` offers the service but isn't to get it, which Cilium can't keep apart");
    let span = export.from_span.unwrap_or(export.service.span);
    Some(
        Diagnostic::new(codes::ONE_WAY_EXPORT, span, message)
            .help(format!("let `{name}` consume it too, or leave it out of `from`")),
    )
}

fn headless(plan: &Plan, export: &Export) -> Option<Diagnostic> {
    let service = &plan.model.services[export.service.value];
    let cluster = managed(plan, export.from)?;
    let spec = service.at(cluster)?;
    if spec.address == ServiceAddress::Own {
        return None;
    }
    let message =
        format!("`{}` is headless, and a managed mesh only joins services with an address", service.name.value);
    Some(
        Diagnostic::new(codes::HEADLESS_EXPORT, export.service.span, message)
            .related(service.name.span, "headless")
            .help("export a second service without `headless` over the same pods"),
    )
}
