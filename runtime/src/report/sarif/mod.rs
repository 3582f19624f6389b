//! SARIF, as GitHub's code scanning and others take it. It describes only the kinds of findings that there are; without findings it is a run
//! without results, which closes what an earlier one has opened.

mod log;

use std::collections::BTreeMap;

use fleetnet_lang::{Code, Diagnostic, LineCol, Span};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use super::fingerprint::Fingerprints;
use super::{Report, json};
use crate::codes;
use crate::terminal::Terminal;
use log::{
    ArtifactChange, ArtifactLocation, Configuration, Driver, Fingerprint, Fix, Help, Invocation, Location, Log,
    PhysicalLocation, Region, Replacement, Result, Rule, Run, Text, Tool,
};

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What relative paths start from: the root of the sources, wherever whoever reads the log has it.
const ROOT: &str = "%SRCROOT%";

/// What stands for itself in a path of a URI. A colon does not: before the first slash it would end a scheme.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');

pub fn print(report: &Report<'_>, terminal: &mut Terminal) {
    json::print(&log(report), terminal);
}

fn log(report: &Report<'_>) -> Log {
    let codes: BTreeMap<u16, Code> = report.findings.iter().map(|found| (found.code.number, found.code)).collect();
    let indices: BTreeMap<u16, usize> = codes.keys().copied().zip(0..).collect();
    let mut fingerprints = Fingerprints::default();
    let results = report.findings.iter().map(|finding| {
        let index = indices.get(&finding.code.number).copied().unwrap_or_default();
        result(report, finding, index, fingerprints.of(report, finding))
    });
    let run = Run {
        invocations: [Invocation { execution_successful: true }],
        column_kind: "utf16CodeUnits",
        results: results.collect(),
        tool: Tool {
            driver: Driver {
                name: env!("CARGO_PKG_NAME"),
                semantic_version: env!("CARGO_PKG_VERSION"),
                rules: codes.into_values().map(rule).collect(),
            },
        },
    };
    Log { schema: SCHEMA, version: "2.1.0", runs: [run] }
}

/// A kind of findings, with the page that `fleetnet explain` prints.
fn rule(code: Code) -> Rule {
    let page = codes::page(code);
    // The title says what the summary does.
    let body = page.split_once('\n').map_or("", |(_, body)| body).trim();
    let first = body.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    Rule {
        id: code.to_string(),
        short_description: Text { text: code.summary.to_owned() },
        full_description: Text { text: first },
        help: Help { text: body.to_owned(), markdown: page },
        default_configuration: Configuration { level: code.severity.name() },
    }
}

fn result(report: &Report<'_>, finding: &Diagnostic, rule_index: usize, fingerprint: String) -> Result {
    let related = finding.related.iter().zip(1..).filter_map(|(party, id)| {
        let physical_location = physical(report, party.span)?;
        Some(Location { id: Some(id), physical_location, message: Some(Text { text: party.text.clone() }) })
    });
    let own = physical(report, finding.span).map(|physical_location| {
        let message = Some(&finding.label).filter(|label| !label.is_empty()).map(|label| Text { text: label.clone() });
        Location { id: None, physical_location, message }
    });
    Result {
        rule_id: finding.code.to_string(),
        rule_index,
        level: finding.severity.name(),
        message: Text { text: message(finding) },
        locations: own.into_iter().collect(),
        related_locations: related.collect(),
        partial_fingerprints: Fingerprint { finding: fingerprint },
        fixes: fix(report, finding).into_iter().collect(),
    }
}

/// The headline, what to do, and links to the other parties, which GitHub shows only where a message leads to them.
fn message(finding: &Diagnostic) -> String {
    // Only this could be taken for a link.
    let plain = |text: &str| text.replace("](", "\\](");
    let help = finding.help.iter().map(|help| plain(help));
    let links = finding.related.iter().zip(1..).map(|(party, id)| {
        let text = if party.text.is_empty() { "here" } else { &party.text };
        format!("See [{}]({id})", text.replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]"))
    });
    std::iter::once(plain(&finding.message)).chain(help).chain(links).collect::<Vec<_>>().join("\n")
}

fn fix(report: &Report<'_>, finding: &Diagnostic) -> Option<Fix> {
    let fix = finding.fix.as_ref()?;
    let PhysicalLocation { artifact_location, region } = physical(report, fix.span)?;
    let replacement = Replacement { deleted_region: region, inserted_content: Text { text: fix.replacement.clone() } };
    Some(Fix {
        description: finding.help.clone().map(|text| Text { text }),
        artifact_changes: [ArtifactChange { artifact_location, replacements: [replacement] }],
    })
}

fn physical(report: &Report<'_>, span: Span) -> Option<PhysicalLocation> {
    let file = report.sources.get(span.file)?;
    // Lines as everywhere; columns in what the log counts.
    let column =
        |offset| u32::try_from(file.before(offset).encode_utf16().count()).unwrap_or(u32::MAX).saturating_add(1);
    let line = |offset| {
        let LineCol { line, .. } = file.line_col(offset);
        line
    };
    let region = Region {
        start_line: line(span.start),
        start_column: column(span.start),
        end_line: line(span.end),
        end_column: column(span.end),
    };
    Some(PhysicalLocation { artifact_location: artifact(&report.path(file)), region })
}

/// A path below the root of the sources, or one of this machine.
fn artifact(path: &str) -> ArtifactLocation {
    let encoded = utf8_percent_encode(path, PATH);
    if path.starts_with('/') {
        return ArtifactLocation { uri: format!("file://{encoded}"), uri_base_id: None };
    }
    ArtifactLocation { uri: encoded.to_string(), uri_base_id: Some(ROOT) }
}

#[cfg(test)]
mod tests {
    use fleetnet_lang::{FileId, SourceFile, Sources};

    use super::*;

    fn of(path: &str, text: &str, (start, end): (u32, u32)) -> serde_json::Value {
        let sources = Sources::new(vec![SourceFile::new(path, text)]);
        let span = Span::new(FileId(0), start, end);
        let finding = Diagnostic::new(fleetnet_lang::codes::ALL[0], span, "a `b`").related(span, "other [party]");
        let findings = [finding.help("do").fix(span, "x")];
        serde_json::to_value(log(&Report::new(&sources, &findings))).unwrap()
    }

    #[test]
    fn columns_are_those_of_utf_16() {
        let log = of("a", "ab\n\u{1f578}é x\n", (10, 11));
        let location = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"];
        let region = serde_json::json!({ "startLine": 2, "startColumn": 5, "endLine": 2, "endColumn": 6 });
        assert_eq!(location["region"], region);
        assert_eq!(
            log["runs"][0]["results"][0]["fixes"][0]["artifactChanges"][0]["replacements"][0]["deletedRegion"],
            region
        );
    }

    #[test]
    fn paths_are_encoded() {
        let uri = |path| artifact(path).uri;
        assert_eq!(uri("teams/a b/ü:%.fleetnet"), "teams/a%20b/%C3%BC%3A%25.fleetnet");
        assert_eq!(uri("/tmp/x"), "file:///tmp/x");
    }

    #[test]
    fn messages_lead_to_the_other_parties() {
        let log = of("a", "ab", (0, 1));
        assert_eq!(log["runs"][0]["results"][0]["message"]["text"], "a `b`\ndo\nSee [other \\[party\\]](1)");
        assert_eq!(log["runs"][0]["results"][0]["relatedLocations"][0]["id"], 1);
    }
}
