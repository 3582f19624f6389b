//! What a tree must not say twice.
use crate::diagnostic::Diagnostic;
use crate::source::FileId;
use crate::syntax_kind::SyntaxNode;

pub(crate) fn validate(_file: FileId, _root: &SyntaxNode) -> Vec<Diagnostic> {
    Vec::new()
}
