//! Why flows pass or don't: every Markdown file under `tests/why` is a suite, every heading with a `fleetnet` block a test.
//!
//! - A block marked `fleetnet prelude` is part of every test of its page; a block `fleetnet` is the test's own file.
//! - A block `why QUESTION` is the answer: which flows, then what each side says, decides by, beats and nearly allows.
//!
//! `UPDATE_SPEC=1 cargo test -p fleetnet-compiler --test why` writes the answers anew.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a helper that can't go on fails the test that called it")]

mod common;

use std::fmt::Write as _;

use common::{Package, Test};
use fleetnet_compiler::analysis::why::{Line, Report, SideReport, report};
use fleetnet_compiler::compile::{Asked, ask};
use fleetnet_lang::SourceFile;

#[test]
fn answers() {
    common::hold("tests/why", judge);
}

fn judge(test: &Test<'_>) -> Vec<String> {
    let mut own = String::new();
    let mut texts = Vec::new();
    for block in test.blocks {
        texts.push(match block.info.split_once(' ') {
            None if block.info == "fleetnet" => {
                own.clone_from(&block.text);
                own.clone()
            }
            Some(("why", question)) => {
                let files = vec![
                    SourceFile::new("fleet.fleetnet", test.prelude),
                    SourceFile::new("test.fleetnet", own.as_str()),
                ];
                shown(&ask(&Package(files), &[], question))
            }
            _ => panic!("{}: `{}` is no block of this suite", test.name, block.info),
        });
    }
    texts
}

fn shown(asked: &Asked) -> String {
    let mut text = String::new();
    for found in &asked.diagnostics {
        let place = asked.sources.text(found.span);
        writeln!(text, "{} {place}: {}; {}", found.code, found.message, found.help.as_deref().unwrap_or("-")).unwrap();
    }
    let Some(answered) = &asked.answered else { return text };
    for answer in &answered.answers {
        let Report { pairs, ports, passes, egress, ingress } = report(&answered.plan, answer);
        let verdict = if passes { "yes" } else { "no" };
        for pairs in pairs {
            let [from, to] = [&pairs.from, &pairs.to]
                .map(|ends| ends.iter().map(|end| end.text.as_str()).collect::<Vec<_>>().join(", "));
            writeln!(text, "{verdict}: {from} -> {to} on {}", ports.join(", ")).unwrap();
        }
        side(&mut text, asked, "egress", &egress);
        side(&mut text, asked, "ingress", &ingress);
    }
    text
}

fn side(text: &mut String, asked: &Asked, name: &str, side: &SideReport) {
    let SideReport { passes: _, says, decides, beaten, near } = side;
    writeln!(text, "  {name}: {says}").unwrap();
    for (lead, lines) in [("", decides), ("beats ", beaten), ("nearly ", near)] {
        for Line { span, text: said } in lines {
            let source = span.map(|span| asked.sources.text(span)).unwrap_or_default();
            let gap = if source.is_empty() || said.is_empty() { "" } else { "  # " };
            writeln!(text, "    {lead}{source}{gap}{said}").unwrap();
        }
    }
}
