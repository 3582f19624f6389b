//! Images in the running kernel: loaded by the built program, read back by bpftool, which knows nothing of fleetnet.
//!
//! Each test mounts a BPF file system of its own, so nothing of the machine's is touched and tests run side by side.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that can't go on fails the test that called it"
)]
#![allow(clippy::print_stdout, reason = "what was measured, for who asks with `--nocapture`")]

mod harness;
mod kill;
mod live;
mod load;
mod refuse;
