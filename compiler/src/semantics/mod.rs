//! The reference evaluator: what a plan says about one flow, in the most obvious way.
//!
//! Nothing here is fast on purpose. Every other answer of the compiler (classes, manifests, map images) is compared with this one.

mod decide;
mod flow;

pub use decide::{Admits, Cause, Decision, Denial, Side, Verdict, decide};
pub(crate) use decide::{Seen, Subject, built_in, is_cloud_metadata, is_peer, seen, stub};
pub use flow::{ApiServer, End, Flow, ForeignPod, WorldEnd};
