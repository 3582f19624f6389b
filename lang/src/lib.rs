//! The fleetnet language: text in, a lossless tree and diagnostics out.
//!
//! What this crate does not know: files, paths, a clock, the environment, Kubernetes, serialisation, rendering.
//! Parsing never fails; the tree's text is the input, on any bytes that are UTF-8.

pub mod diagnostic;
pub mod source;

pub use diagnostic::{Code, Diagnostic, Fix, Label, Severity};
pub use source::{FileId, LineCol, SourceFile, Sources, Span};
