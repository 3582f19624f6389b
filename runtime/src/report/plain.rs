//! One line a finding, as compilers have always printed them, for grep and editors.

use fleetnet_lang::Diagnostic;

use super::Report;
use crate::terminal::{Terminal, printable};

pub fn print(report: &Report<'_>, terminal: &mut Terminal) {
    report.lines().for_each(|line| terminal.print(&line));
}

/// `path:line:col: error[FN0123]: headline`, with its newline.
pub fn line(report: &Report<'_>, finding: &Diagnostic) -> String {
    let place = report.place(finding.span);
    let place = place.map(|place| format!("{}:{}:{}: ", place.path, place.start.line, place.start.column));
    let (severity, code) = (finding.severity.name(), finding.code);
    let line = format!("{}{severity}[{code}]: {}", place.unwrap_or_default(), finding.message);
    printable(&line).replace('\n', " ") + "\n"
}
