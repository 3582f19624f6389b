//! What a service keeps to know a finding by when it comes again: of what is marked, not of where, so that lines can move.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use fleetnet_lang::Diagnostic;
use sha2::{Digest as _, Sha256};

use super::Report;

/// The fingerprints that one report has given away.
#[derive(Default)]
pub struct Fingerprints {
    given: BTreeMap<String, usize>,
}

impl Fingerprints {
    /// Of the code, the file, the line and what is marked in it, spaces aside. Findings that are alike in all that are counted.
    pub fn of(&mut self, report: &Report<'_>, finding: &Diagnostic) -> String {
        let span = finding.span;
        let file = report.sources.get(span.file);
        let line = file.and_then(|file| file.line(file.line_col(span.start).line.saturating_sub(1)));
        let marked = report.sources.text(span).lines().next().unwrap_or_default();
        let parts = [
            finding.code.to_string(),
            file.map(|file| report.path(file)).unwrap_or_default(),
            words(line.map(|(_, text)| text).unwrap_or_default()),
            words(marked),
        ];
        let alike = self.given.entry(parts.join("\n")).or_default();
        let text = parts.iter().chain([&alike.to_string()]).map(String::as_str).collect::<Vec<_>>().join("\n");
        *alike = alike.saturating_add(1);
        hex(&text)
    }
}

fn words(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Half of a SHA-256 is enough to tell findings apart.
fn hex(text: &str) -> String {
    let digest = Sha256::digest(text);
    let mut hex = String::new();
    for byte in digest.iter().take(16) {
        // Writing to a string does not fail.
        let _ = write!(hex, "{byte:02x}");
    }
    hex
}

#[cfg(test)]
mod tests {
    use fleetnet_lang::{FileId, SourceFile, Sources, Span, codes};

    use super::*;

    /// The fingerprints of findings about every `x` in a text.
    fn of(path: &str, text: &str) -> Vec<String> {
        let sources = Sources::new(vec![SourceFile::new(path, text)]);
        let places = (0..).zip(text.bytes()).filter(|(_, byte)| *byte == b'x').map(|(at, _)| at);
        let findings: Vec<_> =
            places.map(|at| Diagnostic::new(codes::ALL[0], Span::new(FileId(0), at, at + 1), "")).collect();
        let report = Report::new(&sources, &findings);
        let mut fingerprints = Fingerprints::default();
        findings.iter().map(|finding| fingerprints.of(&report, finding)).collect()
    }

    #[test]
    fn they_stay_when_lines_move_and_tell_findings_apart() {
        let fingerprints = of("a", "x\nx x\n");
        assert_ne!(fingerprints[0], fingerprints[1]);
        assert_eq!(fingerprints[0].len(), 32);
        let twins = of("a", "x x\n");
        assert_ne!(twins[0], twins[1], "two on one line");
        assert_eq!(of("a", "\n\n  x   x\n"), twins);
        assert_ne!(of("b", "x\n"), of("a", "x\n"));
    }
}
