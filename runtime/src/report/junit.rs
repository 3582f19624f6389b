//! JUnit's XML, as Jenkins and GitLab read it: a suite for each file with a case for each finding, and one for the tests and one for the
//! invariants of the package, those that hold among them.
//!
//! Errors are failures. JUnit knows no warnings: they and notes are passing cases with something to say.

use std::io;

use fleetnet_compiler::analysis::Standing;
use fleetnet_lang::{Diagnostic, FileId, Severity, Span};
use quick_xml::Writer;
use quick_xml::events::{BytesDecl, BytesEnd, BytesStart, BytesText, Event};

use super::promises::Kind;
use super::{Promise, Report};
use crate::terminal::{Terminal, printable};

pub fn print(report: &Report<'_>, terminal: &mut Terminal) {
    // Memory can always be written to.
    if let Ok(bytes) = write(&suites(report)) {
        terminal.print(&String::from_utf8_lossy(&bytes));
        terminal.print("\n");
    }
}

struct Suite {
    name: String,
    cases: Vec<Case>,
}

struct Case {
    name: String,
    /// What it is a case of: a file.
    class: String,
    line: Option<u32>,
    ending: Ending,
    /// What there is to say.
    text: String,
}

#[derive(PartialEq)]
enum Ending {
    Passed,
    Failed { kind: String, message: String },
    Skipped { message: &'static str },
}

fn suites(report: &Report<'_>) -> Vec<Suite> {
    let files = report.sources.iter().map(|(id, file)| {
        let class = report.path(file);
        let findings = report.findings.iter().filter(|found| found.span.file == id && !is_of_promise(report, found));
        let mut cases: Vec<Case> = findings.map(|found| of_finding(report, found, &class)).collect();
        if cases.is_empty() {
            let name = "no findings".to_owned();
            cases.push(Case { name, class: class.clone(), line: None, ending: Ending::Passed, text: String::new() });
        }
        Suite { name: class, cases }
    });
    let promises = [(Kind::Test, "tests"), (Kind::Invariant, "invariants")].into_iter().filter_map(|(kind, name)| {
        let of_kind = report.promises.iter().filter(|promise| promise.kind == kind);
        let cases: Vec<Case> = of_kind.map(|promise| of_promise(report, promise)).collect();
        (!cases.is_empty()).then(|| Suite { name: name.to_owned(), cases })
    });
    files.chain(promises).collect()
}

fn of_finding(report: &Report<'_>, finding: &Diagnostic, class: &str) -> Case {
    let ending = match finding.severity {
        Severity::Error => Ending::Failed { kind: finding.code.to_string(), message: finding.message.clone() },
        Severity::Warning | Severity::Note => Ending::Passed,
    };
    Case {
        name: format!("{}: {}", finding.code, finding.message),
        class: class.to_owned(),
        line: line(report, finding.span),
        ending,
        text: text(report, finding),
    }
}

fn of_promise(report: &Report<'_>, promise: &Promise) -> Case {
    let findings: Vec<&Diagnostic> = report.findings.iter().filter(|found| breaks(promise, found.span)).collect();
    let first = findings.iter().find(|found| found.severity == Severity::Error);
    let ending = match (first, promise.standing) {
        (Some(found), _) => Ending::Failed { kind: found.code.to_string(), message: found.message.clone() },
        (None, Standing::Broken) => Ending::Failed { kind: String::new(), message: "it does not hold".to_owned() },
        (None, Standing::Unasked) => Ending::Skipped { message: "something is wrong before it could be asked" },
        (None, Standing::Kept) => Ending::Passed,
    };
    Case {
        name: promise.name.clone(),
        class: class(report, promise.span.file),
        line: line(report, promise.span),
        ending,
        text: findings.iter().map(|found| text(report, found)).collect(),
    }
}

fn is_of_promise(report: &Report<'_>, finding: &Diagnostic) -> bool {
    report.promises.iter().any(|promise| breaks(promise, finding.span))
}

fn breaks(promise: &Promise, at: Span) -> bool {
    promise.parts.iter().any(|part| part.file == at.file && (part.start..=part.end).contains(&at.start))
}

fn class(report: &Report<'_>, file: FileId) -> String {
    report.sources.get(file).map(|file| report.path(file)).unwrap_or_default()
}

fn line(report: &Report<'_>, span: Span) -> Option<u32> {
    report.place(span).map(|place| place.start.line)
}

/// The finding as `--format plain` has it, and its details below.
fn text(report: &Report<'_>, finding: &Diagnostic) -> String {
    let details = report.details(finding).into_iter().map(|line| format!("  {line}\n"));
    std::iter::once(super::plain::line(report, finding)).chain(details).collect()
}

fn write(suites: &[Suite]) -> io::Result<Vec<u8>> {
    let mut writer = Writer::new_with_indent(Vec::new(), b' ', 2);
    writer.write_event(Event::Decl(BytesDecl::new("1.0", Some("UTF-8"), None)))?;
    let mut top = element("testsuites", &[("name", "fleetnet")]);
    count(&mut top, &suites.iter().flat_map(|suite| &suite.cases).collect::<Vec<_>>());
    writer.write_event(Event::Start(top))?;
    for suite in suites {
        let mut start = element("testsuite", &[("name", &suite.name)]);
        count(&mut start, &suite.cases.iter().collect::<Vec<_>>());
        writer.write_event(Event::Start(start))?;
        suite.cases.iter().try_for_each(|case| write_case(&mut writer, case))?;
        writer.write_event(Event::End(BytesEnd::new("testsuite")))?;
    }
    writer.write_event(Event::End(BytesEnd::new("testsuites")))?;
    Ok(writer.into_inner())
}

fn write_case(writer: &mut Writer<Vec<u8>>, case: &Case) -> io::Result<()> {
    let mut start = element("testcase", &[("classname", &case.class), ("name", &case.name), ("file", &case.class)]);
    if let Some(line) = case.line {
        start.push_attribute(("line", line.to_string().as_str()));
    }
    writer.write_event(Event::Start(start))?;
    match &case.ending {
        Ending::Failed { kind, message } => {
            let start = element("failure", &[("type", kind), ("message", message)]);
            write_text(writer, start, &case.text)?;
        }
        Ending::Skipped { message } => writer.write_event(Event::Empty(element("skipped", &[("message", message)])))?,
        Ending::Passed if case.text.is_empty() => {}
        Ending::Passed => write_text(writer, element("system-out", &[]), &case.text)?,
    }
    writer.write_event(Event::End(BytesEnd::new("testcase")))
}

fn write_text(writer: &mut Writer<Vec<u8>>, start: BytesStart<'_>, text: &str) -> io::Result<()> {
    let end = start.to_end().into_owned();
    writer.write_event(Event::Start(start))?;
    writer.write_event(Event::Text(BytesText::new(&legible(text))))?;
    writer.write_event(Event::End(end))
}

/// An element with attributes, each in one line.
fn element<'n>(name: &'n str, attributes: &[(&str, &str)]) -> BytesStart<'n> {
    let mut element = BytesStart::new(name);
    for (name, value) in attributes {
        element.push_attribute((*name, legible(value).replace(['\n', '\t'], " ").as_str()));
    }
    element
}

fn count(element: &mut BytesStart<'_>, cases: &[&Case]) {
    let of = |is: fn(&Ending) -> bool| cases.iter().filter(|case| is(&case.ending)).count().to_string();
    element.push_attribute(("tests", of(|_| true).as_str()));
    element.push_attribute(("failures", of(|ending| matches!(ending, Ending::Failed { .. })).as_str()));
    element.push_attribute(("errors", "0"));
    element.push_attribute(("skipped", of(|ending| matches!(ending, Ending::Skipped { .. })).as_str()));
}

/// Without the characters that no XML document may hold, not even escaped.
fn legible(text: &str) -> String {
    printable(text).replace(['\u{fffe}', '\u{ffff}'], "\u{fffd}")
}
