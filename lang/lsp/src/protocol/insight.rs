//! The answers about what a package means: hover, lenses, hints.

use gen_lsp_types as lsp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::answer::Asked;
use super::convert::or_null;
use super::message::{Failure, FailureCode, json};
use super::position::Encoding;
use super::read;
use super::workspace::Workspace;
use crate::hover::Declared;
use crate::lens::{counted, lenses};
use crate::meaning::Partner;
use crate::names::{Kind, definitions_of};
use crate::{hints, hover as hovering};

/// The command of lenses, which the client has to have: it shows what [`REACHABLE`] answers.
pub const SHOW: &str = "fleetnet.showReachable";
/// The command that says who reaches something, and whom it reaches.
pub const REACHABLE: &str = "fleetnet.reachable";

/// Most names of a list in a hover.
const MOST: usize = 20;

pub fn hover(asked: &Asked<'_>, params: Value) -> Result<Value, Failure> {
    let params: lsp::HoverParams = read(params)?;
    let place = asked.place(&params.text_document_position_params);
    let hover = hovering::hover(&asked.opened.package, asked.opened.meaning.as_deref(), place).map(|hover| {
        let parts: Vec<String> = hover.declared.iter().map(markdown).collect();
        let content = lsp::MarkupContent { kind: lsp::MarkupKind::Markdown, value: parts.join("\n\n---\n\n") };
        lsp::Hover { contents: content.into(), range: Some(asked.range(hover.span)) }
    });
    Ok(or_null(hover))
}

fn markdown(declared: &Declared) -> String {
    let mut parts = vec![format!("```fleetnet\n{}\n```", declared.head)];
    parts.extend(declared.doc.clone());
    parts.extend(declared.clusters.as_deref().map(|clusters| match clusters {
        [] => "in no cluster".to_owned(),
        clusters => format!("in {}", quoted(clusters)),
    }));
    let members = declared.members.iter();
    let members: Vec<String> =
        members.map(|some| format!("- in {}: {}", quoted(&some.clusters), quoted(&some.identities))).collect();
    parts.extend((!members.is_empty()).then(|| members.join("\n")));
    parts.extend(
        declared
            .reached
            .as_ref()
            .map(|reached| format!("reached by {}\\\nreaches {}", counted(&reached.by), counted(&reached.reaches))),
    );
    for divided in &declared.divided {
        let rows = divided.parts.iter().map(|(cluster, part)| format!("- `{cluster}`: {part}"));
        parts.push(
            std::iter::once(format!("`{}` gives", divided.path))
                .chain([String::new()])
                .chain(rows)
                .collect::<Vec<_>>()
                .join("\n"),
        );
    }
    parts.join("\n\n")
}

fn quoted(names: &[String]) -> String {
    let mut shown: Vec<String> = names.iter().take(MOST).map(|name| format!("`{name}`")).collect();
    let more = names.len().saturating_sub(MOST);
    shown.extend((more > 0).then(|| format!("{more} more")));
    shown.join(", ")
}

/// What a lens is about, for its command.
#[derive(Debug, Deserialize, Serialize)]
struct Subject {
    uri: String,
    kind: String,
    name: String,
}

#[expect(clippy::unnecessary_wraps, reason = "the shape of all answers")]
pub fn code_lenses(asked: &Asked<'_>, _params: Value) -> Result<Value, Failure> {
    let Some(meaning) = &asked.opened.meaning else { return Ok(Value::Null) };
    let uri = asked.uri(asked.file).0;
    let lenses = lenses(&asked.opened.package, meaning, asked.file).into_iter().map(|lens| {
        let subject = Subject { uri: uri.clone(), kind: lens.kind.word().to_owned(), name: lens.name };
        let command = lsp::Command {
            title: lens.title,
            command: SHOW.to_owned(),
            arguments: Some(vec![json(subject)]),
            ..Default::default()
        };
        lsp::CodeLens { range: asked.range(lens.span), command: Some(command), data: None }
    });
    Ok(json(lenses.collect::<Vec<_>>()))
}

pub fn inlay_hints(asked: &Asked<'_>, params: Value) -> Result<Value, Failure> {
    let params: lsp::InlayHintParams = read(params)?;
    let Some(meaning) = &asked.opened.meaning else { return Ok(Value::Null) };
    let hints = hints::hints(&asked.opened.package, meaning, asked.span(params.range)).into_iter().map(|hint| {
        let position = asked.range(fleetnet_lang::Span::new(hint.at.file, hint.at.offset, hint.at.offset)).start;
        lsp::InlayHint {
            position,
            label: hint.label.into(),
            kind: None,
            text_edits: None,
            tooltip: Some(hint.detail.into()),
            padding_left: Some(true),
            padding_right: None,
            data: None,
        }
    });
    Ok(json(hints.collect::<Vec<_>>()))
}

/// What the other end of flows is, for a client to list.
#[derive(Debug, Serialize)]
struct Listed {
    name: String,
    ports: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<lsp::Location>,
}

/// Both directions.
#[derive(Debug, Serialize)]
struct Reachable {
    name: String,
    by: Vec<Listed>,
    reaches: Vec<Listed>,
}

/// Answers a command; `null` where nothing is known of what it is about.
pub fn execute(workspace: &Workspace, encoding: Encoding, params: lsp::ExecuteCommandParams) -> Result<Value, Failure> {
    if params.command != REACHABLE {
        let message = format!("there is no command `{}`", params.command);
        return Err(Failure::new(FailureCode::InvalidParams, message));
    }
    let argument = params.arguments.and_then(|arguments| arguments.into_iter().next()).unwrap_or_default();
    let Subject { uri, kind, name } = read(argument)?;
    let Some((opened, file)) = workspace.find(&uri) else { return Ok(Value::Null) };
    let asked = Asked { workspace, encoding, opened, file };
    let kinds = [Kind::Identity, Kind::Service, Kind::Policy, Kind::Group];
    let kind = kinds.into_iter().find(|known| known.word() == kind);
    let meaning = opened.meaning.as_ref();
    let reached = meaning.zip(kind).and_then(|(meaning, kind)| meaning.reached(kind, &name));
    let list = |partners: Vec<Partner>| partners.into_iter().map(|partner| listed(&asked, partner)).collect();
    Ok(or_null(reached.map(|reached| Reachable { name, by: list(reached.by), reaches: list(reached.reaches) })))
}

fn listed(asked: &Asked<'_>, partner: Partner) -> Listed {
    let declared = partner.identity.and_then(|symbol| {
        let symbols = [symbol].into();
        definitions_of(&asked.opened.package, &symbols).next().map(|definition| definition.name)
    });
    Listed { name: partner.name, ports: partner.ports, location: declared.map(|span| asked.location(span)) }
}
