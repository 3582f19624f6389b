//! Names of a wrong form. What is declared with one keeps it, so that whatever refers to it finds it: the form is told of where the name is
//! declared, and nowhere else.

use std::collections::BTreeSet;
use std::sync::Arc;

use fleetnet_lang::ast::{AstNode, Listener, PortDecl, Step, Word};
use fleetnet_lang::codes::BAD_NAME;
use fleetnet_lang::literals::{self, NamespacedName, PodsRef};
use fleetnet_lang::{Diagnostic, FileId, Node, Parse, Span, SyntaxKind};

use crate::model::{Name, Spanned};

/// The declared names of a wrong form; mostly none.
#[derive(Clone, Debug, Default)]
pub(super) struct Misnamed(Option<Arc<Names>>);

#[derive(Clone, Debug, Default)]
struct Names {
    /// As they are written, with their namespaces.
    written: BTreeSet<Name>,
    /// As they probably should be, with their namespaces as they are: who writes one of these means the declaration.
    meant: BTreeSet<String>,
}

impl Misnamed {
    /// Takes a name that a declaration has, by what is wrong with it.
    pub fn add(&mut self, name: &Spanned<Name>, found: &Diagnostic) {
        let names = Arc::make_mut(self.0.get_or_insert_default());
        names.written.insert(name.value.clone());
        let Some(fix) = &found.fix else { return };
        // What is replaced is the whole, or what stands behind the namespace.
        let kept = usize::try_from(fix.span.start.saturating_sub(name.span.start)).unwrap_or_default();
        let kept = name.value.as_str().get(..kept).unwrap_or_default();
        names.meant.insert(format!("{kept}{}", fix.replacement));
    }

    /// Whether a declaration has this name.
    pub fn declares(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|names| names.written.contains(name))
    }

    /// Whether a name is what such a declaration should be called.
    pub fn means(&self, name: &str) -> bool {
        self.0.as_ref().is_some_and(|names| names.meant.contains(name))
    }

    /// Whether the name of something in a namespace is only wrong by what the namespace is called.
    pub fn names_namespace_of(&self, name: &str, span: Span) -> bool {
        let parts = name.split_once('/');
        parts.is_some_and(|(namespace, rest)| self.declares(namespace) && literals::name(rest, span).is_ok())
    }

    /// Whether a declaration has this name, or the namespace in it.
    pub fn declares_namespaced(&self, name: &str, span: Span) -> bool {
        self.declares(name) || self.names_namespace_of(name, span)
    }

    /// Pods, by a name as it is declared.
    pub fn pods<'t>(&self, text: &'t str, span: Span) -> Option<PodsRef<'t>> {
        match text.split_once('/') {
            None => self.declares(text).then_some(PodsRef::Name(text)),
            Some((namespace, "*")) => self.declares(namespace).then_some(PodsRef::Namespace(namespace)),
            Some((namespace, name)) => {
                self.declares_namespaced(text, span).then_some(PodsRef::Identity(NamespacedName { namespace, name }))
            }
        }
    }
}

/// Leaves out what is told of the names of ports, listeners and steps anywhere but where they, or declarations, are given one.
pub(super) fn retain_given(found: &mut Vec<Diagnostic>, parses: &[(FileId, Parse)]) {
    // Trees are only looked through where there is something to leave out.
    if found.iter().filter(|found| found.code == BAD_NAME).count() < 2 {
        return;
    }
    let (mut names, mut places) = (BTreeSet::new(), BTreeSet::new());
    for (file, parse) in parses {
        let declared = parse.root().children().flat_map(|node| node.children_of(SyntaxKind::Name));
        places.extend(declared.map(|name| name.span(*file)));
        for word in parse.root().descendants().filter_map(given) {
            let span = word.span(*file);
            if literals::name(word.text(), span).is_err() {
                names.insert(word.text().to_owned());
                places.insert(span);
            }
        }
    }
    let is_use = |found: &Diagnostic| {
        let word = || word_at(parses, found.span);
        found.code == BAD_NAME && !places.contains(&found.span) && word().is_some_and(|word| names.contains(&word))
    };
    found.retain(|found| !is_use(found));
}

/// The name that a statement gives.
fn given(node: Node<'_>) -> Option<Word<'_>> {
    PortDecl::cast(node)
        .and_then(|port| port.name())
        .or_else(|| Listener::cast(node)?.name())
        .or_else(|| Step::cast(node)?.name())
}

/// The whole word that a finding is about.
fn word_at(parses: &[(FileId, Parse)], span: Span) -> Option<String> {
    let (_, parse) = parses.get(parses.binary_search_by_key(&span.file, |(file, _)| *file).ok()?)?;
    let tokens = parse.syntax().token_at_offset(span.start.into());
    let token = tokens.right_biased()?;
    let is_whole =
        (u32::from(token.text_range().start()), u32::from(token.text_range().end())) == (span.start, span.end);
    is_whole.then(|| token.text().to_owned())
}
