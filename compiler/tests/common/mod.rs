//! Markdown pages that are tests: the fenced blocks below a heading say what the compiler makes of a package, and are held against it.
//!
//! A block marked `fleetnet prelude` is part of every test of its page. What the other blocks are, each suite of pages says for itself.
//! With `UPDATE_SPEC=1` what is found is written into the pages.

#![allow(dead_code, reason = "each suite uses a part")]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a helper that can't go on fails the test that called it"
)]

pub mod answers;
pub mod artifacts;
pub mod examples;
pub mod findings;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use fleetnet_compiler::compile::World;
use fleetnet_lang::SourceFile;

const FENCE: &str = "```";
const PRELUDE: &str = "fleetnet prelude";

/// How much of a block that differs is shown, from the first line that does.
const SHOWN_LINES: usize = 12;

/// What stands below one heading.
pub struct Test<'p> {
    /// `PAGE:LINE: HEADING`, for failures.
    pub name: String,
    /// The page's prelude; empty, if it has none.
    pub prelude: &'p str,
    /// At least one, preludes aside.
    pub blocks: &'p [Block],
}

/// What stands between two fences.
#[derive(Clone)]
pub struct Block {
    /// What is written behind the first fence.
    pub info: String,
    /// The lines, each with its end.
    pub text: String,
    /// Where the text starts in the page.
    offset: usize,
    /// The number of its first line.
    line: usize,
    heading: Heading,
}

#[derive(Clone, Default, PartialEq, Eq)]
struct Heading {
    line: usize,
    text: String,
}

/// Holds all pages of a folder of this crate against `judge`, which says for every block of a test what its text should be.
pub fn hold(folder: &str, judge: impl Fn(&Test<'_>) -> Vec<String>) {
    let update = std::env::var_os("UPDATE_SPEC").is_some();
    let mut failures = String::new();
    let mut count = 0;
    for path in pages(folder) {
        let place = path.display().to_string();
        let mut page = std::fs::read_to_string(&path).unwrap();
        let (preludes, blocks): (Vec<_>, Vec<_>) = read(&place, &page).into_iter().partition(Block::is_prelude);
        assert!(preludes.len() < 2, "{place} has several preludes");
        let prelude = preludes.first().map_or("", |block| &block.text);
        let tests = blocks.chunk_by(|one, next| one.heading == next.heading);
        let found: Vec<String> = tests.flat_map(|blocks| judge(&Test::new(&place, prelude, blocks))).collect();
        assert_eq!(found.len(), blocks.len(), "{place}: one text for each block");
        count += blocks.len();
        let differing: Vec<_> = blocks.iter().zip(&found).filter(|(block, found)| block.text != **found).collect();
        failures.extend(differing.iter().map(|(block, found)| difference(&place, block, found)));
        // From the last to the first, so that the offsets of those before stay right.
        for (block, found) in differing.into_iter().rev() {
            page.replace_range(block.offset..block.offset + block.text.len(), found);
        }
        if update {
            std::fs::write(&path, page).unwrap();
        }
    }
    assert!(count > 0, "no block in {folder}");
    assert!(update || failures.is_empty(), "UPDATE_SPEC=1 takes what is found\n{failures}");
}

/// The pages of a folder, in order; a page, if that is what is named.
pub fn pages(folder: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if folder.is_file() {
        return vec![folder];
    }
    let mut paths: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    paths
}

/// Every block of a folder's pages, preludes too.
pub fn blocks(folder: &str, mut look: impl FnMut(&Block)) {
    for path in pages(folder) {
        let page = std::fs::read_to_string(&path).unwrap();
        read(&path.display().to_string(), &page).iter().for_each(&mut look);
    }
}

impl<'p> Test<'p> {
    fn new(place: &str, prelude: &'p str, blocks: &'p [Block]) -> Self {
        let heading = &blocks[0].heading;
        Self { name: heading.at(place, heading.line), prelude, blocks }
    }
}

impl Block {
    fn is_prelude(&self) -> bool {
        self.info == PRELUDE
    }
}

/// The blocks of a page, preludes too.
pub fn read(place: &str, page: &str) -> Vec<Block> {
    let mut blocks = Vec::new();
    let mut heading = Heading::default();
    let mut open: Option<Block> = None;
    let mut offset = 0;
    for (line, number) in page.split_inclusive('\n').zip(1..) {
        offset += line.len();
        match (&mut open, line.strip_prefix(FENCE)) {
            (Some(_), Some(_)) => blocks.extend(open.take()),
            (Some(block), None) => block.text += line,
            (None, Some(info)) => {
                let (info, text) = (info.trim().to_owned(), String::new());
                open = Some(Block { info, text, offset, line: number + 1, heading: heading.clone() });
            }
            (None, None) => {
                if line.starts_with('#') {
                    heading = Heading { line: number, text: line.trim_start_matches('#').trim().to_owned() };
                }
            }
        }
    }
    assert!(open.is_none(), "{}: a block without end", heading.at(place, heading.line));
    blocks
}

impl Heading {
    fn at(&self, place: &str, line: usize) -> String {
        format!("{place}:{line}: {}", self.text)
    }
}

fn difference(place: &str, block: &Block, found: &str) -> String {
    let same = block.text.lines().zip(found.lines()).take_while(|(written, found)| written == found).count();
    let mut text = format!("\n{}\n", block.heading.at(place, block.line + same));
    for (title, side) in [("written", block.text.as_str()), ("found", found)] {
        writeln!(text, "--- {title}").unwrap();
        side.lines().skip(same).take(SHOWN_LINES).for_each(|line| writeln!(text, "{line}").unwrap());
    }
    text
}

/// A package in memory, without a lock; files whose names end in `.params` are environment files for it.
pub struct Package(pub Vec<SourceFile>);

impl World for Package {
    fn sources(&self) -> Vec<SourceFile> {
        self.0.iter().filter(|file| !is_environment(file)).cloned().collect()
    }

    fn environments(&self) -> Vec<SourceFile> {
        self.0.iter().filter(|file| is_environment(file)).cloned().collect()
    }

    fn lock(&self) -> Option<SourceFile> {
        None
    }
}

fn is_environment(file: &SourceFile) -> bool {
    file.path.ends_with(".params")
}
