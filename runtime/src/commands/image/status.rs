//! `fleetnet image status`: what is loaded, and whether the kernel still holds it.

use fleetnet_compiler::image::diff::{EntryChange, ImageDiff, SectionChange};
use fleetnet_compiler::image::file;
use fleetnet_compiler::image::live::LiveMap;
use fleetnet_compiler::image::section::Section;
use fleetnet_compiler::image::section::entry::MapKind;

use super::{counted, ls, text};
use crate::cli::ImageStatus;
use crate::kernel::{self, Build, Cluster, Root};
use crate::terminal::{Outcome, Terminal, printable};

pub fn run(args: &ImageStatus, terminal: &mut Terminal) -> Result<Outcome, super::super::Error> {
    let image = args.image.as_deref().map(super::open).transpose()?;
    let root = Root::new(&args.pins.root)?;
    let claim = root.share()?;
    let mut outcome = Outcome::Good;
    if let (Some(image), Some(path)) = (&image, &args.image) {
        let loaded = kernel::current(&root, &image.header().cluster)?;
        let same = loaded.digest() == kernel::digest(&file::write(image));
        let not = if same { "" } else { " not" };
        terminal.print(&printable(&format!("`{}` is{not} the image that is loaded\n", path.display())));
        outcome = worst(outcome, same);
    }
    let mut loaded = false;
    for cluster in root.clusters()? {
        let Some(current) = cluster.current()? else { continue };
        let previous = cluster.before(current)?;
        let separation = if loaded { "\n" } else { "" };
        terminal.print(separation);
        loaded = true;
        outcome = worst(outcome, print(&cluster, current, "current", terminal)?);
        if let Some(previous) = previous {
            outcome = worst(outcome, print(&cluster, previous, "previous", terminal)?);
        }
    }
    drop(claim);
    if !loaded {
        terminal.say(&format!("nothing is loaded in `{}`", root.path().display()));
    }
    Ok(outcome)
}

fn worst(outcome: Outcome, good: bool) -> Outcome {
    if good { outcome } else { Outcome::Findings }
}

/// Prints one build. Whether the kernel holds what was loaded.
fn print(cluster: &Cluster, number: u64, role: &str, terminal: &mut Terminal) -> Result<bool, kernel::Error> {
    let build = cluster.build(number)?;
    let maps = build.maps()?;
    let changes = build.changes(&maps);
    let entries: usize = build.image().sections().iter().map(Section::len).sum();
    let verdict = if changes.is_empty() { "as loaded" } else { "NOT as loaded" };
    if role == "current" {
        terminal.print(&printable(&ls::heading(build.image())));
    }
    terminal.print(&format!(
        "{role} build: {} with {}, {verdict}\n  sha256 {}\n  {}\n",
        counted(build.image().sections().len(), "map", "maps"),
        counted(entries, "entry", "entries"),
        text::hex(&build.digest()),
        printable(&build.path().display().to_string()),
    ));
    let titles = ["  MAP", "OF", "LOADED", "NOW", "STATE"].map(str::to_owned);
    let table = ls::table(std::iter::once(titles).chain(rows(&build, &maps, &changes)).collect());
    terminal.print(&printable(&table));
    Ok(changes.is_empty())
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
