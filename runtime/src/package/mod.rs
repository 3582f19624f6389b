//! A package as it lies on disk: where it is, which files belong to it, what is in them.
//!
//! What is read is taken from one moment: a file that changes before the last one is read ends the run, so a check never speaks of a mixture.
//! Only regular files inside the package are read, so that a package from a stranger can't point at other files of the machine.

pub mod codes;
mod environment;
mod error;
mod file;
mod list;
mod root;
mod sources;

use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fleetnet_compiler::compile::{LOCK_FILE, World};
use fleetnet_compiler::workers::Workers;
use fleetnet_lang::{Diagnostic, SourceFile, Sources, Span};
use fleetnet_threads::Threads;

pub use error::Error;
use file::Reader;
pub use list::EXTENSION as SOURCE_EXTENSION;
pub use sources::{Source, root_around, sources_at};

/// Bytes of one file; far beyond any file that people keep.
const MAX_FILE: u64 = 16 << 20;
/// Bytes of all files of a package.
const MAX_PACKAGE: u64 = 64 << 20;
/// Packages that are named where one was meant.
const MOST_NAMED: usize = 5;

/// What standard input is called.
const STDIN: &str = "<stdin>";

static THREADS: LazyLock<Threads> = LazyLock::new(Threads::of_machine);

/// Everything that a compilation may know, read into memory.
#[derive(Debug, Default)]
pub struct Package {
    root: Option<PathBuf>,
    sources: Vec<SourceFile>,
    lock: Option<SourceFile>,
    environments: Vec<SourceFile>,
    inventory: Option<SourceFile>,
    not_text: Vec<NotText>,
    notes: Vec<String>,
}

/// A file whose bytes are not UTF-8.
#[derive(Debug)]
struct NotText {
    path: String,
    /// Where the first byte stands that is none.
    offset: u32,
    byte: u8,
}

fn stdin_bytes() -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    std::io::stdin()
        .lock()
        .take(MAX_FILE + 1)
        .read_to_end(&mut bytes)
        .map_err(|source| Error::Read { path: STDIN.into(), source })?;
    if bytes.len() as u64 > MAX_FILE {
        return Err(Error::FileTooLarge { path: STDIN.into(), limit: MAX_FILE });
    }
    Ok(bytes)
}

impl Package {
    /// Reads the package that `path`, one of its files or folders, belongs to.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let place = root::find(path)?;
        let mut found = Vec::new();
        let listing = match place.certainty {
            root::Certainty::Declared => list::files_below(&place.root, |_| Ok(()))?,
            root::Certainty::Assumed => {
                list::files_below(&place.root, |folder| note_package(path, folder, &mut found))?
            }
        };
        if let [only] = found.as_slice()
            && listing.files.iter().all(|entry| entry.path.starts_with(only))
        {
            // As if it had been named: its lock lies there.
            return Self::open(only);
        }
        let mut reader = Reader::new(MAX_FILE, MAX_PACKAGE);
        let mut package = Self { notes: listing.notes, ..Self::default() };
        if let Some(around) = place.around {
            let (inner, around) = (place.root.display(), around.display());
            package
                .notes
                .push(format!("`{inner}` lies in the package of `{around}`, which reads its files too; move it"));
        }
        for entry in &listing.files {
            package.add(&entry.name, reader.read(&entry.path)?);
        }
        if let Some(path) = list::lock_in(&place.root)? {
            package.add_lock(reader.read(&path)?);
        }
        package.root = Some(place.root);
        reader.nothing_changed()?;
        match place.certainty {
            root::Certainty::Declared => Ok(package),
            root::Certainty::Assumed => package.if_one(path),
        }
    }

    /// One file that does not lie anywhere yet.
    pub fn of_text(name: &str, text: &str) -> Self {
        let mut package = Self::default();
        package.add(name, text.as_bytes().to_vec());
        package
    }

    /// A source that a package at `folder` would be one with: below it, or in a package around it.
    pub fn sources_around(folder: &Path) -> Result<Option<PathBuf>, Error> {
        let there = folder.ancestors().find(|folder| folder.is_dir()).unwrap_or(Path::new("."));
        let place = root::find(there)?;
        match place.certainty {
            root::Certainty::Declared => Ok(Some(place.root)),
            root::Certainty::Assumed if there == folder => {
                let listing = list::files_below(folder, |_| Ok(()))?;
                Ok(listing.files.into_iter().next().map(|entry| entry.path))
            }
            root::Certainty::Assumed => Ok(None),
        }
    }

    /// One file from standard input.
    pub fn from_stdin() -> Result<Self, Error> {
        let mut package = Self::default();
        package.add(STDIN, stdin_bytes()?);
        Ok(package)
    }

    /// Where the package lies, unless it came from standard input.
    pub fn root(&self) -> Option<&Path> {
        self.root.as_deref()
    }

    /// The texts of the sources by name.
    pub fn texts(&self) -> impl Iterator<Item = (&str, &str)> {
        self.sources.iter().map(|file| (&*file.path, &*file.text))
    }

    /// Goes on with another text of a source.
    pub fn set_text(&mut self, name: &str, text: &str) {
        for file in self.sources.iter_mut().filter(|file| *file.path == *name) {
            *file = SourceFile::new(name, text);
        }
    }

    /// What was left out, for people.
    pub fn notes(&self) -> &[String] {
        &self.notes
    }

    /// The text of the lock as it was read.
    pub fn lock_text(&self) -> Option<&str> {
        self.lock.as_ref().map(|lock| &*lock.text)
    }

    /// Goes on as if there were no lock, whatever is in it.
    pub fn forget_lock(&mut self) {
        self.lock = None;
        self.not_text.retain(|bad| *bad.path != *LOCK_FILE);
    }

    /// The files that can't be compiled because they are not text, as findings in sources of their own.
    pub fn not_text(&self) -> Option<(Sources, Vec<Diagnostic>)> {
        if self.not_text.is_empty() {
            return None;
        }
        let others = self.lock.iter().chain(&self.environments).chain(&self.inventory);
        let sources = Sources::new(self.sources.iter().chain(others).cloned().collect());
        let findings = sources
            .iter()
            .filter_map(|(id, file)| {
                let bad = self.not_text.iter().find(|bad| *bad.path == *file.path)?;
                let message = format!("`{}` is not UTF-8: byte 0x{:02x} at offset {}", bad.path, bad.byte, bad.offset);
                let span = Span::new(id, bad.offset, bad.offset);
                Some(
                    Diagnostic::new(codes::NOT_UTF8, span, message)
                        .help("save the file as UTF-8, or give it another extension"),
                )
            })
            .collect();
        Some((sources, findings))
    }

    fn add(&mut self, name: &str, bytes: Vec<u8>) {
        let text = self.text(name, bytes);
        self.sources.push(SourceFile::new(name, text));
    }

    fn add_lock(&mut self, bytes: Vec<u8>) {
        let text = self.text(LOCK_FILE, bytes);
        self.lock = Some(SourceFile::new(LOCK_FILE, text));
    }

    /// The text of a file; of one that is not text, what stands before the first byte that is none.
    fn text(&mut self, name: &str, bytes: Vec<u8>) -> String {
        String::from_utf8(bytes).unwrap_or_else(|error| {
            let valid = error.utf8_error().valid_up_to();
            let mut bytes = error.into_bytes();
            let byte = bytes.get(valid).copied().unwrap_or_default();
            bytes.truncate(valid);
            self.not_text.push(NotText {
                path: name.to_owned(),
                offset: u32::try_from(valid).unwrap_or(u32::MAX),
                byte,
            });
            String::from_utf8(bytes).unwrap_or_default()
        })
    }

    /// Nobody said where the package is: there must be something, and not several packages beside each other.
    fn if_one(self, path: &Path) -> Result<Self, Error> {
        if self.sources.is_empty() {
            return Err(Error::NoPackage { path: path.to_owned() });
        }
        let folders: BTreeSet<&str> = self
            .sources
            .iter()
            .filter(|file| root::declares_fleet(&file.text))
            .map(|file| file.path.rsplit_once('/').map_or("", |(folder, _)| folder))
            .collect();
        if folders.len() > 1 {
            return Err(several(path, folders.into_iter().map(|folder| path.join(folder)).collect()));
        }
        Ok(self)
    }
}

/// Adds `folder` to the packages that were found below `path`, and ends the search when there are more than anybody reads.
fn note_package(path: &Path, folder: &Path, found: &mut Vec<PathBuf>) -> Result<(), Error> {
    // What is wrong with a folder is said when it is listed.
    if root::has_fleet(folder).unwrap_or(false) {
        found.push(folder.to_owned());
    }
    if found.len() > MOST_NAMED { Err(several(path, std::mem::take(found))) } else { Ok(()) }
}

/// Names no more packages than anybody reads.
fn several(path: &Path, mut packages: Vec<PathBuf>) -> Error {
    let more = if packages.len() > MOST_NAMED { " and more" } else { "" };
    packages.truncate(MOST_NAMED);
    Error::SeveralPackages { path: path.to_owned(), packages, more }
}

impl World for Package {
    fn sources(&self) -> Vec<SourceFile> {
        self.sources.clone()
    }

    fn lock(&self) -> Option<SourceFile> {
        self.lock.clone()
    }

    fn environments(&self) -> Vec<SourceFile> {
        self.environments.clone()
    }

    fn inventory(&self) -> Option<SourceFile> {
        self.inventory.clone()
    }

    fn workers(&self) -> &dyn Workers {
        &*THREADS
    }
}
