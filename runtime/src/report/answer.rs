//! Answers to `fleetnet why`: for people, and as JSON.

use fleetnet_compiler::analysis::why::{Line, Named, Pairs, Report as Answer, SideReport};
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::Report;
use super::json::{self, Range};
use crate::cli::WhyFormat;
use crate::schema;
use crate::terminal::{Terminal, printable};

/// Prints the answers to one question.
pub fn print(report: &Report<'_>, answers: &[Answer], format: WhyFormat, terminal: &mut Terminal) {
    match format {
        WhyFormat::Human => {
            for (place, answer) in answers.iter().enumerate() {
                terminal.print(if place == 0 { "" } else { "\n" });
                terminal.print(&printable(&human(report, answer)));
            }
        }
        WhyFormat::Json => {
            let answers = answers.iter().map(|answer| Flows::of(report, answer)).collect();
            json::print(&Document { version: json::VERSION, answers }, terminal);
        }
    }
}

/// Names and rules that are listed before the rest is counted.
const LISTED: usize = 6;

fn human(report: &Report<'_>, answer: &Answer) -> String {
    let ports = listed(&answer.ports);
    let flow = |pairs: &Pairs| {
        let verb = match (pairs.from.len(), answer.passes) {
            (1, true) => "reaches",
            (1, false) => "does not reach",
            (_, true) => "reach",
            (_, false) => "do not reach",
        };
        format!("{} {verb} {} on {ports}", listed(&texts(&pairs.from)), listed(&texts(&pairs.to)))
    };
    let mut lines: Vec<String> = answer.pairs.iter().take(LISTED).map(flow).collect();
    lines.extend(more(answer.pairs.len()).map(|more| format!("and {more}")));
    for (what, side) in [("egress", &answer.egress), ("ingress", &answer.ingress)] {
        lines.push(format!("  {what}: {}", side.says));
        lines.extend(reasons(report, "", &side.decides));
        lines.extend(reasons(report, "beats ", &side.beaten));
        lines.extend(reasons(report, "nearly ", &side.near));
    }
    lines.into_iter().flat_map(|line| [line, "\n".to_owned()]).collect()
}

fn reasons(report: &Report<'_>, lead: &str, reasons: &[Line]) -> Vec<String> {
    let mut lines = Vec::new();
    for reason in reasons.iter().take(LISTED) {
        let source = reason.span.map(|span| report.sources.text(span).split_whitespace().collect::<Vec<_>>().join(" "));
        let said = source.as_deref().into_iter().chain(Some(&*reason.text)).filter(|text| !text.is_empty());
        lines.push(format!("    {lead}{}", said.collect::<Vec<_>>().join("  # ")));
        let place = reason.span.and_then(|span| report.place(span));
        lines.extend(place.map(|place| format!("      at {}:{}:{}", place.path, place.start.line, place.start.column)));
    }
    lines.extend(more(reasons.len()).map(|more| format!("    {lead}{more}")));
    lines
}

fn texts(ends: &[Named]) -> Vec<String> {
    ends.iter().map(|end| end.text.clone()).collect()
}

/// What is said instead of what isn't listed.
fn more(length: usize) -> Option<String> {
    let more = length.checked_sub(LISTED).filter(|more| *more > 0)?;
    Some(format!("{more} more, all of them with `--format json`"))
}

fn listed(names: &[String]) -> String {
    let shown = names.iter().take(LISTED).map(String::as_str).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(LISTED) {
        0 => shown,
        more => format!("{shown} and {more} more"),
    }
}

/// The schema of answers.
pub fn schema() -> Schema {
    schema::of::<Document>()
}

/// What `fleetnet why --format json` prints where the question can be answered.
#[derive(Serialize, JsonSchema)]
#[schemars(title = "Why flows pass or don't")]
struct Document {
    /// Goes up when a field changes its meaning or goes away; 1 today.
    version: u32,
    answers: Vec<Flows>,
}

/// Flows of which the same is to be said.
#[derive(Serialize, JsonSchema)]
struct Flows {
    pairs: Vec<Ends>,
    ports: Vec<String>,
    passes: bool,
    egress: Side,
    ingress: Side,
}

/// Every pair of a source and a destination of two lists.
#[derive(Serialize, JsonSchema)]
struct Ends {
    from: Vec<End>,
    to: Vec<End>,
}

/// An end of a flow.
#[derive(Serialize, JsonSchema)]
struct End {
    /// `pod`, `world` and so on, as `flow.src.kind` has it in an invariant.
    kind: &'static str,
    /// An identity, an address, a DNS name, a namespace, or what the question calls them.
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    clusters: Vec<String>,
}

/// One end's say.
#[derive(Serialize, JsonSchema)]
struct Side {
    passes: bool,
    /// The verdict in words.
    says: String,
    /// What decides.
    decides: Vec<Reason>,
    /// What that beat.
    beaten: Vec<Reason>,
    /// What nearly allowed it, and by what it missed.
    near: Vec<Reason>,
}

/// A rule or a default, as it is written, and where.
#[derive(Serialize, JsonSchema)]
struct Reason {
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    source: String,
    #[serde(flatten)]
    place: Option<Range>,
}

impl Flows {
    fn of(report: &Report<'_>, answer: &Answer) -> Self {
        let Answer { pairs, ports, passes, egress, ingress } = answer;
        let end = |end: &Named| End { kind: end.kind.text(), name: end.name.clone(), clusters: end.clusters.clone() };
        let ends = pairs
            .iter()
            .map(|pairs| Ends { from: pairs.from.iter().map(end).collect(), to: pairs.to.iter().map(end).collect() });
        Self {
            pairs: ends.collect(),
            ports: ports.clone(),
            passes: *passes,
            egress: Side::of(report, egress),
            ingress: Side::of(report, ingress),
        }
    }
}

impl Side {
    fn of(report: &Report<'_>, side: &SideReport) -> Self {
        let reasons = |lines: &[Line]| lines.iter().map(|line| Reason::of(report, line)).collect();
        let SideReport { passes, says, decides, beaten, near } = side;
        Self {
            passes: *passes,
            says: says.clone(),
            decides: reasons(decides),
            beaten: reasons(beaten),
            near: reasons(near),
        }
    }
}

impl Reason {
    fn of(report: &Report<'_>, line: &Line) -> Self {
        Self {
            text: line.text.clone(),
            source: line.span.map(|span| report.sources.text(span).to_owned()).unwrap_or_default(),
            place: line.span.and_then(|span| Range::of(report, span)),
        }
    }
}
