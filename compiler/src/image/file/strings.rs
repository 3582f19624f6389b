//! The string table: every string once, sorted by bytes, named by its place.

use crate::image::Image;

/// The strings of an image.
pub(super) struct Strings<'a> {
    sorted: Vec<&'a str>,
}

impl<'a> Strings<'a> {
    /// Every string that the image's encoding names.
    pub(super) fn of(image: &'a Image) -> Self {
        let header = [image.header().cluster.as_str(), image.header().fleet.as_str()];
        let maps = image.sections().iter().map(|section| section.spec().name);
        let rules = image.rules().iter().flat_map(|rule| [rule.file.as_ref(), rule.text.as_ref()]);
        let names = image.identities().iter().map(|row| row.name.as_ref());
        let labels = image.identities().iter().flat_map(|row| row.labels.iter().map(AsRef::as_ref));
        let mut sorted: Vec<&str> = header.into_iter().chain(maps).chain(rules).chain(names).chain(labels).collect();
        sorted.sort_unstable();
        sorted.dedup();
        Self { sorted }
    }

    /// The strings in order.
    pub(super) fn iter(&self) -> impl Iterator<Item = &'a str> {
        self.sorted.iter().copied()
    }

    /// The place of a string of the image.
    pub(super) fn number(&self, text: &str) -> u32 {
        let place = self.sorted.binary_search(&text).unwrap_or_else(|place| place);
        u32::try_from(place).unwrap_or(u32::MAX)
    }
}
