//! The fleetnet compiler: a package in, proven artifacts out.
//!
//! ```text
//! text ─lang::parse→ tree ─resolve→ Model ─plan→ Plan ─check, prove→ diagnostics
//!                                              └─targets, image→ artifacts
//! ```
//!
//! What this crate does not have: paths, files, a clock, the environment, threads it wasn't given, network, maps iterated in hash order. The same package,
//! options and lock give the same bytes everywhere. Each stage takes a reference to the one before and returns its result with diagnostics;
//! nothing flows back.

pub mod analysis;
pub mod check;
pub mod codes;
pub mod compile;
pub mod image;
pub mod inventory;
pub mod lock;
pub mod model;
pub mod picture;
pub mod plan;
pub mod resolve;
pub mod semantics;
pub mod targets;
pub mod workers;
