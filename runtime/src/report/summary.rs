//! How many findings there are, and whether they fail the run.

use fleetnet_lang::{Diagnostic, Severity};

use crate::cli::Deny;
use crate::terminal::Outcome;

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
}

impl Summary {
    pub fn of(findings: &[Diagnostic]) -> Self {
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        Self { errors: count(Severity::Error), warnings: count(Severity::Warning), notes: count(Severity::Note) }
    }

    /// How a run with these findings ends.
    pub fn outcome(self, deny: Option<Deny>) -> Outcome {
        let warnings_fail = match deny {
            Some(Deny::Warnings) => true,
            None => false,
        };
        if self.errors > 0 || (warnings_fail && self.warnings > 0) { Outcome::Findings } else { Outcome::Good }
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}", counted(self.errors, "error"), counted(self.warnings, "warning"))?;
        if self.notes > 0 {
            write!(f, ", {}", counted(self.notes, "note"))?;
        }
        Ok(())
    }
}

/// `1 file`, `2 files`.
pub fn counted(count: usize, thing: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {thing}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn warnings_fail_only_where_they_are_denied() {
        let summary = Summary { errors: 0, warnings: 1, notes: 2 };
        assert_eq!(summary.to_string(), "0 errors, 1 warning, 2 notes");
        assert_eq!(summary.outcome(None), Outcome::Good);
        assert_eq!(summary.outcome(Some(Deny::Warnings)), Outcome::Findings);
    }
}
