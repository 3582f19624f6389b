//! How many findings there are, and whether they fail the run.

use fleetnet_lang::{Diagnostic, Severity};

use crate::terminal::Outcome;

/// Findings by severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    pub errors: usize,
    pub warnings: usize,
    pub notes: usize,
    /// Those that are not shown, as their codes are allowed.
    pub allowed: usize,
}

impl Summary {
    pub fn of(findings: &[Diagnostic], allowed: usize) -> Self {
        let count = |severity| findings.iter().filter(|finding| finding.severity == severity).count();
        let [errors, warnings, notes] = [Severity::Error, Severity::Warning, Severity::Note].map(count);
        Self { errors, warnings, notes, allowed }
    }

    /// How a run with these findings ends. What is denied is an error here already.
    pub fn outcome(self) -> Outcome {
        if self.errors > 0 { Outcome::Findings } else { Outcome::Good }
    }
}

impl std::fmt::Display for Summary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}, {}", counted(self.errors, "error"), counted(self.warnings, "warning"))?;
        if self.notes > 0 {
            write!(f, ", {}", counted(self.notes, "note"))?;
        }
        if self.allowed > 0 {
            write!(f, ", {} allowed", self.allowed)?;
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
    fn only_errors_fail() {
        let summary = Summary { errors: 0, warnings: 1, notes: 2, allowed: 3 };
        assert_eq!(summary.to_string(), "0 errors, 1 warning, 2 notes, 3 allowed");
        assert_eq!(summary.outcome(), Outcome::Good);
        assert_eq!(Summary { errors: 1, ..summary }.outcome(), Outcome::Findings);
    }
}
