//! The features' data in the protocol's words.

use fleetnet_lang::SourceFile;
use fleetnet_lang::highlight::{Highlight, Highlighted};
use gen_lsp_types as lsp;
use serde_json::Value;

use super::edits::FIX_ALL;
use super::insight::REACHABLE;
use super::message::{Message, json};
use super::position::Encoding;
use crate::completion::ItemKind;
use crate::names::Kind;
use crate::signature::Signature;

/// What the server does.
pub fn capabilities(encoding: Encoding) -> lsp::InitializeResult {
    let sync = lsp::TextDocumentSyncOptions {
        open_close: Some(true),
        change: Some(lsp::TextDocumentSyncKind::Incremental),
        save: Some(true.into()),
        ..Default::default()
    };
    let tokens = lsp::SemanticTokensOptions {
        legend: lsp::SemanticTokensLegend {
            token_types: LEGEND.iter().map(|name| (*name).to_owned()).collect(),
            token_modifiers: vec!["declaration".to_owned(), "documentation".to_owned()],
        },
        full: Some(true.into()),
        ..Default::default()
    };
    let rename = lsp::RenameOptions { prepare_provider: Some(true), ..Default::default() };
    let kinds = vec![lsp::CodeActionKind::QuickFix, FIX_ALL.to_owned().into()];
    let actions = lsp::CodeActionOptions { code_action_kinds: Some(kinds), ..Default::default() };
    let commands = lsp::ExecuteCommandOptions { commands: vec![REACHABLE.to_owned()], ..Default::default() };
    // A file's package is found from the file, so one server does for any folders.
    let folders = lsp::WorkspaceFoldersServerCapabilities { supported: Some(true), ..Default::default() };
    let completion = lsp::CompletionOptions {
        trigger_characters: Some(["/", "$", ".", " ", "="].map(str::to_owned).to_vec()),
        ..Default::default()
    };
    let signatures = lsp::SignatureHelpOptions {
        trigger_characters: Some(vec![" ".to_owned()]),
        retrigger_characters: Some(vec![",".to_owned(), "=".to_owned()]),
        ..Default::default()
    };
    let capabilities = lsp::ServerCapabilities {
        position_encoding: Some(encoding.kind()),
        text_document_sync: Some(sync.into()),
        document_symbol_provider: Some(true.into()),
        workspace_symbol_provider: Some(true.into()),
        folding_range_provider: Some(true.into()),
        semantic_tokens_provider: Some(tokens.into()),
        definition_provider: Some(true.into()),
        references_provider: Some(true.into()),
        document_highlight_provider: Some(true.into()),
        rename_provider: Some(rename.into()),
        hover_provider: Some(true.into()),
        code_action_provider: Some(actions.into()),
        completion_provider: Some(completion),
        signature_help_provider: Some(signatures),
        document_formatting_provider: Some(true.into()),
        document_range_formatting_provider: Some(true.into()),
        code_lens_provider: Some(lsp::CodeLensOptions::default()),
        inlay_hint_provider: Some(true.into()),
        execute_command_provider: Some(commands),
        workspace: Some(lsp::WorkspaceOptions { workspace_folders: Some(folders), ..Default::default() }),
        ..Default::default()
    };
    let version = Some(env!("CARGO_PKG_VERSION").to_owned());
    let server_info = Some(lsp::ServerInfo { name: "fleetnet".to_owned(), version });
    lsp::InitializeResult { capabilities, server_info }
}

/// The requests of the protocol by which a client with these capabilities is made to ask for lenses and hints again.
pub fn refreshes(client: &lsp::ClientCapabilities) -> Vec<&'static str> {
    let workspace = client.workspace.as_ref();
    let lenses = workspace.and_then(|it| it.code_lens.as_ref()?.refresh_support).unwrap_or_default();
    let hints = workspace.and_then(|it| it.inlay_hint.as_ref()?.refresh_support).unwrap_or_default();
    let known = [(lenses, "workspace/codeLens/refresh"), (hints, "workspace/inlayHint/refresh")];
    known.into_iter().filter(|(supported, _)| *supported).map(|(_, method)| method).collect()
}

/// What the client is to show to whoever set something in a way that is not understood.
pub fn warning(message: String) -> Message {
    Message::notification("window/showMessage", lsp::ShowMessageParams { kind: lsp::MessageType::Warning, message })
}

/// The files that the client is asked to watch.
pub fn watched() -> lsp::RegistrationParams {
    let watcher = |glob: &str| lsp::FileSystemWatcher { glob_pattern: glob.to_owned().into(), kind: None };
    let options = lsp::DidChangeWatchedFilesRegistrationOptions {
        watchers: vec![watcher("**/*.fleetnet"), watcher("**/fleetnet.lock")],
    };
    let registration = lsp::Registration {
        id: "watch".to_owned(),
        method: "workspace/didChangeWatchedFiles".to_owned(),
        register_options: Some(json(options)),
    };
    lsp::RegistrationParams { registrations: vec![registration] }
}

/// A text after one change of the client's.
pub fn changed(source: &SourceFile, encoding: Encoding, change: &lsp::TextDocumentContentChangeEvent) -> SourceFile {
    use lsp::TextDocumentContentChangeEvent as Change;
    let text = match change {
        Change::TextDocumentContentChangeWholeDocument(whole) => whole.text.clone(),
        Change::TextDocumentContentChangePartial(part) => {
            let start = encoding.offset(source, part.range.start);
            let end = encoding.offset(source, part.range.end).max(start);
            let before = source.text.get(..start as usize).unwrap_or_default();
            let behind = source.text.get(end as usize..).unwrap_or_default();
            [before, &part.text, behind].concat()
        }
    };
    SourceFile::new(source.path.clone(), text)
}

/// A form with the part of it that is being written. Places in a label are counted in UTF-16, whatever was agreed on for texts.
pub fn signature(signature: &Signature) -> lsp::SignatureHelp {
    let place = |at: usize| {
        let units = signature.form.get(..at).unwrap_or_default().encode_utf16().count();
        u32::try_from(units).unwrap_or_default()
    };
    let parts = signature.parts.iter().map(|part| lsp::ParameterInformation {
        label: (place(part.start), place(part.end)).into(),
        documentation: None,
    });
    let active = u32::try_from(signature.active).unwrap_or_default();
    let shown = lsp::SignatureInformation {
        label: signature.form.to_owned(),
        documentation: Some(signature.about.into()),
        parameters: Some(parts.collect()),
        active_parameter: None,
    };
    lsp::SignatureHelp { signatures: vec![shown], active_signature: Some(0), active_parameter: Some(active.into()) }
}

/// The types of semantic tokens, of the protocol's own so that every theme has a colour for them.
const LEGEND: [&str; 9] =
    ["keyword", "class", "enumMember", "number", "parameter", "string", "macro", "comment", "operator"];

/// A colour's place in the legend, and its modifiers as bits.
fn token(highlight: Highlight) -> Option<(u32, u32)> {
    match highlight {
        Highlight::Keyword => Some((0, 0)),
        Highlight::Name => Some((1, 0b01)),
        Highlight::BuiltIn => Some((2, 0)),
        Highlight::Number => Some((3, 0)),
        Highlight::Parameter => Some((4, 0)),
        Highlight::String => Some((5, 0)),
        Highlight::Cel => Some((6, 0)),
        Highlight::Comment => Some((7, 0)),
        Highlight::DocComment => Some((7, 0b10)),
        Highlight::Operator => Some((8, 0)),
        Highlight::Unknown => None,
    }
}

/// The colours of a file. Few clients know a token of several lines, so there is one a line.
pub fn tokens(source: &SourceFile, encoding: Encoding, pieces: &[Highlighted]) -> lsp::SemanticTokens {
    let mut data = Vec::new();
    let mut last = lsp::Position::default();
    for piece in pieces {
        let Some((token_type, token_modifiers_bitset)) = token(piece.highlight) else { continue };
        let text = source.text.get(piece.start as usize..piece.end as usize).unwrap_or_default();
        let mut start = encoding.position(source, piece.start);
        for line in text.split('\n') {
            let length = encoding.length(line.trim_end_matches('\r'));
            if length > 0 {
                let delta_line = start.line.saturating_sub(last.line);
                let from = if delta_line == 0 { last.character } else { 0 };
                let delta_start = start.character.saturating_sub(from);
                data.push(lsp::SemanticToken { delta_line, delta_start, length, token_type, token_modifiers_bitset });
                last = start;
            }
            start = lsp::Position { line: start.line.saturating_add(1), character: 0 };
        }
    }
    lsp::SemanticTokens { result_id: None, data }
}

/// The symbol that stands for a kind of thing, by the keyword that declares it.
pub fn symbol(keyword: &str) -> lsp::SymbolKind {
    match keyword {
        "fleet" => lsp::SymbolKind::Package,
        "cluster" => lsp::SymbolKind::Module,
        "clusters" | "group" => lsp::SymbolKind::Array,
        "mesh" | "gateway" | "entry" | "export" | "balance" => lsp::SymbolKind::Interface,
        "namespace" => lsp::SymbolKind::Namespace,
        "identity" => lsp::SymbolKind::Class,
        "external" => lsp::SymbolKind::Object,
        "service" => lsp::SymbolKind::Method,
        "policy" => lsp::SymbolKind::Function,
        "test" | "invariant" | "guard" => lsp::SymbolKind::Event,
        "rollout" => lsp::SymbolKind::Enum,
        "step" => lsp::SymbolKind::EnumMember,
        "param" | "region" => lsp::SymbolKind::Constant,
        _ => lsp::SymbolKind::Field,
    }
}

/// The icon of something that could be typed.
pub fn completion_kind(kind: ItemKind) -> lsp::CompletionItemKind {
    match kind {
        ItemKind::Name(Kind::Identity) => lsp::CompletionItemKind::Class,
        ItemKind::Name(Kind::Port | Kind::Listener) => lsp::CompletionItemKind::Field,
        ItemKind::Name(Kind::Service) => lsp::CompletionItemKind::Method,
        ItemKind::Name(Kind::Param) => lsp::CompletionItemKind::Constant,
        ItemKind::Name(_) => lsp::CompletionItemKind::Module,
        ItemKind::BuiltIn => lsp::CompletionItemKind::EnumMember,
        ItemKind::LabelKey | ItemKind::Field => lsp::CompletionItemKind::Property,
        ItemKind::LabelValue => lsp::CompletionItemKind::Value,
        ItemKind::Keyword => lsp::CompletionItemKind::Keyword,
    }
}

/// The same by its kind.
pub fn symbol_of(kind: Kind) -> lsp::SymbolKind {
    symbol(kind.word())
}

/// Text with marks, as `null` where there is none.
pub fn or_null<T: serde::Serialize>(value: Option<T>) -> Value {
    value.map(json).unwrap_or_default()
}
