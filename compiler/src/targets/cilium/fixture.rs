//! Small fleets for tests, without a source text.

use fleetnet_lang::{FileId, SourceFile, Sources, Span};

use super::names::Names;
use super::policies;
use crate::model::*;
use crate::plan::{self, Plan};
use crate::targets::kubernetes::{Package, yaml};

/// A fleet of clusters in one mesh, closed by default.
pub struct Fixture {
    pub model: Model,
}

pub const HERE: Span = Span { file: FileId(0), start: 0, end: 1 };

pub fn at<T>(value: T) -> Spanned<T> {
    Spanned::new(value, HERE)
}

pub fn range(transport: Transport, first: u16, last: u16) -> Spanned<PortExpr> {
    at(PortExpr::Range(PortRange { protocol: Protocol::Transport(transport), first, last }))
}

pub fn tcp(port: u16) -> Spanned<PortExpr> {
    range(Transport::Tcp, port, port)
}

pub fn request(method: &str, path: &str) -> Spanned<Request> {
    at(Request { method: method.into(), path: path.into() })
}

pub fn built_in(end: BuiltIn) -> Peer {
    peer(PeerEnd::BuiltIn(end))
}

pub fn cidr(text: &str) -> Peer {
    peer(PeerEnd::Cidr(CidrBlock { cidr: text.parse().unwrap(), except: Vec::new() }))
}

pub fn dns(pattern: &str) -> Peer {
    peer(PeerEnd::Dns(DnsPattern(pattern.into())))
}

fn peer(end: PeerEnd) -> Peer {
    Peer { end, place: Place::Everywhere, span: HERE }
}

impl Fixture {
    pub fn new(clusters: &[&str]) -> Self {
        let deny = Some(at(Verb::Deny));
        let fleet = Fleet {
            name: at("test".into()),
            targets: vec![Target { kind: at(TargetKind::Cilium), clusters: all(clusters.len()), settings: Vec::new() }],
            policy_by: Vec::new(),
            default: Defaults { ingress: deny, egress: deny },
            dns: DnsAccess::BuiltIn,
            weight_error: 100,
            policy_map: 16384,
            files: Vec::new(),
            doc: None,
        };
        let mesh = Mesh {
            name: at("mesh".into()),
            members: all(clusters.len()),
            written: MemberText::Other(HERE),
            publish: all(clusters.len()),
            publish_span: None,
            consume: all(clusters.len()),
            consume_span: None,
            routing: Routing::Native,
            encryption: None,
            forget_lost_after: None,
            doc: None,
        };
        let rows: Vec<Cluster> = (1..).zip(clusters).map(|(id, name)| cluster(id, name)).collect();
        let model = Model {
            fleet,
            clusters: rows.into(),
            meshes: vec![mesh].into(),
            namespaces: Table::default(),
            identities: Table::default(),
            groups: Table::default(),
            externals: Table::default(),
            services: Table::default(),
            exports: Vec::new(),
            entries: Vec::new(),
            balances: Vec::new(),
            gateways: Vec::new(),
            policies: Table::default(),
            rules: Table::default(),
            tests: Vec::new(),
            invariants: Vec::new(),
            rollouts: Vec::new(),
            guard: Guard::default(),
            waives: Vec::new(),
        };
        Self { model }
    }

    /// A namespace, global in the mesh, with identities by their `app`, in order of name; unlisted pods are added.
    pub fn namespace(mut self, name: &str, clusters: &[&str], apps: &[&str]) -> Self {
        let clusters: ClusterSet = clusters.iter().map(|cluster| self.cluster(cluster)).collect();
        let namespace = self.model.namespaces.push(Namespace {
            name: at(name.into()),
            clusters,
            global_in: vec![at(MeshId(0))],
            labels: Labels::new(),
            annotations: Labels::new(),
            owner: None,
            files: Vec::new(),
            default: Defaults::default(),
            doc: None,
        });
        let declared = apps.iter().map(|app| {
            let condition = Condition::In(vec![Name::from(*app)]);
            let selector = Selector { requirements: vec![Requirement { key: "app".into(), condition }] };
            (*app, PodSelection::Declared { matches: vec![selector], account: None })
        });
        for (name, pods) in declared.chain([("unlisted", PodSelection::Unlisted)]) {
            self.model.identities.push(Identity {
                namespace,
                name: at(name.into()),
                pods,
                clusters,
                ports: Vec::new(),
                labels: Labels::new(),
                doc: None,
            });
        }
        self
    }

    /// A two-ended rule.
    pub fn rule(
        mut self,
        verb: Verb,
        from: Vec<Peer>,
        to: Vec<Peer>,
        ports: PortExprs,
        requests: Vec<Spanned<Request>>,
    ) -> Self {
        let name = format!("p{}", self.model.policies.len());
        let policy = Policy { name: at(name.into()), subject: None, default: Defaults::default(), doc: None };
        let policy = self.model.policies.push(policy);
        let ends = RuleEnds::TwoEnded { from, to };
        self.model.rules.push(Rule { policy, verb, ends, ports, requests, reason: None, span: HERE });
        self
    }

    pub fn cluster(&self, name: &str) -> ClusterId {
        self.model.clusters.iter().find(|(_, cluster)| cluster.name.value.as_str() == name).unwrap().0
    }

    pub fn identity(&self, name: &str) -> Peer {
        let found = self.model.identities.ids().find(|id| self.model.identity_name(*id) == name);
        peer(PeerEnd::Identity(found.unwrap()))
    }

    pub fn identity_in(&self, name: &str, cluster: &str) -> Peer {
        let clusters = ClusterSet::of(self.cluster(cluster));
        Peer { place: Place::In(clusters, HERE), ..self.identity(name) }
    }

    pub fn plan(self) -> Plan {
        let (plan, diagnostics) = plan::build(self.model);
        let errors: Vec<_> =
            diagnostics.iter().filter(|found| found.severity == fleetnet_lang::Severity::Error).collect();
        assert!(errors.is_empty(), "{errors:?}");
        plan
    }

    /// The `spec`s of one policy object of a cluster, as YAML; nothing if there is no such object.
    pub fn spec(&self, cluster: &str, policy: &str) -> String {
        let plan = Self { model: self.model.clone() }.plan();
        Self::spec_of(&plan, self.cluster(cluster), policy)
    }

    pub fn spec_of(plan: &Plan, cluster: ClusterId, policy: &str) -> String {
        let sources = Sources::new(vec![SourceFile::new("test.fleetnet", "")]);
        let package = Package { model: &plan.model, sources: &sources };
        let policies = policies::policies(package, plan, &Names::new(plan), cluster);
        let policies = policies.into_iter().chain(policies::stubs(package, plan, cluster));
        let documents = policies.filter_map(|(object, _)| {
            let name = format!("{}/{}", object.metadata.namespace.as_deref()?, object.metadata.name);
            (name == policy).then(|| yaml::document(&object))
        });
        let text: String = documents.collect();
        text.find("\nspec").and_then(|start| text.get(start + 1..)).unwrap_or_default().to_owned()
    }
}

fn all(number: usize) -> ClusterSet {
    (0..number).map(ClusterId::at).collect()
}

fn cluster(id: u8, name: &str) -> Cluster {
    Cluster {
        name: at(name.into()),
        id: Some(at(id)),
        cilium_name: None,
        region: None,
        zone: None,
        labels: Labels::new(),
        pods: vec![at(format!("10.{id}.0.0/16").parse().unwrap())],
        nodes: Vec::new(),
        services: Vec::new(),
        cilium: Some(at(Version { major: 1, minor: 19, patch: 4 })),
        ipam: None,
        vnet: None,
        clustermesh: Some(at(format!("mesh.{name}.example:2379").into())),
        context: None,
        doc: None,
    }
}
