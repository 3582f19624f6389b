//! The one layout of a file, or of the declarations in a part of it.

use fleetnet_lang::format::format_range;
use fleetnet_lang::{FileId, Span};

use crate::Edit;
use crate::package::Package;

/// What gives a file its layout, in order of place.
#[must_use]
pub fn formatting(package: &Package, file: FileId) -> Vec<Edit> {
    range_formatting(package, Span::new(file, 0, u32::MAX))
}

/// What gives the declarations that a span touches their layout, in order of place. The lock has none.
#[must_use]
pub fn range_formatting(package: &Package, span: Span) -> Vec<Edit> {
    let Some(file) = package.file(span.file).filter(|file| file.tree.is_some()) else { return Vec::new() };
    format_range(&file.source.text, span)
}
