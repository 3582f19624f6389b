//! Collects what targets make into files, in apply order.

use std::collections::BTreeMap;

use fleetnet_lang::Span;
use serde_json::Value;

use super::{Body, Object, yaml};
use crate::compile::{Artifact, Origin, Phase};
use crate::model::{ClusterId, ClusterSet, Model, Name};

/// The files of a build, or of one rollout step of it.
#[derive(Debug, Default)]
pub struct Output {
    /// Folder that everything is below; empty, or with a final `/`.
    root: String,
    files: BTreeMap<(Place, Step), File>,
    others: Vec<Artifact>,
}

#[derive(Debug)]
struct File {
    folder: String,
    cluster: Option<Name>,
    objects: Vec<Placed>,
}

/// An object and where it goes.
#[derive(Clone, Debug)]
pub struct Placed {
    /// To whom.
    pub place: Place,
    /// When.
    pub step: Step,
    /// What it needs.
    pub phase: Phase,
    /// The object as a document.
    document: String,
    /// The object as a value.
    pub value: Value,
    /// Where it comes from.
    pub origin: Origin,
}

/// Whom an object goes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// The fleet's hub.
    Hub,
    /// A member.
    Cluster(ClusterId),
}

/// When an object is applied; each kind only needs what comes before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// Namespaces.
    Namespaces,
    /// Services.
    Services,
    /// Exports.
    Exports,
    /// Policies.
    Policies,
    /// Entries, balancers and gateways.
    Entries,
    /// Placements.
    Placements,
}

impl Step {
    /// Name of a file of such objects. Numbers leave room, so that a new kind renames nothing.
    #[must_use]
    pub fn file_name(self) -> &'static str {
        match self {
            Self::Namespaces => "10-namespaces.yaml",
            Self::Services => "30-services.yaml",
            Self::Exports => "40-exports.yaml",
            Self::Policies => "50-policies.yaml",
            Self::Entries => "60-entries.yaml",
            Self::Placements => "70-placements.yaml",
        }
    }
}

impl Output {
    /// An output below `root`, which is empty or ends with `/`.
    #[must_use]
    pub fn below(root: impl Into<String>) -> Self {
        Self { root: root.into(), ..Self::default() }
    }

    /// Adds an object that only needs the source.
    pub fn object<B: Body>(&mut self, model: &Model, place: Place, step: Step, object: &Object<B>, declared: Span) {
        self.object_in(Phase::Link, model, place, step, object, declared);
    }

    /// Adds an object that can be made in some phase. A file's phase is the latest of its objects'.
    pub fn object_in<B: Body>(
        &mut self,
        phase: Phase,
        model: &Model,
        place: Place,
        step: Step,
        object: &Object<B>,
        declared: Span,
    ) {
        let origin = Origin {
            api_version: B::API_VERSION.to_owned(),
            kind: B::KIND.to_owned(),
            namespace: object.metadata.namespace.as_deref().map(Name::from),
            name: object.metadata.name.clone(),
            span: declared,
        };
        let document = yaml::document(object);
        let cluster = match place {
            Place::Hub => None,
            Place::Cluster(cluster) => Some(&model.clusters[cluster].name.value),
        };
        self.put(Placed { place, step, phase, document, value: value(object), origin }, cluster);
    }

    /// Puts what was a member's object on the hub, changed or not.
    pub fn to_hub(&mut self, placed: Placed, value: Value) {
        let document = yaml::text(&value);
        self.put(Placed { place: Place::Hub, document, value, ..placed }, None);
    }

    fn put(&mut self, placed: Placed, cluster: Option<&Name>) {
        let file = self.files.entry((placed.place, placed.step)).or_insert_with(|| File {
            folder: cluster.map_or_else(|| "hub".to_owned(), |name| format!("clusters/{name}")),
            cluster: cluster.cloned(),
            objects: Vec::new(),
        });
        file.objects.push(placed);
    }

    /// Takes away what is for some clusters, in apply order.
    pub fn take(&mut self, clusters: ClusterSet) -> Vec<Placed> {
        let taken = |place: &Place| match place {
            Place::Hub => false,
            Place::Cluster(cluster) => clusters.contains(*cluster),
        };
        let mut objects: Vec<Placed> =
            self.files.extract_if(.., |(place, _), _| taken(place)).flat_map(|(_, file)| file.objects).collect();
        objects.sort_by_key(|object| object.step);
        objects
    }

    /// Adds a file that isn't made of Kubernetes objects; its path is relative to the output's root.
    pub fn file(&mut self, artifact: Artifact) {
        let path = format!("{}{}", self.root, artifact.path);
        self.others.push(Artifact { path, ..artifact });
    }

    /// Everything, in order of path.
    #[must_use]
    pub fn into_artifacts(self) -> Vec<Artifact> {
        let Self { root, files, others } = self;
        let manifests = files.into_iter().map(|((_, step), file)| {
            let documents: Vec<&str> = file.objects.iter().map(|object| object.document.as_str()).collect();
            Artifact {
                path: format!("{root}{}/{}", file.folder, step.file_name()),
                bytes: yaml::documents(&documents),
                cluster: file.cluster,
                phase: file.objects.iter().map(|object| object.phase).max().unwrap_or(Phase::Link),
                objects: file.objects.into_iter().map(|object| object.origin).collect(),
            }
        });
        let mut artifacts: Vec<Artifact> = manifests.chain(others).collect();
        artifacts.sort_by(|a, b| a.path.cmp(&b.path));
        artifacts
    }
}

#[expect(clippy::expect_used, reason = "bodies are records, lists, text and numbers, with text as keys")]
fn value<B: Body>(object: &Object<B>) -> Value {
    serde_json::to_value(object).expect("an object is a JSON object")
}
