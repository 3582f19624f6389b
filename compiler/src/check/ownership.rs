//! Who may speak for a namespace: the files that it names, and those that the fleet names.

use std::collections::BTreeSet;

use fleetnet_lang::{Diagnostic, FileId, Sources, Span};

use super::Scope;
use crate::codes::namespaces as codes;
use crate::model::{Model, Name, NamespaceId, Peer, PeerEnd, PodSelection, RolloutPath, RuleEnds, Spanned};

/// Declarations where nobody may make them, and files that name nobody.
pub(super) fn check(model: &Model, sources: &Sources) -> Vec<Diagnostic> {
    if has_no_owners(model) {
        return Vec::new();
    }
    let mut speech = Speech { model, sources, found: nowhere(model, sources) };
    speech.declarations();
    speech.found
}

/// Rules and policies that speak for namespaces for which their files may not.
pub(super) fn check_rules(model: &Model, sources: &Sources, scope: Scope<'_>) -> Vec<Diagnostic> {
    if has_no_owners(model) {
        return Vec::new();
    }
    let mut speech = Speech { model, sources, found: Vec::new() };
    speech.rules(scope);
    speech.found
}

/// The usual package names no files.
fn has_no_owners(model: &Model) -> bool {
    model.namespaces.rows().iter().all(|namespace| namespace.files.is_empty())
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

    fn rules(&mut self, scope: Scope<'_>) {
        let model = self.model;
        for policy in scope.policies(model).into_iter().map(|id| &model.policies[id]) {
            for peer in policy.subject.iter().flatten() {
                self.peer(peer, "this policy", Advice::Move);
            }
        }
        for rule in scope.new_rules(model).into_iter().map(|id| &model.rules[id]) {
            match &rule.ends {
                // Its subject is its policy's, and its peers only hear of it.
                RuleEnds::OneEnded { .. } => {}
                RuleEnds::TwoEnded { from, to } => {
                    for peer in from.iter().chain(to) {
                        self.peer(peer, "this end of the rule", Advice::OneSide);
                    }
                }
            }
        }
    }

    /// Reports the first namespace that a peer speaks for and may not.
    fn peer(&mut self, peer: &Peer, what: &str, advice: Advice) {
        let namespaces = namespaces_of(self.model, &peer.end);
        if let Some(namespace) =
            namespaces.into_iter().find(|id| !may_speak(self.model, self.sources, peer.span.file, *id))
        {
            self.report(peer.span, namespace, what, advice);
        }
    }

    fn speaks(&mut self, span: Span, namespace: NamespaceId, what: &str) {
        if !may_speak(self.model, self.sources, span.file, namespace) {
            self.report(span, namespace, what, Advice::Move);
        }
    }

    fn report(&mut self, span: Span, namespace: NamespaceId, what: &str, advice: Advice) {
        let namespace = &self.model.namespaces[namespace];
        let name = &namespace.name.value;
        let path = self.sources.get(span.file).map_or("", |file| &file.path);
        let message = format!("{what} speaks for namespace `{name}`, for which `{path}` may not speak");
        let files: Vec<String> = namespace.files.iter().map(|file| format!("`{}`", file.value)).collect();
        let files = files.join(" or ");
        let help = match advice {
            Advice::Move => format!("move it below {files}, or let the namespace's owner write it"),
            Advice::OneSide => format!(
                "a rule with two ends speaks for both: write your own side only, with `from` or `to` in a `policy … for …`, and let the other \
                 side stand below {files}; or move the rule to a file that the fleet's `files` name"
            ),
        };
        let mut found = Diagnostic::new(codes::FOREIGN_FILE, span, message);
        if let Some(first) = namespace.files.first() {
            found = found.related(first.span, "the files that may");
        }
        self.found.push(found.help(help));
    }
}

/// What is to be done about a declaration that may not stand where it does.
#[derive(Clone, Copy)]
enum Advice {
    Move,
    OneSide,
}

/// Paths that no file of the package is at or below.
fn nowhere(model: &Model, sources: &Sources) -> Vec<Diagnostic> {
    let of_namespaces = model.namespaces.rows().iter().flat_map(|namespace| &namespace.files);
    let written = model.fleet.files.iter().chain(of_namespaces);
    let idle = written.filter(|prefix| !sources.iter().any(|(_, file)| is_below(&file.path, prefix.value.as_str())));
    let found = idle.map(|prefix| {
        let message = format!("no file of the package is at or below `{}`", prefix.value);
        Diagnostic::new(codes::FILES_NOWHERE, prefix.span, message)
            .help("correct the path: it starts at the package's root, and has no wildcards")
    });
    found.collect()
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
    let mut parts = path.split('/');
    prefix.split('/').filter(|part| !part.is_empty() && *part != ".").all(|part| parts.next() == Some(part))
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
