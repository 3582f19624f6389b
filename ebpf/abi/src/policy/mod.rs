//! Policy maps (`cilium_policy_v2_…`, 1.20 `cilium_policy_v3_…`): what one endpoint accepts and sends.
//!
//! A key names direction, peer and a prefix of protocol and port; the value says what happens. [`lookup`] reads a verdict out of a map.

pub mod key;
pub mod l4;
pub mod lookup;
pub mod value;

/// Bytes of a key, in every ABI.
pub const POLICY_KEY_SIZE: usize = 12;
/// Bytes of a value in 1.18.
pub const POLICY_VALUE_118_SIZE: usize = 8;
/// Bytes of a value from 1.19.
pub const POLICY_VALUE_119_SIZE: usize = 12;

#[cfg(test)]
mod golden_tests;
#[cfg(test)]
mod lookup_tests;
