//! What each piece of a file is, for colours: what the grammar took it for.

use fleetnet_lang::FileId;
use fleetnet_lang::highlight::{Highlighted, highlight_tree};

use crate::package::Package;

/// The pieces of a file that are worth a colour, in order and apart.
#[must_use]
pub fn tokens(package: &Package, file: FileId) -> Vec<Highlighted> {
    package.tree(file).map(|tree| highlight_tree(&tree.parse.syntax())).unwrap_or_default()
}
