//! A Code Quality report, as GitLab shows it in merge requests.

use fleetnet_lang::{Diagnostic, LineCol, Severity};
use serde::Serialize;

use super::fingerprint::Fingerprints;
use super::{Report, json};
use crate::terminal::Terminal;

pub fn print(report: &Report<'_>, terminal: &mut Terminal) {
    let mut fingerprints = Fingerprints::default();
    let issues: Vec<Issue> =
        report.findings.iter().filter_map(|finding| Issue::of(report, finding, &mut fingerprints)).collect();
    json::print(&issues, terminal);
}

/// What GitLab reads of a finding.
#[derive(Serialize)]
struct Issue {
    description: String,
    check_name: String,
    fingerprint: String,
    severity: Importance,
    location: Location,
}

#[derive(Serialize)]
#[serde(rename_all = "lowercase")]
enum Importance {
    Info,
    Minor,
    Major,
}

#[derive(Serialize)]
struct Location {
    path: String,
    positions: Positions,
}

#[derive(Serialize)]
struct Positions {
    begin: Position,
    end: Position,
}

#[derive(Serialize)]
struct Position {
    line: u32,
    column: u32,
}

impl Issue {
    /// Nothing where there is no place: an issue has to have one.
    fn of(report: &Report<'_>, finding: &Diagnostic, fingerprints: &mut Fingerprints) -> Option<Self> {
        let place = report.place(finding.span)?;
        let severity = match finding.severity {
            Severity::Error => Importance::Major,
            Severity::Warning => Importance::Minor,
            Severity::Note => Importance::Info,
        };
        let help = finding.help.as_ref().map(|help| format!("; {help}")).unwrap_or_default();
        let position = |at: LineCol| Position { line: at.line, column: at.column };
        Some(Self {
            description: format!("{}{help}", finding.message),
            check_name: finding.code.to_string(),
            fingerprint: fingerprints.of(report, finding),
            severity,
            location: Location {
                path: place.path,
                positions: Positions { begin: position(place.start), end: position(place.end) },
            },
        })
    }
}
