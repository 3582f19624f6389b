//! Workflow commands, by which a job of GitHub Actions marks lines of a change.

use fleetnet_lang::{Diagnostic, Severity};

use super::Report;
use crate::terminal::{Terminal, printable};

pub fn print(report: &Report<'_>, terminal: &mut Terminal) {
    for finding in report.findings {
        terminal.print(&command(report, finding));
    }
}

/// `::error file=…,line=…,…::headline`, with its newline.
fn command(report: &Report<'_>, finding: &Diagnostic) -> String {
    let name = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    };
    let mut properties = Vec::new();
    if let Some(place) = report.place(finding.span) {
        let (start, end) = (place.start, place.end);
        properties.push(("file", place.path));
        properties.push(("line", start.line.to_string()));
        properties.push(("endLine", end.line.to_string()));
        // Marks over several lines have no columns.
        if start.line == end.line {
            properties.push(("col", start.column.to_string()));
            properties.push(("endColumn", end.column.to_string()));
        }
    }
    properties.push(("title", format!("{}: {}", finding.code, finding.code.summary)));
    let properties: Vec<String> =
        properties.iter().map(|(name, value)| format!("{name}={}", property(&printable(value)))).collect();
    let lines: Vec<String> = std::iter::once(finding.message.clone()).chain(report.details(finding)).collect();
    format!("::{name} {}::{}\n", properties.join(","), data(&printable(&lines.join("\n"))))
}

/// As the runner reads it: what would end the command is written by its number.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use fleetnet_lang::{FileId, SourceFile, Sources, Span, codes};

    use super::*;

    fn of(path: &str, span: (u32, u32), message: &str) -> String {
        let sources = Sources::new(vec![SourceFile::new(path, "é one\ntwo\n")]);
        let finding = Diagnostic::new(codes::ALL[0], Span::new(FileId(0), span.0, span.1), message).help("100%: do");
        command(&Report::new(&sources, &[]), &finding)
    }

    #[test]
    fn what_would_end_a_command_is_escaped() {
        let (code, summary) = (codes::ALL[0], codes::ALL[0].summary);
        let line = of("a,b:c%.fleetnet", (3, 6), "first: `a,b`\nsecond");
        assert_eq!(
            line,
            format!(
                "::error file=a%2Cb%3Ac%25.fleetnet,line=1,endLine=1,col=3,endColumn=6,title={code}%3A {summary}\
                 ::first: `a,b`%0Asecond%0Ahelp: 100%25: do\n"
            )
        );
    }

    #[test]
    fn marks_over_several_lines_have_no_columns() {
        assert!(of("a", (3, 9), "").starts_with("::error file=a,line=1,endLine=2,title="));
    }
}
