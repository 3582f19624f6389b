//! `fleetnet image status`: what is loaded, and whether the kernel still holds it.

use std::fmt;

use fleetnet_compiler::image::Image;
use fleetnet_compiler::image::diff::{EntryChange, ImageDiff, SectionChange};
use fleetnet_compiler::image::file;
use fleetnet_compiler::image::live::LiveMap;
use fleetnet_compiler::image::section::Section;
use fleetnet_compiler::image::section::entry::MapKind;

use super::ls::{self, print_table};
use super::{counted, print_line, text};
use crate::cli::ImageStatus;
use crate::kernel::{self, Build, Cluster, Root};
use crate::terminal::{Outcome, Terminal, printable};

/// Which of a cluster's builds one is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Role {
    Current,
    Previous,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Current => "current",
            Self::Previous => "previous",
        })
    }
}

pub fn run(args: &ImageStatus, terminal: &mut Terminal) -> Result<Outcome, super::super::Error> {
    let image = args.image.as_deref().map(super::open).transpose()?;
    let root = Root::new(&args.pins.root)?;
    let claim = root.share()?;
    let mut outcome = Outcome::Good;
    if let (Some(image), Some(path)) = (&image, &args.image) {
        let same = is_loaded(&root, image)?;
        let not = if same { "" } else { " not" };
        terminal.print(&printable(&format!("`{}` is{not} the image that is loaded\n", path.display())));
        outcome = if same { Outcome::Good } else { Outcome::Findings };
    }
    let clusters = root.clusters()?;
    for (place, cluster) in clusters.iter().enumerate() {
        terminal.print(if place == 0 { "" } else { "\n" });
        outcome = outcome.max(print_cluster(cluster, terminal)?);
    }
    drop(claim);
    if clusters.is_empty() {
        terminal.say(&format!("nothing is loaded in `{}`", root.path().display()));
    }
    Ok(outcome)
}

/// Whether an image is the one that is loaded for its cluster. What can't be read is none, and the cluster's lines say why.
fn is_loaded(root: &Root, image: &Image) -> Result<bool, kernel::Error> {
    match kernel::current(root, &image.header().cluster) {
        Ok(loaded) => Ok(loaded.digest() == kernel::digest(&file::write(image))),
        Err(kernel::Error::NotWhole(_) | kernel::Error::Foreign { .. }) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Prints what is of one cluster. What is wrong with it is a finding, and no reason to say nothing of others.
fn print_cluster(cluster: &Cluster, terminal: &mut Terminal) -> Result<Outcome, kernel::Error> {
    let current = match cluster.current() {
        Ok(current) => current,
        Err(error @ kernel::Error::Foreign { .. }) => {
            print_line(&format!("cluster {}: {error}", cluster.name()), terminal);
            return Ok(Outcome::Findings);
        }
        Err(error) => return Err(error),
    };
    let Some(current) = current else {
        let left: Vec<String> = cluster.builds()?.iter().map(|path| format!("`{}`", path.display())).collect();
        let name = cluster.name();
        let line = if left.is_empty() {
            format!("cluster {name}: nothing is loaded; the next load or unload removes what a load left there")
        } else {
            let left = left.join(", ");
            format!("cluster {name}: nothing is loaded, but {left} is left over; the next load or unload removes it")
        };
        print_line(&line, terminal);
        return Ok(Outcome::Findings);
    };
    let mut outcome = print(cluster, current, Role::Current, terminal)?;
    if let Some(previous) = cluster.before(current)? {
        outcome = outcome.max(print(cluster, previous, Role::Previous, terminal)?);
    }
    Ok(outcome)
}

/// Prints one build, or why it can't be read.
fn print(cluster: &Cluster, number: u64, role: Role, terminal: &mut Terminal) -> Result<Outcome, kernel::Error> {
    let read = cluster.build(number).and_then(|build| build.maps().map(|maps| (build, maps)));
    let (build, maps) = match read {
        Ok(read) => read,
        Err(kernel::Error::NotWhole(problem)) => {
            if role == Role::Current {
                print_line(&format!("cluster {}", cluster.name()), terminal);
            }
            print_line(&format!("{role} build: can't be read: {problem}"), terminal);
            return Ok(Outcome::Findings);
        }
        Err(error) => return Err(error),
    };
    let changes = build.changes(&maps);
    let entries: usize = build.image().sections().iter().map(Section::len).sum();
    let verdict = if changes.is_empty() { "as loaded" } else { "NOT as loaded" };
    if role == Role::Current {
        print_line(&ls::heading(build.image()), terminal);
    }
    terminal.print(&format!(
        "{role} build: {} with {}, {verdict}\n  sha256 {}\n  {}\n",
        counted(build.image().sections().len(), "map", "maps"),
        counted(entries, "entry", "entries"),
        text::hex(&build.digest()),
        printable(&build.path().display().to_string()),
    ));
    let titles = ["  MAP", "OF", "LOADED", "NOW", "STATE"].map(str::to_owned);
    print_table(std::iter::once(titles).chain(rows(&build, &maps, &changes)).collect(), terminal);
    Ok(if changes.is_empty() { Outcome::Good } else { Outcome::Findings })
}

/// A row for each map that was loaded or is there.
fn rows(build: &Build, maps: &[LiveMap], changes: &ImageDiff) -> Vec<[String; 5]> {
    let image = build.image();
    let mut kinds: Vec<MapKind> =
        image.sections().iter().map(Section::map).chain(maps.iter().map(|map| map.map)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let row = |kind: MapKind| {
        let loaded = image.section(kind).map(Section::len);
        let now = at(maps, kind, |map| map.map).map(|map| map.entries(image.header().abi).count());
        let change = at(&changes.sections, kind, |section| section.map);
        let shown = |count: Option<usize>| count.map_or_else(|| "-".to_owned(), |count| count.to_string());
        let state = change.map_or_else(|| "as loaded".to_owned(), |section| state(&section.change));
        [format!("  {}", text::map_name(kind)), ls::subject(image, kind), shown(loaded), shown(now), state]
    };
    kinds.into_iter().map(row).collect()
}

/// What is of a map, out of things in order of their maps.
fn at<T>(sorted: &[T], kind: MapKind, of: impl Fn(&T) -> MapKind) -> Option<&T> {
    sorted.binary_search_by_key(&kind, of).ok().and_then(|place| sorted.get(place))
}

fn state(change: &SectionChange) -> String {
    match change {
        SectionChange::Missing(_) => "MISSING".to_owned(),
        SectionChange::Extra(_) => "was not loaded".to_owned(),
        SectionChange::Entries { capacity, entries } => {
            let count = |which: fn(&EntryChange) -> bool| entries.iter().filter(|entry| which(entry)).count();
            let counts = [
                (count(|entry| matches!(entry, EntryChange::Missing(_))), "missing"),
                (count(|entry| matches!(entry, EntryChange::Extra(_))), "extra"),
                (count(|entry| matches!(entry, EntryChange::Different(_))), "changed"),
            ];
            let counts =
                counts.into_iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
            let resized = capacity.iter().map(|change| format!("made for {} entries", change.actual));
            counts.chain(resized).collect::<Vec<_>>().join(", ")
        }
    }
}
