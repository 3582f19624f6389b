//! The built program, from outside: what it prints, how it ends, what it leaves behind, above all on bad input.
#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that can't go on fails the test that called it"
)]

mod conventions;
mod explain;
mod fix;
mod fmt;
mod image;
mod init;
mod input;
mod inventory;
mod kill;
mod levels;
mod lock;
mod lsp;
mod output;
mod packages;
mod page;
// Pages that are tests are read in one way everywhere.
#[path = "../../../compiler/tests/common/mod.rs"]
mod pages;
mod params;
mod reports;
mod schema;
mod session;
mod shell;
mod tutorial;
mod watch;
mod why;

use fleetnet_tests::program as harness;
