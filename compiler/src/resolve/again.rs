//! Policies that are read again, where nothing else of a package has changed.

use fleetnet_lang::ast::{self, AstNode, Declaration, PolicyStmt};
use fleetnet_lang::{
    Diagnostic, FileId, NodeOrToken, Parse, SyntaxElement, SyntaxKind, SyntaxNode, WalkEvent, literals,
};

use super::context::{Context, Declared, Used};
use super::names::Index;
use super::params::Params;
use super::places::Places;
use super::policies;
use super::read::Reader;
use super::who::Who;
use crate::model::{IdentityId, Model, NamespaceId, Policy, PolicyId, Rule, Spanned};

/// What the names of a package stand for.
#[derive(Debug)]
pub struct Names {
    pub(super) places: Places,
    pub(super) namespace_index: Index<NamespaceId>,
    pub(super) identity_index: Index<IdentityId>,
    pub(super) params: Params,
    pub(super) used: Used,
}

/// Reads policies of a package whose other declarations are known.
#[derive(Debug)]
pub struct Reread {
    who: Who,
    params: Params,
    /// What all of the package uses.
    used: Used,
}

/// What came of reading something again.
#[derive(Debug)]
pub struct Read<T> {
    /// What it is.
    pub value: T,
    /// What is wrong with it.
    pub found: Vec<Diagnostic>,
    /// How often it uses groups, externals and sets of clusters.
    pub used: Used,
}

impl Reread {
    /// Reads again what refers to the declarations of a model that has these names.
    #[must_use]
    pub fn new(names: Names, model: &Model) -> Self {
        let Names { places, namespace_index, identity_index, params, used } = names;
        let places = places.with_clusters(model.clusters.clone());
        let (namespaces, identities) = (model.namespaces.clone(), model.identities.clone());
        Self { who: Who { places, namespaces, namespace_index, identities, identity_index }, params, used }
    }

    /// A policy of the model as it is written now, with its rules in the order of the text. Nothing where that cannot be told from it alone: it uses
    /// parameters or has waives, or something that it names is declared nowhere.
    #[must_use]
    pub fn policy(&self, id: PolicyId, file: FileId, node: &ast::Policy) -> Option<Read<(Policy, Vec<Rule>)>> {
        let word = node.name()?;
        let span = word.span(file);
        let name = Spanned::new(literals::name(word.text(), span).ok()?.into(), span);
        let declared = Declared { node: node.clone(), file, name };
        self.read(node.syntax(), |ctx| Some(policies::resolve_one(ctx, &self.who, id, &declared)))
    }

    /// A rule of a policy as it is written now, as [`Reread::policy`].
    #[must_use]
    pub fn rule(&self, policy: PolicyId, file: FileId, node: &ast::Rule) -> Option<Read<Rule>> {
        self.read(node.syntax(), |ctx| policies::rule(&mut Reader::new(ctx, file), &self.who, policy, node))
    }

    /// Whether whatever is used, and nothing else, still is when these uses are replaced by others.
    #[must_use]
    pub fn are_used_alike(&self, then: &Used, now: &Used) -> bool {
        self.used.are_alike(then, now)
    }

    fn read<T>(&self, node: &SyntaxNode, read: impl FnOnce(&mut Context) -> Option<T>) -> Option<Read<T>> {
        if node.descendants().any(|node| node.kind() == SyntaxKind::Waive) {
            return None;
        }
        let mut ctx = Context { params: self.params.part(), ..Context::default() };
        let value = read(&mut ctx)?;
        let is_plain = ctx.params.are_unused() && !ctx.has_errors();
        is_plain.then_some(Read { value, found: ctx.found, used: ctx.used })
    }
}

/// What became of the declarations of a file that was edited.
#[derive(Debug)]
pub struct Difference {
    /// The policies, in the order of the text.
    pub policies: Vec<EditedPolicy>,
    /// Where the words of what is unchanged were and are: start and end, then the new start; in order.
    moved: Vec<(u32, u32, u32)>,
}

/// What became of a policy.
#[derive(Debug)]
pub struct EditedPolicy {
    /// As it was.
    pub then: ast::Policy,
    /// As it is.
    pub now: ast::Policy,
    /// How it changed.
    pub change: Change,
}

/// How a policy changed.
#[derive(Debug)]
pub enum Change {
    /// Its statements: so many rules at its start and its end are the same.
    Rules {
        /// The rules that stand there as before.
        before: usize,
        /// Those that stood behind them.
        then: Vec<ast::Rule>,
        /// Those that stand behind them.
        now: Vec<ast::Rule>,
    },
    /// Whom it is about, or more than rules: it is to be read whole.
    Whole,
}

impl Difference {
    /// What became of them; nothing where anything but policies has changed, or other policies are there.
    #[must_use]
    pub fn between(then: &Parse, now: &Parse) -> Option<Self> {
        if !then.diagnostics.is_empty() || !now.diagnostics.is_empty() {
            return None;
        }
        let (then, now) = (then.file()?, now.file()?);
        let mut difference = Self { policies: Vec::new(), moved: Vec::new() };
        let (mut before, mut after) = (then.declarations(), now.declarations());
        loop {
            match (before.next(), after.next()) {
                (None, None) => break,
                (Some(Declaration::Policy(then)), Some(Declaration::Policy(now))) => {
                    if then.name()?.text() != now.name()?.text() {
                        return None;
                    }
                    let change = difference.policy(&then, &now);
                    difference.policies.push(EditedPolicy { then, now, change });
                }
                (Some(then), Some(now)) => difference.same(then.syntax(), now.syntax())?,
                (Some(_), None) | (None, Some(_)) => return None,
            }
        }
        difference.moved.sort_unstable();
        Some(difference)
    }

    fn policy(&mut self, then: &ast::Policy, now: &ast::Policy) -> Change {
        let statements = |policy: &ast::Policy| policy.statements().collect::<Vec<_>>();
        let (then_all, now_all) = (statements(then), statements(now));
        // Whom a policy is about is written into what a rule of it lacks, as it stands there.
        let subject = |policy: &ast::Policy| policy.subject().map(|subject| subject.syntax().text());
        let is_statement = |node: &SyntaxNode| node.parent().is_some_and(|block| block.kind() == SyntaxKind::Block);
        let is_as_before = subject(then) == subject(now);
        if !is_as_before || self.same_but(then.syntax(), now.syntax(), is_statement).is_none() {
            return Change::Whole;
        }
        let mut pairs = then_all.iter().zip(&now_all);
        let before =
            pairs.by_ref().take_while(|(then, now)| self.unedited(then.syntax(), now.syntax()).is_some()).count();
        let (then_rest, now_rest) =
            (then_all.get(before..).unwrap_or_default(), now_all.get(before..).unwrap_or_default());
        let ends = then_rest.iter().rev().zip(now_rest.iter().rev());
        let behind = ends.take_while(|(then, now)| self.unedited(then.syntax(), now.syntax()).is_some()).count();
        let rules = |statements: &[PolicyStmt]| {
            let middle = statements.get(..statements.len().saturating_sub(behind)).unwrap_or_default();
            middle.iter().map(rule).collect::<Option<Vec<_>>>()
        };
        match (rules(then_rest), rules(now_rest)) {
            (Some(then), Some(now)) => {
                let before = then_all.iter().take(before).filter(|statement| rule(statement).is_some()).count();
                Change::Rules { before, then, now }
            }
            (None, _) | (_, None) => Change::Whole,
        }
    }

    /// Notes where the words of something went, if they are the same, and read the same.
    fn same(&mut self, then: &SyntaxNode, now: &SyntaxNode) -> Option<()> {
        self.same_but(then, now, |_| false)
    }

    /// As `same`, with blanks and comments, and as far from the start of its line: whatever is written beside it stands there alike.
    fn unedited(&mut self, then: &SyntaxNode, now: &SyntaxNode) -> Option<()> {
        let is_alike = then.text() == now.text() && indentation(then) == indentation(now);
        is_alike.then(|| self.same(then, now)).flatten()
    }

    /// As `same`, some nodes below it aside.
    fn same_but(&mut self, then: &SyntaxNode, now: &SyntaxNode, is_aside: impl Fn(&SyntaxNode) -> bool) -> Option<()> {
        let known = self.moved.len();
        let (mut before, mut after) = (meaningful(then, &is_aside), meaningful(now, &is_aside));
        loop {
            match (before.next(), after.next()) {
                (None, None) => return Some(()),
                (Some(WalkEvent::Enter(then)), Some(WalkEvent::Enter(now))) if is_same(&then, &now) => {
                    if let (NodeOrToken::Token(then), NodeOrToken::Token(now)) = (then, now) {
                        let range = then.text_range();
                        self.moved.push((range.start().into(), range.end().into(), now.text_range().start().into()));
                    }
                }
                (Some(WalkEvent::Leave(then)), Some(WalkEvent::Leave(now))) if then.kind() == now.kind() => {}
                (Some(_), _) | (None, Some(_)) => {
                    self.moved.truncate(known);
                    return None;
                }
            }
        }
    }

    /// Where something is that starts and ends with words of what is unchanged.
    #[must_use]
    pub fn moved(&self, start: u32, end: u32) -> Option<(u32, u32)> {
        let first = self.moved.partition_point(|(_, end, _)| *end <= start);
        let last = self.moved.partition_point(|(start, ..)| *start < end).checked_sub(1)?;
        let (first_start, _, first_now) = self.moved.get(first)?;
        let (last_start, last_end, last_now) = self.moved.get(last)?;
        let within = first_start <= &start && &end <= last_end && first <= last;
        within.then(|| (first_now + (start - first_start), last_now + (end - last_start)))
    }

    /// Where the words of some text are of which the first and the last are unchanged, whatever stands around them.
    #[must_use]
    pub fn words(&self, start: u32, end: u32) -> Option<(u32, u32)> {
        let (first, _, first_now) = self.moved.get(self.moved.partition_point(|(start_of, ..)| *start_of < start))?;
        let last = self.moved.partition_point(|(_, end_of, _)| *end_of <= end).checked_sub(1)?;
        let (last, last_end, last_now) = self.moved.get(last)?;
        (first <= last).then(|| (*first_now, last_now + (last_end - last)))
    }

    /// Where a place is around which nothing has changed from the word before it to the one behind it. The texts are those of then and now.
    #[must_use]
    pub fn place(&self, offset: u32, (then, now): (&str, &str)) -> Option<u32> {
        let behind = self.moved.partition_point(|(_, end, _)| *end <= offset);
        let before = behind.checked_sub(1).and_then(|before| self.moved.get(before));
        let (gap, gap_now) = before.map_or((0, 0), |(start, end, now)| (*end, now + (end - start)));
        let ends = |text: &str| u32::try_from(text.len()).unwrap_or(u32::MAX);
        let (next, next_now) = self.moved.get(behind).map_or((ends(then), ends(now)), |(start, _, now)| (*start, *now));
        if next < offset {
            return Some(next_now + (offset - next));
        }
        let between = |text: &str, start: u32, end: u32| text.get(start as usize..end as usize).map(str::to_owned);
        let is_same = between(then, gap, next)? == between(now, gap_now, next_now)?;
        is_same.then(|| gap_now + (offset - gap))
    }
}

fn rule(statement: &PolicyStmt) -> Option<ast::Rule> {
    match statement {
        PolicyStmt::Rule(rule) => Some(rule.clone()),
        PolicyStmt::Default(_) | PolicyStmt::Waive(_) => None,
    }
}

/// The blanks between the start of a line and a node; nothing where something else stands before it there.
fn indentation(node: &SyntaxNode) -> Option<String> {
    let mut indentation = String::new();
    let mut before = node.first_token().and_then(|token| token.prev_token());
    while let Some(token) = before.filter(|token| token.kind() != SyntaxKind::Newline) {
        if token.kind() != SyntaxKind::Whitespace {
            return None;
        }
        indentation.insert_str(0, token.text());
        before = token.prev_token();
    }
    Some(indentation)
}

/// The nodes and words below a node, without what tells nothing to the compiler.
fn meaningful(
    node: &SyntaxNode,
    is_aside: impl Fn(&SyntaxNode) -> bool,
) -> impl Iterator<Item = WalkEvent<SyntaxElement>> {
    let mut events = node.preorder_with_tokens();
    std::iter::from_fn(move || {
        loop {
            let event = events.next()?;
            let (WalkEvent::Enter(element) | WalkEvent::Leave(element)) = &event;
            match (&event, element) {
                (WalkEvent::Enter(_), NodeOrToken::Node(node)) if is_aside(node) => events.skip_subtree(),
                (_, NodeOrToken::Node(node)) if is_aside(node) => {}
                (_, element) if element.kind().is_trivia() => {}
                (_, _) => return Some(event),
            }
        }
    })
}

fn is_same(then: &SyntaxElement, now: &SyntaxElement) -> bool {
    match (then, now) {
        (NodeOrToken::Token(then), NodeOrToken::Token(now)) => then.kind() == now.kind() && then.text() == now.text(),
        (NodeOrToken::Node(then), NodeOrToken::Node(now)) => then.kind() == now.kind(),
        (NodeOrToken::Token(_), NodeOrToken::Node(_)) | (NodeOrToken::Node(_), NodeOrToken::Token(_)) => false,
    }
}
