//! All declarations of a package, by kind, in order of name, none twice.

use std::collections::BTreeMap;

use fleetnet_lang::ast::{self, AstNode, Declaration, Word};
use fleetnet_lang::{Diagnostic, FileId, Parse, Span, literals};

use super::context::{Context, Declared};
use crate::codes::names as codes;
use crate::model::{Name, Spanned};

/// The declarations of a package.
#[derive(Default)]
pub(super) struct Declarations {
    pub fleets: Vec<Declared<ast::Fleet>>,
    pub params: Vec<Declared<ast::Param>>,
    pub clusters: Vec<Declared<ast::Cluster>>,
    pub sets: Vec<Declared<ast::Clusters>>,
    pub meshes: Vec<Declared<ast::Mesh>>,
    pub namespaces: Vec<Declared<ast::Namespace>>,
    pub identities: Vec<Declared<ast::Identity>>,
    pub groups: Vec<Declared<ast::Group>>,
    pub externals: Vec<Declared<ast::External>>,
    pub services: Vec<Declared<ast::Service>>,
    /// Named by their services; several may be of one.
    pub exports: Vec<Declared<ast::Export>>,
    /// Named by their services.
    pub balances: Vec<Declared<ast::Balance>>,
    pub entries: Vec<Declared<ast::Entry>>,
    pub gateways: Vec<Declared<ast::Gateway>>,
    pub policies: Vec<Declared<ast::Policy>>,
    pub invariants: Vec<Declared<ast::Invariant>>,
    pub rollouts: Vec<Declared<ast::Rollout>>,
    /// In source order.
    pub tests: Vec<(FileId, ast::Test)>,
    /// In source order.
    pub guards: Vec<(FileId, ast::Guard)>,
}

/// Collects the declarations of all files.
pub(super) fn gather(ctx: &mut Context, parses: &[(FileId, Parse)]) -> Declarations {
    let mut all = Declarations::default();
    for (file, parse) in parses {
        let declarations = parse.file().into_iter().flat_map(|root| root.declarations());
        for declaration in declarations {
            all.add(ctx, *file, declaration);
        }
    }
    all.sort(ctx);
    all
}

impl Declarations {
    fn add(&mut self, ctx: &mut Context, file: FileId, declaration: Declaration) {
        match declaration {
            Declaration::Fleet(node) => push(ctx, &mut self.fleets, file, node.name(), node),
            Declaration::Param(node) => push(ctx, &mut self.params, file, node.name(), node),
            Declaration::Cluster(node) => push(ctx, &mut self.clusters, file, node.name(), node),
            Declaration::Clusters(node) => push(ctx, &mut self.sets, file, node.name(), node),
            Declaration::Mesh(node) => push(ctx, &mut self.meshes, file, node.name(), node),
            Declaration::Namespace(node) => push(ctx, &mut self.namespaces, file, node.name(), node),
            Declaration::Group(node) => push(ctx, &mut self.groups, file, node.name(), node),
            Declaration::External(node) => push(ctx, &mut self.externals, file, node.name(), node),
            Declaration::Policy(node) => push(ctx, &mut self.policies, file, node.name(), node),
            Declaration::Invariant(node) => push(ctx, &mut self.invariants, file, node.name(), node),
            Declaration::Rollout(node) => push(ctx, &mut self.rollouts, file, node.name(), node),
            Declaration::Identity(node) => push_namespaced(ctx, &mut self.identities, file, node.name(), node),
            Declaration::Service(node) => push_namespaced(ctx, &mut self.services, file, node.name(), node),
            Declaration::Export(node) => push_namespaced(ctx, &mut self.exports, file, node.name(), node),
            Declaration::Balance(node) => push_namespaced(ctx, &mut self.balances, file, node.name(), node),
            Declaration::Entry(node) => push_namespaced(ctx, &mut self.entries, file, node.name(), node),
            Declaration::Gateway(node) => push_namespaced(ctx, &mut self.gateways, file, node.name(), node),
            Declaration::Test(node) => self.tests.push((file, node)),
            Declaration::Guard(node) => self.guards.push((file, node)),
        }
    }

    fn sort(&mut self, ctx: &mut Context) {
        let own = || Taken::default();
        unique(ctx, &mut self.params, "parameter", &mut own());
        unique(ctx, &mut self.meshes, "mesh", &mut own());
        unique(ctx, &mut self.namespaces, "namespace", &mut own());
        unique(ctx, &mut self.identities, "identity", &mut own());
        unique(ctx, &mut self.services, "service", &mut own());
        unique(ctx, &mut self.balances, "balance", &mut own());
        unique(ctx, &mut self.entries, "entry", &mut own());
        unique(ctx, &mut self.gateways, "gateway", &mut own());
        unique(ctx, &mut self.policies, "policy", &mut own());
        unique(ctx, &mut self.invariants, "invariant", &mut own());
        unique(ctx, &mut self.rollouts, "rollout", &mut own());
        let mut shared = Taken::default();
        unique(ctx, &mut self.clusters, "cluster", &mut shared);
        unique(ctx, &mut self.sets, "set of clusters", &mut shared);
        unique(ctx, &mut self.groups, "group", &mut shared);
        unique(ctx, &mut self.externals, "external", &mut shared);
    }
}

fn push<N: AstNode>(ctx: &mut Context, into: &mut Vec<Declared<N>>, file: FileId, name: Option<Word>, node: N) {
    // A missing name was reported by the parser.
    let Some(word) = name else { return };
    let span = word.span(file);
    match literals::name(word.text(), span) {
        Ok(name) => into.push(Declared { node, file, name: Spanned::new(name.into(), span) }),
        Err(found) => ctx.report(found),
    }
}

fn push_namespaced<N: AstNode>(
    ctx: &mut Context,
    into: &mut Vec<Declared<N>>,
    file: FileId,
    name: Option<Word>,
    node: N,
) {
    let Some(word) = name else { return };
    let span = word.span(file);
    match literals::namespaced_name(word.text(), span) {
        Ok(_) => into.push(Declared { node, file, name: Spanned::new(word.text().into(), span) }),
        Err(found) => ctx.report(found),
    }
}

/// Names that are taken: where, and by what kind of thing.
type Taken = BTreeMap<Name, (Span, &'static str)>;

/// Sorts by name; of two with one name the first stays, and the later in the sources is reported.
fn unique<N: AstNode>(ctx: &mut Context, declared: &mut Vec<Declared<N>>, kind: &'static str, taken: &mut Taken) {
    declared.retain(|declaration| {
        let name = &declaration.name;
        let Some((other, other_kind)) = taken.get(&name.value).copied() else {
            taken.insert(name.value.clone(), (name.span, kind));
            return true;
        };
        let (first, second) = (other.min(name.span), other.max(name.span));
        let is = if second == name.span { other_kind } else { kind };
        let found = Diagnostic::new(codes::DUPLICATE_NAME, second, format!("`{}` is already {}", name.value, a(is)));
        let help = if kind == other_kind {
            "rename one of them, or join them"
        } else {
            "clusters, sets of clusters, groups and externals share their names: rename one of them"
        };
        ctx.report(found.related(first, "declared here first").help(help));
        false
    });
    declared.sort_by_cached_key(|declaration| {
        let (namespace, name) = declaration.parts();
        (namespace.value, name.value)
    });
}

fn a(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}
