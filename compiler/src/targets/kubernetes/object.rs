//! What every object has: its type, its name, and where it comes from.

use std::collections::BTreeMap;

use fleetnet_lang::{Sources, Span};
use serde::Serialize;
use serde_json::Value;

use crate::model::{Labels, Model, Name};

/// Field manager of everything that fleetnet applies, and the value of [`MANAGED_BY`].
pub const MANAGER: &str = "fleetnet";
/// Marks what fleetnet made.
pub const MANAGED_BY: &str = "app.kubernetes.io/managed-by";
/// Names the fleet that an object is of: only such objects are ever pruned.
pub const FLEET: &str = "fleetnet.dev/fleet";
/// File and declaration, never a line: an edit above a declaration changes nothing.
pub const SOURCE: &str = "fleetnet.dev/source";
/// The doc comment, and those of other declarations that the object speaks for.
pub const DOC: &str = "fleetnet.dev/doc";
/// Bytes of it at the most: the annotations of an object have 256 KiB together.
const DOC_SIZE: usize = 64 * 1024;

/// What stands in an object below its metadata.
pub trait Body: Serialize {
    /// `apiVersion`.
    const API_VERSION: &'static str;
    /// `kind`.
    const KIND: &'static str;
}

/// A Kubernetes object.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Object<B> {
    api_version: &'static str,
    kind: &'static str,
    /// Its name, and what it is marked with.
    pub metadata: ObjectMeta,
    /// Everything else.
    #[serde(flatten)]
    pub body: B,
}

impl<B: Body> Object<B> {
    /// An object of the body's type.
    #[must_use]
    pub fn new(metadata: ObjectMeta, body: B) -> Self {
        Self { api_version: B::API_VERSION, kind: B::KIND, metadata, body }
    }
}

/// Name, labels and annotations of an object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ObjectMeta {
    /// Its name.
    pub name: String,
    /// Its namespace, if its kind has one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Its labels.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub labels: BTreeMap<String, String>,
    /// Its annotations.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub annotations: BTreeMap<String, String>,
}

impl ObjectMeta {
    /// The metadata of an object without a namespace.
    #[must_use]
    pub fn new(package: Package<'_>, name: impl Into<String>, declared: &Declaration<'_>) -> Self {
        let fleet = package.model.fleet.name.value.to_string();
        let labels = [(MANAGED_BY, MANAGER.to_owned()), (FLEET, fleet)];
        let file = package.sources.locate(declared.span).map_or("", |(path, _)| path);
        let source = (SOURCE, format!("{file}: {} {}", declared.keyword, declared.name));
        let doc = docs(declared.doc, []).map(|doc| (DOC, doc));
        let owned = |(key, value): (&str, String)| (key.to_owned(), value);
        Self {
            name: name.into(),
            namespace: None,
            labels: labels.into_iter().map(owned).collect(),
            annotations: std::iter::once(source).chain(doc).map(owned).collect(),
        }
    }

    /// The metadata of an object that only carries another one: the same fleet, and some of its annotations.
    #[must_use]
    pub fn after(name: String, namespace: Option<String>, carried: &Value, annotations: &[&str]) -> Self {
        let marks = |field: &str, keys: &[&str]| {
            let of = |key: &&str| {
                let value = carried.get("metadata")?.get(field)?.get(key)?.as_str()?;
                Some(((*key).to_owned(), value.to_owned()))
            };
            keys.iter().filter_map(of).collect()
        };
        Self {
            name,
            namespace,
            labels: marks("labels", &[MANAGED_BY, FLEET]),
            annotations: marks("annotations", annotations),
        }
    }

    /// Adds the docs of other declarations that the object speaks for, each by what it is called.
    #[must_use]
    pub fn explained<'a>(mut self, others: impl IntoIterator<Item = (String, &'a Name)>) -> Self {
        let own = self.annotations.remove(DOC).map(Name::from);
        self.annotations.extend(docs(own.as_ref(), others).map(|doc| (DOC.to_owned(), doc)));
        self
    }

    /// Puts the object into a namespace.
    #[must_use]
    pub fn within(mut self, namespace: &Name) -> Self {
        self.namespace = Some(namespace.to_string());
        self
    }

    /// Adds declared labels; those of [`ObjectMeta::new`] stay as they are.
    #[must_use]
    pub fn labelled(mut self, labels: &Labels) -> Self {
        for (key, value) in labels {
            self.labels.entry(key.to_string()).or_insert_with(|| value.to_string());
        }
        self
    }

    /// Adds declared annotations; those that are there stay as they are.
    #[must_use]
    pub fn annotated(mut self, annotations: &Labels) -> Self {
        for (key, value) in annotations {
            self.annotations.entry(key.to_string()).or_insert_with(|| value.to_string());
        }
        self
    }

    /// Sets an annotation.
    #[must_use]
    pub fn with(mut self, key: impl Into<String>, value: impl Into<String>) -> Self {
        self.annotations.insert(key.into(), value.into());
        self
    }
}

/// The docs of what is made of several declarations: its own, then each other on lines behind what that is called. One that is too long ends
/// with `…`.
#[must_use]
pub fn docs<'a>(own: Option<&Name>, others: impl IntoIterator<Item = (String, &'a Name)>) -> Option<String> {
    let mut text = own.map(ToString::to_string);
    for (called, doc) in others {
        let text = text.get_or_insert_default();
        if text.len() > DOC_SIZE {
            break;
        }
        if !text.is_empty() {
            text.push('\n');
        }
        text.extend([&called, ": ", &doc.as_str().replace('\n', "\n  ")]);
    }
    text.map(|text| if text.len() > DOC_SIZE { cut(&text) } else { text })
}

fn cut(text: &str) -> String {
    let fits = |(at, c): &(usize, char)| at + c.len_utf8() <= DOC_SIZE;
    text.char_indices().take_while(fits).map(|(_, c)| c).chain(['…']).collect()
}

/// The package that objects are made of.
#[derive(Clone, Copy)]
pub struct Package<'a> {
    /// What it declares.
    pub model: &'a Model,
    /// Its texts.
    pub sources: &'a Sources,
}

/// The declaration behind an object.
#[derive(Clone, Debug)]
pub struct Declaration<'a> {
    /// Its keyword.
    pub keyword: &'static str,
    /// Its name, as its references write it.
    pub name: String,
    /// Where its name stands.
    pub span: Span,
    /// Its doc comment.
    pub doc: Option<&'a Name>,
}
