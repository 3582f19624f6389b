//! Map images in the running kernel: the only place that knows aya.
//!
//! Invariants: a build is complete, read back and found equal before anybody can see it as the current one, and becomes that by one rename.
//! After a kill at any point the current build is the old one or the new one, whole; what else is left has a name by which the next load
//! finds and removes it. What fleetnet did not put there is never removed: a pin is a build's if the build's image lists it.
//!
//! The pins of a cluster, below the root:
//!
//! ```text
//! CLUSTER/current   -> build-2
//! CLUSTER/previous  -> current/previous
//! CLUSTER/build-2/{image, ipcache, policy/IDENTITY, previous -> ../build-1}
//! CLUSTER/build-1/…
//! ```
//!
//! Which build is the previous one hangs on the current one, so the one rename changes both. `image` holds the bytes of the image that the
//! maps were filled from, frozen: what is loaded explains itself, whatever becomes of the file.

mod build;
mod cluster;
mod error;
mod load;
mod map;
mod root;
mod sys;

pub use build::{Build, POLICY, digest, kernel_name, pin};
pub use cluster::Cluster;
pub use error::Error;
pub use load::{Before, Fate, Loaded, New, load, unload};
pub use map::Filled;
pub use root::{Root, current, is_label};

/// Where the pins are, unless another place is named.
pub const DEFAULT_ROOT: &str = "/sys/fs/bpf/fleetnet";
/// Where the pins of `fleetnet image dump --format bpftool` are: apart, so that a script never stands in the way of a load.
pub const SCRIPT_ROOT: &str = "/sys/fs/bpf/fleetnet-script";
