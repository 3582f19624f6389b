//! The findings of a package, file by file.

use std::collections::BTreeMap;

use fleetnet_lang::{Diagnostic, Severity, Span};
use gen_lsp_types as lsp;

use super::message::Message;
use super::position::Encoding;
use super::workspace::{Opened, Workspace};

/// Most findings of one file that are shown; a package can have hundreds of thousands.
const MOST: usize = 1000;

/// Tells the findings of a package, and takes those back that are gone.
pub fn publish(workspace: &mut Workspace, encoding: Encoding, key: &str) -> Vec<Message> {
    let Some(opened) = workspace.packages.get(key) else { return Vec::new() };
    let mut files: BTreeMap<String, Vec<lsp::Diagnostic>> = BTreeMap::new();
    for uri in &opened.published {
        files.entry(uri.clone()).or_default();
    }
    for found in &opened.known.findings {
        let Some(file) = opened.known.package.file(found.span.file) else { continue };
        let list = files.entry(workspace.uri(opened, &file.source.path)).or_default();
        if list.len() < MOST {
            list.extend(diagnostic(workspace, opened, encoding, found));
        }
    }
    let published = files.iter().filter(|(_, found)| !found.is_empty()).map(|(uri, _)| uri.clone()).collect();
    let messages = files.into_iter().map(|(uri, diagnostics)| {
        let version = workspace.buffers.get(&uri).filter(|buffer| buffer.package == key).map(|buffer| buffer.version);
        let params = lsp::PublishDiagnosticsParams { uri: lsp::Uri(uri), version, diagnostics };
        Message::notification("textDocument/publishDiagnostics", params)
    });
    let messages = messages.collect();
    let empty = if let Some(opened) = workspace.packages.get_mut(key) {
        opened.published = published;
        opened.package.files().next().is_none()
    } else {
        false
    };
    if empty {
        workspace.packages.remove(key);
    }
    messages
}

/// A finding as the protocol has it.
pub fn diagnostic(
    workspace: &Workspace,
    opened: &Opened,
    encoding: Encoding,
    found: &Diagnostic,
) -> Option<lsp::Diagnostic> {
    let location = |span: Span| {
        let source = &opened.known.package.file(span.file)?.source;
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
