//! Sets of clusters as they are written.

use fleetnet_lang::ast::{self, Term, TermKind};
use fleetnet_lang::{Diagnostic, FileId, Span};

use super::context::{Context, Declared};
use super::read::Reader;
use crate::codes::names as codes;
use crate::model::{Selector, Spanned};

/// A set as written.
pub(super) struct SetText<'t> {
    /// What is joined.
    pub terms: Vec<Term<'t>>,
    /// What is taken away.
    pub except: Vec<Term<'t>>,
    /// Its file.
    pub file: FileId,
    /// Where it stands.
    pub span: Span,
}

impl<'t> SetText<'t> {
    /// A set of a statement.
    pub fn of_set(reader: &Reader<'_>, set: &ast::Set<'t>) -> Self {
        let except = set.except().into_iter().flat_map(|except| except.terms()).collect();
        Self { terms: set.terms().collect(), except, file: reader.file, span: reader.span(set) }
    }

    /// The set of an `in …` behind pods.
    pub fn of_place(reader: &Reader<'_>, place: &ast::Place<'t>) -> Self {
        let except = place.except().into_iter().flat_map(|except| except.terms()).collect();
        Self { terms: place.terms().collect(), except, file: reader.file, span: reader.span(place) }
    }

    /// Whether it is `local` and nothing else; `local` beside something else is an error.
    pub fn is_local(&self, ctx: &mut Context) -> Option<bool> {
        let local = |term: &Term<'_>| matches!(term.kind(), Some(TermKind::Local));
        if !self.terms.iter().chain(&self.except).any(local) {
            return Some(false);
        }
        if self.terms.len() == 1 && self.except.is_empty() {
            return Some(true);
        }
        let message = "`local` stands alone: it is another cluster for every subject";
        let help = "write a peer of its own for the other clusters";
        ctx.report(Diagnostic::new(codes::BAD_VALUE, self.span, message).help(help));
        None
    }

    /// The selector, if the set is one and nothing else.
    pub fn selector(&self, reader: &mut Reader<'_>) -> Option<Spanned<Selector>> {
        let ([term], []) = (self.terms.as_slice(), self.except.as_slice()) else { return None };
        match term.kind()? {
            TermKind::Where(selector) => reader.selector(&selector),
            TermKind::Name(_)
            | TermKind::All
            | TermKind::Local
            | TermKind::Region(_)
            | TermKind::Mesh(_)
            | TermKind::WhereCel(_) => None,
        }
    }
}

/// The members of a mesh as written.
pub(super) fn members<'t>(mesh: &Declared<ast::Mesh<'t>>) -> Option<ast::Set<'t>> {
    mesh.node.statements().find_map(|statement| match statement {
        ast::MeshStmt::Members(setting) => setting.set(),
        ast::MeshStmt::Publish(_)
        | ast::MeshStmt::Consume(_)
        | ast::MeshStmt::Routing(_)
        | ast::MeshStmt::Encryption(_)
        | ast::MeshStmt::ForgetLostAfter(_)
        | ast::MeshStmt::Waive(_) => None,
    })
}
