//! The built program, from outside: what it prints, how it ends, what it leaves behind, above all on bad input.

mod conventions;
mod harness;
mod image;
mod input;
mod kill;
mod lock;
mod output;
