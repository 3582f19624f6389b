//! Who is in a generated fleet: namespaces, identities, groups, externals, and the services in front of pods.

use std::collections::{BTreeMap, BTreeSet};

use super::Random;
use super::places::{ClusterSet, Mesh, Places, Target};
use super::source::Declaration;

/// Who there is.
#[derive(Clone, Debug, Default)]
pub struct Workloads {
    /// The namespaces.
    pub namespaces: Vec<Namespace>,
    /// The identities, the unlisted ones among them.
    pub identities: Vec<Identity>,
    /// The groups.
    pub groups: Vec<Group>,
    /// The externals.
    pub externals: Vec<External>,
    declarations: Vec<Declaration>,
}

/// A namespace.
#[derive(Clone, Debug)]
pub struct Namespace {
    /// Its name.
    pub name: String,
    /// Where it is.
    pub clusters: ClusterSet,
    /// The meshes in which it is global.
    pub global_in: BTreeSet<&'static str>,
    restricted: bool,
}

/// An identity.
#[derive(Clone, Debug)]
pub struct Identity {
    /// Its namespace.
    pub namespace: usize,
    /// `NS/NAME`.
    pub name: String,
    /// Where its pods are.
    pub clusters: ClusterSet,
    /// The port names that mean something in every one of these clusters, with their protocols.
    pub ports: BTreeMap<String, &'static str>,
}

/// A group.
#[derive(Clone, Debug)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its members.
    pub members: BTreeSet<usize>,
}

/// An external.
#[derive(Clone, Debug)]
pub struct External {
    /// Its name.
    pub name: String,
    /// Whether it has names that are only seen by whom looks them up.
    pub has_names: bool,
    /// Whether it is pods of clusters.
    pub has_pods: bool,
}

/// Address blocks, each with blocks inside it.
pub const BLOCKS: [(&str, &[&str]); 7] = [
    ("192.0.2.0/24", &["192.0.2.128/25", "192.0.2.130/32", "192.0.2.0/26"]),
    ("198.51.100.0/25", &["198.51.100.0/30", "198.51.100.64/26"]),
    ("192.0.2.128/25", &["192.0.2.130/32", "192.0.2.192/26"]),
    ("10.0.0.0/8", &["10.66.0.0/16", "10.1.0.0/16"]),
    ("0.0.0.0/0", &["192.0.2.0/24", "10.0.0.0/8"]),
    ("192.0.2.130/32", &[]),
    ("168.0.0.0/6", &["168.63.129.16/32", "169.254.0.0/16"]),
];

/// The same for IPv6.
pub const BLOCKS_V6: [(&str, &[&str]); 3] = [
    ("2001:db8::/32", &["2001:db8:1::/48", "2001:db8:1:2::/64"]),
    ("2001:db8:1::/48", &["2001:db8:1:2::/64"]),
    ("::/0", &["2001:db8::/32"]),
];

/// A block, most often less one or several blocks inside it.
pub fn block(random: &mut Random, places: &Places) -> (&'static str, Vec<&'static str>) {
    // Also of a family that the clusters don't have: it must open nothing.
    let v6 = random.percent(if places.dual_stack { 35 } else { 15 });
    let blocks: &[(&str, &[&str])] = if v6 { &BLOCKS_V6 } else { &BLOCKS };
    let Some((cidr, inside)) = random.pick(blocks).copied() else { return ("192.0.2.0/24", Vec::new()) };
    let except = if inside.is_empty() || random.percent(50) { Vec::new() } else { random.some(inside, 40) };
    (cidr, except)
}

/// How large a generated fleet is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// Clusters, up to 255.
    pub clusters: usize,
    /// Namespaces.
    pub namespaces: usize,
    /// Identities, over all namespaces; those that hold the unlisted pods come on top.
    pub identities: usize,
    /// Rules, over all policies.
    pub rules: usize,
}

impl Size {
    /// A fleet that a person can read.
    pub fn small(random: &mut Random) -> Self {
        let namespaces = random.between(1, 3);
        Self {
            clusters: random.between(1, 4),
            namespaces,
            identities: random.between(namespaces, 5),
            rules: random.between(2, 10),
        }
    }
}

impl Workloads {
    /// Namespaces with their identities, and what else rules can name.
    pub fn new(random: &mut Random, places: &Places, size: Size) -> Self {
        let mut made = Self::default();
        for place in 0..size.namespaces {
            made.add_namespace(random, places, place);
            let from = size.identities * place / size.namespaces.max(1);
            let to = size.identities * (place + 1) / size.namespaces.max(1);
            made.add_identities(random, places, place, to - from);
        }
        let few = size.namespaces.clamp(1, 20);
        for place in 0..random.between(0, few) {
            made.add_group(random, place);
        }
        for place in 0..random.between(0, few.max(2)) {
            made.add_external(random, places, place);
        }
        made
    }

    /// The declarations of all of this.
    #[must_use]
    pub fn declare(&self) -> &[Declaration] {
        &self.declarations
    }

    /// The clusters that know an identity's pods in one cluster.
    #[must_use]
    pub fn observers(&self, places: &Places, identity: usize, runs_in: usize) -> ClusterSet {
        let mut known = ClusterSet::from([runs_in]);
        let namespace = self.identities.get(identity).and_then(|identity| self.namespaces.get(identity.namespace));
        if let (Some(namespace), Some(mesh)) = (namespace, places.mesh_of(runs_in)) {
            // Clusters of this version that run Cilium by themselves can't keep a namespace local.
            if namespace.global_in.contains(mesh.name) || places.target == Target::Cilium {
                known.extend(&mesh.members);
            }
        }
        known
    }

    fn add_namespace(&mut self, random: &mut Random, places: &Places, place: usize) {
        let name = match ["shop", "payments", "logs"].get(place) {
            Some(name) => (*name).to_owned(),
            None => format!("team-{place}"),
        };
        let (mut text, mut clusters) = places.set(random);
        if random.percent(50) {
            (text, clusters) = ("all".to_owned(), places.all());
        }
        let mut statements = vec![format!("in {text}")];
        let mut global_in = BTreeSet::new();
        for mesh in &places.meshes {
            if mesh.members.is_disjoint(&clusters) {
                continue;
            }
            if places.must_be_global(&clusters) || random.percent(80) {
                statements.push(format!("global in {}", mesh.name));
                global_in.insert(mesh.name);
            }
        }
        let restricted = random.percent(40);
        if restricted {
            statements.push("labels { pci = true, zone = inner }".to_owned());
        }
        if random.percent(25) {
            statements.extend(default(random));
        }
        self.declarations.push(Declaration::new(format!("namespace {name}"), statements));
        self.namespaces.push(Namespace { name, clusters, global_in, restricted });
    }

    fn add_identities(&mut self, random: &mut Random, places: &Places, namespace: usize, count: usize) {
        let Some(Namespace { name, clusters, .. }) = self.namespaces.get(namespace).cloned() else { return };
        let by_account = random.percent(15);
        let layered = !by_account && random.percent(25);
        for place in 0..count {
            let own = format!("i{}", place + 1);
            let (mut statements, is_plain) = selection(random, &own, place, by_account, layered);
            let mut here = clusters.clone();
            if random.percent(15) {
                let part = random.some(&clusters.iter().copied().collect::<Vec<_>>(), 50);
                here = part.into_iter().collect();
                statements.push(format!("in {}", places.names(&here)));
            }
            let mut ports = BTreeMap::new();
            if random.percent(40) {
                let (number, protocol) = (random.word(&["7000", "7001", "443"]), random.word(&["tcp", "tcp", "udp"]));
                statements.push(format!("port admin {number}/{protocol}"));
                ports.insert("admin".to_owned(), protocol);
            }
            let full = format!("{name}/{own}");
            self.declarations.push(Declaration::new(format!("identity {full}"), statements));
            // A Service selects by equal labels and nothing else.
            if is_plain && random.percent(70) {
                self.add_service(random, places, &full, (&clusters, &here), &mut ports);
            }
            self.identities.push(Identity { namespace, name: full, clusters: here, ports });
        }
        self.identities.push(Identity {
            namespace,
            name: format!("{name}/unlisted"),
            clusters,
            ports: BTreeMap::new(),
        });
    }

    fn add_service(
        &mut self,
        random: &mut Random,
        places: &Places,
        identity: &str,
        (clusters, pods): (&ClusterSet, &ClusterSet),
        ports: &mut BTreeMap<String, &'static str>,
    ) {
        let mut statements = vec![format!("pods {identity}"), format!("port http 80 -> {}/tcp", 8080)];
        ports.insert("http".to_owned(), "tcp");
        if random.percent(40) {
            statements.push("port feed 9000/udp".to_owned());
            ports.insert("feed".to_owned(), "udp");
        }
        let elsewhere = random.some(&clusters.iter().copied().collect::<Vec<_>>(), 30).into_iter().collect();
        if random.percent(30) {
            let other = places.names(&elsewhere);
            statements.push(format!("at {other} {{ port http 80 -> {}/tcp }}", random.word(&["8081", "8180"])));
            // What stands in `at` stands there alone.
            ports.remove("feed");
        }
        self.declarations.push(Declaration::new(format!("service {identity}"), statements));
        let namespace = self.namespaces.last();
        let exported = namespace.and_then(|namespace| {
            let offers = |mesh: &&Mesh| namespace.global_in.contains(mesh.name) && !mesh.members.is_disjoint(pods);
            places.meshes.iter().find(offers).filter(|_| random.percent(40))
        });
        if let Some(mesh) = exported {
            let affinity = random.word(&["local", "remote", "none"]);
            let statements = vec![format!("affinity {affinity}")];
            self.declarations.push(Declaration::new(format!("export {identity} to {}", mesh.name), statements));
        }
    }

    fn add_group(&mut self, random: &mut Random, place: usize) {
        let name = format!("g{}", place + 1);
        let restricted: BTreeSet<usize> = self.members(|namespace| namespace.restricted);
        if random.percent(35) && !restricted.is_empty() {
            let (text, members) = match random.below(3) {
                0 => ("where pci = true", restricted),
                1 => ("where not has pci", self.members(|namespace| !namespace.restricted)),
                _ => ("where zone in (inner, outer) and pci != false", restricted),
            };
            if !members.is_empty() {
                self.declarations.push(Declaration::new(format!("group {name}"), vec![text.to_owned()]));
                self.groups.push(Group { name, members });
                return;
            }
        }
        let mut members = BTreeSet::new();
        let mut parts = Vec::new();
        for _ in 0..random.between(1, 3) {
            let (text, more) = self.pods(random);
            if !parts.contains(&text) {
                parts.push(text);
                members.extend(more);
            }
        }
        let mut text = parts.join(", ");
        let left_out = random.pick(&self.identities).map(|identity| identity.name.clone());
        if let (Some(left_out), true) = (left_out, random.percent(30)) {
            text = format!("{text} except {left_out}");
            members.retain(|member| self.identities.get(*member).is_some_and(|identity| identity.name != left_out));
        }
        if !members.is_empty() {
            self.declarations.push(Declaration::new(format!("group {name}"), vec![text]));
            self.groups.push(Group { name, members });
        }
    }

    /// Pods as they are written, with who that is.
    pub fn pods(&self, random: &mut Random) -> (String, BTreeSet<usize>) {
        let all = || ("all".to_owned(), (0..self.identities.len()).collect());
        match random.below(10) {
            0..=4 => {
                let place = random.below(self.identities.len());
                let found = self.identities.get(place);
                found.map_or_else(all, |identity| (identity.name.clone(), BTreeSet::from([place])))
            }
            5 | 6 => {
                let place = random.below(self.namespaces.len());
                let Some(namespace) = self.namespaces.get(place) else { return all() };
                let members = self.identities.iter().enumerate().filter(|(_, identity)| identity.namespace == place);
                (format!("{}/*", namespace.name), members.map(|(member, _)| member).collect())
            }
            7 | 8 => {
                let group = random.pick(&self.groups);
                group.map_or_else(all, |group| (group.name.clone(), group.members.clone()))
            }
            _ => all(),
        }
    }

    fn members(&self, wanted: impl Fn(&Namespace) -> bool) -> BTreeSet<usize> {
        let member = |identity: &Identity| self.namespaces.get(identity.namespace).is_some_and(&wanted);
        self.identities.iter().enumerate().filter(|(_, identity)| member(identity)).map(|(place, _)| place).collect()
    }

    fn add_external(&mut self, random: &mut Random, places: &Places, place: usize) {
        let name = format!("x{}", place + 1);
        let (mut has_names, mut has_pods) = (false, false);
        let mut statements = Vec::new();
        for _ in 0..random.between(1, 2) {
            statements.push(match random.below(6) {
                0..=2 => {
                    let (cidr, except) = block(random, places);
                    let except =
                        if except.is_empty() { String::new() } else { format!(" except {}", except.join(", ")) };
                    format!("cidr {cidr}{except}")
                }
                3 => {
                    has_names = true;
                    random.word(&["dns \"api.example.com\"", "dns \"*.example.com\", \"www.example.net\""]).to_owned()
                }
                _ => {
                    has_pods = true;
                    let pods = [
                        "pods kube-system where k8s-app != kube-dns",
                        "pods kube-system where k8s-app = metrics",
                        "pods legacy",
                        "pods legacy where app in (old, older) and not has new",
                        "pods other where app != old",
                    ];
                    random.word(&pods).to_owned()
                }
            });
        }
        statements.sort();
        statements.dedup();
        self.declarations.push(Declaration::new(format!("external {name}"), statements));
        self.externals.push(External { name, has_names, has_pods });
    }
}

/// How pods of an identity are told from those of its neighbours, and whether equal labels are all there is to it.
fn selection(random: &mut Random, own: &str, place: usize, by_account: bool, layered: bool) -> (Vec<String>, bool) {
    if by_account {
        return (vec![format!("account {own}")], false);
    }
    if layered {
        // Pairs that share one label and differ in a second.
        let app = place / 2;
        let is_plain = place.is_multiple_of(2);
        let second = if is_plain { "tier = front" } else { "tier not in (front, side)" };
        return (vec![format!("match app = pair{app} and {second}")], is_plain);
    }
    let statements = match random.below(10) {
        0 => vec![format!("match app = {own}"), format!("match app = {own}-canary and has track")],
        1 => vec![format!("match app in ({own}, {own}-old)")],
        2 => vec![format!("match app = {own} and not has debug")],
        3 => vec![format!("match app = {own}"), format!("account {own}")],
        4 => return (vec![format!("match app.kubernetes.io/name = {own} and app = {own}")], true),
        _ => return (vec![format!("match app = {own}")], true),
    };
    (statements, false)
}

/// A default, or one for each direction.
pub fn default(random: &mut Random) -> Vec<String> {
    let words = ["default deny", "default allow", "default deny ingress", "default deny egress"];
    let more = ["default allow ingress", "default allow egress"];
    match random.below(8) {
        0 => vec!["default deny ingress".to_owned(), "default allow egress".to_owned()],
        1 => vec!["default allow ingress".to_owned(), "default deny egress".to_owned()],
        2 => vec![random.word(&more).to_owned()],
        _ => vec![random.word(&words).to_owned()],
    }
}
