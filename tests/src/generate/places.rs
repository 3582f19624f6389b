//! Where things are in a generated fleet: clusters, meshes and sets of clusters.

use std::collections::BTreeSet;

use super::Random;
use super::source::Declaration;

/// Clusters by their place in [`Places::clusters`].
pub type ClusterSet = BTreeSet<usize>;

/// The system that a generated fleet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// Azure Kubernetes Fleet Manager.
    AzureFleet,
    /// Self-managed Cilium.
    Cilium,
}

/// Clusters and what joins them.
#[derive(Clone, Debug)]
pub struct Places {
    /// The system.
    pub target: Target,
    /// Whether pods have addresses of both families.
    pub dual_stack: bool,
    /// The clusters.
    pub clusters: Vec<Cluster>,
    /// The meshes.
    pub meshes: Vec<Mesh>,
    /// Named sets.
    pub sets: Vec<NamedSet>,
}

/// A cluster.
#[derive(Clone, Debug)]
pub struct Cluster {
    /// Its name.
    pub name: String,
    region: String,
    tier: &'static str,
    env: &'static str,
}

/// A mesh.
#[derive(Clone, Debug)]
pub struct Mesh {
    /// Its name.
    pub name: &'static str,
    /// Its members.
    pub members: ClusterSet,
    tunnel: bool,
}

/// `clusters NAME = SET`.
#[derive(Clone, Debug)]
pub struct NamedSet {
    /// Its name.
    pub name: &'static str,
    /// Its members.
    pub members: ClusterSet,
}

const MESHES: [&str; 2] = ["prod", "test"];

impl Places {
    /// Clusters, most often all in one mesh, now and then in two or with one left alone.
    pub fn new(random: &mut Random, count: usize) -> Self {
        let target = if random.percent(50) { Target::AzureFleet } else { Target::Cilium };
        let two_meshes = count >= 4 && random.percent(15);
        let alone = count >= 2 && !two_meshes && random.percent(15);
        let regions = random.between(1, 3);
        let mut clusters = Vec::with_capacity(count);
        clusters.extend((0..count).map(|place| Cluster {
            name: format!("c{}", place + 1),
            region: format!("r{}", random.between(1, regions)),
            tier: random.word(&["gold", "tin"]),
            env: match place {
                0 if alone => "lab",
                _ if two_meshes && place % 2 == 1 => MESHES[1],
                _ => MESHES[0],
            },
        }));
        let mut places =
            Self { target, dual_stack: random.percent(50), clusters, meshes: Vec::new(), sets: Vec::new() };
        for name in MESHES {
            let members = places.where_clusters(|cluster| cluster.env == name);
            if !members.is_empty() && (count > 1 || random.percent(30)) {
                // Azure Fleet joins flat networks only.
                let tunnel = target == Target::Cilium && random.percent(20);
                places.meshes.push(Mesh { name, members, tunnel });
            }
        }
        if random.percent(50) {
            let some: ClusterSet = random.some(&places.all().into_iter().collect::<Vec<_>>(), 50).into_iter().collect();
            places.sets.push(NamedSet { name: "some-clusters", members: some });
        }
        places
    }

    /// Every cluster.
    #[must_use]
    pub fn all(&self) -> ClusterSet {
        (0..self.clusters.len()).collect()
    }

    /// The mesh of a cluster.
    #[must_use]
    pub fn mesh_of(&self, cluster: usize) -> Option<&Mesh> {
        self.meshes.iter().find(|mesh| mesh.members.contains(&cluster))
    }

    /// Whether a namespace in these clusters must be global wherever it is.
    #[must_use]
    pub fn must_be_global(&self, clusters: &ClusterSet) -> bool {
        clusters.iter().any(|cluster| self.mesh_of(*cluster).is_some_and(|mesh| mesh.tunnel))
    }

    fn where_clusters(&self, wanted: impl Fn(&Cluster) -> bool) -> ClusterSet {
        self.clusters.iter().enumerate().filter(|(_, cluster)| wanted(cluster)).map(|(place, _)| place).collect()
    }

    /// One term of a set with what it stands for.
    fn term(&self, random: &mut Random) -> (String, ClusterSet) {
        let any = random.below(self.clusters.len());
        let Some(cluster) = self.clusters.get(any) else { return ("all".to_owned(), self.all()) };
        let one = ClusterSet::from([any]);
        match random.below(12) {
            0..=3 => (cluster.name.clone(), one),
            4 => ("all".to_owned(), self.all()),
            5 => (format!("region {}", cluster.region), self.where_clusters(|other| other.region == cluster.region)),
            6 | 7 => match random.pick(&self.meshes) {
                Some(mesh) => (format!("mesh {}", mesh.name), mesh.members.clone()),
                None => (cluster.name.clone(), one),
            },
            8 => match random.pick(&self.sets) {
                Some(set) => (set.name.to_owned(), set.members.clone()),
                None => (cluster.name.clone(), one),
            },
            9 => self.selected(random, cluster),
            10 => {
                let members = self.where_clusters(|other| other.tier == cluster.tier && other.region == cluster.region);
                let cel =
                    format!("cluster.labels.tier == \"{}\" && cluster.region == \"{}\"", cluster.tier, cluster.region);
                (format!("where `{cel}`"), members)
            }
            _ => {
                let members = self.where_clusters(|other| other.name != cluster.name);
                (format!("where `cluster.name != \"{}\"`", cluster.name), members)
            }
        }
    }

    fn selected(&self, random: &mut Random, cluster: &Cluster) -> (String, ClusterSet) {
        let tier = cluster.tier;
        match random.below(5) {
            0 => (format!("where tier = {tier}"), self.where_clusters(|other| other.tier == tier)),
            1 => (format!("where tier != {tier}"), self.where_clusters(|other| other.tier != tier)),
            2 => (format!("where tier in ({tier}, brass)"), self.where_clusters(|other| other.tier == tier)),
            3 => ("where has env and not has ring".to_owned(), self.all()),
            _ => (
                format!("where env = {} and tier not in (brass, copper)", cluster.env),
                self.where_clusters(|other| other.env == cluster.env),
            ),
        }
    }

    /// A set as it may be written in a declaration, that has a member.
    pub fn set(&self, random: &mut Random) -> (String, ClusterSet) {
        for _ in 0..8 {
            let (mut text, mut members) = self.term(random);
            // A selector goes on after a comma only by `and`: other terms may follow it all the same.
            if random.percent(30) {
                let (more, others) = self.term(random);
                if more != text {
                    text = format!("{text}, {more}");
                    members.extend(others);
                }
            }
            if random.percent(20) {
                let (less, others) = self.term(random);
                text = format!("{text} except {less}");
                members.retain(|member| !others.contains(member));
            }
            if !members.is_empty() {
                return (text, members);
            }
        }
        ("all".to_owned(), self.all())
    }

    /// A place behind pods that run in some of `clusters`, with where it leaves them.
    pub fn place(&self, random: &mut Random, clusters: &ClusterSet) -> (String, ClusterSet) {
        for _ in 0..8 {
            let (text, members) = if random.percent(50) {
                let (text, members) = self.term(random);
                (format!("in {text}"), members)
            } else {
                let (text, members) = self.set(random);
                (format!("in ({text})"), members)
            };
            let left: ClusterSet = members.intersection(clusters).copied().collect();
            if !left.is_empty() {
                return (text, left);
            }
        }
        self.one_by_one(clusters)
    }

    /// A place that names clusters one by one.
    #[must_use]
    pub fn one_by_one(&self, clusters: &ClusterSet) -> (String, ClusterSet) {
        (format!("in ({})", self.names(clusters)), clusters.clone())
    }

    /// The names of clusters.
    #[must_use]
    pub fn names(&self, clusters: &ClusterSet) -> String {
        let names = clusters.iter().filter_map(|place| self.clusters.get(*place)).map(|cluster| cluster.name.as_str());
        names.collect::<Vec<_>>().join(", ")
    }

    /// The declarations of all of this.
    pub fn declare(&self, random: &mut Random) -> Vec<Declaration> {
        let mut declarations = Vec::new();
        let mut free: Vec<usize> = (1..=255).collect();
        for (place, cluster) in self.clusters.iter().enumerate() {
            let id = free.remove(random.below(free.len()));
            declarations.push(self.cluster(random, cluster, place + 1, id));
        }
        for set in &self.sets {
            declarations.push(Declaration::line(format!("clusters {} = {}", set.name, self.names(&set.members))));
        }
        for mesh in &self.meshes {
            // A managed fleet takes a selector and nothing else.
            let members = if self.target == Target::AzureFleet || random.percent(50) {
                format!("where env = {}", mesh.name)
            } else {
                self.names(&mesh.members)
            };
            let mut statements = vec![format!("members {members}")];
            statements.extend(mesh.tunnel.then(|| "routing tunnel".to_owned()));
            statements.extend((self.target == Target::Cilium).then(|| "forget-lost-after 5m".to_owned()));
            declarations.push(Declaration::new(format!("mesh {}", mesh.name), statements));
        }
        declarations
    }

    fn cluster(&self, random: &mut Random, cluster: &Cluster, place: usize, id: usize) -> Declaration {
        let both = |v4: String, v6: String| if self.dual_stack { format!("{v4}, {v6}") } else { v4 };
        let Cluster { name, region, tier, env } = cluster;
        let mut statements = vec![
            format!("id {id}"),
            format!("region {region}"),
            format!("labels {{ env = {env}, tier = {tier} }}"),
            format!("pods {}", both(format!("10.{place}.0.0/16"), format!("fd00:{place}::/56"))),
            format!("nodes {}", both(format!("11.{place}.0.0/20"), format!("fd01:{place}::/64"))),
            format!("services {}", both(format!("12.{place}.0.0/16"), format!("fd02:{place}::/108"))),
            "cilium \"1.18.0\"".to_owned(),
        ];
        if self.target == Target::AzureFleet || random.percent(30) {
            statements.push(format!("cilium-name \"{name}-{id}\""));
        }
        if self.target == Target::Cilium {
            statements.push(format!("clustermesh \"{name}.mesh.example:2379\""));
        }
        Declaration::new(format!("cluster {name}"), statements)
    }
}
