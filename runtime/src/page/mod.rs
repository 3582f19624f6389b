//! The page of the playground: its files, links to it, and a server on this machine only.

mod link;
mod request;
mod serve;

pub use link::{Unfit, fragment};
pub use serve::Server;

/// A file's name and its bytes.
type File = (&'static str, &'static [u8]);

/// The files of the page; none in a program that was built without it.
#[cfg(feature = "page")]
const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/page.rs"));
#[cfg(not(feature = "page"))]
const FILES: &[File] = &[];

/// Whether this program holds the page.
pub fn is_here() -> bool {
    !FILES.is_empty()
}

fn file(name: &str) -> Option<&'static [u8]> {
    FILES.iter().find(|(known, _)| *known == name).map(|(_, bytes)| *bytes)
}
