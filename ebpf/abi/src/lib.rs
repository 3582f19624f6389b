//! The bytes that kernel maps hold, and the decision that is read out of them.
//!
//! One crate for the compiler, the loader and the kernel program, so that all three mean the same bytes and take the same decision.
//! Each map kind is one module: its `repr(C)` layout (`Raw…`, sizes and offsets asserted at compile time) and a checked form that
//! only holds what an engine would write.
//!
//! What this crate does not have: allocation, `std`, `unsafe`, dependencies, panics, a byte order of the host (integers are little-endian
//! in memory images, as on every machine that Cilium's releases run fleets on; ports and addresses are in network order).
//!
//! Source of layouts, numbers and lookup order: Cilium 1.18.0, 1.19.4 and 1.20.0.

#![no_std]
#![forbid(unsafe_code)]

#[cfg(test)]
extern crate std;

pub mod abi;
pub mod identity;
pub mod ipcache;
pub mod map;
pub mod policy;

/// Bytes as the reference writes them.
#[cfg(test)]
fn hex(bytes: &[u8]) -> std::string::String {
    bytes
        .iter()
        .flat_map(|byte| [byte >> 4, byte & 0xF])
        .filter_map(|digit| char::from_digit(digit.into(), 16))
        .collect()
}
