//! The names in conditions: texts that something which holds names is compared with, such as `flow.src.name == "shop/web"`.
//!
//! Only what is certain is a name: the condition has a meaning, and the text stands there letter by letter.

use fleetnet_compiler::analysis::cel::{ClusterField, EndField, Field, FlowField, compile};
use fleetnet_lang::{FileId, Span, SyntaxKind, Token};

use super::Space;

/// A name in a condition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentioned {
    /// What it is a name of.
    pub space: Space,
    /// The name, with its namespace if it has one.
    pub name: String,
    /// Where it stands, without its quotes.
    pub span: Span,
}

/// The names in a condition, in order of place; `owner` is what it stands in.
pub fn mentioned(file: FileId, owner: SyntaxKind, token: Token<'_>) -> Vec<Mentioned> {
    if owner == SyntaxKind::Term { names(file, token, of_cluster) } else { names(file, token, of_flow) }
}

fn names<F: Field>(file: FileId, token: Token<'_>, space: impl Fn(F) -> Option<Space>) -> Vec<Mentioned> {
    let quoted = token.text().strip_prefix('`').and_then(|text| text.strip_suffix('`'));
    let Some(text) = quoted else { return Vec::new() };
    let start = u32::from(token.text_range().start()).saturating_add(1);
    let base = Span::new(file, start, u32::from(token.text_range().end()).saturating_sub(1));
    let Ok(program) = compile::<F>(text, base) else { return Vec::new() };
    let found = program.mentions().iter().filter_map(|mention| {
        let space = space(mention.field)?;
        let inside = |offset: u32| offset.checked_sub(start).map(|offset| offset as usize);
        let written = text.get(inside(mention.span.start)?..inside(mention.span.end)?)?;
        let letters = ['"', '\''].iter().find_map(|quote| written.strip_prefix(*quote)?.strip_suffix(*quote))?;
        let span = Span::new(file, mention.span.start.saturating_add(1), mention.span.end.saturating_sub(1));
        (letters == mention.text).then(|| Mentioned { space, name: letters.to_owned(), span })
    });
    found.collect()
}

fn of_flow(field: FlowField) -> Option<Space> {
    match field {
        FlowField::Source(end) | FlowField::Destination(end) => match end {
            EndField::Name => Some(Space::Identity),
            EndField::Namespace => Some(Space::Namespace),
            EndField::Region => Some(Space::Region),
            EndField::Cluster | EndField::Groups | EndField::External => Some(Space::Shared),
            EndField::Kind | EndField::Labels => None,
        },
        FlowField::Port | FlowField::Protocol | FlowField::Known => None,
    }
}

fn of_cluster(field: ClusterField) -> Option<Space> {
    match field {
        ClusterField::Name => Some(Space::Shared),
        ClusterField::Region => Some(Space::Region),
        ClusterField::Id | ClusterField::Zone | ClusterField::Labels | ClusterField::Cilium => None,
    }
}
