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
    /// The clusters whose objects are kept as values, to be taken away again: no file is made of them.
    kept: ClusterSet,
    taken: Vec<Placed>,
    files: BTreeMap<(Place, Step), File>,
    others: Vec<Artifact>,
}

#[derive(Debug)]
struct File {
    folder: String,
    cluster: Option<Name>,
    /// The latest of its objects'.
    phase: Phase,
    /// Its objects, each with its separator.
    text: String,
    objects: Vec<Origin>,
}

/// An object on its way into a file, or to whom it is kept for.
#[derive(Debug)]
pub struct Rendered {
    place: Place,
    step: Step,
    phase: Phase,
    form: Form,
    origin: Origin,
}

#[derive(Debug)]
enum Form {
    /// As it will stand in its file.
    Document(String),
    /// To be taken away again.
    Value(Value),
}

/// An object that is to be delivered otherwise, and where it goes.
#[derive(Clone, Debug)]
pub struct Placed {
    /// To whom.
    pub place: Place,
    /// When.
    pub step: Step,
    /// What it needs.
    pub phase: Phase,
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
    /// An output below `root`, which is empty or ends with `/`. The objects of the clusters `kept` are only there to be taken, see
    /// [`Output::take`].
    #[must_use]
    pub fn below(root: impl Into<String>, kept: ClusterSet) -> Self {
        Self { root: root.into(), kept, ..Self::default() }
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
        let rendered = self.render(place, step, phase, object, declared);
        self.put(model, rendered);
    }

    /// An object in the form in which it can be added; many can be made at once.
    #[must_use]
    pub fn render<B: Body>(
        &self,
        place: Place,
        step: Step,
        phase: Phase,
        object: &Object<B>,
        declared: Span,
    ) -> Rendered {
        let origin = Origin {
            api_version: B::API_VERSION.to_owned(),
            kind: B::KIND.to_owned(),
            namespace: object.metadata.namespace.as_deref().map(Name::from),
            name: object.metadata.name.clone(),
            span: declared,
        };
        let is_kept = matches!(place, Place::Cluster(cluster) if self.kept.contains(cluster));
        let form = if is_kept { Form::Value(value(object)) } else { Form::Document(yaml::document(object)) };
        Rendered { place, step, phase, form, origin }
    }

    /// Adds a rendered object.
    pub fn put(&mut self, model: &Model, rendered: Rendered) {
        let Rendered { place, step, phase, form, origin } = rendered;
        match form {
            Form::Value(value) => self.taken.push(Placed { place, step, phase, value, origin }),
            Form::Document(document) => {
                let cluster = match place {
                    Place::Hub => None,
                    Place::Cluster(cluster) => Some(&model.clusters[cluster].name.value),
                };
                self.append((place, step), cluster, phase, &document, origin);
            }
        }
    }

    /// Puts what was a member's object on the hub, changed or not.
    pub fn to_hub(&mut self, placed: Placed, value: &Value) {
        self.append((Place::Hub, placed.step), None, placed.phase, &yaml::text(value), placed.origin);
    }

    fn append(&mut self, at: (Place, Step), cluster: Option<&Name>, phase: Phase, document: &str, origin: Origin) {
        let file = self.files.entry(at).or_insert_with(|| File {
            folder: cluster.map_or_else(|| "hub".to_owned(), |name| format!("clusters/{name}")),
            cluster: cluster.cloned(),
            phase,
            text: String::new(),
            objects: Vec::new(),
        });
        yaml::append(&mut file.text, document);
        file.phase = file.phase.max(phase);
        file.objects.push(origin);
    }

    /// Takes away what is for the clusters that are kept, in apply order.
    pub fn take(&mut self) -> Vec<Placed> {
        let mut objects = std::mem::take(&mut self.taken);
        objects.sort_by_key(|object| (object.step, object.place));
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
        let Self { root, files, others, .. } = self;
        let manifests = files.into_iter().map(|((_, step), file)| Artifact {
            path: format!("{root}{}/{}", file.folder, step.file_name()),
            bytes: file.text.into_bytes(),
            cluster: file.cluster,
            phase: file.phase,
            objects: file.objects,
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
