//! `fleetnet check --watch`: what is found, and again after every change, until somebody ends it.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crossbeam_channel::{Receiver, unbounded};
use fleetnet_compiler::compile::{Goal, LOCK_FILE};
use notify::event::{AccessKind, AccessMode, EventKind, ModifyKind};
use notify::{Event, RecursiveMode, Watcher as _};

use crate::cli::Check;
use crate::package::{Package, SOURCE_EXTENSION};
use crate::terminal::{Outcome, Terminal};

/// Editors write a file in several steps, and people several files at once: what comes within this of a change is one with it.
const CALM: Duration = Duration::from_millis(60);
/// What never becomes calm is looked at all the same.
const LONGEST: Duration = Duration::from_secs(1);

/// Why changes can't be seen.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The system refuses.
    #[error("changes below `{}` can't be watched: {source}; run `fleetnet check` after each", path.display())]
    Watch { path: PathBuf, source: notify::Error },
}

type Change = notify::Result<Event>;

pub fn run(args: &Check, terminal: &mut Terminal) -> Result<Outcome, super::Error> {
    let package = Package::open(&args.package.path)?;
    let Some(root) = package.root().and_then(|root| std::fs::canonicalize(root).ok()) else { return Ok(Outcome::Good) };
    let (sender, changes) = unbounded();
    let refused = |source| Error::Watch { path: root.clone(), source };
    // Nobody listens any more if the run has ended.
    let mut watcher = notify::recommended_watcher(move |change| drop(sender.send(change))).map_err(refused)?;
    watcher.watch(&root, RecursiveMode::Recursive).map_err(refused)?;
    // A file is watched by its folder, as editors put another one in its place.
    let outside = args.package.params.env.iter().chain(&args.package.inventory);
    let outside: Vec<PathBuf> = outside.filter_map(|path| std::fs::canonicalize(path).ok()).collect();
    for folder in outside.iter().filter_map(|path| path.parent()).filter(|folder| !folder.starts_with(&root)) {
        watcher.watch(folder, RecursiveMode::NonRecursive).map_err(refused)?;
    }
    let scope = Watched { root: root.clone(), outside };
    loop {
        terminal.clear();
        let outcome = look(args, terminal);
        terminal.say("waiting for changes; Ctrl-C ends it");
        terminal.show("");
        if !changed(&changes, &scope) || terminal.is_gone() {
            return Ok(outcome);
        }
    }
}

/// One look at the package. What can't be read now may be readable after the next change.
fn look(args: &Check, terminal: &mut Terminal) -> Outcome {
    match super::open_with_inventory(&args.package, terminal) {
        Ok(package) => {
            let found = super::found(&package, &args.package, Goal::Check);
            super::tell(&package, found.report(), args.package.format, terminal).outcome()
        }
        Err(error) => {
            terminal.refuse(&error.to_string());
            Outcome::Findings
        }
    }
}

/// Waits for a change of the package and until it is over. Whether there can be another one.
fn changed(changes: &Receiver<Change>, watched: &Watched) -> bool {
    loop {
        match changes.recv() {
            Err(_) => return false,
            Ok(change) if watched.matters(&change) => break,
            Ok(_) => {}
        }
    }
    let end = Instant::now().checked_add(LONGEST);
    while changes.recv_timeout(CALM).is_ok() {
        if end.is_none_or(|end| Instant::now() > end) {
            break;
        }
    }
    true
}

/// What a look depends on.
struct Watched {
    /// The package's.
    root: PathBuf,
    /// Environment files and the inventory, which can be anywhere.
    outside: Vec<PathBuf>,
}

impl Watched {
    /// Whether a package may be another one afterwards. An event that was lost may have been anything.
    fn matters(&self, change: &Change) -> bool {
        let Ok(event) = change else { return true };
        let is_reading = match event.kind {
            EventKind::Access(kind) => kind != AccessKind::Close(AccessMode::Write),
            EventKind::Any | EventKind::Create(_) | EventKind::Modify(_) | EventKind::Remove(_) | EventKind::Other => {
                false
            }
        };
        let is_content = matches!(event.kind, EventKind::Modify(ModifyKind::Data(_)) | EventKind::Access(_));
        let is_part = |path: &PathBuf| {
            let below = path.strip_prefix(&self.root).unwrap_or(path);
            let is_hidden = below.iter().any(|part| part.as_encoded_bytes().starts_with(b"."));
            let is_source = below.extension() == Some(OsStr::new(SOURCE_EXTENSION)) || below == Path::new(LOCK_FILE);
            // A folder that comes or goes takes its files along.
            self.outside.contains(path) || !is_hidden && (is_source || (below.extension().is_none() && !is_content))
        };
        event.need_rescan() || (!is_reading && event.paths.iter().any(is_part))
    }
}

#[cfg(test)]
mod tests {
    use notify::event::{CreateKind, DataChange, RemoveKind};

    use super::*;

    #[track_caller]
    fn check(kind: EventKind, path: &str, expected: bool) {
        let event = Event::new(kind).add_path(Path::new("/p").join(path));
        let watched = Watched { root: PathBuf::from("/p"), outside: vec![PathBuf::from("/e/prod.params")] };
        assert_eq!(watched.matters(&Ok(event)), expected, "{kind:?} {path}");
    }

    #[test]
    fn only_what_can_change_a_package_matters() {
        let written = EventKind::Modify(ModifyKind::Data(DataChange::Any));
        check(written, "a/b.fleetnet", true);
        check(written, "fleetnet.lock", true);
        check(written, "a/fleetnet.lock", false);
        check(written, "a/notes.md", false);
        check(written, "/e/prod.params", true);
        check(written, "/e/other.params", false);
        check(written, "a/notes", false);
        check(written, ".git/b.fleetnet", false);
        check(written, "a/.b.fleetnet.fleetnet-new", false);
        check(EventKind::Access(AccessKind::Open(AccessMode::Read)), "a/b.fleetnet", false);
        check(EventKind::Access(AccessKind::Close(AccessMode::Write)), "a/b.fleetnet", true);
        check(EventKind::Create(CreateKind::Folder), "a", true);
        check(EventKind::Remove(RemoveKind::Folder), "a", true);
    }
}
