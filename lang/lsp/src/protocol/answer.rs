//! The answers to requests.

use fleetnet_lang::{FileId, Span};
use gen_lsp_types as lsp;
use serde_json::Value;

use super::convert::{self, completion_kind, or_null, symbol, symbol_of, tokens};
use super::message::{Failure, FailureCode, json};
use super::position::Encoding;
use super::read;
use super::workspace::{Opened, Workspace};
use super::{edits, insight};
use crate::completion::Completion;
use crate::folding::{FoldKind, folds};
use crate::symbols::{Outlined, outline, search};
use crate::{Place, completion, definition, references, signature, tokens as colours};

/// Most symbols of a workspace that are listed.
const MOST_SYMBOLS: usize = 500;

/// Answers a request about what is open; `null` about anything else.
pub fn answer(workspace: &Workspace, encoding: Encoding, method: &str, params: Value) -> Result<Value, Failure> {
    if method == "workspace/symbol" {
        let params: lsp::WorkspaceSymbolParams = read(params)?;
        return Ok(workspace_symbols(workspace, encoding, &params.query));
    }
    if method == "workspace/executeCommand" {
        return insight::execute(workspace, encoding, read(params)?);
    }
    let answer = match method {
        "textDocument/documentSymbol" => document_symbols,
        "textDocument/foldingRange" => folding,
        "textDocument/semanticTokens/full" => semantic_tokens,
        "textDocument/definition" => definitions,
        "textDocument/references" => all_references,
        "textDocument/documentHighlight" => highlights,
        "textDocument/prepareRename" => edits::prepare_rename,
        "textDocument/rename" => edits::rename,
        "textDocument/formatting" => edits::formatting,
        "textDocument/rangeFormatting" => edits::range_formatting,
        "textDocument/codeAction" => edits::code_actions,
        "textDocument/hover" => insight::hover,
        "textDocument/codeLens" => insight::code_lenses,
        "textDocument/inlayHint" => insight::inlay_hints,
        "textDocument/completion" => completed,
        "textDocument/signatureHelp" => signature_help,
        _ => return Err(Failure::new(FailureCode::MethodNotFound, format!("`{method}` is not known"))),
    };
    let about: About = read(params.clone())?;
    match workspace.find(&about.text_document.uri.0) {
        Some((opened, file)) => answer(&Asked { workspace, encoding, opened, file }, params),
        None => Ok(Value::Null),
    }
}

/// What every request about a document says.
#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct About {
    text_document: lsp::TextDocumentIdentifier,
}

/// A request's document.
pub struct Asked<'w> {
    pub workspace: &'w Workspace,
    pub encoding: Encoding,
    pub opened: &'w Opened,
    pub file: FileId,
}

impl Asked<'_> {
    pub fn place(&self, at: &lsp::TextDocumentPositionParams) -> Place {
        let source = self.opened.package.file(self.file).map(|file| &file.source);
        let offset = source.map_or(0, |source| self.encoding.offset(source, at.position));
        Place { file: self.file, offset }
    }

    pub fn range(&self, span: Span) -> lsp::Range {
        let file = self.opened.package.file(span.file);
        file.map(|file| self.encoding.range(&file.source, span)).unwrap_or_default()
    }

    pub fn uri(&self, file: FileId) -> lsp::Uri {
        let path = self.opened.package.file(file).map_or("", |file| &*file.source.path);
        lsp::Uri(self.workspace.uri(self.opened, path))
    }

    pub fn location(&self, span: Span) -> lsp::Location {
        lsp::Location { uri: self.uri(span.file), range: self.range(span) }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of all answers")]
fn document_symbols(asked: &Asked<'_>, _params: Value) -> Result<Value, Failure> {
    let symbols: Vec<_> =
        outline(&asked.opened.package, asked.file).into_iter().map(|line| document_symbol(asked, line)).collect();
    Ok(json(symbols))
}

fn document_symbol(asked: &Asked<'_>, line: Outlined) -> lsp::DocumentSymbol {
    let Outlined { name, keyword, whole, place, parts } = line;
    let children: Vec<_> = parts.into_iter().map(|part| document_symbol(asked, part)).collect();
    #[expect(deprecated, reason = "the struct has the field")]
    lsp::DocumentSymbol {
        name,
        kind: symbol(&keyword),
        detail: Some(keyword),
        tags: None,
        deprecated: None,
        range: asked.range(whole),
        selection_range: asked.range(place),
        children: (!children.is_empty()).then_some(children),
    }
}

fn workspace_symbols(workspace: &Workspace, encoding: Encoding, query: &str) -> Value {
    let found = workspace.packages.values().flat_map(|opened| {
        search(&opened.package, query).into_iter().filter_map(move |found| {
            let source = &opened.package.file(found.place.file)?.source;
            let uri = lsp::Uri(workspace.uri(opened, &source.path));
            let location = lsp::Location { uri, range: encoding.range(source, found.place) };
            Some(lsp::WorkspaceSymbol {
                location: location.into(),
                data: None,
                base_symbol_information: lsp::BaseSymbolInformation {
                    name: found.name.to_owned(),
                    kind: symbol_of(found.kind),
                    tags: None,
                    container_name: (!found.owner.is_empty()).then(|| found.owner.to_owned()),
                },
            })
        })
    });
    json(found.take(MOST_SYMBOLS).collect::<Vec<_>>())
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of all answers")]
fn folding(asked: &Asked<'_>, _params: Value) -> Result<Value, Failure> {
    let ranges = folds(&asked.opened.package, asked.file).into_iter().map(|fold| {
        let lsp::Range { start, end } = asked.range(fold.span);
        lsp::FoldingRange {
            start_line: start.line,
            start_character: Some(start.character),
            end_line: end.line,
            end_character: Some(end.character),
            kind: (fold.kind == FoldKind::Comment).then_some(lsp::FoldingRangeKind::Comment),
            collapsed_text: None,
        }
    });
    Ok(json(ranges.collect::<Vec<_>>()))
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of all answers")]
fn semantic_tokens(asked: &Asked<'_>, _params: Value) -> Result<Value, Failure> {
    let pieces = colours::tokens(&asked.opened.package, asked.file);
    let source = asked.opened.package.file(asked.file).map(|file| &file.source);
    Ok(or_null(source.map(|source| tokens(source, asked.encoding, &pieces))))
}

fn definitions(asked: &Asked<'_>, params: Value) -> Result<Value, Failure> {
    let params: lsp::DefinitionParams = read(params)?;
    let targets = definition::definition(&asked.opened.package, asked.place(&params.text_document_position_params));
    Ok(json(targets.into_iter().map(|target| asked.location(target.name)).collect::<Vec<_>>()))
}

fn all_references(asked: &Asked<'_>, params: Value) -> Result<Value, Failure> {
    let params: lsp::ReferenceParams = read(params)?;
    let found = references::references(&asked.opened.package, asked.place(&params.text_document_position_params));
    let declared = found.declared.into_iter().filter(|_| params.context.include_declaration);
    Ok(json(declared.chain(found.used).map(|span| asked.location(span)).collect::<Vec<_>>()))
}

fn highlights(asked: &Asked<'_>, params: Value) -> Result<Value, Failure> {
    let params: lsp::DocumentHighlightParams = read(params)?;
    let found = references::references(&asked.opened.package, asked.place(&params.text_document_position_params));
    let write = found.declared.into_iter().map(|span| (span, lsp::DocumentHighlightKind::Write));
    let read = found.used.into_iter().map(|span| (span, lsp::DocumentHighlightKind::Read));
    let here = write.chain(read).filter(|(span, _)| span.file == asked.file);
    let highlights = here.map(|(span, kind)| lsp::DocumentHighlight { range: asked.range(span), kind: Some(kind) });
    Ok(json(highlights.collect::<Vec<_>>()))
}

fn completed(asked: &Asked<'_>, params: Value) -> Result<Value, Failure> {
    let params: lsp::CompletionParams = read(params)?;
    let Completion { span, items } =
        completion::completion(&asked.opened.package, asked.place(&params.text_document_position_params));
    let Some(span) = span else { return Ok(Value::Null) };
    let range = asked.range(span);
    let items = items.into_iter().map(|item| lsp::CompletionItem {
        kind: Some(completion_kind(item.kind)),
        detail: item.detail,
        documentation: item.about.map(Into::into),
        text_edit: Some(lsp::TextEdit { range, new_text: item.text.clone() }.into()),
        label: item.text,
        ..Default::default()
    });
    Ok(json(items.collect::<Vec<_>>()))
}

fn signature_help(asked: &Asked<'_>, params: Value) -> Result<Value, Failure> {
    let params: lsp::SignatureHelpParams = read(params)?;
    let place = asked.place(&params.text_document_position_params);
    // An editor asks behind every blank; once the form is open, it stays.
    let unasked = params.context.is_some_and(|context| {
        context.trigger_kind == lsp::SignatureHelpTriggerKind::TriggerCharacter && !context.is_retrigger
    });
    let found = signature::signature(&asked.opened.package, place);
    let found = found.filter(|found| !unasked || found.is_begun());
    Ok(or_null(found.map(|it| convert::signature(&it))))
}
