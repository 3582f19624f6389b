//! What became of a file that was edited: which declarations say the same, and where their words went.

use std::collections::BTreeMap;

use fleetnet_lang::ast::{self, AstNode, Declaration, PolicyStmt};
use fleetnet_lang::{Element, Node, NodeOrToken, Parse, SyntaxKind};

use crate::resolve::again::is_about_paths;
use crate::resolve::waive;

/// What became of the declarations of a file that was edited.
#[derive(Debug)]
pub(super) struct Difference<'t> {
    /// The policies, in the order of the text.
    pub policies: Vec<EditedPolicy<'t>>,
    /// The identities whose statements have changed, in the order of the text.
    pub identities: Vec<EditedIdentity<'t>>,
    /// Whether services, paths to them or tests are others.
    pub has_other_paths: bool,
    /// The words of what is unchanged.
    pub words: Words,
}

/// The words of what is unchanged, in order.
#[derive(Debug, Default)]
pub(super) struct Words(Vec<Word>);

/// A word that stands there as before, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Word {
    /// Where it started.
    start: u32,
    /// Where it ended.
    end: u32,
    /// Where it starts.
    now: u32,
}

impl Word {
    /// Where a place in the word is, or behind it.
    fn moved(self, offset: u32) -> u32 {
        self.now + (offset - self.start)
    }
}

/// What became of a policy.
#[derive(Debug)]
pub(super) struct EditedPolicy<'t> {
    /// As it was.
    pub then: ast::Policy<'t>,
    /// As it is.
    pub now: ast::Policy<'t>,
    /// How it changed.
    pub change: Change<'t>,
}

/// An identity as it was and as it is.
#[derive(Debug)]
pub(super) struct EditedIdentity<'t> {
    /// As it was.
    pub then: ast::Identity<'t>,
    /// As it is.
    pub now: ast::Identity<'t>,
}

/// How a policy changed.
#[derive(Debug)]
pub(super) enum Change<'t> {
    /// Its statements: so many rules at its start and its end are the same.
    Rules {
        /// The rules that stand there as before.
        before: usize,
        /// Those that stood behind them.
        then: Vec<ast::Rule<'t>>,
        /// Those that stand behind them.
        now: Vec<ast::Rule<'t>>,
    },
    /// Whom it is about, or more than rules: it is to be read whole.
    Whole,
}

/// What was written into a file, whether it can be read or not.
#[derive(Debug)]
pub(super) struct Rewritten<'t> {
    /// The declarations that stood there and are others now, or gone.
    pub then: Vec<Declaration<'t>>,
    /// Those that are others, or new.
    pub now: Vec<Declaration<'t>>,
    /// The words of what is unchanged.
    pub words: Words,
}

/// A text and its tree.
#[derive(Clone, Copy)]
pub(super) struct Version<'t> {
    pub text: &'t str,
    pub parse: &'t Parse,
}

impl<'t> Difference<'t> {
    /// What became of them; nothing where anything but policies, identities, services, paths and tests has changed, or other
    /// policies and identities are there.
    pub fn between(then: Version<'t>, now: Version<'t>) -> Option<Self> {
        if !then.parse.diagnostics.is_empty() || !now.parse.diagnostics.is_empty() {
            return None;
        }
        let mut comparison = Comparison::of(then, now);
        let (mut policies, mut identities) = (Vec::new(), Vec::new());
        let split = |parse: &'t Parse| Some(parse.file()?.declarations().partition::<Vec<_>, _>(is_about_paths));
        let ((then_paths, then), (now_paths, now)) = (split(then.parse)?, split(now.parse)?);
        let has_other_paths = comparison.paths(&then_paths, &now_paths)?;
        let (mut before, mut after) = (then.into_iter(), now.into_iter());
        loop {
            match (before.next(), after.next()) {
                (None, None) => break,
                (Some(Declaration::Policy(then)), Some(Declaration::Policy(now))) => {
                    if then.name()?.text() != now.name()?.text() {
                        return None;
                    }
                    let change = comparison.policy(then, now);
                    policies.push(EditedPolicy { then, now, change });
                }
                (Some(Declaration::Identity(then)), Some(Declaration::Identity(now))) => {
                    if comparison.same(then.syntax(), now.syntax(), Statements::Are).is_none() {
                        comparison.identity(then, now)?;
                        identities.push(EditedIdentity { then, now });
                    }
                }
                (Some(then), Some(now)) => comparison.same(then.syntax(), now.syntax(), Statements::Are)?,
                (Some(_), None) | (None, Some(_)) => return None,
            }
        }
        Some(Self { policies, identities, has_other_paths, words: comparison.words() })
    }
}

impl<'t> Rewritten<'t> {
    /// What was written; nothing where anything but policies, identities, services, paths and tests has changed, or what is waived may have.
    pub fn between(then: Version<'t>, now: Version<'t>) -> Option<Self> {
        if !then.parse.diagnostics.is_empty() {
            return None;
        }
        let mut comparison = Comparison::of(then, now);
        let split = |parse: &'t Parse| parse.root().children().partition::<Vec<_>, _>(is_read_anew);
        let ((then, then_others), (now, now_others)) = (split(then.parse), split(now.parse));
        if then_others.len() != now_others.len() {
            return None;
        }
        then_others.iter().zip(now_others).try_for_each(|(then, now)| comparison.same(*then, now, Statements::Are))?;
        let Between { then, now, .. } =
            Between::of(&then, &now, |then, now| comparison.same(*then, *now, Statements::Are).is_some());
        if then.iter().chain(now).any(|node| waive::is_in(*node)) {
            return None;
        }
        let declarations = |nodes: &[Node<'t>]| nodes.iter().copied().filter_map(Declaration::cast).collect();
        Some(Self { then: declarations(then), now: declarations(now), words: comparison.words() })
    }
}

/// Whether a part of a file is read anew where it is another: also what is no declaration yet.
fn is_read_anew(node: &Node<'_>) -> bool {
    let Some(declaration) = Declaration::cast(*node) else { return true };
    matches!(declaration, Declaration::Policy(_) | Declaration::Identity(_)) || is_about_paths(&declaration)
}

/// Compares two versions of a file.
struct Comparison<'t> {
    texts: (&'t str, &'t str),
    /// The words that are known to be unchanged.
    words: Words,
}

/// Whether the statements in a block are part of what is compared.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Statements {
    Are,
    AreNot,
}

impl<'t> Comparison<'t> {
    fn of(then: Version<'t>, now: Version<'t>) -> Self {
        Self { texts: (then.text, now.text), words: Words::default() }
    }

    /// The words that were found to be unchanged.
    fn words(self) -> Words {
        let mut words = self.words;
        words.0.sort_unstable();
        words
    }

    fn policy(&mut self, then: ast::Policy<'t>, now: ast::Policy<'t>) -> Change<'t> {
        let (then_all, now_all): (Vec<_>, Vec<_>) = (then.statements().collect(), now.statements().collect());
        // Whom a policy is about is written into what a rule of it lacks, as it stands there.
        let subject = |policy: ast::Policy<'_>| policy.subject().map(|subject| subject.syntax().to_string());
        let is_as_before = subject(then) == subject(now);
        if !is_as_before || self.same(then.syntax(), now.syntax(), Statements::AreNot).is_none() {
            return Change::Whole;
        }
        let Between { before, then, now } =
            Between::of(&then_all, &now_all, |then, now| self.unedited(then.syntax(), now.syntax()).is_some());
        let rules = |statements: &[PolicyStmt<'t>]| statements.iter().map(rule).collect::<Option<Vec<_>>>();
        match (rules(then), rules(now)) {
            (Some(then), Some(now)) => {
                let before = then_all.iter().take(before).filter(|statement| rule(statement).is_some()).count();
                Change::Rules { before, then, now }
            }
            (None, _) | (_, None) => Change::Whole,
        }
    }

    /// Whether some declarations are others than before. Nothing where what is waived in them may be.
    fn paths(&mut self, then: &[Declaration<'t>], now: &[Declaration<'t>]) -> Option<bool> {
        let Between { then, now, .. } =
            Between::of(then, now, |then, now| self.same(then.syntax(), now.syntax(), Statements::Are).is_some());
        // Some may only be in another order, which matters as well: of several findings the first is told.
        let has_others = !(then.is_empty() && now.is_empty());
        let mut left: BTreeMap<Option<&str>, Vec<Declaration<'t>>> = BTreeMap::new();
        for declaration in now {
            left.entry(written(self.texts.1, declaration.syntax())).or_default().push(*declaration);
        }
        let mut others = Vec::new();
        for declaration in then {
            match left.get_mut(&written(self.texts.0, declaration.syntax())).and_then(Vec::pop) {
                Some(later) => drop(self.same(declaration.syntax(), later.syntax(), Statements::Are)),
                None => others.push(*declaration),
            }
        }
        others.extend(left.into_values().flatten());
        (!others.iter().any(|declaration| waive::is_in(declaration.syntax()))).then_some(has_others)
    }

    /// Notes where the words of an identity went that are the same; nothing where its name is another one.
    fn identity(&mut self, then: ast::Identity<'t>, now: ast::Identity<'t>) -> Option<()> {
        self.same(then.syntax(), now.syntax(), Statements::AreNot)?;
        let (then, now): (Vec<_>, Vec<_>) = (then.statements().collect(), now.statements().collect());
        Between::of(&then, &now, |then, now| self.same(then.syntax(), now.syntax(), Statements::Are).is_some());
        Some(())
    }

    /// Notes where the words of something went, if they are the same, and read the same.
    fn same(&mut self, then: Node<'_>, now: Node<'_>, statements: Statements) -> Option<()> {
        let known = self.words.0.len();
        let same = self.pair(then, now, statements);
        if same.is_none() {
            self.words.0.truncate(known);
        }
        same
    }

    /// As `same`, with blanks and comments, and as far from the start of its line: whatever is written beside it stands there alike.
    fn unedited(&mut self, then: Node<'_>, now: Node<'_>) -> Option<()> {
        let is_alike = written(self.texts.0, then) == written(self.texts.1, now)
            && indentation(self.texts.0, then) == indentation(self.texts.1, now);
        is_alike.then(|| self.same(then, now, Statements::Are)).flatten()
    }

    fn pair(&mut self, then: Node<'_>, now: Node<'_>, statements: Statements) -> Option<()> {
        if then.kind() != now.kind() {
            return None;
        }
        let (mut before, mut after) = (meaningful(then, statements), meaningful(now, statements));
        loop {
            match (before.next(), after.next()) {
                (None, None) => return Some(()),
                (Some(NodeOrToken::Node(then)), Some(NodeOrToken::Node(now))) => self.pair(then, now, statements)?,
                (Some(NodeOrToken::Token(then)), Some(NodeOrToken::Token(now)))
                    if then.kind() == now.kind() && then.text() == now.text() =>
                {
                    let (range, now) = (then.text_range(), now.text_range());
                    let (start, end) = (range.start().into(), range.end().into());
                    self.words.0.push(Word { start, end, now: now.start().into() });
                }
                (Some(_), _) | (None, Some(_)) => return None,
            }
        }
    }
}

impl Words {
    /// Where something is that starts and ends with words of what is unchanged.
    pub fn moved(&self, start: u32, end: u32) -> Option<(u32, u32)> {
        let first = self.0.get(self.0.partition_point(|word| word.end <= start))?;
        let last = self.0.get(self.0.partition_point(|word| word.start < end).checked_sub(1)?)?;
        let is_whole = first.start <= start && end <= last.end && first <= last;
        is_whole.then(|| (first.moved(start), last.moved(end)))
    }

    /// Where the words of some text are of which the first and the last are unchanged, whatever stands around them.
    pub fn around(&self, start: u32, end: u32) -> Option<(u32, u32)> {
        let first = self.0.get(self.0.partition_point(|word| word.start < start))?;
        let last = self.0.get(self.0.partition_point(|word| word.end <= end).checked_sub(1)?)?;
        (first <= last).then(|| (first.now, last.moved(last.end)))
    }

    /// Where a place is around which nothing has changed from the word before it to the one behind it. The texts are those of then and now.
    pub fn place(&self, offset: u32, (then, now): (&str, &str)) -> Option<u32> {
        let behind = self.0.partition_point(|word| word.end <= offset);
        let before = behind.checked_sub(1).and_then(|before| self.0.get(before));
        let (gap, gap_now) = before.map_or((0, 0), |word| (word.end, word.moved(word.end)));
        let next = self.0.get(behind);
        if let Some(word) = next.filter(|word| word.start < offset) {
            return Some(word.moved(offset));
        }
        let between = |text: &str, start: u32, end: Option<u32>| {
            let end = end.map_or(text.len(), |end| end as usize);
            text.get(start as usize..end).map(str::to_owned)
        };
        let gap_then = between(then, gap, next.map(|word| word.start))?;
        let is_same = gap_then == between(now, gap_now, next.map(|word| word.now))?;
        is_same.then(|| gap_now + (offset - gap))
    }
}

/// The text of a node.
fn written<'t>(text: &'t str, node: Node<'_>) -> Option<&'t str> {
    text.get(std::ops::Range::<usize>::from(node.text_range()))
}

/// What stands between those that are alike at the start and at the end.
struct Between<'n, N> {
    /// How many are alike at the start.
    before: usize,
    then: &'n [N],
    now: &'n [N],
}

impl<'n, N> Between<'n, N> {
    fn of(then: &'n [N], now: &'n [N], mut are_alike: impl FnMut(&N, &N) -> bool) -> Self {
        let before = then.iter().zip(now).take_while(|(then, now)| are_alike(then, now)).count();
        let (then, now) = (then.get(before..).unwrap_or_default(), now.get(before..).unwrap_or_default());
        let behind = then.iter().rev().zip(now.iter().rev()).take_while(|(then, now)| are_alike(then, now)).count();
        let middle = |all: &'n [N]| all.get(..all.len() - behind).unwrap_or_default();
        Self { before, then: middle(then), now: middle(now) }
    }
}

fn rule<'t>(statement: &PolicyStmt<'t>) -> Option<ast::Rule<'t>> {
    match statement {
        PolicyStmt::Rule(rule) => Some(*rule),
        PolicyStmt::Default(_) | PolicyStmt::Waive(_) => None,
    }
}

/// The blanks between the start of a line and a node; nothing where something else stands before it there.
fn indentation<'t>(text: &'t str, node: Node<'_>) -> Option<&'t str> {
    let before = text.get(..node.text_range().start().into())?;
    let line = before.rsplit_once('\n').map_or(before, |(_, line)| line);
    line.chars().all(|c| matches!(c, ' ' | '\t' | '\r' | '\u{feff}')).then_some(line)
}

/// What a node is made of, without what tells nothing to the compiler.
fn meaningful(node: Node<'_>, statements: Statements) -> impl Iterator<Item = Element<'_>> {
    let is_block = node.kind() == SyntaxKind::Block;
    node.children_with_tokens().filter(move |element| match element {
        NodeOrToken::Node(_) => !(is_block && statements == Statements::AreNot),
        NodeOrToken::Token(token) => !token.kind().is_trivia(),
    })
}
