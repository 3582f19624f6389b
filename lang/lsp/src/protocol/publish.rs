//! The findings of a package, file by file.

use std::collections::BTreeMap;

use fleetnet_lang::{Diagnostic, FileId, Severity, Span};
use gen_lsp_types as lsp;

use super::message::Message;
use super::position::Encoding;
use super::workspace::{Opened, Published, Workspace};

/// Most findings of one file that are shown; a package can have hundreds of thousands.
const MOST: usize = 1000;

/// Tells what has changed of the findings of a package, and takes those back that are gone.
pub fn publish(workspace: &mut Workspace, encoding: Encoding, key: &str) -> Vec<Message> {
    let Some(opened) = workspace.packages.get(key) else { return Vec::new() };
    let mut files: BTreeMap<String, Vec<lsp::Diagnostic>> = BTreeMap::new();
    for uri in opened.published.keys() {
        files.entry(uri.clone()).or_default();
    }
    for found in &opened.checked.current(&opened.package) {
        let Some(file) = opened.package.file(found.span.file) else { continue };
        let list = files.entry(workspace.uri(opened, &file.source.path)).or_default();
        if list.len() < MOST {
            list.extend(diagnostic(workspace, opened, encoding, found));
        }
    }
    let messages = files.into_iter().filter_map(|(uri, found)| tell(workspace, key, uri, found)).collect();
    if workspace.packages.get(key).is_some_and(|opened| opened.package.files().next().is_none()) {
        workspace.packages.remove(key);
    }
    messages
}

/// Tells the findings of a file that was just edited, if something is wrong with its form or was before: clients move what they show along with
/// what is typed, so the rest can wait for the compilation.
pub fn publish_form(workspace: &mut Workspace, encoding: Encoding, uri: &str, before: Form) -> Option<Message> {
    let (opened, file) = workspace.find(uri)?;
    if before == Form::Right && Form::of(opened, file) == Form::Right {
        return None;
    }
    let found = opened.checked.current_of(&opened.package, file);
    let found = found.iter().take(MOST).filter_map(|found| diagnostic(workspace, opened, encoding, found)).collect();
    let key = workspace.buffers.get(uri)?.package.clone();
    tell(workspace, &key, uri.to_owned(), found)
}

/// Whether something is wrong with the form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// Nothing is.
    Right,
    /// Something is.
    Wrong,
}

impl Form {
    /// That of a file as it is now.
    pub fn of(opened: &Opened, file: FileId) -> Self {
        if opened.package.form(file).is_empty() { Self::Right } else { Self::Wrong }
    }
}

/// The message about a file, unless it says what the client was told before.
fn tell(workspace: &mut Workspace, key: &str, uri: String, diagnostics: Vec<lsp::Diagnostic>) -> Option<Message> {
    let version = workspace.buffers.get(&uri).filter(|buffer| buffer.package == key).map(|buffer| buffer.version);
    let opened = workspace.packages.get_mut(key)?;
    let now = Published { version, diagnostics };
    if opened.published.get(&uri) == Some(&now) {
        return None;
    }
    if now.diagnostics.is_empty() && now.version.is_none() {
        opened.published.remove(&uri);
    } else {
        opened.published.insert(uri.clone(), now.clone());
    }
    let Published { version, diagnostics } = now;
    let params = lsp::PublishDiagnosticsParams { uri: lsp::Uri(uri), version, diagnostics };
    Some(Message::notification("textDocument/publishDiagnostics", params))
}

/// A finding as the protocol has it.
pub fn diagnostic(
    workspace: &Workspace,
    opened: &Opened,
    encoding: Encoding,
    found: &Diagnostic,
) -> Option<lsp::Diagnostic> {
    let location = |span: Span| {
        let source = &opened.package.file(span.file)?.source;
        let uri = lsp::Uri(workspace.uri(opened, &source.path));
        Some(lsp::Location { uri, range: encoding.range(source, span) })
    };
    let related = found.related.iter().filter_map(|label| {
        Some(lsp::DiagnosticRelatedInformation { location: location(label.span)?, message: label.text.clone() })
    });
    let related: Vec<_> = related.collect();
    let severity = match found.severity {
        Severity::Error => lsp::DiagnosticSeverity::Error,
        Severity::Warning => lsp::DiagnosticSeverity::Warning,
        Severity::Note => lsp::DiagnosticSeverity::Information,
    };
    let help = found.help.as_ref().map(|help| format!("\n{help}")).unwrap_or_default();
    Some(lsp::Diagnostic {
        range: location(found.span)?.range,
        severity: Some(severity),
        code: Some(lsp::Code::String(found.code.to_string())),
        source: Some("fleetnet".to_owned()),
        message: format!("{}{help}", found.message).into(),
        tags: is_unneeded(found).then(|| vec![lsp::DiagnosticTag::Unnecessary]),
        related_information: (!related.is_empty()).then_some(related),
        code_description: None,
        data: None,
    })
}

/// Whether the fix takes out what is marked: it does nothing, and is shown faded.
fn is_unneeded(found: &Diagnostic) -> bool {
    let fix = found.fix.as_ref();
    let removes = fix.is_some_and(|fix| fix.replacement.trim().is_empty() && fix.span.start <= found.span.start);
    removes && found.severity != Severity::Error
}
