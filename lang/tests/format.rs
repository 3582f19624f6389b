//! What formatting may never do, whatever the text: lose a word or a comment, say something else, or not be done after once.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::string_slice, reason = "a test that can't go on fails")]

mod common;

use common::{Random, programs};
use fleetnet_lang::format::{Edit, WIDTH, format, format_range};
use fleetnet_lang::{FileId, Span, SyntaxKind, SyntaxToken, parse};

fn tokens(text: &str) -> Vec<SyntaxToken> {
    let root = parse(FileId(0), text).syntax();
    root.descendants_with_tokens().filter_map(rowan::NodeOrToken::into_token).collect()
}

/// The words and comments of a text.
fn said(text: &str) -> Vec<String> {
    let tokens = tokens(text).into_iter();
    let kept = tokens
        .filter(|token| !matches!(token.kind(), SyntaxKind::Whitespace | SyntaxKind::Newline | SyntaxKind::Semicolon));
    let plain = |token: SyntaxToken| match token.kind() {
        SyntaxKind::Comment | SyntaxKind::DocComment => token.text().trim_end().to_owned(),
        _ => token.text().replace("\r\n", "\n"),
    };
    kept.map(plain).collect()
}

/// The text, formatted, after a look at what must hold.
fn formatted(text: &str) -> String {
    let once = format(text);
    assert_eq!(said(&once), said(text), "words and comments of\n{text}\n---\n{once}");
    assert_eq!(format(&once), once, "twice is another than once:\n{text}");
    let everything = Span::new(FileId(0), 0, u32::try_from(text.len()).unwrap());
    assert_eq!(applied(text, format_range(text, everything)), once, "by edits");
    once
}

fn applied(text: &str, edits: Vec<Edit>) -> String {
    let mut text = text.to_owned();
    for edit in edits.into_iter().rev() {
        text.replace_range(edit.span.start as usize..edit.span.end as usize, &edit.text);
    }
    text
}

fn range(token: &SyntaxToken) -> std::ops::Range<usize> {
    token.text_range().start().into()..token.text_range().end().into()
}

#[test]
fn the_examples_have_the_layout() {
    for (path, text) in programs().iter().filter(|(path, _)| path.contains("examples")) {
        assert_eq!(&formatted(text), text, "{path}");
    }
}

#[test]
fn blanks_and_line_ends_of_machines_do_not_matter() {
    for (path, text) in programs() {
        let once = formatted(&text);
        let indented: String = once.lines().flat_map(|line| ["\t ", line, "  \n"]).collect();
        let cel = |text: &str| {
            tokens(text).into_iter().find(|token| token.kind() == SyntaxKind::Cel && token.text().contains('\n'))
        };
        if cel(&text).is_none() {
            assert_eq!(formatted(&indented), once, "{path}");
        }
        assert_eq!(formatted(&once.replace('\n', "\r\n")), once, "{path}");
        assert_eq!(formatted(&once.replace(" ; ", ";")), once, "{path}");
        assert_eq!(formatted(&format!("\u{feff}\n\n{}\n\n", once.replace("\n\n", "\n\n\n\n"))), once, "{path}");
        assert!(once.lines().all(|line| line.trim_end() == line), "{path}: blanks at the end of a line");
    }
}

#[test]
fn a_comment_behind_any_token_is_kept() {
    for (path, text) in programs() {
        for (number, token) in some(&text, 0).filter(|(_, token)| token.kind() != SyntaxKind::Cel) {
            let end = range(&token).end;
            for comment in
                [format!(" # note {number}\n"), format!("\n# note {number}\n"), format!("\n\n## note {number}\n\n")]
            {
                let noted = format!("{}{comment}{}", &text[..end], &text[end..]);
                assert!(formatted(&noted).contains(comment.trim()), "{path}: {comment} behind {token}");
            }
        }
    }
}

/// Some of the tokens of a program, other ones for each `salt`; all would take minutes without optimisation.
fn some(text: &str, salt: usize) -> impl Iterator<Item = (usize, SyntaxToken)> {
    tokens(text).into_iter().enumerate().filter(move |(number, _)| number % 11 == salt)
}

/// What is complete above is laid out, whatever is wrong below.
fn laid_out_above(text: &str) {
    let once = format(&format!("param  size=5\n\n{text}"));
    assert!(once.starts_with("param size = 5\n"), "not laid out at all:\n{text}");
}

/// Half-typed texts.
#[test]
fn any_start_of_a_program() {
    for (_, text) in programs() {
        for (_, token) in some(&text, 3) {
            let start = &text[..range(&token).end];
            formatted(start);
            laid_out_above(start);
        }
    }
}

#[test]
fn any_token_may_be_missing() {
    for (_, text) in programs() {
        for (_, token) in some(&text, 5) {
            let mut broken = text.clone();
            broken.replace_range(range(&token), "");
            formatted(&broken);
            laid_out_above(&broken);
        }
    }
}

#[test]
fn any_edits() {
    const SCRAPS: &[&str] = &[
        "{", "}", "(", ")", "\"", "`", "\n", ";", ",", "->", "=", "# c\n", "## d\n", "\r\n", "  ", "\u{feff}",
        "at all {", "x", "\n\n\n",
    ];
    let programs = programs();
    let mut random = Random::new(29);
    for _ in 0..300 {
        let (_, program) = random.pick(&programs);
        let start = random.below(program.len());
        let mut text: String = program.chars().skip(start).take(random.below(600)).collect();
        for _ in 0..random.below(8) {
            let boundaries: Vec<usize> = text.char_indices().map(|(at, _)| at).chain([text.len()]).collect();
            let (at, scrap) = (*random.pick(&boundaries), *random.pick(SCRAPS));
            text.insert_str(at, scrap);
        }
        formatted(&text);
    }
}

#[test]
fn a_range_is_the_declarations_that_it_touches() {
    let text = "param  a=1\nparam  b=2\nparam  c=3\n";
    let inside = u32::try_from(text.find('b').unwrap()).unwrap();
    let edits = format_range(text, Span::new(FileId(0), inside, inside));
    assert_eq!(applied(text, edits), "param  a=1\nparam b = 2\nparam  c=3\n");
}

/// Or a few long lines would make a text as large as their product with all others.
#[test]
fn what_nobody_sees_at_once_lines_up_with_nothing() {
    let keys = "    k      1\n    longer 2\n".repeat(1000);
    let text = format!("fleet f {{\n  target cilium {{\n{keys}    {} 1\n{keys}  }}\n}}\n", "x".repeat(10_000));
    assert_eq!(formatted(&text), text);
}

/// Of lines that fit by themselves, none is pushed beyond the width by the columns of its neighbours.
#[test]
fn columns_push_no_line_beyond_the_width() {
    let identity = |name: &str, value: usize| format!("identity {name} {{ match app = {} }}\n", "v".repeat(value));
    let head = |name: &str| identity(name, 0).trim_end().chars().count();
    let (short, long) = ("shop/a", "shop/an-identity-with-a-long-name");
    let pad = head(long) - head(short);
    // By how much the line with the short name is longer than where its columns still fit.
    for (beyond, lines_up) in [(0, true), (1, false), (pad, false), (pad + 1, false)] {
        let value = WIDTH - head(long) + beyond;
        let text = [identity(short, value), identity(long, 1), identity("shop/b", 1)].concat();
        let out = formatted(&text);
        let lines: Vec<&str> = out.lines().collect();
        let column = |line: &str| line.find('{').unwrap();
        let last = lines[lines.len() - 1];
        assert_eq!(column(last), column(&identity(long, 1)), "{out}");
        let widest = lines.iter().map(|line| line.chars().count()).max().unwrap();
        assert!(widest <= WIDTH, "{widest} columns:\n{out}");
        match (lines_up, beyond <= pad) {
            (true, _) => assert!(lines.len() == 3 && column(lines[0]) == column(lines[1]) && widest == WIDTH, "{out}"),
            // It stays on its line, at its own column.
            (false, true) => assert!(lines.len() == 3 && column(lines[0]) == column(&identity(short, 1)), "{out}"),
            // Its block does not fit on one line.
            (false, false) => assert_eq!(lines[0], format!("identity {short} {{"), "{out}"),
        }
    }
}

/// Deep, wide and long texts, on a stack that is a quarter of what the browser gives.
#[test]
fn size_costs_neither_stack_nor_square_time() {
    const COUNT: usize = 20_000;
    let parts = [
        "{",
        "}",
        "(",
        "`",
        "a,",
        "a;",
        "a {\n",
        "} x\n",
        "at all {",
        "policy p {\n",
        "cluster a { id 1 }\n",
        "cluster a { id }\n",
        "##\n",
        "# c\n",
        "mesh m { members\n# c\n",
        "mesh m { members # c\n}\n",
        "param p =\n# c\n",
    ];
    let swallowed = format!("`{}", "}".repeat(50 * COUNT));
    let repeated = parts.map(|part| part.repeat(COUNT));
    let nested = format!("service a/b {{ {} headless {} }}\n", "at all {".repeat(200), "}".repeat(200));
    let wide = format!("policy p {{ {} }}\n", "allow a -> b ;".repeat(COUNT));
    let wrong = format!("policy p {{\n{} }}\n", "allow a -> ;".repeat(COUNT));
    let labels = format!("mesh m {{ labels {{ {} }} }}\n", "a = b, ".repeat(COUNT));
    let texts: Vec<String> = repeated.into_iter().chain([swallowed, nested, wide, wrong, labels]).collect();
    let run = move || {
        for text in texts {
            let start = std::time::Instant::now();
            let _ = format(&text);
            let seconds = start.elapsed().as_secs_f32();
            assert!(seconds < 20.0, "{seconds} s for {} bytes of {:?}", text.len(), text.get(..20));
        }
    };
    std::thread::Builder::new().stack_size(256 << 10).spawn(run).unwrap().join().unwrap();
}
