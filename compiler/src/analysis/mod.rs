//! What can be known about a plan without running anything.
//!
//! Analyses return data; what a reader sees of them is made from that data in one place each.

mod addresses;
pub mod cel;
mod names;
mod ports;
