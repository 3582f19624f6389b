//! Large fleets as source text, and the stages by which the compiler takes them, one at a time.
//!
//! What is measured is what the program does: the stages are the compiler's own, in its own order. This crate only calls them apart, so that
//! whoever has a clock can look at it in between, natively ([`stages`]) and in WebAssembly ([`wasm`]).

pub mod fleet;
pub mod format;
mod random;
#[cfg(not(target_family = "wasm"))]
pub mod session;
pub mod stages;
#[cfg(not(target_family = "wasm"))]
pub mod table;
pub mod wasm;

pub use random::Random;
