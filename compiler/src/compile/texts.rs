//! What each of a compilation's texts is: a question, the package's own files, its lock, an inventory, environment files.

use fleetnet_lang::{Diagnostic, FileId, Parse, SourceFile, Sources};

use super::World;
use crate::workers;

/// Which of the sources is what, by their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Texts {
    /// A question about the package.
    pub question: Option<FileId>,
    /// The package's own files, in order.
    pub package: Vec<FileId>,
    /// The lock.
    pub lock: Option<FileId>,
    /// The inventory.
    pub inventory: Option<FileId>,
    /// Environment files, each of which beats those before it.
    environments: Vec<FileId>,
}

impl Texts {
    /// All that a compilation may know. A question is answered without the numbers that a lock holds, and without an inventory.
    pub fn of(world: &dyn World, question: Option<SourceFile>) -> (Sources, Self) {
        let lock = if question.is_none() { world.lock() } else { None };
        let environments = world.environments();
        let inventory = if question.is_none() { world.inventory() } else { None };
        let path = |file: &SourceFile| file.path.clone();
        let (question_path, lock_path) = (question.as_ref().map(path), lock.as_ref().map(path));
        let inventory_path = inventory.as_ref().map(path);
        let environment_paths: Vec<_> = environments.iter().map(path).collect();
        let others = question.into_iter().chain(lock).chain(inventory).chain(environments);
        let sources = Sources::new(others.chain(world.sources()).collect());
        let id = |path: &_| sources.iter().find(|(_, file)| file.path == *path).map(|(id, _)| id);
        let mut texts = Self {
            question: question_path.as_ref().and_then(id),
            package: Vec::new(),
            lock: lock_path.as_ref().and_then(id),
            inventory: inventory_path.as_ref().and_then(id),
            environments: environment_paths.iter().filter_map(id).collect(),
        };
        texts.package = sources.iter().map(|(id, _)| id).filter(|id| !texts.is_other(*id)).collect();
        (sources, texts)
    }

    fn is_other(&self, id: FileId) -> bool {
        [self.question, self.lock, self.inventory].contains(&Some(id)) || self.environments.contains(&id)
    }

    /// The trees of the package's files.
    pub fn parse(&self, sources: &Sources, world: &dyn World, found: &mut Vec<Diagnostic>) -> Vec<(FileId, Parse)> {
        let files: Vec<(FileId, &SourceFile, Option<Parse>)> =
            among(sources, &self.package).map(|(id, file)| (id, file, world.parsed(id, file))).collect();
        let parses = workers::map(world.workers(), &files, |(id, file, parsed)| {
            (*id, parsed.clone().unwrap_or_else(|| fleetnet_lang::parse(*id, &file.text)))
        });
        found.extend(parses.iter().flat_map(|(_, parse)| parse.diagnostics.iter().cloned()));
        parses
    }

    /// The trees of the environment files.
    pub fn parse_environments(&self, sources: &Sources, found: &mut Vec<Diagnostic>) -> Vec<(FileId, Parse)> {
        let files = among(sources, &self.environments);
        let parses: Vec<_> = files.map(|(id, file)| (id, fleetnet_lang::parse_environment(id, &file.text))).collect();
        found.extend(parses.iter().flat_map(|(_, parse)| parse.diagnostics.iter().cloned()));
        parses
    }
}

fn among<'s>(sources: &'s Sources, ids: &'s [FileId]) -> impl Iterator<Item = (FileId, &'s SourceFile)> {
    ids.iter().filter_map(|id| Some((*id, sources.get(*id)?)))
}
