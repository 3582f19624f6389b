//! Who may speak for a namespace: the files that it names, and those that the fleet names.

use std::collections::BTreeSet;

use fleetnet_lang::{Diagnostic, FileId, Sources, Span};

use crate::codes::namespaces as codes;
use crate::model::{Model, Name, NamespaceId, Peer, PeerEnd, PodSelection, RolloutPath, RuleEnds, Spanned};

pub(super) fn check(model: &Model, sources: &Sources) -> Vec<Diagnostic> {
    // The usual package has no such files.
    if model.namespaces.rows().iter().all(|namespace| namespace.files.is_empty()) {
        return Vec::new();
    }
    let mut speech = Speech { model, sources, found: Vec::new() };
    speech.declarations();
    speech.rules();
    speech.found
}

struct Speech<'a> {
    model: &'a Model,
    sources: &'a Sources,
    found: Vec<Diagnostic>,
}

impl Speech<'_> {
    fn declarations(&mut self) {
        let model = self.model;
        for identity in model.identities.rows().iter().filter(|identity| identity.pods != PodSelection::Unlisted) {
            self.speaks(identity.name.span, identity.namespace, "this identity");
        }
        for service in model.services.rows() {
            self.speaks(service.name.span, service.namespace, "this service");
        }
        for export in &model.exports {
            self.speaks(export.service.span, model.services[export.service.value].namespace, "this export");
        }
        for balance in &model.balances {
            self.speaks(balance.service.span, model.services[balance.service.value].namespace, "this balance");
        }
        for entry in &model.entries {
            self.speaks(entry.name.span, entry.namespace, "this entry");
        }
        for gateway in &model.gateways {
            self.speaks(gateway.name.span, gateway.namespace, "this gateway");
        }
        for rollout in &model.rollouts {
            if let Some(namespace) = moved(model, rollout.path) {
                self.speaks(rollout.name.span, namespace, "this rollout");
            }
        }
    }

    fn rules(&mut self) {
        let model = self.model;
        for policy in model.policies.rows() {
            for peer in policy.subject.iter().flatten() {
                self.peer(peer, "this policy");
            }
        }
        for rule in model.rules.rows() {
            match &rule.ends {
                // Its subject is its policy's, and its peers only hear of it.
                RuleEnds::OneEnded { .. } => {}
                RuleEnds::TwoEnded { from, to } => {
                    for peer in from.iter().chain(to) {
                        self.peer(peer, "this end of the rule");
                    }
                }
            }
        }
    }

    /// Reports the first namespace that a peer speaks for and may not.
    fn peer(&mut self, peer: &Peer, what: &str) {
        let namespaces = namespaces_of(self.model, &peer.end);
        if let Some(namespace) =
            namespaces.into_iter().find(|id| !may_speak(self.model, self.sources, peer.span.file, *id))
        {
            self.report(peer.span, namespace, what);
        }
    }

    fn speaks(&mut self, span: Span, namespace: NamespaceId, what: &str) {
        if !may_speak(self.model, self.sources, span.file, namespace) {
            self.report(span, namespace, what);
        }
    }

    fn report(&mut self, span: Span, namespace: NamespaceId, what: &str) {
        let namespace = &self.model.namespaces[namespace];
        let name = &namespace.name.value;
        let path = self.sources.get(span.file).map_or("", |file| &file.path);
        let message = format!("{what} speaks for namespace `{name}`, for which `{path}` may not speak");
        let files: Vec<String> = namespace.files.iter().map(|file| format!("`{}`", file.value)).collect();
        let mut found = Diagnostic::new(codes::FOREIGN_FILE, span, message);
        if let Some(first) = namespace.files.first() {
            found = found.related(first.span, "the files that may");
        }
        self.found
            .push(found.help(format!("move it below {}, or let the namespace's owner write it", files.join(" or "))));
    }
}

/// Whether what stands in a file may speak for a namespace.
pub(super) fn may_speak(model: &Model, sources: &Sources, file: FileId, namespace: NamespaceId) -> bool {
    let namespace = &model.namespaces[namespace];
    let Some(file) = sources.get(file) else { return true };
    let within = |prefix: &Spanned<Name>| is_below(&file.path, prefix.value.as_str());
    namespace.files.is_empty() || namespace.files.iter().chain(&model.fleet.files).any(within)
}

/// The namespaces that are spoken for by a rule about an end.
fn namespaces_of(model: &Model, end: &PeerEnd) -> BTreeSet<NamespaceId> {
    match end {
        PeerEnd::Identity(id) => BTreeSet::from([model.identities[*id].namespace]),
        PeerEnd::Namespace(id) => BTreeSet::from([*id]),
        PeerEnd::Group(id) => {
            model.groups[*id].members.iter().map(|identity| model.identities[*identity].namespace).collect()
        }
        PeerEnd::All => model.namespaces.ids().collect(),
        PeerEnd::External(_) | PeerEnd::Cidr(_) | PeerEnd::Dns(_) | PeerEnd::BuiltIn(_) => BTreeSet::new(),
    }
}

/// Whether a path is a prefix's file, or below its directory.
fn is_below(path: &str, prefix: &str) -> bool {
    let prefix = prefix.strip_prefix("./").unwrap_or(prefix);
    let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
    path.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// The namespace whose traffic a rollout moves.
fn moved(model: &Model, path: RolloutPath) -> Option<NamespaceId> {
    match path {
        RolloutPath::Entry(index, _) => model.entries.get(index).map(|entry| entry.namespace),
        RolloutPath::Gateway(index, _) => model.gateways.get(index).map(|gateway| gateway.namespace),
        RolloutPath::Export(index) => {
            model.exports.get(index).map(|export| model.services[export.service.value].namespace)
        }
    }
}
