//! Answers to "can A reach B?".

use fleetnet_compiler::analysis::why::{Line, Named, Report, SideReport, report};
use fleetnet_compiler::compile::Asked;
use fleetnet_lang::Sources;
use serde::Serialize;

use crate::findings::{Finding, Place};

/// What came of a question.
#[derive(Debug, Serialize)]
pub struct Answers {
    /// What keeps it from being answered.
    diagnostics: Vec<Finding>,
    answers: Vec<Flows>,
}

/// Flows of which the same is to be said.
#[derive(Debug, Serialize)]
struct Flows {
    pairs: Vec<Ends>,
    ports: Vec<String>,
    passes: bool,
    egress: Side,
    ingress: Side,
}

/// Every pair of a source and a destination of two lists.
#[derive(Debug, Serialize)]
struct Ends {
    from: Vec<String>,
    to: Vec<String>,
}

#[derive(Debug, Serialize)]
struct Side {
    passes: bool,
    says: String,
    decides: Vec<Reason>,
    beaten: Vec<Reason>,
    near: Vec<Reason>,
}

/// A place in the source and what is said of it.
#[derive(Debug, Serialize)]
struct Reason {
    text: String,
    source: String,
    #[serde(flatten)]
    place: Option<Place>,
}

impl Answers {
    pub fn of(asked: &Asked) -> Self {
        let sources = &asked.sources;
        let answers = asked.answered.iter().flat_map(|answered| {
            answered.answers.iter().map(|answer| Flows::of(report(&answered.plan, answer), sources))
        });
        Self { diagnostics: Finding::first(&asked.diagnostics, sources), answers: answers.collect() }
    }
}

impl Flows {
    fn of(report: Report, sources: &Sources) -> Self {
        let Report { pairs, ports, passes, egress, ingress } = report;
        Self {
            pairs: pairs.into_iter().map(|pairs| Ends { from: texts(pairs.from), to: texts(pairs.to) }).collect(),
            ports,
            passes,
            egress: Side::of(&egress, sources),
            ingress: Side::of(&ingress, sources),
        }
    }
}

fn texts(ends: Vec<Named>) -> Vec<String> {
    ends.into_iter().map(|end| end.text).collect()
}

impl Side {
    fn of(side: &SideReport, sources: &Sources) -> Self {
        let reasons = |lines: &[Line]| lines.iter().map(|line| Reason::of(line, sources)).collect();
        Self {
            passes: side.passes,
            says: side.says.clone(),
            decides: reasons(&side.decides),
            beaten: reasons(&side.beaten),
            near: reasons(&side.near),
        }
    }
}

impl Reason {
    fn of(line: &Line, sources: &Sources) -> Self {
        let source = line.span.map(|span| sources.text(span)).unwrap_or_default();
        Self {
            text: line.text.clone(),
            source: source.split_whitespace().collect::<Vec<_>>().join(" "),
            place: line.span.and_then(|span| Place::of(span, sources)),
        }
    }
}
