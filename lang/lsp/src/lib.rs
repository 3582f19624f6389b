//! What an editor asks of a package, as plain data: places as spans, changes as replacements of spans.
//!
//! ```text
//! texts ─Package→ trees, names ─┬ symbols, folding, tokens, formatting of one file
//!                               ├ definition, references, rename  of the names of all files
//!                               ├ completion, signature, hover, actions
//!                               ├ findings                        of a whole compilation, done when there is time
//!                               └ hints, lens                     of its meaning
//! ```
//!
//! What this crate does not have: files, a clock, threads, network. Only [`protocol`] knows the Language Server Protocol and how it is
//! serialised; everything else also serves an editor in a browser. Every feature answers for any text, half typed or not.

pub mod actions;
mod around;
pub mod completion;
pub mod definition;
pub mod findings;
pub mod folding;
pub mod formatting;
pub mod hints;
pub mod hover;
pub mod lens;
pub mod meaning;
pub mod names;
pub mod package;
#[cfg(feature = "protocol")]
pub mod protocol;
pub mod references;
pub mod rename;
pub mod shares;
pub mod signature;
pub mod since;
pub mod symbols;
pub mod tokens;

pub use fleetnet_lang::format::Edit;
pub use package::{Package, Place};
