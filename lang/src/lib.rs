//! The fleetnet language: text in, a lossless tree and diagnostics out.
//!
//! What this crate does not know: files, paths, a clock, the environment, Kubernetes, serialisation, rendering.
//! Parsing never fails; the tree's text is the input, on any bytes that are UTF-8.

pub mod ast;
pub mod codes;
pub mod diagnostic;
mod grammar;
mod lexer;
pub mod literals;
mod parser;
pub mod source;
pub mod suggest;
pub mod syntax_kind;
mod validate;
pub mod words;

pub use diagnostic::{Code, Diagnostic, Fix, Label, Severity};
pub use parser::{MAX_TEXT, Parse, parse};
pub use source::{FileId, LineCol, SourceFile, Sources, Span};
pub use syntax_kind::{SyntaxKind, SyntaxNode, SyntaxToken};
