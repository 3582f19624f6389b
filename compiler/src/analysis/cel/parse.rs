//! From text to the `cel` crate's tree, and from its nodes back to places in the text.

use cel::common::ast::{Expr, IdedExpr, SourceInfo};
use cel::{Env, ParseErrors};
use fleetnet_lang::{Diagnostic, Span};

use super::codes;
use super::lexer::{self, Token, TokenKind};

/// Longest text that is read, in bytes.
const LONGEST: usize = 8 << 10;
/// Deepest nesting that is read, in operators; a bracket counts for four. The generated parser takes up to 170 kB of stack for a bracket
/// in a build without optimisation, and a thread may have as little as 2 MB.
const DEEPEST: usize = 36;

/// A tree with its places.
pub(super) struct Parsed<'t> {
    text: &'t str,
    base: Span,
    tokens: Vec<Token>,
    places: SourceInfo,
    /// The tree.
    pub(super) root: IdedExpr,
}

/// Parses a condition; the first error only, as what follows it is guesswork.
pub(super) fn parse(text: &str, base: Span) -> Result<Parsed<'_>, Box<Diagnostic>> {
    let too = |what: &str| {
        let message = format!("the condition is too {what}");
        Diagnostic::new(codes::CEL_TOO_LARGE, base, message).help("split it into several")
    };
    if text.len() > LONGEST {
        return Err(too("long").labelled(format!("{} bytes, at most {LONGEST} are read", text.len())).into());
    }
    let tokens = lexer::tokens(text).map_err(|error| {
        let token = text.get(error.range.clone()).unwrap_or_default();
        let span = part(base, error.range.start, error.range.end);
        let diagnostic = Diagnostic::new(codes::CEL_SYNTAX, span, format!("`{token}` {}", error.message));
        Box::new(match error.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        })
    })?;
    if tokens.is_empty() {
        let diagnostic = Diagnostic::new(codes::CEL_SYNTAX, base, "the condition is empty");
        return Err(diagnostic.help("write a CEL expression between the backticks").into());
    }
    if lexer::depth(&tokens) > DEEPEST {
        return Err(too("deep").into());
    }
    match Env::default().parser().parse_with_source_info(text) {
        Ok((root, places)) => Ok(Parsed { text, base, tokens, places, root }),
        Err(errors) => Err(syntax_error(text, base, &tokens, &errors).into()),
    }
}

fn part(base: Span, start: usize, end: usize) -> Span {
    let offset = |at: usize| base.start.saturating_add(u32::try_from(at).unwrap_or(u32::MAX)).min(base.end);
    Span::new(base.file, offset(start), offset(end))
}

fn syntax_error(text: &str, base: Span, tokens: &[Token], errors: &ParseErrors) -> Diagnostic {
    let Some(first) = errors.errors.first() else {
        return Diagnostic::new(codes::CEL_SYNTAX, base, "the condition is no CEL");
    };
    let at = offset(text, first.pos);
    let Some(token) = tokens.iter().find(|token| token.range.end > at) else {
        let end = tokens.last().map_or(0, |token| token.range.end);
        let diagnostic = Diagnostic::new(codes::CEL_SYNTAX, part(base, end, end), "the condition ends too early");
        return diagnostic.help("something must follow here");
    };
    let span = part(base, token.range.start, token.range.end);
    let word = text.get(token.range.clone()).unwrap_or_default();
    // The generated parser lists every token that could stand there; only what its caller says is for people.
    if first.msg.starts_with("Syntax error") {
        Diagnostic::new(codes::CEL_SYNTAX, span, format!("unexpected `{word}` in the condition"))
    } else {
        let cause = first.msg.split_once(':').map_or(first.msg.as_str(), |(cause, _)| cause);
        Diagnostic::new(codes::CEL_SYNTAX, span, format!("`{word}` can't stand here: {cause}"))
    }
}

/// The byte of a line (from 1) and a column in characters (from 1).
fn offset(text: &str, (line, column): (isize, isize)) -> usize {
    let line = usize::try_from(line).unwrap_or(1).saturating_sub(1);
    let column = usize::try_from(column).unwrap_or(1).saturating_sub(1);
    let before: usize = text.split_inclusive('\n').take(line).map(str::len).sum();
    let rest = text.get(before..).unwrap_or_default();
    before + rest.char_indices().nth(column).map_or(rest.len(), |(at, _)| at)
}

impl Parsed<'_> {
    /// The place of a node with all that is below it.
    pub(super) fn span(&self, node: &IdedExpr) -> Span {
        let (start, end) = self.extent(node);
        part(self.base, start, end)
    }

    /// The place of the field of a selection, or of the name of a call.
    pub(super) fn name_span(&self, node: &IdedExpr) -> Span {
        let (start, end) = self.name_extent(node).unwrap_or_else(|| self.extent(node));
        part(self.base, start, end)
    }

    fn extent(&self, node: &IdedExpr) -> (usize, usize) {
        let own = self.own_extent(node);
        let children = children(node).into_iter().map(|child| self.extent(child));
        children.fold(own, |(start, end), child| (start.min(child.0), end.max(child.1)))
    }

    fn own_extent(&self, node: &IdedExpr) -> (usize, usize) {
        let Some(index) = self.token_of(node) else { return (0, self.text.len()) };
        let token = self.tokens.get(index).map_or(0..0, |token| token.range.clone());
        let name = self.name_extent(node);
        let close = self.closing(index).and_then(|index| self.tokens.get(index));
        let start = name.map_or(token.start, |name| name.0.min(token.start));
        let end = close.map_or(token.end, |close| close.range.end);
        (start, name.map_or(end, |name| name.1.max(end)))
    }

    /// The parser gives a selection the place of its dot, a call that of its bracket.
    fn name_extent(&self, node: &IdedExpr) -> Option<(usize, usize)> {
        let index = self.token_of(node)?;
        let neighbour = match &node.expr {
            Expr::Select(_) => index.checked_add(1)?,
            Expr::Call(call) if is_function(&call.func_name) => index.checked_sub(1)?,
            Expr::Struct(_) => index.checked_sub(1)?,
            Expr::Unspecified
            | Expr::Call(_)
            | Expr::Comprehension(_)
            | Expr::Ident(_)
            | Expr::List(_)
            | Expr::Literal(_)
            | Expr::Map(_) => return None,
        };
        self.tokens.get(neighbour).map(|token| (token.range.start, token.range.end))
    }

    fn token_of(&self, node: &IdedExpr) -> Option<usize> {
        let (start, _) = self.places.offset_for(node.id)?;
        let index = self.tokens.partition_point(|token| token.range.end <= start as usize);
        (index < self.tokens.len()).then_some(index)
    }

    /// The token that closes the bracket at an index.
    fn closing(&self, index: usize) -> Option<usize> {
        let mut depth = 0_usize;
        for (at, token) in self.tokens.iter().enumerate().skip(index) {
            match token.kind {
                TokenKind::Open => depth += 1,
                TokenKind::Close => depth = depth.saturating_sub(1),
                TokenKind::Word | TokenKind::Text | TokenKind::Beside | TokenKind::Sign => {}
            }
            if depth == 0 {
                return (at > index).then_some(at);
            }
        }
        None
    }
}

/// Whether a call is written with a name, rather than as an operator.
pub(super) fn is_function(name: &str) -> bool {
    name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '.')
}

fn children(node: &IdedExpr) -> Vec<&IdedExpr> {
    match &node.expr {
        Expr::Call(call) => call.target.iter().map(|target| &**target).chain(&call.args).collect(),
        Expr::List(list) => list.elements.iter().collect(),
        Expr::Select(select) => vec![&*select.operand],
        // Maps and messages are refused as a whole, and macros are not expanded.
        Expr::Map(_)
        | Expr::Struct(_)
        | Expr::Comprehension(_)
        | Expr::Unspecified
        | Expr::Ident(_)
        | Expr::Literal(_) => Vec::new(),
    }
}
