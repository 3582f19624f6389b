//! The namespaces that the fleet governs.

use fleetnet_lang::Diagnostic;
use fleetnet_lang::ast::{self, NamespaceStmt};

use super::clusters::text;
use super::context::{Context, Declared};
use super::fleet::files;
use super::names::Index;
use super::places::Places;
use super::read::{MapKind, Reader};
use crate::codes::{names, namespaces as codes};
use crate::model::{ClusterSet, Defaults, Labels, MeshId, Namespace, NamespaceId, Spanned, Table};

/// Resolves the namespaces.
pub(super) fn resolve(
    ctx: &mut Context,
    places: &Places,
    declared: &[Declared<ast::Namespace<'_>>],
) -> (Table<NamespaceId, Namespace>, Index<NamespaceId>) {
    let mut table = Table::default();
    let mut index = Index::default();
    for namespace in declared {
        let name = namespace.name.value.clone();
        // A system's namespace was reported; what is in it is taken for declared nevertheless.
        system_namespace(ctx, namespace);
        let id = table.push(resolve_one(ctx, places, namespace));
        index.insert(name, Some(id));
    }
    (table, index)
}

fn system_namespace(ctx: &mut Context, declared: &Declared<ast::Namespace<'_>>) {
    let name = declared.name.value.as_str();
    let reason = if name == "default" {
        "anybody's pods end up in it"
    } else if name.starts_with("kube-") {
        "it belongs to Kubernetes"
    } else if name.starts_with("fleet-") {
        "it belongs to the fleet manager"
    } else {
        return;
    };
    let message = format!("namespace `{name}` cannot be governed: {reason}");
    let help =
        "give the pods a namespace of their own; as ends of rules its pods are `foreign`, or `pods` of an external";
    ctx.report(Diagnostic::new(codes::SYSTEM_NAMESPACE, declared.name.span, message).help(help));
}

fn resolve_one(ctx: &mut Context, places: &Places, declared: &Declared<ast::Namespace<'_>>) -> Namespace {
    let mut namespace = Namespace {
        name: declared.name.clone(),
        clusters: ClusterSet::EMPTY,
        global_in: Vec::new(),
        labels: Labels::new(),
        annotations: Labels::new(),
        owner: None,
        files: Vec::new(),
        default: Defaults::default(),
        doc: declared.doc(),
    };
    let mut clusters = None;
    let mut reader = Reader::new(ctx, declared.file);
    for statement in declared.node.statements() {
        match statement {
            // A broken set counts as all clusters, so that nothing is said to be missing there.
            NamespaceStmt::In(setting) => {
                let set = setting.set().and_then(|set| places.written(&mut reader, &set));
                clusters = Some(set.unwrap_or_else(|| places.all()));
            }
            NamespaceStmt::Global(setting) => {
                if let Some(mesh) = setting.word().and_then(|word| mesh(&mut reader, places, &word)) {
                    global(reader.ctx, &mut namespace.global_in, mesh);
                }
            }
            NamespaceStmt::Owner(setting) => namespace.owner = text(&mut reader, &setting),
            NamespaceStmt::Files(setting) => namespace.files.extend(files(&mut reader, &setting)),
            NamespaceStmt::Default(node) => reader.default(&mut namespace.default, &node),
            NamespaceStmt::Labels(labels) => namespace.labels = reader.map(labels.entries(), MapKind::Labels),
            NamespaceStmt::Annotations(node) => {
                namespace.annotations = reader.map(node.entries(), MapKind::Annotations);
            }
            NamespaceStmt::Waive(_) => {}
        }
    }
    if clusters.is_none() {
        let message = format!("namespace `{}` does not say where it is", declared.name.value);
        ctx.incomplete(declared.name.span, message, "write `in` and its clusters, or `in all`");
    }
    namespace.clusters = clusters.unwrap_or_else(|| places.all());
    namespace
}

/// A mesh by its name.
pub(super) fn mesh(reader: &mut Reader<'_>, places: &Places, word: &ast::Word<'_>) -> Option<Spanned<MeshId>> {
    let name = reader.name(word)?;
    let mesh = reader.ctx.find(&places.meshes, &name, "a mesh of this package")?;
    Some(Spanned::new(mesh, name.span))
}

fn global(ctx: &mut Context, into: &mut Vec<Spanned<MeshId>>, mesh: Spanned<MeshId>) {
    match into.iter().find(|other| other.value == mesh.value) {
        Some(other) => {
            let found = Diagnostic::new(names::SECOND, mesh.span, "the namespace is already global in this mesh");
            ctx.report(found.related(other.span, "said here").help("remove one of the two lines"));
        }
        None => into.push(mesh),
    }
}
