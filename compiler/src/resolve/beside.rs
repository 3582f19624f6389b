//! Declarations of one kind, each resolved for itself and many side by side.

use fleetnet_lang::ast::AstNode;
use fleetnet_lang::{FileId, Parse, SyntaxNodePtr};

use super::context::{Context, Declared};
use crate::model::{Name, Spanned};
use crate::workers::{self, Workers};

/// The trees of a package, in order of their files, and who works on them.
#[derive(Clone, Copy)]
pub(super) struct Package<'a> {
    /// The trees.
    pub parses: &'a [(FileId, Parse)],
    /// Who does what can be done side by side.
    pub workers: &'a dyn Workers,
}

/// The declarations that one job resolves.
const CHUNK: usize = 64;

/// A declaration for another thread: a node stays on its own, and the job finds it again in its tree.
struct Sent {
    /// Its place among the declarations.
    place: usize,
    file: FileId,
    name: Spanned<Name>,
    node: SyntaxNodePtr,
}

impl Package<'_> {
    /// What `resolve` makes of each declaration and its place, in their order; if it is given up, of the first of them.
    pub fn each<N: AstNode, T: Send>(
        self,
        ctx: &mut Context,
        declared: &[Declared<N>],
        resolve: impl Fn(&mut Context, usize, &Declared<N>) -> T + Sync,
    ) -> Vec<T> {
        let sent = |(place, declared): (usize, &Declared<N>)| Sent {
            place,
            file: declared.file,
            name: declared.name.clone(),
            node: SyntaxNodePtr::new(declared.node.syntax()),
        };
        let mut all: Vec<Sent> = declared.iter().enumerate().map(sent).collect();
        all.sort_by_key(|sent| (sent.file, sent.node.text_range().start()));
        let jobs: Vec<&[Sent]> = all.chunk_by(|a, b| a.file == b.file).flat_map(|file| file.chunks(CHUNK)).collect();
        let shared: &Context = ctx;
        let parts = workers::map(self.workers, &jobs, |job| {
            let mut part = shared.part();
            let resolved = self.job(&mut part, job, &resolve);
            (part, resolved)
        });
        let mut results: Vec<Option<T>> = declared.iter().map(|_| None).collect();
        for (part, resolved) in parts {
            ctx.join(part);
            for (place, result) in resolved {
                if let Some(slot) = results.get_mut(place) {
                    *slot = Some(result);
                }
            }
        }
        // A job leaves nothing out; what it did not find in its tree would be resolved here.
        let given_up = self.workers.is_given_up();
        let each = results.into_iter().zip(declared).enumerate();
        let left_out = |(place, (result, declared)): (usize, (Option<T>, &Declared<N>))| {
            result.or_else(|| (!given_up).then(|| resolve(ctx, place, declared)))
        };
        each.map_while(left_out).collect()
    }

    /// Resolves some declarations of one file.
    fn job<N: AstNode, T>(
        self,
        ctx: &mut Context,
        job: &[Sent],
        resolve: &impl Fn(&mut Context, usize, &Declared<N>) -> T,
    ) -> Vec<(usize, T)> {
        let tree = job.first().and_then(|first| self.parses.binary_search_by_key(&first.file, |(file, _)| *file).ok());
        let Some(root) = tree.and_then(|tree| self.parses.get(tree)).map(|(_, parse)| parse.syntax()) else {
            return Vec::new();
        };
        let resolved = job.iter().filter_map(|sent| {
            let node = N::cast(sent.node.try_to_node(&root)?)?;
            let declared = Declared { node, file: sent.file, name: sent.name.clone() };
            Some((sent.place, resolve(ctx, sent.place, &declared)))
        });
        resolved.collect()
    }
}
