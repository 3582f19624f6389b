//! What became of a file that was edited: which declarations say the same, and where their words went.

use fleetnet_lang::ast::{self, AstNode, Declaration, PolicyStmt};
use fleetnet_lang::{NodeOrToken, Parse, SyntaxElement, SyntaxKind, SyntaxNode, WalkEvent};

/// What became of the declarations of a file that was edited.
#[derive(Debug)]
pub(super) struct Difference {
    /// The policies, in the order of the text.
    pub policies: Vec<EditedPolicy>,
    /// The words of what is unchanged, in order.
    words: Vec<Word>,
}

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
pub(super) struct EditedPolicy {
    /// As it was.
    pub then: ast::Policy,
    /// As it is.
    pub now: ast::Policy,
    /// How it changed.
    pub change: Change,
}

/// How a policy changed.
#[derive(Debug)]
pub(super) enum Change {
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
    pub fn between(then: &Parse, now: &Parse) -> Option<Self> {
        if !then.diagnostics.is_empty() || !now.diagnostics.is_empty() {
            return None;
        }
        let (then, now) = (then.file()?, now.file()?);
        let mut difference = Self { policies: Vec::new(), words: Vec::new() };
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
        difference.words.sort_unstable();
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
        let known = self.words.len();
        let (mut before, mut after) = (meaningful(then, &is_aside), meaningful(now, &is_aside));
        loop {
            match (before.next(), after.next()) {
                (None, None) => return Some(()),
                (Some(WalkEvent::Enter(then)), Some(WalkEvent::Enter(now))) if is_same(&then, &now) => {
                    if let (NodeOrToken::Token(then), NodeOrToken::Token(now)) = (then, now) {
                        let range = then.text_range();
                        let (start, end) = (range.start().into(), range.end().into());
                        self.words.push(Word { start, end, now: now.text_range().start().into() });
                    }
                }
                (Some(WalkEvent::Leave(then)), Some(WalkEvent::Leave(now))) if then.kind() == now.kind() => {}
                (Some(_), _) | (None, Some(_)) => {
                    self.words.truncate(known);
                    return None;
                }
            }
        }
    }

    /// Where something is that starts and ends with words of what is unchanged.
    pub fn moved(&self, start: u32, end: u32) -> Option<(u32, u32)> {
        let first = self.words.get(self.words.partition_point(|word| word.end <= start))?;
        let last = self.words.get(self.words.partition_point(|word| word.start < end).checked_sub(1)?)?;
        let is_whole = first.start <= start && end <= last.end && first <= last;
        is_whole.then(|| (first.moved(start), last.moved(end)))
    }

    /// Where the words of some text are of which the first and the last are unchanged, whatever stands around them.
    pub fn words(&self, start: u32, end: u32) -> Option<(u32, u32)> {
        let first = self.words.get(self.words.partition_point(|word| word.start < start))?;
        let last = self.words.get(self.words.partition_point(|word| word.end <= end).checked_sub(1)?)?;
        (first <= last).then(|| (first.now, last.moved(last.end)))
    }

    /// Where a place is around which nothing has changed from the word before it to the one behind it. The texts are those of then and now.
    pub fn place(&self, offset: u32, (then, now): (&str, &str)) -> Option<u32> {
        let behind = self.words.partition_point(|word| word.end <= offset);
        let before = behind.checked_sub(1).and_then(|before| self.words.get(before));
        let (gap, gap_now) = before.map_or((0, 0), |word| (word.end, word.moved(word.end)));
        let next = self.words.get(behind);
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
