//! Conditions that hold because of a slip: a misspelt name is nobody's, so whatever is required of it is always so.

use std::collections::BTreeSet;

use fleetnet_lang::Diagnostic;
use fleetnet_lang::suggest::nearest;

use crate::analysis::cel::{self, EndField, FlowField, Mention, Program};
use crate::codes::proof as codes;
use crate::model::{Model, Name};

pub(super) fn check(model: &Model) -> Vec<Diagnostic> {
    if model.invariants.is_empty() {
        return Vec::new();
    }
    let names = Names::new(model);
    let requires = model.invariants.iter().flat_map(|invariant| &invariant.requires);
    // What cannot be read is reported where it is asked.
    let programs = requires.filter_map(|require| cel::compile(require.value.as_str(), require.span).ok());
    let nobody = |program: Program<FlowField>| {
        program.mentions().iter().filter_map(|mention| names.nobody(mention)).collect::<Vec<_>>()
    };
    programs.flat_map(nobody).collect()
}

/// What the fields of an end can be.
struct Names<'a> {
    identities: BTreeSet<String>,
    clusters: BTreeSet<&'a str>,
    regions: BTreeSet<&'a str>,
    labels: BTreeSet<&'a str>,
    groups: BTreeSet<&'a str>,
    externals: BTreeSet<&'a str>,
}

impl<'a> Names<'a> {
    fn new(model: &'a Model) -> Self {
        let clusters = model.clusters.rows();
        let identities = model.identities.rows().iter().flat_map(|identity| identity.labels.keys());
        let pods = model.externals.rows().iter().flat_map(|external| &external.pods);
        let foreign = pods.flat_map(|pods| &pods.value.selector.requirements).map(|requirement| &requirement.key);
        Self {
            identities: model.identities.ids().map(|id| model.identity_name(id)).collect(),
            clusters: clusters.iter().map(|cluster| cluster.name.value.as_str()).collect(),
            regions: clusters.iter().filter_map(|cluster| Some(cluster.region.as_ref()?.value.as_str())).collect(),
            labels: identities.chain(foreign).map(Name::as_str).collect(),
            groups: model.groups.rows().iter().map(|group| group.name.value.as_str()).collect(),
            externals: model.externals.rows().iter().map(|external| external.name.value.as_str()).collect(),
        }
    }

    fn nobody(&self, mention: &Mention<FlowField>) -> Option<Diagnostic> {
        let (FlowField::Source(field) | FlowField::Destination(field)) = mention.field else { return None };
        let text = mention.text.as_str();
        let identities = || self.identities.iter().map(String::as_str).collect();
        let (what, names): (_, BTreeSet<&str>) = match field {
            // A name without a slash is a DNS name, of which there are others than those that rules speak of.
            EndField::Name if text.contains('/') => ("identity", identities()),
            EndField::Cluster => ("cluster", self.clusters.clone()),
            EndField::Region => ("region", self.regions.clone()),
            EndField::Labels => ("label of an identity", self.labels.clone()),
            EndField::Groups => ("group", self.groups.clone()),
            EndField::External => ("external", self.externals.clone()),
            EndField::Name | EndField::Namespace | EndField::Kind => return None,
        };
        // Text that does not apply is empty.
        if text.is_empty() || names.contains(text) {
            return None;
        }
        let found = Diagnostic::new(codes::CEL_NOBODY, mention.span, format!("no {what} is called `{text}`"));
        let candidates: Vec<&str> = names.into_iter().collect();
        Some(match nearest(text, &candidates) {
            Some(near) => found.help(format!("did you mean `{near}`? As it stands, this is true of no end")),
            None => found.help("write a name that is declared: as it stands, this is true of no end"),
        })
    }
}
