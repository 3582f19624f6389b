//! What every step of resolution needs: the parameters, and a place for findings.

use std::collections::BTreeMap;
use std::fmt::Debug;

use fleetnet_lang::ast::AstNode;
use fleetnet_lang::{Diagnostic, FileId, Severity, Span};

use super::misnamed::Misnamed;
use super::names::{Found, Index, Unknowns};
use super::params::Params;
use super::places::Term;
use crate::codes::names as codes;
use crate::model::{Name, Spanned};

/// The state of a resolution.
#[derive(Default)]
pub(super) struct Context {
    /// The parameters and their values.
    pub params: Params,
    /// What was found.
    pub found: Vec<Diagnostic>,
    /// Names that nothing declares.
    pub unknown: Unknowns,
    /// Names that something declares and that are of a wrong form.
    pub misnamed: Misnamed,
    /// How often something uses a set, a group or an external.
    pub used: Used,
    /// Whether the parser had to leave something out.
    pub unparsed: bool,
}

impl Context {
    /// Whether something is wrong, so that what was not seen may be there after all. A part knows only of itself: this is for the whole.
    pub fn has_errors(&self) -> bool {
        self.unparsed || !self.unknown.is_empty() || self.found.iter().any(|found| found.severity == Severity::Error)
    }

    /// A context for a part of the work that is done beside others: with the parameters, and nothing found yet.
    pub fn part(&self) -> Self {
        let (params, misnamed) = (self.params.part(), self.misnamed.clone());
        Self { params, misnamed, unparsed: self.unparsed, ..Self::default() }
    }

    /// Takes in what came of a part.
    pub fn join(&mut self, part: Self) {
        self.params.join(part.params);
        self.found.extend(part.found);
        self.unknown.join(part.unknown);
        self.used.join(&part.used);
    }

    /// Notes a finding.
    pub fn report(&mut self, diagnostic: Diagnostic) {
        self.found.push(diagnostic);
    }

    /// Notes that a declaration lacks something it cannot be without.
    pub fn incomplete(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.report(Diagnostic::new(codes::INCOMPLETE, span, message).help(help));
    }

    /// What a name stands for. One that is not declared is noted as no `kind`, for instance `a mesh of this package`.
    pub fn find<V: Clone + Debug + Send + Sync + 'static>(
        &mut self,
        index: &Index<V>,
        name: &Spanned<Name>,
        kind: &'static str,
    ) -> Option<V> {
        match index.get(name.value.as_str()) {
            Found::Is(value) => Some(value),
            Found::Broken => None,
            Found::Unknown => {
                self.unknown.note(kind, name, index.known());
                None
            }
        }
    }
}

/// How often each of the names that share a name space is used.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Used(BTreeMap<Term, usize>);

impl Used {
    /// Notes a use.
    pub(super) fn note(&mut self, term: Term) {
        *self.0.entry(term).or_default() += 1;
    }

    /// Takes in the uses of another part.
    pub fn join(&mut self, part: &Self) {
        for (term, times) in &part.0 {
            *self.0.entry(*term).or_default() += times;
        }
    }

    /// Whether something uses it.
    pub(super) fn contains(&self, term: Term) -> bool {
        self.0.contains_key(&term)
    }

    /// Whether the same are used when some uses are replaced by others, all of them among these.
    #[must_use]
    pub fn are_alike(&self, then: &Self, now: &Self) -> bool {
        let times = |used: &Self, term: &Term| used.0.get(term).copied().unwrap_or_default();
        let stays = |term: &Term| times(self, term) + times(now, term) > times(then, term);
        then.0.keys().chain(now.0.keys()).all(|term| self.contains(*term) && stays(term))
    }
}

/// A declaration with a name, and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Declared<N> {
    /// The declaration.
    pub node: N,
    /// Its file.
    pub file: FileId,
    /// Its name, with its namespace if it has one.
    pub name: Spanned<Name>,
}

impl<'t, N: AstNode<'t>> Declared<N> {
    /// The doc comment.
    pub fn doc(&self) -> Option<Name> {
        self.node.doc().map(Name::from)
    }

    /// The parts of `NAMESPACE/NAME`.
    pub fn parts(&self) -> (Spanned<Name>, Spanned<Name>) {
        split(&self.name)
    }
}

/// The parts of `NAMESPACE/NAME`. Of a text without a slash both are the whole.
pub(super) fn split(name: &Spanned<Name>) -> (Spanned<Name>, Spanned<Name>) {
    let Some((namespace, rest)) = name.value.as_str().split_once('/') else { return (name.clone(), name.clone()) };
    let Span { file, start, end } = name.span;
    let slash = start.saturating_add(u32::try_from(namespace.len()).unwrap_or(u32::MAX)).min(end);
    (
        Spanned::new(namespace.into(), Span::new(file, start, slash)),
        Spanned::new(rest.into(), Span::new(file, slash.saturating_add(1).min(end), end)),
    )
}
