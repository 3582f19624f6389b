//! Every kind of finding beyond the syntax, one family a file.

pub mod policy;
