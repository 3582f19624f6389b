//! Image files (`.fnimg`): an [`Image`](super::Image) as bytes that can be mapped into memory and handed to the kernel as they are.
//!
//! One image has exactly one encoding, laid down in `docs/image-format.md`: the place of every table follows from the counts, so that
//! a reader can refuse whatever is elsewhere.

mod error;
mod input;
mod layout;
mod read;
mod strings;
mod write;

#[cfg(test)]
mod tests;

pub use error::ImageError;
pub use read::{read, stated_length};
pub use write::write;
