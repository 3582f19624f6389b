//! The formatter, over files as people leave them: blanks where none should be, none where some should.

use fleetnet_lang::SourceFile;
use fleetnet_lang::format::format;

/// The texts of files, every line of them laid out in another way than the formatter's.
#[must_use]
pub fn scruffy(files: &[SourceFile]) -> Vec<String> {
    files.iter().map(|file| file.text.replace(" = ", "=").replace(' ', "  ").replace('\n', " \n")).collect()
}

/// Lays out texts, and says how many bytes of them there are: over the seconds that it took, the formatter's speed.
#[must_use]
pub fn layout(texts: &[String]) -> usize {
    texts.iter().map(|text| std::hint::black_box(format(text))).zip(texts).map(|(_, text)| text.len()).sum()
}

#[cfg(test)]
mod tests {
    use super::{layout, scruffy};
    use crate::fleet::{self, SIZES};

    #[test]
    fn what_is_laid_out_is_scruffy() {
        let texts = scruffy(&fleet::sources(SIZES[0]));
        assert!(texts.iter().all(|text| fleetnet_lang::format::format(text) != *text));
        assert_eq!(layout(&texts), texts.iter().map(String::len).sum::<usize>());
    }
}
