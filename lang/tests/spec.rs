//! The specification of the form of the language: Markdown in `spec/`, whose blocks come in pairs.
//!
//! A block of input is followed by a `text` block with what comes out of it. What the input is, its info string says:
//! `fleetnet` is a file, shown with its findings; `fleetnet tree` one shown as its tree, `fleetnet format` one shown
//! in its layout; the name of a reader of
//! [`fleetnet_lang::literals`] stands above words, one a line, each shown as what it says or with what is wrong in it.
//! `UPDATE=1 cargo test` writes what comes out into the pages.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test that can't go on fails"
)]

use std::fmt::{Display, Write};
use std::path::Path;

use fleetnet_lang::{Diagnostic, FileId, SourceFile, Span, SyntaxNode, literals, parse};

#[test]
fn the_pages_hold() {
    let pages = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/spec");
    let mut paths: Vec<_> = std::fs::read_dir(pages).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    assert!(paths.len() >= 3);
    for path in paths {
        check(&path);
    }
}

fn check(path: &Path) {
    let page = std::fs::read_to_string(path).unwrap();
    let current = rewritten(&page);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, current).unwrap();
        return;
    }
    let line = page.lines().zip(current.lines()).position(|(old, new)| old != new);
    let context = |text: &str| text.lines().skip(line.unwrap_or(0)).take(12).collect::<Vec<_>>().join("\n");
    assert!(
        page == current,
        "{}:{}: (UPDATE=1 takes what is new)\n--- the page\n{}\n--- now\n{}",
        path.display(),
        line.unwrap_or(0) + 1,
        context(&page),
        context(&current)
    );
}

/// The page with the text blocks as they should be.
fn rewritten(page: &str) -> String {
    let mut out = String::new();
    let mut lines = page.lines();
    let mut pending: Option<String> = None;
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            writeln!(out, "{line}").unwrap();
            continue;
        };
        let body: String =
            lines.by_ref().take_while(|line| *line != "```").fold(String::new(), |all, line| all + line + "\n");
        if info == "text" {
            let shown = pending.take().expect("a text block stands below one of input");
            writeln!(out, "```text\n{}```", with_end(&shown)).unwrap();
        } else {
            assert!(pending.is_none(), "no text block below an input: {body}");
            pending = Some(show(info, &body));
            writeln!(out, "```{info}\n{body}```").unwrap();
        }
    }
    assert!(pending.is_none(), "no text block below the last input");
    out
}

fn with_end(text: &str) -> String {
    if text.is_empty() || text.ends_with('\n') { text.to_owned() } else { format!("{text}\n") }
}

fn show(info: &str, body: &str) -> String {
    match info {
        "fleetnet" => findings(body),
        "fleetnet format" => fleetnet_lang::format::format(body),
        "fleetnet tree" => tree(&parse(FileId(0), body).syntax(), 0),
        reader => body.lines().map(|word| literal(reader, word)).collect(),
    }
}

fn findings(text: &str) -> String {
    let source = SourceFile::new("", text);
    let parse = parse(FileId(0), text);
    let place = |span: Span| {
        let (start, end) = (source.line_col(span.start), source.line_col(span.end));
        format!("{}:{}-{}:{}", start.line, start.column, end.line, end.column)
    };
    let mut out = String::new();
    for found in &parse.diagnostics {
        let severity = format!("{:?}", found.severity).to_lowercase();
        writeln!(out, "{} {severity}[{}]: {}", place(found.span), found.code, found.message).unwrap();
        for label in &found.related {
            writeln!(out, "  {} {}", place(label.span), label.text).unwrap();
        }
        if let Some(help) = &found.help {
            writeln!(out, "  help: {help}").unwrap();
        }
        if let Some(fix) = &found.fix {
            writeln!(out, "  fix: {} {:?}", place(fix.span), fix.replacement).unwrap();
            let mut mended = text.to_owned();
            mended.replace_range(fix.span.start as usize..fix.span.end as usize, &fix.replacement);
            let left = fleetnet_lang::parse(FileId(0), &mended).diagnostics;
            assert!(left.len() < parse.diagnostics.len(), "the fix mends nothing: {found:?}\n{mended}\n{left:#?}");
        }
    }
    if out.is_empty() { "nothing\n".to_owned() } else { out }
}

fn tree(node: &SyntaxNode, depth: usize) -> String {
    let mut out = format!("{:depth$}{:?}\n", "", node.kind(), depth = depth * 2);
    for child in node.children_with_tokens() {
        match child {
            rowan::NodeOrToken::Node(node) => out += &tree(&node, depth + 1),
            rowan::NodeOrToken::Token(token) if token.text().trim().is_empty() => {}
            rowan::NodeOrToken::Token(token) => {
                writeln!(out, "{:depth$}{:?} {:?}", "", token.kind(), token.text(), depth = depth * 2 + 2).unwrap();
            }
        }
    }
    out
}

fn literal(reader: &str, word: &str) -> String {
    let end = u32::try_from(word.len()).unwrap();
    let span = Span::new(FileId(0), 0, end);
    match reader {
        "name" => said(word, literals::name(word, span)),
        "namespaced_name" => {
            let parts = |name: literals::NamespacedName<'_>| format!("{} in {}", name.name, name.namespace);
            said(word, literals::namespaced_name(word, span).map(parts))
        }
        "pods" => said(word, literals::pods(word, span).map(|pods| format!("{pods:?}"))),
        "dns_pattern" => said(word, literals::dns_pattern(word, span)),
        "subdomain" => said(word, literals::subdomain(word, span)),
        "number" => said(word, literals::number(word, span, 1..=255)),
        "percent" => said(word, literals::percent(word, span)),
        "amount" => said(word, literals::amount(word, span).map(|amount| format!("{amount:?}"))),
        "duration" => said(word, literals::duration(word, span).map(|duration| format!("{duration:?}"))),
        "cidr" => said(word, literals::cidr(word, span)),
        "port" => said(word, literals::port(word, span).map(|port| format!("{port:?}"))),
        "port_on" => said(word, literals::port_on(word, span).map(|(port, protocol)| format!("{port} of {protocol}"))),
        "port_number" => said(word, literals::port_number(word, span)),
        "protocol" => said(word, literals::protocol(word, span)),
        "label_key" => said(word, literals::label_key(word, span)),
        "label_value" => said(word, literals::label_value(word, span)),
        "version" => said(word, literals::version(word, span)),
        "string" => said(word, literals::string(word, span).map(|said| format!("{said:?}"))),
        "code" => said(word, literals::code(word, span)),
        _ => panic!("no reader is called {reader}"),
    }
}

fn said(word: &str, read: Result<impl Display, Diagnostic>) -> String {
    let found = match read {
        Ok(value) => return format!("{word}\n  {value}\n"),
        Err(found) => found,
    };
    let before = word[..found.span.start as usize].chars().count();
    let marked = word[found.span.start as usize..found.span.end as usize].chars().count();
    let mut out = format!("{word}\n{:before$}{} {}: {}\n", "", "^".repeat(marked), found.code, found.message);
    writeln!(out, "  help: {}", found.help.unwrap()).unwrap();
    if let Some(fix) = found.fix {
        writeln!(out, "  fix: {}", fix.replacement).unwrap();
    }
    out
}
