//! `fleetnet image diff`: what became of an image, in another image or in the kernel, a line each; `-` was there, `+` is new, `~` is another than before.

use fleetnet_compiler::image::Image;
use fleetnet_compiler::image::diff::{
    self, Change, EntryChange, EntryRow, HeaderChange, IdentityChange, SectionChange, SectionDiff,
};
use fleetnet_compiler::image::live;
use fleetnet_compiler::image::section::entry::MapKind;

use super::{Error, print_line, text};
use crate::cli::ImageDiff;
use crate::kernel::{self, Root};
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &ImageDiff, terminal: &mut Terminal) -> Result<Outcome, super::super::Error> {
    let old = super::open(&args.old)?;
    let Some(path) = &args.new else {
        return Ok(with_kernel(old, args, terminal)?);
    };
    let images = Images { old, new: super::open(path)? };
    let clusters = (images.old.header().cluster.clone(), images.new.header().cluster.clone());
    if clusters.0 != clusters.1 {
        return Err(Error::OtherCluster { old: args.old.clone(), new: path.clone(), clusters }.into());
    }
    let found = diff::diff(&images.old, &images.new);
    Ok(images.print(&found, terminal))
}

/// Compares with the maps that are loaded for the image's cluster, and their rules with those of the image they were loaded from.
fn with_kernel(old: Image, args: &ImageDiff, terminal: &mut Terminal) -> Result<Outcome, kernel::Error> {
    let root = Root::new(&args.root)?;
    let claim = root.share()?;
    let build = kernel::current(&root, &old.header().cluster)?;
    let maps = build.maps()?;
    drop(claim);
    let found = live::diff(&old, build.image(), &maps);
    Ok(Images { old, new: build.into_image() }.print(&found, terminal))
}

struct Images {
    old: Image,
    new: Image,
}

impl Images {
    fn print(&self, found: &diff::ImageDiff, terminal: &mut Terminal) -> Outcome {
        let mut print = |line: String| print_line(&line, terminal);
        found.header.iter().map(header).for_each(&mut print);
        found.identities.iter().map(identity).for_each(&mut print);
        for section in &found.sections {
            self.section(section, &mut print);
        }
        if found.is_empty() { Outcome::Good } else { Outcome::Findings }
    }

    fn section(&self, SectionDiff { map, change }: &SectionDiff, print: &mut impl FnMut(String)) {
        let name = text::map_name(*map);
        match change {
            SectionChange::Missing(entries) => print(format!("- {name}: {}", counted_entries(*entries))),
            SectionChange::Extra(entries) => print(format!("+ {name}: {}", counted_entries(*entries))),
            SectionChange::Entries { capacity, entries } => {
                if let Some(Change { expected, actual }) = capacity {
                    print(format!("~ {name}: made for {expected} entries, now for {actual}"));
                }
                for entry in entries {
                    self.entry(*map, entry, print);
                }
            }
        }
    }

    fn entry(&self, map: MapKind, change: &EntryChange, print: &mut impl FnMut(String)) {
        let name = text::map_name(map);
        let old = |row: &EntryRow| format!("- {name}: {}", entry(&self.old, map, row));
        let new = |row: &EntryRow| format!("+ {name}: {}", entry(&self.new, map, row));
        match change {
            EntryChange::Missing(row) => print(old(row)),
            EntryChange::Extra(row) => print(new(row)),
            EntryChange::Different(Change { expected, actual }) => {
                print(old(expected));
                print(new(actual));
            }
        }
    }
}

fn entry(image: &Image, map: MapKind, row: &EntryRow) -> String {
    let (rule, source) = &row.rule;
    format!("{}  {}", text::entry(image, map, &row.key, &row.value), text::rule_note(*rule, source.as_ref()))
}

fn header(change: &HeaderChange) -> String {
    match change {
        HeaderChange::Abi(Change { expected, actual }) => format!("~ maps of {expected}, now of {actual}"),
        HeaderChange::ClusterId(Change { expected, actual }) => format!("~ cluster id {expected}, now {actual}"),
        HeaderChange::Cluster(Change { expected, actual }) => format!("~ cluster {expected}, now {actual}"),
        HeaderChange::Fleet(Change { expected, actual }) => format!("~ fleet {expected}, now {actual}"),
    }
}

fn identity(change: &IdentityChange) -> String {
    match change {
        IdentityChange::Missing(row) => format!("- identity {} {}", row.number, row.name),
        IdentityChange::Extra(row) => format!("+ identity {} {}", row.number, row.name),
        IdentityChange::Renumbered { name, number: Change { expected, actual }, .. } => {
            format!("~ identity {name}: number {expected}, now {actual}")
        }
    }
}

fn counted_entries(count: usize) -> String {
    format!("the map, with {}", super::counted(count, "entry", "entries"))
}
