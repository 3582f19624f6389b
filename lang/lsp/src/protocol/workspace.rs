//! The packages that a client works in: what lies on disk, with the client's open buffers on top.

use std::collections::BTreeMap;
use std::sync::Arc;

use fleetnet_compiler::compile::ParamValue;
use fleetnet_lang::{FileId, SourceFile};
use gen_lsp_types as lsp;

use super::job::{Done, Extent, Job, Keeping, Stale};
use super::uri;
use crate::findings::Checked;
use crate::meaning::Meaning;
use crate::package::Package;

/// Where packages come from.
pub trait Files {
    /// The package that a file belongs to; nothing where there is none, or where it can't be read.
    fn package(&self, path: &str) -> Option<Folder>;
}

/// A package as it lies somewhere.
#[derive(Clone, Debug)]
pub struct Folder {
    /// Its root, which ends in `/`.
    pub root: String,
    /// The path below it of the file that was asked for, whether it is there or not.
    pub name: String,
    /// Its files, the lock among them.
    pub files: Vec<SourceFile>,
}

/// A package that something is open of.
#[derive(Debug, Default)]
pub struct Opened {
    /// What stands before the path of every file.
    pub root: String,
    /// As it is now.
    pub package: Package,
    /// Goes up with every change.
    pub generation: u64,
    /// The generation that was last given to be compiled.
    pub started: u64,
    /// The generation whose edits were last given to be looked at.
    pub looked: u64,
    /// Tells the jobs of this generation that nobody waits for them any more.
    pub stale: Stale,
    /// What compilations keep for the next edits.
    pub kept: Keeping,
    /// What came of the last compilation.
    pub checked: Checked,
    /// What the package meant when it last meant anything.
    pub meaning: Option<Arc<Meaning>>,
    /// What the client shows, by URI.
    pub published: BTreeMap<String, Published>,
}

/// What is known now that was not before.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Known {
    /// What is found in a package, by its key.
    Findings(String),
    /// What a package means.
    Meaning,
}

/// What the client was told about a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Published {
    /// The client's number for the text, where it is open.
    pub version: Option<i32>,
    /// The findings.
    pub diagnostics: Vec<lsp::Diagnostic>,
}

/// A file that is open.
#[derive(Clone, Debug)]
pub struct Buffer {
    /// The package's key.
    pub package: String,
    /// Its path in the package.
    pub name: String,
    /// The client's number for its text.
    pub version: i32,
}

/// All that is open.
#[derive(Debug, Default)]
pub struct Workspace {
    /// By root, or by URI where a file belongs to no package.
    pub packages: BTreeMap<String, Opened>,
    /// By URI.
    pub buffers: BTreeMap<String, Buffer>,
    /// What the parameters of all packages are set to.
    pub params: Arc<[ParamValue]>,
}

impl Workspace {
    /// Opens a file with the text that the client has of it.
    pub fn open(&mut self, files: &dyn Files, uri: &str, version: i32, text: &str) {
        let (key, name) = self.place(files, uri);
        let opened = self.packages.entry(key.clone()).or_default();
        opened.set(&name, text.into());
        self.buffers.insert(uri.to_owned(), Buffer { package: key, name, version });
    }

    /// Gives an open file another text.
    pub fn change(&mut self, uri: &str, version: i32, text: Arc<str>) {
        let Some(buffer) = self.buffers.get_mut(uri) else { return };
        buffer.version = version;
        if let Some(opened) = self.packages.get_mut(&buffer.package) {
            opened.set(&buffer.name, text);
        }
    }

    /// Forgets what the client has of a file: what lies on disk counts again.
    pub fn close(&mut self, files: &dyn Files, uri: &str) {
        if self.buffers.remove(uri).is_some() {
            self.reload(files);
        }
    }

    /// Reads everything again that is not open. Files that are as they were keep their trees.
    pub fn reload(&mut self, files: &dyn Files) {
        let texts: Vec<(String, i32, Arc<str>)> = self
            .buffers
            .iter()
            .filter_map(|(uri, buffer)| Some((uri.clone(), buffer.version, self.source(uri)?.text.clone())))
            .collect();
        let before = std::mem::take(&mut self.packages);
        self.buffers.clear();
        for (uri, version, text) in texts {
            let (key, name) = self.place(files, &uri);
            self.packages.entry(key.clone()).or_default().overlay(&name, text);
            self.buffers.insert(uri, Buffer { package: key, name, version });
        }
        for (key, old) in before {
            // One that nothing is open of any more stays until its findings are taken back.
            let new =
                self.packages.entry(key).or_insert_with(|| Opened { root: old.root.clone(), ..Opened::default() });
            new.succeed(old);
        }
    }

    /// An open file's text.
    pub fn source(&self, uri: &str) -> Option<&SourceFile> {
        let (opened, file) = self.find(uri)?;
        Some(&opened.package.file(file)?.source)
    }

    /// The package of an open file, and the file in it.
    pub fn find(&self, uri: &str) -> Option<(&Opened, FileId)> {
        let buffer = self.buffers.get(uri)?;
        let opened = self.packages.get(&buffer.package)?;
        Some((opened, opened.package.find(&buffer.name)?))
    }

    /// The URI of a file of a package: as the client wrote it where the file is open.
    pub fn uri(&self, opened: &Opened, name: &str) -> String {
        let open = self.buffers.iter().find(|(_, buffer)| {
            let own = self.packages.get(&buffer.package).is_some_and(|package| std::ptr::eq(package, opened));
            own && buffer.name == name
        });
        open.map_or_else(|| uri::of_path(&format!("{}{name}", opened.root)), |(uri, _)| uri.clone())
    }

    /// Sets the parameters of all packages; what follows from others has to be found again.
    pub fn set_params(&mut self, params: Vec<ParamValue>) {
        if *self.params != *params {
            self.params = params.into();
            self.packages.values_mut().for_each(Opened::changed);
        }
    }

    /// The next package that changed since it was last compiled.
    pub fn job(&mut self) -> Option<Job> {
        let changed = |opened: &Opened| opened.started != opened.generation;
        let (key, opened) = self.packages.iter_mut().find(|(_, opened)| changed(opened))?;
        opened.started = opened.generation;
        Some(opened.job(key, Extent::Whole, &self.params, &self.buffers))
    }

    /// The next package that changed since its edits were last looked at, and that is not being compiled as it is.
    pub fn edits(&mut self) -> Option<Job> {
        let changed = |opened: &Opened| ![opened.looked, opened.started].contains(&opened.generation);
        let (key, opened) = self.packages.iter_mut().find(|(_, opened)| changed(opened))?;
        opened.looked = opened.generation;
        Some(opened.job(key, Extent::Edits, &self.params, &self.buffers))
    }

    /// Takes what came of a job; nothing if the package has changed since.
    pub fn done(&mut self, done: Done) -> Option<Known> {
        let opened = self.packages.get_mut(&done.key).filter(|opened| opened.generation == done.generation)?;
        opened.checked = done.checked.after(&opened.checked);
        let Some(meaning) = done.meaning else { return Some(Known::Findings(done.key)) };
        opened.meaning = Some(meaning);
        Some(Known::Meaning)
    }

    /// The package that a file belongs to, which is opened, and the file's path in it.
    fn place(&mut self, files: &dyn Files, uri: &str) -> (String, String) {
        let path = uri::path(uri);
        let Some(folder) = path.as_deref().and_then(|path| files.package(path)) else {
            return self.alone(uri, path.as_deref());
        };
        let Folder { root, name, files } = folder;
        self.packages.entry(root.clone()).or_insert_with(|| Opened {
            root: root.clone(),
            package: Package::new(files),
            generation: 1,
            ..Opened::default()
        });
        (root, name)
    }

    /// A file that belongs to no package is one of its own.
    fn alone(&mut self, uri: &str, path: Option<&str>) -> (String, String) {
        let (root, name) = path.and_then(|path| path.rsplit_once('/')).unwrap_or(("", "untitled.fleetnet"));
        let opened = self.packages.entry(uri.to_owned()).or_default();
        opened.root = format!("{root}/");
        (uri.to_owned(), name.to_owned())
    }
}

impl Opened {
    fn set(&mut self, name: &str, text: Arc<str>) {
        self.changed();
        self.overlay(name, text);
    }

    fn overlay(&mut self, name: &str, text: Arc<str>) {
        let same = self.package.find(name).and_then(|file| self.package.file(file));
        if same.is_none_or(|file| file.source.text != text) {
            self.package.set(name, text);
        }
    }

    fn job(
        &mut self,
        key: &str,
        extent: Extent,
        params: &Arc<[ParamValue]>,
        buffers: &BTreeMap<String, Buffer>,
    ) -> Job {
        let open = buffers.values().filter(|buffer| buffer.package == key);
        Job {
            key: key.to_owned(),
            generation: self.generation,
            package: self.package.clone(),
            params: Arc::clone(params),
            open: open.filter_map(|buffer| self.package.find(&buffer.name)).collect(),
            stale: self.stale.clone(),
            kept: Arc::clone(&self.kept),
            extent,
        }
    }

    /// Takes over what was known of the package before it was read again.
    fn succeed(&mut self, before: Self) {
        self.package.reuse(&before.package);
        self.generation = before.generation;
        self.started = before.started;
        self.looked = before.looked;
        self.stale = before.stale;
        self.kept = before.kept;
        self.checked = before.checked;
        self.meaning = before.meaning;
        self.published = before.published;
        self.changed();
    }

    /// What was found is not of what is there now.
    fn changed(&mut self) {
        self.generation = self.generation.saturating_add(1);
        self.stale.set();
        self.stale = Stale::default();
    }
}
