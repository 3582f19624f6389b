//! All declarations of a package, by kind, in order of name, none twice.

use std::collections::BTreeMap;

use fleetnet_lang::ast::{self, AstNode, Declaration, Word};
use fleetnet_lang::{Diagnostic, FileId, Parse, Span, literals};

use super::context::{Context, Declared, split};
use crate::codes::names as codes;
use crate::model::{Name, Spanned};

/// The declarations of a package.
#[derive(Default)]
pub(super) struct Declarations<'t> {
    pub fleets: Vec<Declared<ast::Fleet<'t>>>,
    pub params: Vec<Declared<ast::Param<'t>>>,
    pub clusters: Vec<Declared<ast::Cluster<'t>>>,
    pub sets: Vec<Declared<ast::Clusters<'t>>>,
    pub meshes: Vec<Declared<ast::Mesh<'t>>>,
    pub namespaces: Vec<Declared<ast::Namespace<'t>>>,
    pub identities: Vec<Declared<ast::Identity<'t>>>,
    pub groups: Vec<Declared<ast::Group<'t>>>,
    pub externals: Vec<Declared<ast::External<'t>>>,
    pub services: Vec<Declared<ast::Service<'t>>>,
    /// Named by their services; several may be of one.
    pub exports: Vec<Declared<ast::Export<'t>>>,
    /// Named by their services.
    pub balances: Vec<Declared<ast::Balance<'t>>>,
    pub entries: Vec<Declared<ast::Entry<'t>>>,
    pub gateways: Vec<Declared<ast::Gateway<'t>>>,
    pub policies: Vec<Declared<ast::Policy<'t>>>,
    pub invariants: Vec<Declared<ast::Invariant<'t>>>,
    pub rollouts: Vec<Declared<ast::Rollout<'t>>>,
    /// In source order.
    pub tests: Vec<(FileId, ast::Test<'t>)>,
    /// In source order.
    pub guards: Vec<(FileId, ast::Guard<'t>)>,
}

/// Collects the declarations of all files.
pub(super) fn gather<'t>(ctx: &mut Context, parses: &'t [(FileId, Parse)]) -> Declarations<'t> {
    those(ctx, parses.iter().map(|(file, parse)| (*file, parse)), |_| true)
}

/// Collects those declarations of some files that are wanted.
pub(super) fn those<'t>(
    ctx: &mut Context,
    parses: impl Iterator<Item = (FileId, &'t Parse)>,
    are_wanted: impl Fn(&Declaration<'t>) -> bool,
) -> Declarations<'t> {
    let mut all = Declarations::default();
    let mut wrong = Vec::new();
    for (file, parse) in parses {
        let declarations = parse.file().into_iter().flat_map(|root| root.declarations());
        for declaration in declarations.filter(&are_wanted) {
            all.add(&mut wrong, file, declaration);
        }
    }
    report(ctx, wrong);
    all.sort(ctx);
    all
}

impl<'t> Declarations<'t> {
    fn add(&mut self, wrong: &mut Vec<Wrong>, file: FileId, declaration: Declaration<'t>) {
        use Form::{Own, Service};
        match declaration {
            Declaration::Fleet(node) => push(wrong, &mut self.fleets, file, node.name(), node),
            Declaration::Param(node) => push(wrong, &mut self.params, file, node.name(), node),
            Declaration::Cluster(node) => push(wrong, &mut self.clusters, file, node.name(), node),
            Declaration::Clusters(node) => push(wrong, &mut self.sets, file, node.name(), node),
            Declaration::Mesh(node) => push(wrong, &mut self.meshes, file, node.name(), node),
            Declaration::Namespace(node) => push(wrong, &mut self.namespaces, file, node.name(), node),
            Declaration::Group(node) => push(wrong, &mut self.groups, file, node.name(), node),
            Declaration::External(node) => push(wrong, &mut self.externals, file, node.name(), node),
            Declaration::Policy(node) => push(wrong, &mut self.policies, file, node.name(), node),
            Declaration::Invariant(node) => push(wrong, &mut self.invariants, file, node.name(), node),
            Declaration::Rollout(node) => push(wrong, &mut self.rollouts, file, node.name(), node),
            Declaration::Identity(node) => push_namespaced(wrong, Own, &mut self.identities, file, node.name(), node),
            Declaration::Service(node) => push_namespaced(wrong, Own, &mut self.services, file, node.name(), node),
            Declaration::Export(node) => push_namespaced(wrong, Service, &mut self.exports, file, node.name(), node),
            Declaration::Balance(node) => push_namespaced(wrong, Service, &mut self.balances, file, node.name(), node),
            Declaration::Entry(node) => push_namespaced(wrong, Own, &mut self.entries, file, node.name(), node),
            Declaration::Gateway(node) => push_namespaced(wrong, Own, &mut self.gateways, file, node.name(), node),
            Declaration::Test(node) => self.tests.push((file, node)),
            Declaration::Guard(node) => self.guards.push((file, node)),
        }
    }

    fn sort(&mut self, ctx: &mut Context) {
        unique(ctx, &mut self.params, "parameter");
        unique(ctx, &mut self.meshes, "mesh");
        unique(ctx, &mut self.namespaces, "namespace");
        unique(ctx, &mut self.identities, "identity");
        unique(ctx, &mut self.services, "service");
        unique(ctx, &mut self.balances, "balance");
        unique(ctx, &mut self.entries, "entry");
        unique(ctx, &mut self.gateways, "gateway");
        unique(ctx, &mut self.policies, "policy");
        unique(ctx, &mut self.invariants, "invariant");
        unique(ctx, &mut self.rollouts, "rollout");
        let mut shared = Taken::default();
        unique_among(ctx, &mut self.clusters, "cluster", &mut shared);
        unique_among(ctx, &mut self.sets, "set of clusters", &mut shared);
        unique_among(ctx, &mut self.groups, "group", &mut shared);
        unique_among(ctx, &mut self.externals, "external", &mut shared);
    }
}

/// What the name of a declaration is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Form {
    /// A name.
    Plain,
    /// Its own, behind its namespace.
    Own,
    /// The name of a service, which another declaration is about.
    Service,
}

/// A name of a wrong form.
struct Wrong {
    form: Form,
    name: Spanned<Name>,
    found: Diagnostic,
}

/// Reports names of a wrong form, each where it is given: the namespace in a name and the service that an export is of are given elsewhere.
fn report(ctx: &mut Context, mut wrong: Vec<Wrong>) {
    wrong.sort_by_key(|wrong| wrong.form);
    for Wrong { form, name, found } in wrong {
        let text = name.value.as_str();
        let is_told = form == Form::Service && ctx.misnamed.declares(text);
        // Where the namespace is called so, only the rest is given here.
        let found = match split(&name) {
            (namespace, rest) if form != Form::Plain && ctx.misnamed.declares(namespace.value.as_str()) => {
                literals::name(rest.value.as_str(), rest.span).err()
            }
            (_, _) => Some(found),
        };
        if let Some(found) = found.filter(|_| !is_told) {
            ctx.misnamed.add(&name, &found);
            ctx.report(found);
        }
    }
}

fn push<'t, N: AstNode<'t>>(
    wrong: &mut Vec<Wrong>,
    into: &mut Vec<Declared<N>>,
    file: FileId,
    name: Option<Word<'_>>,
    node: N,
) {
    // A missing name was reported by the parser.
    let Some(word) = name else { return };
    let name = Spanned::new(Name::from(word.text()), word.span(file));
    if let Err(found) = literals::name(word.text(), name.span) {
        wrong.push(Wrong { form: Form::Plain, name: name.clone(), found });
    }
    into.push(Declared { node, file, name });
}

fn push_namespaced<'t, N: AstNode<'t>>(
    wrong: &mut Vec<Wrong>,
    form: Form,
    into: &mut Vec<Declared<N>>,
    file: FileId,
    name: Option<Word<'_>>,
    node: N,
) {
    let Some(word) = name else { return };
    let name = Spanned::new(Name::from(word.text()), word.span(file));
    // What has no namespace is in none: there is nothing to refer to.
    let has_namespace = word.text().contains('/');
    if let Err(found) = literals::namespaced_name(word.text(), name.span) {
        wrong.push(Wrong { form, name: name.clone(), found });
    }
    if has_namespace {
        into.push(Declared { node, file, name });
    }
}

/// Names that are taken: where, and by what kind of thing.
type Taken = BTreeMap<Name, (Span, &'static str)>;

/// Sorts by name; of two with one name the first stays, and the later in the sources is reported.
fn unique<N>(ctx: &mut Context, declared: &mut Vec<Declared<N>>, kind: &'static str) {
    // The first of a name stays the first.
    declared.sort_by(|one, other| by_parts(&one.name).cmp(by_parts(&other.name)));
    declared.dedup_by(|later, first| {
        let is_same = later.name.value == first.name.value;
        if is_same {
            report_second(ctx, &later.name, kind, (first.name.span, kind));
        }
        is_same
    });
}

/// As [`unique`], for a kind that shares its names with others.
fn unique_among<N>(ctx: &mut Context, declared: &mut Vec<Declared<N>>, kind: &'static str, taken: &mut Taken) {
    unique(ctx, declared, kind);
    declared.retain(|declaration| {
        let name = &declaration.name;
        let other = taken.get(&name.value).copied();
        match other {
            Some(other) => report_second(ctx, name, kind, other),
            None => drop(taken.insert(name.value.clone(), (name.span, kind))),
        }
        other.is_none()
    });
}

/// A name in the order of its namespace and the rest.
fn by_parts(name: &Spanned<Name>) -> impl Iterator<Item = u8> {
    // A slash stands before any other byte of a name, so that `a/z` is before `a-b/c`.
    name.value.as_str().bytes().map(|byte| if byte == b'/' { 0 } else { byte })
}

/// Reports the later of two declarations with one name.
fn report_second(ctx: &mut Context, name: &Spanned<Name>, kind: &str, (other, other_kind): (Span, &str)) {
    let (first, second) = (other.min(name.span), other.max(name.span));
    let is = if second == name.span { other_kind } else { kind };
    let found = Diagnostic::new(codes::DUPLICATE_NAME, second, format!("`{}` is already {}", name.value, a(is)));
    let help = if kind == other_kind {
        "rename one of them, or join them"
    } else {
        "clusters, sets of clusters, groups and externals share their names: rename one of them"
    };
    ctx.report(found.related(first, "declared here first").help(help));
}

fn a(kind: &str) -> String {
    let article = if kind.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {kind}")
}
