//! A package as an editor sees it: the texts as they are now, each with its tree and its names.

use std::sync::Arc;

use fleetnet_compiler::compile::{Again, Compilation, Goal, LOCK_FILE, ParamValue, World};
use fleetnet_compiler::plan::Plan;
use fleetnet_compiler::workers::Workers;
use fleetnet_lang::{Diagnostic, FileId, Parse, SourceFile, Sources, Span, parse};

use crate::names::{self, Names};

/// A byte of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// The file.
    pub file: FileId,
    /// How many bytes stand before it.
    pub offset: u32,
}

/// One file. The lock has no tree.
#[derive(Clone, Debug)]
pub struct File {
    /// Path and text.
    pub source: SourceFile,
    /// The tree and the names in it.
    pub tree: Option<Tree>,
}

/// A tree and the names in it.
#[derive(Clone, Debug)]
pub struct Tree {
    /// The tree.
    pub parse: Parse,
    /// The names.
    pub names: Names,
}

/// The files of a package. A copy shares them all, so that one can be compiled while the other goes on being edited.
#[derive(Clone, Debug, Default)]
pub struct Package {
    /// In order of path: a file's id is its place.
    files: Vec<Arc<File>>,
}

impl Package {
    /// A package of these files, its lock among them if it has one.
    #[must_use]
    pub fn new(files: impl IntoIterator<Item = SourceFile>) -> Self {
        let sources = Sources::new(files.into_iter().collect());
        let files = sources.iter().map(|(id, source)| Arc::new(File::new(id, source.clone()))).collect();
        Self { files }
    }

    /// Gives a file another text, or adds it. Other files are read again only if their ids change.
    pub fn set(&mut self, path: &str, text: impl Into<Arc<str>>) {
        let source = SourceFile::new(path, text);
        match self.position(path) {
            Ok(index) => {
                let file = File::new(id_of(index), source);
                if let Some(place) = self.files.get_mut(index) {
                    *place = Arc::new(file);
                }
            }
            Err(_) => *self = Self::new(self.sources_of().chain([source])),
        }
    }

    /// Takes a file out.
    pub fn remove(&mut self, path: &str) {
        if self.position(path).is_ok() {
            *self = Self::new(self.sources_of().filter(|source| *source.path != *path));
        }
    }

    /// A file by its path.
    #[must_use]
    pub fn find(&self, path: &str) -> Option<FileId> {
        self.position(path).ok().map(id_of)
    }

    /// A file by its id.
    #[must_use]
    pub fn file(&self, id: FileId) -> Option<&File> {
        self.files.get(id.0 as usize).map(|file| &**file)
    }

    /// A file's tree.
    #[must_use]
    pub fn tree(&self, id: FileId) -> Option<&Tree> {
        self.file(id)?.tree.as_ref()
    }

    /// All files, the lock among them, in order of their ids.
    pub fn files(&self) -> impl Iterator<Item = (FileId, &File)> {
        (0_u32..).map(FileId).zip(self.files.iter().map(|file| &**file))
    }

    /// The text of a span.
    #[must_use]
    pub fn text(&self, span: Span) -> &str {
        let text = self.file(span.file).and_then(|file| file.source.text.get(span.start as usize..span.end as usize));
        text.unwrap_or_default()
    }

    /// Everything that `fleetnet check` finds, and the package's meaning if it has one. Spans are of this package's ids.
    #[must_use]
    pub fn check(&self, workers: &dyn Workers) -> (Vec<Diagnostic>, Option<Plan>) {
        let mut compilation = self.begin(&[], workers);
        compilation.prove(workers);
        (compilation.findings(Goal::Check), compilation.plan)
    }

    /// Everything that can be found without asking the promises. Files keep the trees that they have.
    pub(crate) fn begin(&self, params: &[ParamValue], workers: &dyn Workers) -> Compilation {
        Compilation::begin(&Compiled { package: self, workers }, params)
    }

    /// What is kept of a compilation of this package for the next edits.
    pub(crate) fn again(&self, compilation: &mut Compilation, workers: &dyn Workers) -> Option<Again> {
        Again::new(&Compiled { package: self, workers }, compilation)
    }

    /// What is found in this package that came by edits of one that is kept, in order.
    pub(crate) fn findings_again(&self, kept: &mut Again, workers: &dyn Workers) -> Option<Vec<Diagnostic>> {
        kept.findings(&Compiled { package: self, workers })
    }

    /// What is wrong with the form of a file, in order of place: known as soon as its text is set.
    #[must_use]
    pub fn form(&self, file: FileId) -> &[Diagnostic] {
        self.tree(file).map(|tree| &*tree.parse.diagnostics).unwrap_or_default()
    }

    /// Whether a file is the very same in another package, and has the same id.
    pub(crate) fn shares(&self, other: &Self, file: FileId) -> bool {
        let of = |package: &Self| package.files.get(file.0 as usize).map(Arc::as_ptr);
        of(self).is_some() && of(self) == of(other)
    }

    /// Takes the trees of files that are the same in another package.
    pub fn reuse(&mut self, other: &Self) {
        for (index, file) in self.files.iter_mut().enumerate() {
            let same = other
                .files
                .get(index)
                .filter(|old| old.source.path == file.source.path && old.source.text == file.source.text);
            if let Some(same) = same {
                *file = Arc::clone(same);
            }
        }
    }

    fn position(&self, path: &str) -> Result<usize, usize> {
        self.files.binary_search_by(|file| (*file.source.path).cmp(path))
    }

    fn sources_of(&self) -> impl Iterator<Item = SourceFile> {
        self.files.iter().map(|file| file.source.clone())
    }
}

impl File {
    fn new(id: FileId, source: SourceFile) -> Self {
        let tree = (*source.path != *LOCK_FILE).then(|| {
            let parse = parse(id, &source.text);
            Tree { names: names::read(id, &parse), parse }
        });
        Self { source, tree }
    }
}

fn id_of(index: usize) -> FileId {
    FileId(u32::try_from(index).unwrap_or(u32::MAX))
}

/// A package on its way through the compiler.
struct Compiled<'a> {
    package: &'a Package,
    workers: &'a dyn Workers,
}

impl World for Compiled<'_> {
    fn sources(&self) -> Vec<SourceFile> {
        self.package.sources_of().filter(|source| *source.path != *LOCK_FILE).collect()
    }

    fn lock(&self) -> Option<SourceFile> {
        self.package.sources_of().find(|source| *source.path == *LOCK_FILE)
    }

    fn parsed(&self, file: FileId, _source: &SourceFile) -> Option<Parse> {
        self.package.tree(file).map(|tree| tree.parse.clone())
    }

    fn workers(&self) -> &dyn Workers {
        self.workers
    }
}
