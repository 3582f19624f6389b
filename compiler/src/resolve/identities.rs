//! Identities, those of unlisted pods among them.

use fleetnet_lang::Diagnostic;
use fleetnet_lang::ast::{self, IdentityStmt};

use super::beside::each;
use super::clusters::word;
use super::context::{Context, Declared};
use super::disjoint;
use super::names::Index;
use super::places::Places;
use super::read::Reader;
use crate::codes::{namespaces as codes, services};
use crate::model::{
    ClusterSet, Condition, Identity, IdentityId, Labels, Name, NamedPort, Namespace, NamespaceId, PodSelection,
    Selector, Spanned, Table,
};
use crate::workers::{self, Workers};

/// The name of the identity of the pods that match no other.
pub(super) const UNLISTED: &str = "unlisted";

/// Resolves the identities of all namespaces.
pub(super) fn resolve(
    ctx: &mut Context,
    places: &Places,
    (namespaces, index): (&Table<NamespaceId, Namespace>, &Index<NamespaceId>),
    declared: &[Declared<ast::Identity<'_>>],
    workers: &dyn Workers,
) -> (Table<IdentityId, Identity>, Index<IdentityId>) {
    let drafts = each(ctx, declared, workers, |ctx, _, identity| {
        let (namespace, name) = identity.parts();
        let id = ctx.find(index, &namespace, "a namespace of this package")?;
        Some((id, resolve_one(ctx, places, (id, &namespaces[id]), name, identity)))
    });
    let mut of_namespace: Table<NamespaceId, Vec<Draft>> =
        namespaces.iter().map(|_| Vec::new()).collect::<Vec<_>>().into();
    let mut identities = Index::default();
    for (identity, draft) in declared.iter().zip(drafts) {
        match draft {
            Some((id, draft)) => of_namespace[id].push(draft),
            None => identities.insert(identity.name.value.clone(), None),
        }
    }
    let left_over = left_over(ctx, namespaces, &of_namespace, workers);
    let mut table = Table::default();
    for ((id, namespace), clusters) in namespaces.iter().zip(left_over) {
        let mut drafts = std::mem::take(&mut of_namespace[id]);
        if let Some(clusters) = clusters {
            drafts.push(Draft { identity: unlisted(id, namespace, clusters), soundness: Soundness::Sound });
            drafts.sort_by(|left, right| left.identity.name.value.cmp(&right.identity.name.value));
        }
        for draft in drafts {
            let full = format!("{}/{}", namespace.name.value, draft.identity.name.value);
            let id = table.push(draft.identity);
            identities.insert(full.into(), Some(id));
        }
    }
    (table, identities)
}

/// For each namespace, the clusters where a pod can match none of its identities, if there are any. Reports pods that match two.
fn left_over(
    ctx: &mut Context,
    namespaces: &Table<NamespaceId, Namespace>,
    drafts: &Table<NamespaceId, Vec<Draft>>,
    workers: &dyn Workers,
) -> Vec<Option<ClusterSet>> {
    let each: Vec<(&Namespace, &Vec<Draft>)> =
        namespaces.iter().map(|(id, namespace)| (namespace, &drafts[id])).collect();
    let shared: &Context = ctx;
    let judged = workers::map(workers, &each, |(namespace, drafts)| {
        let mut part = shared.part();
        let unlisted = disjoint::judge(&mut part, namespace, drafts);
        (part, unlisted)
    });
    let mut left_over = Vec::with_capacity(judged.len());
    for (part, unlisted) in judged {
        ctx.join(part);
        left_over.push(unlisted);
    }
    left_over
}

/// An identity, and whether all of it could be read.
pub(super) struct Draft {
    pub identity: Identity,
    pub soundness: Soundness,
}

/// Whether a declaration could be read as a whole.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Soundness {
    /// It says what is in the model.
    Sound,
    /// Something in it was reported; nothing follows from the rest.
    Broken,
}

fn unlisted(id: NamespaceId, namespace: &Namespace, clusters: ClusterSet) -> Identity {
    Identity {
        namespace: id,
        name: Spanned::new(UNLISTED.into(), namespace.name.span),
        pods: PodSelection::Unlisted,
        clusters,
        ports: Vec::new(),
        labels: namespace.labels.clone(),
        doc: None,
    }
}

/// Resolves one identity.
pub(super) fn resolve_one(
    ctx: &mut Context,
    places: &Places,
    (id, namespace): (NamespaceId, &Namespace),
    name: Spanned<Name>,
    declared: &Declared<ast::Identity<'_>>,
) -> Draft {
    let mut said = Said { matches: Vec::new(), account: None, clusters: namespace.clusters, ports: Vec::new() };
    let mut soundness = Soundness::Sound;
    let mut reader = Reader::new(ctx, declared.file);
    for statement in declared.node.statements() {
        if said.read(&mut reader, places, namespace, statement).is_none() {
            soundness = Soundness::Broken;
        }
    }
    let Said { matches, account, clusters, ports } = said;
    if matches.is_empty() && account.is_none() && soundness == Soundness::Sound {
        let message = format!("identity `{}` does not say which pods it stands for", declared.name.value);
        ctx.incomplete(declared.name.span, message, "write `match` and a selector, or `account` and a name");
        soundness = Soundness::Broken;
    }
    let labels = derived_labels(&matches, &namespace.labels);
    let pods = PodSelection::Declared { matches, account };
    let identity = Identity { namespace: id, name, pods, clusters, ports, labels, doc: declared.doc() };
    Draft { identity, soundness }
}

/// What an identity says.
struct Said {
    matches: Vec<Selector>,
    account: Option<Name>,
    clusters: ClusterSet,
    ports: Vec<NamedPort>,
}

impl Said {
    /// Reads a statement; nothing where it is broken.
    fn read(
        &mut self,
        reader: &mut Reader<'_>,
        places: &Places,
        namespace: &Namespace,
        statement: IdentityStmt<'_>,
    ) -> Option<()> {
        match statement {
            IdentityStmt::Match(setting) => self.matches.push(reader.satisfiable(&setting.selector()?)?.value),
            IdentityStmt::Account(setting) => self.account = Some(word(reader, &setting)?.value),
            IdentityStmt::In(setting) => {
                let what = || format!("namespace `{}` is not there", namespace.name.value);
                let within = namespace.clusters;
                self.clusters = places.within(reader, &setting.set()?, within, codes::RUNS_NOWHERE, what)?;
            }
            IdentityStmt::Port(node) => {
                let port = port(reader, &node)?;
                add_port(reader.ctx, &mut self.ports, port);
            }
            IdentityStmt::Waive(_) => {}
        }
        Some(())
    }
}

fn port(reader: &mut Reader<'_>, node: &ast::PortDecl<'_>) -> Option<NamedPort> {
    let name = reader.given_name(&node.name()?);
    let port = reader.port_on(&node.port()?)?;
    let (number, transport) = port.value;
    Some(NamedPort { name: name?, number, transport })
}

fn add_port(ctx: &mut Context, ports: &mut Vec<NamedPort>, port: NamedPort) {
    match ports.iter().find(|other| other.name.value == port.name.value) {
        Some(other) => {
            let message = format!("port `{}` is declared twice", port.name.value);
            let found = Diagnostic::new(services::DUPLICATE_PORT, port.name.span, message);
            ctx.report(found.related(other.name.span, "declared here first").help("rename one of them"));
        }
        None => ports.push(port),
    }
}

/// The equalities that all selectors share, and the namespace's labels; an identity's own first.
fn derived_labels(matches: &[Selector], of_namespace: &Labels) -> Labels {
    let mut own = matches.iter().map(equalities);
    let shared = own.next().map(|first| {
        own.fold(first, |mut shared, next| {
            shared.retain(|key, value| next.get(key) == Some(value));
            shared
        })
    });
    let mut labels = of_namespace.clone();
    labels.extend(shared.unwrap_or_default());
    labels
}

fn equalities(selector: &Selector) -> Labels {
    let equality = |requirement: &crate::model::Requirement| match &requirement.condition {
        Condition::In(values) => match values.as_slice() {
            [value] => Some((requirement.key.clone(), value.clone())),
            _ => None,
        },
        Condition::NotIn(_) | Condition::Exists | Condition::Missing => None,
    };
    selector.requirements.iter().filter_map(equality).collect()
}
