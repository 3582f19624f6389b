//! Packages as tests hand them to the compiler: a text, or a folder of the repository.

use std::path::{Path, PathBuf};

use fleetnet_compiler::compile::{Compiled, Goal, LOCK_FILE, Options, World, compile};
use fleetnet_compiler::workers::Workers;
use fleetnet_lang::{Severity, SourceFile};
use fleetnet_threads::Threads;

/// The files of a package.
#[derive(Clone, Debug, Default)]
pub struct Package {
    sources: Vec<SourceFile>,
    lock: Option<SourceFile>,
}

impl Package {
    /// A package of one file and no lock.
    #[must_use]
    pub fn of_text(text: &str) -> Self {
        Self { sources: vec![SourceFile::new("fleet.fleetnet", text)], lock: None }
    }

    /// A package of several files and no lock.
    #[must_use]
    pub fn of_files(sources: Vec<SourceFile>) -> Self {
        Self { sources, lock: None }
    }

    /// The package in a folder, with its lock if it has one.
    pub fn of_folder(root: &Path) -> Self {
        let mut paths = Vec::new();
        collect(root, &mut paths);
        paths.sort();
        let read = |path: &PathBuf| {
            let relative = path.strip_prefix(root).expect("found below the root").to_string_lossy().replace('\\', "/");
            SourceFile::new(relative, std::fs::read_to_string(path).expect("a source file is text"))
        };
        let lock = root.join(LOCK_FILE);
        Self { sources: paths.iter().map(read).collect(), lock: lock.is_file().then(|| read(&lock)) }
    }

    /// What the compiler makes of it.
    #[must_use]
    pub fn compile(&self, goal: Goal) -> Compiled {
        compile(self, &Options { params: Vec::new(), goal })
    }
}

impl World for Package {
    /// WebAssembly has none: that both give the same shows that threads make no difference.
    fn workers(&self) -> &dyn Workers {
        const THREADS: Threads = Threads::new(3);
        &THREADS
    }

    fn sources(&self) -> Vec<SourceFile> {
        self.sources.clone()
    }

    fn lock(&self) -> Option<SourceFile> {
        self.lock.clone()
    }
}

/// The errors of a compilation, a line each.
#[must_use]
pub fn errors(compiled: &Compiled) -> Vec<String> {
    let errors = compiled.diagnostics.iter().filter(|found| found.severity == Severity::Error);
    let line = |found: &fleetnet_lang::Diagnostic| {
        let (path, place) = compiled.sources.locate(found.span).map_or(("", 0), |(path, place)| (path, place.line));
        format!("{path}:{place}: {} {} at `{}`", found.code, found.message, compiled.sources.text(found.span))
    };
    errors.map(line).collect()
}

fn collect(folder: &Path, paths: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder of the repository can be read") {
        let path = entry.expect("a folder of the repository can be read").path();
        if path.is_dir() {
            collect(&path, paths);
        } else if path.extension().is_some_and(|extension| extension == "fleetnet") {
            paths.push(path);
        }
    }
}
