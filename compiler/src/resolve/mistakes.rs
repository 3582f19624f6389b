//! What is wrong with a package of which some declarations are others than before, or new, where nothing is wrong with the rest.

use std::collections::{BTreeMap, BTreeSet};

use fleetnet_lang::codes::BAD_NAME;
use fleetnet_lang::{Diagnostic, FileId, Parse, Span, ast, literals};

use super::again::{Reread, declared_policy};
use super::context::{Context, Declared};
use super::disjoint;
use super::gather;
use super::identities::{self, Draft, Soundness, UNLISTED};
use super::names::Found;
use super::paths;
use super::policies;
use crate::model::{Id, Identity, Mesh, MeshId, Name, NamedPort, NamespaceId, PodSelection, PolicyId, Spanned, Table};
use crate::workers::Workers;

/// What is written anew.
#[derive(Clone, Copy, Debug)]
pub struct Anew<'a, 't> {
    /// The files that were touched, by the ids of their later texts.
    pub touched: &'a [(FileId, Parse)],
    /// Identities, none with the name of one that stays.
    pub identities: &'a [(FileId, ast::Identity<'t>)],
    /// Policies, none with the name of one that stays.
    pub policies: &'a [(FileId, ast::Policy<'t>)],
    /// If services, paths to them or tests are others: all files.
    pub paths: Option<&'a [(FileId, &'t Parse)]>,
}

impl Reread {
    /// What is wrong with a package in which this is written anew. Nothing where nothing is, or where it cannot be told without the rest.
    #[must_use]
    pub fn mistakes(
        &self,
        anew: Anew<'_, '_>,
        meshes: &Table<MeshId, Mesh>,
        workers: &dyn Workers,
    ) -> Option<Vec<Diagnostic>> {
        let Anew { touched, identities, policies, paths } = anew;
        let mut ctx =
            Context { params: self.params.part(), unparsed: super::are_broken(touched), ..Context::default() };
        let files = paths.into_iter().flatten().copied();
        let declared = gather::those(&mut ctx, files, paths::declares_one);
        let new = self.identities_anew(&mut ctx, identities)?;
        // One that lacks its name is none, as the parser said.
        for (file, node) in policies.iter().filter(|(_, policy)| policy.name().is_some()) {
            policies::resolve_one(&mut ctx, &self.who, PolicyId::at(0), &declared_policy(*file, node)?);
        }
        if paths.is_some() {
            paths::resolve(&mut ctx, &self.who, meshes, &declared, workers);
        }
        let is_known = |found: &Diagnostic| {
            let mut places = std::iter::once(found.span).chain(found.related.iter().map(|label| label.span));
            let is_later = |span: Span| touched.iter().any(|(file, _)| *file == span.file);
            let is_earlier = |span: Span| !is_later(span) && touched.iter().any(|(file, _)| *file == span.file.later());
            // Which of two is told first, and whether one is told at all, depends on where they stand now; and of names, on what is given them.
            !places.any(is_earlier) && (found.code != BAD_NAME || is_later(found.span))
        };
        // What is like an unknown name may be new.
        let are_names_known = new.is_empty() || ctx.unknown.is_empty();
        if !ctx.has_errors() || workers.is_given_up() || !are_names_known || !ctx.found.iter().all(is_known) {
            return None;
        }
        Some(super::findings(ctx, touched))
    }

    /// Reads identities, and gives the names of those that are new; nothing where others, or what refers to one of them, depends on how they are.
    fn identities_anew(&self, ctx: &mut Context, written: &[(FileId, ast::Identity<'_>)]) -> Option<BTreeSet<Name>> {
        let mut new = BTreeSet::new();
        let mut drafts: BTreeMap<NamespaceId, Vec<Draft>> = BTreeMap::new();
        for (file, node) in written {
            let Some(word) = node.name() else { continue };
            let span = word.span(*file);
            literals::namespaced_name(word.text(), span).ok()?;
            let declared = Declared { node: *node, file: *file, name: Spanned::new(Name::from(word.text()), span) };
            let (namespace, name) = declared.parts();
            let Found::Is(id) = self.who.namespace_index.get(namespace.value.as_str()) else { return None };
            let of_namespace = (id, &self.who.namespaces[id]);
            let draft = identities::resolve_one(ctx, &self.who.places, of_namespace, name, &declared);
            match self.who.identity_index.get(word.text()) {
                Found::Is(then) if !stands_for_as_much(&self.who.identities[then], &draft.identity) => return None,
                Found::Is(_) => {}
                Found::Unknown if draft.identity.name.value.as_str() != UNLISTED => {
                    new.insert(declared.name.value.clone());
                }
                Found::Unknown | Found::Broken => return None,
            }
            drafts.entry(id).or_default().push(draft);
        }
        drafts.into_iter().all(|(namespace, drafts)| self.are_apart_anew(namespace, drafts)).then_some(new)
    }

    /// Whether no pod matches two of the namespace's identities when some are others, and the pods that are left over are the same.
    fn are_apart_anew(&self, namespace: NamespaceId, mut drafts: Vec<Draft>) -> bool {
        let is_anew = |identity: &Identity, drafts: &[Draft]| {
            drafts.iter().any(|draft| draft.identity.name.value == identity.name.value)
        };
        let mut known = None;
        let mut others = Vec::new();
        for (_, identity) in self.who.identities.iter().filter(|(_, identity)| identity.namespace == namespace) {
            if identity.pods == PodSelection::Unlisted {
                known = Some(identity.clusters);
            } else if !is_anew(identity, &drafts) {
                others.push(Draft { identity: identity.clone(), soundness: Soundness::Sound });
            }
        }
        drafts.append(&mut others);
        drafts.sort_by(|one, other| one.identity.name.value.cmp(&other.identity.name.value));
        // Who is told of two that share pods depends on where all of them stand now.
        let mut ctx = Context::default();
        disjoint::judge(&mut ctx, &self.who.namespaces[namespace], &drafts) == known && ctx.found.is_empty()
    }
}

/// Whether groups, services and rules see no difference between an identity as it was and as it is.
fn stands_for_as_much(then: &Identity, now: &Identity) -> bool {
    let port = |port: &NamedPort| (port.name.value.clone(), port.number, port.transport);
    let are_alike = then.clusters == now.clusters && then.labels == now.labels;
    are_alike && then.ports.iter().map(port).eq(now.ports.iter().map(port))
}
