//! What a broken text may cost: never the tree of another declaration, and never more than two findings for one slip.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test that can't go on fails")]

mod common;

use common::{Random, programs};
use fleetnet_lang::{FileId, Parse, SyntaxKind, SyntaxNode, SyntaxToken, parse};

fn parsed(text: &str) -> Parse {
    let parse = parse(FileId(0), text);
    assert_eq!(parse.syntax().text().to_string(), text, "the tree's text is the input");
    let length = u32::try_from(text.len()).unwrap();
    for found in &parse.diagnostics {
        let spans = std::iter::once(found.span).chain(found.related.iter().map(|label| label.span));
        for span in spans.chain(found.fix.iter().map(|fix| fix.span)) {
            assert!(span.start <= span.end && span.end <= length, "{found:?}");
            assert!(text.get(span.start as usize..span.end as usize).is_some(), "inside a character: {found:?}");
        }
    }
    parse
}

fn declarations(parse: &Parse) -> Vec<SyntaxNode> {
    parse.syntax().children().filter(|node| node.kind().is_declaration()).collect()
}

/// The declarations that a token is a part of, and for a line feed those whose words or comments it keeps apart.
fn touched(token: &SyntaxToken) -> Vec<SyntaxNode> {
    use SyntaxKind::{Comment, DocComment, Keyword, Newline, Word};
    let kind = |token: &Option<SyntaxToken>| token.as_ref().map(SyntaxToken::kind);
    let (before, after) = (token.prev_token(), token.next_token());
    let joins_words = matches!((kind(&before), kind(&after)), (Some(Word | Keyword), Some(Word | Keyword)));
    let joins_comment = token.kind() == Newline && matches!(kind(&before), Some(Comment | DocComment));
    let after_trivia = std::iter::successors(after, SyntaxToken::next_token).find(|next| !next.kind().is_trivia());
    let neighbours = [before, after_trivia].into_iter().flatten().filter(|_| joins_words || joins_comment);
    let declaration = |token: SyntaxToken| token.parent_ancestors().find(|node| node.kind().is_declaration());
    neighbours.chain([token.clone()]).filter_map(declaration).collect()
}

/// Parses `text` without the bytes of `gap`, which is (part of) `token`, and tells what is wrong with the outcome.
fn slip(text: &str, whole: &[SyntaxNode], token: &SyntaxToken, gap: std::ops::Range<usize>) -> Option<String> {
    let mut broken = text.to_owned();
    broken.replace_range(gap.clone(), "");
    let parse = parsed(&broken);
    let left = declarations(&parse);
    let touched = touched(token);
    let lost = whole
        .iter()
        .filter(|one| !touched.contains(one))
        .find(|one| !left.iter().any(|other| other.green() == one.green()));
    let shown = || {
        let found: Vec<String> = parse.diagnostics.iter().map(|one| format!("{} {}", one.code, one.message)).collect();
        let line = text[..gap.start].matches('\n').count() + 1;
        format!("without {:?} on line {line}: {found:#?}", &text[gap.clone()])
    };
    if let Some(lost) = lost {
        return Some(format!("{}\nlost {}", shown(), lost.text()));
    }
    (parse.diagnostics.len() > 2).then(shown)
}

fn check_slips(mut gaps: impl FnMut(&SyntaxToken) -> Vec<std::ops::Range<usize>>) {
    let mut failures = Vec::new();
    for (path, text) in programs() {
        let parse = parsed(&text);
        assert!(parse.diagnostics.is_empty(), "{path}: {:#?}", parse.diagnostics);
        let whole = declarations(&parse);
        let tokens = parse.syntax().descendants_with_tokens().filter_map(rowan::NodeOrToken::into_token);
        for token in tokens {
            for gap in gaps(&token) {
                failures.extend(slip(&text, &whole, &token, gap).map(|failure| format!("{path}: {failure}")));
            }
        }
    }
    assert!(failures.is_empty(), "{} failures\n{}", failures.len(), failures.join("\n"));
}

fn range(token: &SyntaxToken) -> std::ops::Range<usize> {
    token.text_range().start().into()..token.text_range().end().into()
}

#[test]
fn any_single_token_may_be_missing() {
    check_slips(|token| vec![range(token)]);
}

#[test]
fn any_quote_or_backtick_may_be_missing() {
    check_slips(|token| match token.kind() {
        SyntaxKind::String | SyntaxKind::Cel => {
            let range = range(token);
            vec![range.start..range.start + 1, range.end - 1..range.end]
        }
        _ => Vec::new(),
    });
}

/// Texts that are being typed: every start of every program, by tokens.
#[test]
fn any_start_of_a_program_keeps_what_is_complete() {
    for (path, text) in programs() {
        let whole = declarations(&parsed(&text));
        let tokens = parsed(&text).syntax().descendants_with_tokens().filter_map(rowan::NodeOrToken::into_token);
        for token in tokens.collect::<Vec<_>>() {
            let end = usize::from(token.text_range().end());
            let left = declarations(&parsed(&text[..end]));
            let complete = whole.iter().filter(|one| usize::from(one.text_range().end()) < end);
            for (one, other) in complete.zip(&left) {
                assert_eq!(one.green(), other.green(), "{path} up to byte {end}");
            }
        }
    }
}

#[test]
fn any_edits_leave_a_tree() {
    const SCRAPS: &[&str] = &[
        "{",
        "}",
        "(",
        ")",
        "\"",
        "`",
        "\n",
        ";",
        ",",
        "->",
        "=",
        "!=",
        "#",
        "##",
        "$",
        "cluster",
        "policy",
        "for",
        "in",
        "not",
        "has",
        "except",
        "é",
        "\u{0}",
        "🦀",
        "10.0.0.0/8",
        "at all {",
        "\r\n",
        "\u{feff}",
        "  ",
        "allow",
    ];
    let programs = programs();
    let mut random = Random::new(17);
    for _ in 0..3000 {
        let (_, program) = random.pick(&programs);
        let start = random.below(program.len());
        let mut text: String = program.chars().skip(start).take(random.below(600)).collect();
        for _ in 0..random.below(12) {
            let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (one, other) = (*random.pick(&boundaries), *random.pick(&boundaries));
            let (from, to) = (one.min(other), one.max(other).min(one.min(other) + 20));
            let to = if text.is_char_boundary(to) { to } else { from };
            let scrap = *random.pick(SCRAPS);
            text.replace_range(from..to, scrap);
        }
        parsed(&text);
    }
}

#[test]
fn any_bytes_leave_a_tree() {
    let mut random = Random::new(23);
    for _ in 0..2000 {
        let bytes: Vec<u8> = (0..random.below(300)).map(|_| u8::try_from(random.below(256)).unwrap()).collect();
        parsed(&String::from_utf8_lossy(&bytes));
        let ascii: String = bytes.iter().map(|byte| char::from(byte & 0x7f)).collect();
        parsed(&ascii);
    }
}

/// Deep, wide and long texts, on a stack that is a quarter of what the browser gives.
#[test]
fn size_costs_neither_stack_nor_square_time() {
    const COUNT: usize = 50_000;
    let repeated: Vec<String> = [
        "{",
        "}",
        "(",
        ")",
        "\"",
        "`",
        "\n",
        "at all {",
        "x {\n",
        "} x\n",
        "a,",
        "a;",
        "policy p {\n",
        "`\n}\n",
        "\" }\n",
        "allow a -> b ",
        "cluster a { id 1 }\n",
        "##\n",
        "\n  }",
        "a\n {",
        "not ",
        "service a/b { at all { ",
    ]
    .iter()
    .map(|part| part.repeat(COUNT))
    .collect();
    let nested = format!("service a/b {{ {} headless {} }}\n", "at all {".repeat(COUNT), "}".repeat(COUNT));
    let within_depth = format!("service a/b {{ {} headless {} }}\n", "at all {".repeat(200), "}".repeat(200));
    let in_policy = format!("policy p {{ {} }}\n", "allow a -> b x } { ".repeat(COUNT));
    let swallowed = format!("`{}", "}".repeat(20 * COUNT));
    let slanted: String = (0..2000).flat_map(|depth| [" ".repeat(depth), "a {\n".to_owned()]).collect();
    let texts: Vec<String> =
        repeated.into_iter().chain([swallowed, nested, within_depth, in_policy, slanted]).collect();
    let run = move || {
        for text in texts {
            let start = std::time::Instant::now();
            parsed(&text);
            let seconds = start.elapsed().as_secs();
            assert!(seconds < 30, "{seconds} s for {} bytes of {:?}", text.len(), text.get(..20));
        }
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(run).unwrap().join().unwrap();
}

#[test]
fn a_text_that_is_too_large_is_one_finding() {
    let text = "a ".repeat(fleetnet_lang::MAX_TEXT);
    let parse = parsed(&text);
    assert_eq!(parse.diagnostics.len(), 1);
    assert_eq!(parse.diagnostics[0].code, fleetnet_lang::codes::TEXT_TOO_LARGE);
}
