//! What can be done about findings at the push of a button.

use fleetnet_lang::{Applicability, Diagnostic, FileId, Span};

use crate::Edit;

/// A finding that can be mended, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Action<'d> {
    /// What it does, for a menu.
    pub title: String,
    /// The finding.
    pub finding: &'d Diagnostic,
    /// The replacement that mends it.
    pub edit: Edit,
}

/// The fixes of those findings that touch a span.
#[must_use]
pub fn actions(findings: &[Diagnostic], at: Span) -> Vec<Action<'_>> {
    let touches = |span: Span| span.file == at.file && span.start <= at.end && at.start <= span.end;
    let found = findings.iter().filter(|found| touches(found.span));
    let actions = found.filter_map(|finding| {
        let fix = finding.fix.as_ref()?;
        let title = finding.help.clone().unwrap_or_else(|| title(&fix.replacement));
        Some(Action { title, finding, edit: Edit { span: fix.span, text: fix.replacement.clone() } })
    });
    actions.collect()
}

/// The replacements that mend everything in a file at once that has one right answer, in order of place: of two fixes that touch the same text the first stays, and the
/// other is there again when the first is done.
#[must_use]
pub fn all(findings: &[Diagnostic], file: FileId) -> Vec<Edit> {
    let fixes = findings.iter().filter(|found| found.span.file == file).filter_map(|found| found.fix.as_ref());
    let mut edits: Vec<Edit> = fixes
        .filter(|fix| fix.span.file == file && fix.applicability == Applicability::MachineApplicable)
        .map(|fix| Edit { span: fix.span, text: fix.replacement.clone() })
        .collect();
    edits.sort_by_key(|edit| edit.span);
    edits.dedup();
    let mut end = None;
    edits.retain(|edit| {
        let free = end.is_none_or(|end| edit.span.start > end);
        if free {
            end = Some(edit.span.end);
        }
        free
    });
    edits
}

fn title(replacement: &str) -> String {
    match replacement.trim() {
        "" => "remove it".to_owned(),
        text => format!("write `{}`", text.lines().next().unwrap_or_default()),
    }
}
