//! Every kind of finding beyond the syntax, one family a file.

pub mod image;
pub mod lock;
pub mod policy;
