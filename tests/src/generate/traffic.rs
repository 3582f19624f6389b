//! Ways in and between the clusters of a generated fleet: services, exports, entries, gateways, rollouts.

use super::Random;
use super::places::{ClusterSet, Places, Target};
use super::source::Declaration;

/// Adds the targets that ways in need, and the ways in, each in a namespace of its own.
pub fn add(random: &mut Random, places: &Places, declarations: &mut Vec<Declaration>) {
    if let Some(statements) = declarations.first_mut().and_then(|root| root.block.as_mut()) {
        statements.push("target gateway-api".to_owned());
        if places.target == Target::AzureFleet && random.percent(50) {
            for statement in statements {
                *statement = statement.replace("resource-group", "delivery placement ; resource-group");
            }
        }
    }
    for number in 1..=random.between(1, 3) {
        let way = Way::new(random, places, number);
        declarations.extend(way.declare(random, places));
    }
}

/// A namespace with one service in front of the pods of one identity.
struct Way {
    namespace: String,
    /// That of the gateway, where it is another.
    gate: String,
    clusters: ClusterSet,
    /// Those that a mesh joins, if they are exported.
    joined: Option<(&'static str, ClusterSet)>,
    ports: Vec<u16>,
}

impl Way {
    fn new(random: &mut Random, places: &Places, number: usize) -> Self {
        let all: Vec<usize> = places.all().into_iter().collect();
        let clusters: ClusterSet = random.some(&all, 70).into_iter().collect();
        let meshes = places.meshes.iter().filter_map(|mesh| {
            let joined: ClusterSet = mesh.members.intersection(&clusters).copied().collect();
            (!joined.is_empty()).then_some((mesh.name, joined))
        });
        let meshes: Vec<_> = meshes.collect();
        let joined = random.pick(&meshes).filter(|_| places.target == Target::Cilium || random.percent(70)).cloned();
        let ports = random.some(&[80, 443, 9000], 50);
        let gate = format!("{}-{number}", random.word(&["way", "gate"]));
        Self { namespace: format!("way-{number}"), gate, clusters, joined, ports }
    }

    fn declare(&self, random: &mut Random, places: &Places) -> Vec<Declaration> {
        let namespace = &self.namespace;
        let mut declarations = vec![self.namespace(namespace, places)];
        if self.gate != self.namespace {
            declarations.push(self.namespace(&self.gate, places));
        }
        declarations.extend([
            Declaration::new(format!("identity {namespace}/web"), vec!["match app = web and tier = front".to_owned()]),
            self.service(random, places),
        ]);
        if let Some((mesh, _)) = &self.joined {
            let affinity = random.word(&["affinity none", "affinity local", "affinity remote"]);
            declarations.push(Declaration::new(format!("export {namespace}/web to {mesh}"), vec![affinity.to_owned()]));
        }
        if places.target == Target::AzureFleet {
            declarations.push(self.entry(random, places));
        }
        declarations.extend(self.gateway(random, places));
        let port = self.ports.first().copied().unwrap_or(80);
        let rules = vec!["allow from gateways".to_owned(), format!("allow from world on p{port}")];
        declarations.push(Declaration::new(format!("policy {namespace} for {namespace}/web"), rules));
        declarations
    }

    fn namespace(&self, name: &str, places: &Places) -> Declaration {
        let mut statements = vec![format!("in {}", places.names(&self.clusters))];
        // Only where something is exported: in the other clusters of the namespace it is a different object.
        statements.extend(self.joined.iter().map(|(mesh, _)| format!("global in {mesh}")));
        statements.push("labels { team = ways }".to_owned());
        Declaration::new(format!("## Made by a seed: it's \"quoted\".\nnamespace {name}"), statements)
    }

    fn service(&self, random: &mut Random, places: &Places) -> Declaration {
        let kind = match places.target {
            Target::AzureFleet => "load-balancer",
            Target::Cilium => random.word(&["cluster-ip", "node-port", "load-balancer"]),
        };
        let mut statements = vec![format!("pods {}/web", self.namespace), format!("type {kind}")];
        statements.extend(self.ports.iter().map(|port| format!("port p{port} {port} -> {}/tcp", port + 8000)));
        if self.gate != self.namespace {
            statements.push(format!("routes-from {}", self.gate));
        }
        // Elsewhere a load balancer has none.
        if random.percent(40) && places.target == Target::AzureFleet {
            statements.push(format!("dns-label \"label-{}\"", self.namespace));
        }
        if random.percent(40) {
            statements.push("external-traffic-policy cluster".to_owned());
        }
        if random.percent(40) {
            statements.push("annotations { \"example.com/on\" = \"yes\" }".to_owned());
        }
        Declaration::new(format!("service {}/web", self.namespace), statements)
    }

    fn entry(&self, random: &mut Random, places: &Places) -> Declaration {
        let weights = if random.percent(70) {
            format!(" {{ weight {} }}", shares(random, places, &self.clusters))
        } else {
            String::new()
        };
        let mut statements = vec![format!("backend {}/web{weights}", self.namespace)];
        let port = self.ports.first().copied().unwrap_or(80);
        let timing = random.word(&[
            "",
            " every 10s timeout 5s",
            " every 10s timeout 9s tolerate 0",
            " every 30s timeout 10s tolerate 9",
        ]);
        match random.below(4) {
            0 => statements.push(format!("probe tcp port {port}{timing}")),
            1 => statements.push(format!("probe http \"/healthz\" port {port}{timing}")),
            2 => statements.push(format!("probe https port {port}{timing}")),
            _ => {}
        }
        Declaration::new(format!("entry {}/front", self.namespace), statements)
    }

    /// A gateway, and now and then a rollout of its routes.
    fn gateway(&self, random: &mut Random, places: &Places) -> Vec<Declaration> {
        let (namespace, gate) = (&self.namespace, &self.gate);
        let at = self.joined.as_ref().map_or(&self.clusters, |(_, joined)| joined);
        let divided = self.joined.is_some() && at.len() > 1;
        let port = self.ports.first().copied().unwrap_or(80);
        let route = |random: &mut Random, least: usize| {
            let to = format!("-> {namespace}/web port p{port}");
            let weighed = divided && random.percent(least);
            if weighed { format!("{to} {{ weight {} }}", shares(random, places, at)) } else { to }
        };
        // A rollout moves weights, so the first route has some where it can.
        let (first, second) = (route(random, 100), route(random, 70));
        let mut statements = vec!["class cilium".to_owned(), format!("in {}", places.names(at))];
        statements.extend(routed(random.below(4), &first, &second));
        let mut declarations = vec![Declaration::new(format!("gateway {gate}/edge"), statements)];
        if divided && random.percent(40) {
            let step = |step| format!("step s{step} {{ {} }} hold {step}m", shares(random, places, at));
            let steps = [1, 2].map(step).into();
            let head = format!("rollout move-{namespace} for gateway {gate}/edge -> {namespace}/web");
            declarations.push(Declaration::new(head, steps));
        }
        declarations
    }
}

/// Listeners of every protocol, and routes with every condition, in four forms.
fn routed(form: usize, first: &str, second: &str) -> Vec<String> {
    match form {
        0 => vec!["listener web http 80".to_owned(), format!("route {first}")],
        1 => vec![
            "listener web https 443 host \"a.example\", \"*.b.example\" certificate \"edge.cert\"".to_owned(),
            format!("route \"/v1/a%20b\" {first}"),
            format!("route POST \"/v1\" header \"x-ring\" = \"canary: yes\" on web {second}"),
        ],
        2 => vec![
            "listener raw tls 8443 host \"raw.example\", \"*.raw.example\"".to_owned(),
            format!("route on raw {first}"),
        ],
        _ => vec![
            "listener raw tcp 9000".to_owned(),
            "listener web http 80 host \"a.example\"".to_owned(),
            format!("route on raw {first}"),
            format!("route * \"/\" on web {second}"),
        ],
    }
}

/// `CLUSTER = WEIGHT, …`, not all of them zero.
fn shares(random: &mut Random, places: &Places, clusters: &ClusterSet) -> String {
    let sure = random.below(clusters.len());
    let shares = clusters.iter().enumerate().filter_map(|(place, cluster)| {
        let weight = if place == sure { random.between(1, 9) } else { random.between(0, 9) };
        Some(format!("{} = {weight}", places.clusters.get(*cluster)?.name))
    });
    shares.collect::<Vec<_>>().join(", ")
}
