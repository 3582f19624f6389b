//! What all targets that speak Kubernetes share: typed objects, their metadata, and the files they stand in.
//!
//! The structs are our own and narrow: they hold what fleetnet writes and nothing else, so that an unset field can't appear, and the crate
//! builds in the browser without the types of the whole of Kubernetes. That the API servers take them is what the suite of real servers shows.

mod core;
mod object;
mod output;
pub mod yaml;

pub use self::core::{Namespace, Port, Service, Spec, protocol};
pub use object::{Body, DOC, Declaration, FLEET, MANAGED_BY, MANAGER, Object, ObjectMeta, Package, SOURCE, docs};
pub use output::{Output, Place, Placed, Rendered, Step};
