//! Answers of `why`, as pages show them.

#![allow(clippy::unwrap_used, reason = "a helper that can't go on fails the test that called it")]

use std::fmt::Write as _;

use fleetnet_compiler::analysis::why::{Line, Report, SideReport, report};
use fleetnet_compiler::compile::Asked;

/// Which flows, then what each side says, decides by, beats and nearly allows.
pub fn shown(asked: &Asked) -> String {
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
