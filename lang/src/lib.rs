//! The fleetnet language: text in, a lossless tree and diagnostics out.
//!
//! What this crate does not know: files, paths, a clock, the environment, Kubernetes, serialisation, rendering.
//!
//! - Parsing never fails: any text has a tree whose text it is, and nothing in it overflows a stack or takes square time.
//! - A slip costs one declaration at most: the trees of the others stay as they were.
//! - The tree holds words. What a word says is read by [`literals`], once it is known what it must be: `$NAME` may stand
//!   for most of them.
//! - One mistake is one finding; what follows from it is not reported.
//!
//! ```text
//! text ─lexer→ tokens ─parser, grammar→ events ─sink→ tree ─ast→ typed views
//!                  └ delimiters: which brace closes which    └ validate: what is said twice
//! ```

pub mod ast;
pub mod codes;
pub mod diagnostic;
pub mod format;
mod grammar;
pub mod highlight;
mod lexer;
pub mod literals;
mod parser;
pub mod source;
pub mod suggest;
pub mod syntax_kind;
mod tree;
mod validate;
pub mod words;

pub use diagnostic::{Applicability, Code, Diagnostic, Fix, Label, Severity};
pub use lexer::on_one_line;
pub use parser::{Begun, Expected, MAX_TEXT, Parse, begun_at, expected_at, parse, parse_environment, parse_question};
pub use rowan::{NodeOrToken, TextRange};
pub use source::{FileId, LineCol, SourceFile, Sources, Span};
pub use syntax_kind::{SyntaxElement, SyntaxKind, SyntaxNode, SyntaxToken, tokens};
pub use tree::{Element, Node, Token};
