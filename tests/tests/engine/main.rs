//! Cilium's own policy engine is the judge: what it computes from the policies we emit is what the plan and its map images say.
//!
//! Three computations meet here that share no code beyond the plan: the policies, read by the engine; the images, made of the plan; and
//! `semantics::decide`. Every endpoint's entries are compared byte for byte, and every verdict with every peer on every port where
//! something changes.
#![allow(clippy::expect_used, clippy::panic, reason = "a helper that can't go on fails the test that called it")]
#![allow(clippy::print_stdout, reason = "how much was compared, for who asks with `--nocapture`")]
#![allow(clippy::similar_names, reason = "what is compared is what the comparison has compared")]

mod agreement;
mod bugs;
mod client;
mod compare;
mod ends;
mod fleet;
mod requests;
mod speed;
