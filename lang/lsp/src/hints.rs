//! What stands behind the text: the shares that weights come to, and what rules take of policy maps.

use fleetnet_compiler::analysis::capacity::Certainty;
use fleetnet_lang::Span;

use crate::meaning::{Entries, Meaning};
use crate::package::{Package, Place};
use crate::shares::shares;
use crate::since::Since;

/// Something that is shown in a text and is none of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hint {
    /// Where.
    pub at: Place,
    /// What.
    pub label: String,
    /// More about it.
    pub detail: String,
}

/// The hints of a part of a file, in order of place. They move along with what is typed around them until the package is compiled again.
#[must_use]
pub fn hints(package: &Package, meaning: &Meaning, part: Span) -> Vec<Hint> {
    let since = Since::new(&meaning.package, package);
    let is_shown = |span: &Span| span.file == part.file && span.start <= part.end && part.start <= span.end;
    let mut hints = Vec::new();
    for share in shares(&meaning.plan) {
        let Some(span) = since.span(share.span).filter(is_shown) else { continue };
        let realised = share.realised.join(" or ");
        let asked = share.asked.map(|asked| format!(" of the {asked} that are asked for")).unwrap_or_default();
        let detail = format!("`{}` gets {realised}{asked}", share.cluster);
        hints.push(Hint { at: Place { file: span.file, offset: span.end }, label: realised, detail });
    }
    let model = &meaning.plan.model;
    for (id, rule) in model.rules.iter() {
        let Some(span) = since.span(rule.span).filter(is_shown) else { continue };
        hints.extend(meaning.entries_of_rule(id).map(|entries| Hint {
            at: Place { file: span.file, offset: span.end },
            label: label(entries),
            detail: format!("in the fullest policy map this rule takes {}", counted(entries)),
        }));
    }
    for (id, policy) in model.policies.iter() {
        let Some(span) = since.span(policy.name.span).filter(is_shown) else { continue };
        hints.extend(meaning.entries_of_policy(id).map(|entries| Hint {
            at: line_end(package, span),
            label: label(entries),
            detail: format!(
                "in the fullest policy map these rules take {} of {}",
                counted(entries),
                model.fleet.policy_map
            ),
        }));
    }
    hints.sort_by(|a, b| (a.at.offset, &a.label).cmp(&(b.at.offset, &b.label)));
    hints
}

/// The number alone: how well it is known is told with it.
fn label(entries: Entries) -> String {
    counted(Entries { certainty: Certainty::Exact, ..entries })
}

fn counted(Entries { count, certainty }: Entries) -> String {
    let what = if count == 1 { "entry" } else { "entries" };
    format!("{} {what}", certainty.said(count))
}

/// The end of the line that a span begins in: of a policy, behind the brace that it opens.
fn line_end(package: &Package, span: Span) -> Place {
    let text = package.file(span.file).map_or("", |file| &*file.source.text);
    let line = text.get(span.start as usize..).unwrap_or_default().split('\n').next().unwrap_or_default().trim_end();
    let length = u32::try_from(line.len()).unwrap_or(0);
    Place { file: span.file, offset: span.start.saturating_add(length) }
}
