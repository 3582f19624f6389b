//! The answers that change texts: rename, layout, fixes.

use std::collections::HashMap;

use fleetnet_lang::Span;
use gen_lsp_types as lsp;
use serde_json::Value;

use super::answer::Asked;
use super::convert::or_null;
use super::message::{Failure, FailureCode, json};
use super::publish;
use super::read;
use crate::actions::{self, Action};
use crate::{Edit, formatting as layout, rename as renaming};

/// What an editor asks for when a file is saved: all fixes of it at once.
pub const FIX_ALL: &str = "source.fixAll.fleetnet";

impl Asked<'_> {
    fn workspace_edit(&self, edits: Vec<Edit>) -> lsp::WorkspaceEdit {
        let mut changes: HashMap<lsp::Uri, Vec<lsp::TextEdit>> = HashMap::new();
        for edit in edits {
            changes.entry(self.uri(edit.span.file)).or_default().push(self.text_edit(edit));
        }
        lsp::WorkspaceEdit { changes: Some(changes), ..Default::default() }
    }

    fn text_edit(&self, Edit { span, text }: Edit) -> lsp::TextEdit {
        lsp::TextEdit { range: self.range(span), new_text: text }
    }

    pub fn span(&self, range: lsp::Range) -> Span {
        let source = self.opened.package.file(self.file).map(|file| &file.source);
        let offset = |position| source.map_or(0, |source| self.encoding.offset(source, position));
        Span::new(self.file, offset(range.start), offset(range.end))
    }
}

pub fn prepare_rename(asked: &Asked<'_>, params: Value) -> Result<Value, Failure> {
    let params: lsp::PrepareRenameParams = read(params)?;
    let span = renaming::renamed(&asked.opened.package, asked.place(&params.text_document_position_params));
    Ok(or_null(span.map(|span| asked.range(span))))
}

pub fn rename(asked: &Asked<'_>, params: Value) -> Result<Value, Failure> {
    let params: lsp::RenameParams = read(params)?;
    let place = asked.place(&params.text_document_position_params);
    let edits = renaming::rename(&asked.opened.package, place, &params.new_name)
        .map_err(|refused| Failure::new(FailureCode::RequestFailed, refused.to_string()))?;
    Ok(json(asked.workspace_edit(edits)))
}

/// There is one layout, so the client's wishes about blanks are none of ours.
#[expect(clippy::unnecessary_wraps, reason = "the shape of all answers")]
pub fn formatting(asked: &Asked<'_>, _params: Value) -> Result<Value, Failure> {
    Ok(text_edits(asked, layout::formatting(&asked.opened.package, asked.file)))
}

pub fn range_formatting(asked: &Asked<'_>, params: Value) -> Result<Value, Failure> {
    let params: lsp::DocumentRangeFormattingParams = read(params)?;
    Ok(text_edits(asked, layout::range_formatting(&asked.opened.package, asked.span(params.range))))
}

fn text_edits(asked: &Asked<'_>, edits: Vec<Edit>) -> Value {
    json(edits.into_iter().map(|edit| asked.text_edit(edit)).collect::<Vec<_>>())
}

/// Fixes move along with what is typed around them, as what they mend does.
pub fn code_actions(asked: &Asked<'_>, params: Value) -> Result<Value, Failure> {
    let params: lsp::CodeActionParams = read(params)?;
    let only = params.context.only.as_deref();
    let current = asked.opened.checked.current_of(&asked.opened.package, asked.file);
    let mut found = Vec::new();
    if wanted(only, "quickfix") {
        let actions = actions::actions(&current, asked.span(params.range));
        found.extend(actions.into_iter().map(|action| quick_fix(asked, action)));
    }
    if wanted(only, FIX_ALL) {
        let edits = actions::all(&current, asked.file);
        found.extend((!edits.is_empty()).then(|| lsp::CodeAction {
            title: "fix everything in this file that has one right answer".to_owned(),
            kind: Some(FIX_ALL.to_owned().into()),
            edit: Some(asked.workspace_edit(edits)),
            ..Default::default()
        }));
    }
    Ok(json(found))
}

/// Whether a kind of action is asked for: by its name, or by the first parts of it. Without a wish every kind is.
fn wanted(only: Option<&[lsp::CodeActionKind]>, kind: &str) -> bool {
    let covers = |asked: &lsp::CodeActionKind| {
        let asked = String::from(asked.clone());
        asked.is_empty()
            || kind.strip_prefix(asked.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    only.is_none_or(|only| only.iter().any(covers))
}

fn quick_fix(asked: &Asked<'_>, action: Action<'_>) -> lsp::CodeAction {
    let finding = publish::diagnostic(asked.workspace, asked.opened, asked.encoding, action.finding);
    lsp::CodeAction {
        title: action.title,
        kind: Some(lsp::CodeActionKind::QuickFix),
        diagnostics: finding.map(|finding| vec![finding]),
        is_preferred: Some(true),
        edit: Some(asked.workspace_edit(vec![action.edit])),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    use super::{FIX_ALL, wanted};

    #[test]
    fn a_kind_is_wanted_by_its_first_parts() {
        let is_wanted = |only: &[&str], kind| {
            let only: Vec<_> = only.iter().map(|kind| (*kind).to_owned().into()).collect();
            wanted(Some(&only), kind)
        };
        assert!(wanted(None, FIX_ALL));
        assert!(is_wanted(&[""], "quickfix"));
        assert!(is_wanted(&["refactor", "source.fixAll"], FIX_ALL));
        assert!(!is_wanted(&["source.fix", "source.fixAll.fleetnet.more", "quickfix"], FIX_ALL));
        assert!(!is_wanted(&[], "quickfix"));
    }
}
