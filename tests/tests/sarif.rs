//! SARIF logs, judged by the published schema and by the validator of the format's authors, with the rules of GitHub's code scanning.
#![allow(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a helper that can't go on fails the test that called it"
)]

use std::path::PathBuf;
use std::process::Command;

use fleetnet_tests::program::{Scratch, example};
use serde_json::Value;

/// The folder of the validator's package.
const VALIDATOR: &str = "FLEETNET_SARIF_VALIDATOR";

/// Errors, with another party and with fixes.
const BROKEN: &str = "cluster one { id 1 ; pods 10.0.0.1/8 }\nnamespace more { in onee }\n";

struct Judge {
    folder: PathBuf,
    schema: jsonschema::Validator,
}

impl Judge {
    fn find(test: &str) -> Option<Self> {
        let folder = fleetnet_tests::tool(test, VALIDATOR)?;
        let schema = std::fs::read_to_string(folder.join("sarif-2.1.0.json")).unwrap();
        let schema = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
        Some(Self { folder, schema })
    }

    /// What is wrong with a log.
    fn judge(&self, scratch: &Scratch, log: &Value) -> Vec<String> {
        let mut wrong: Vec<String> = self.schema.iter_errors(log).map(|error| error.to_string()).collect();
        scratch.write("log.sarif", log.to_string());
        let mut validator = Command::new(self.folder.join("Sarif.Multitool"));
        validator.args(["validate", "log.sarif", "--rule-kind", "Sarif;Ghas", "--level", "Error", "--kind", "Fail"]);
        // It would look for the library of the machine's languages, which may not be there.
        validator.env("DOTNET_SYSTEM_GLOBALIZATION_INVARIANT", "1").current_dir(scratch.path(""));
        let output = validator.output().unwrap();
        let text = String::from_utf8_lossy(&output.stdout);
        assert!(text.contains("Analysis completed successfully."), "{output:?}");
        wrong.extend(text.lines().filter(|line| line.contains(": error ")).map(str::to_owned));
        wrong
    }
}

fn log(scratch: &Scratch, package: &str) -> Value {
    let run = scratch.run(&["check", package, "--format", "sarif"]);
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:#?}"))
}

fn results(log: &Value) -> usize {
    log["runs"][0]["results"].as_array().unwrap().len()
}

#[test]
fn logs_are_as_their_schema_and_github_want_them() {
    let Some(judge) = Judge::find("sarif::logs_are_as_their_schema_and_github_want_them") else { return };
    let scratch = Scratch::with_package("sarif-judge");
    let empty = log(&scratch, "package");
    assert_eq!(results(&empty), 0);
    let contoso = log(&scratch, &example("contoso"));
    assert!(results(&contoso) > 0);
    scratch.write("package/a b/é.fleetnet", BROKEN);
    let broken = log(&scratch, "package");
    assert!(results(&broken) > 1, "{broken:#}");
    assert!(broken.to_string().contains("\"fixes\"") && broken.to_string().contains("\"relatedLocations\""));
    for log in [empty, contoso, broken] {
        assert_eq!(judge.judge(&scratch, &log), [""; 0], "{log:#}");
    }
}

/// A judge that finds nothing wrong with anything would be none.
#[test]
fn the_judges_see_what_is_wrong() {
    let Some(judge) = Judge::find("sarif::the_judges_see_what_is_wrong") else { return };
    let scratch = Scratch::with_package("sarif-judges");
    scratch.write("package/more.fleetnet", BROKEN);
    let good = log(&scratch, "package");
    let mut unknown_level = good.clone();
    unknown_level["runs"][0]["results"][0]["level"] = "bad".into();
    let wrong = judge.judge(&scratch, &unknown_level);
    assert!(wrong.iter().any(|wrong| wrong.contains("bad")), "{wrong:?}");
    let mut nowhere = good;
    nowhere["runs"][0]["results"][0]["locations"] = Value::Array(Vec::new());
    let wrong = judge.judge(&scratch, &nowhere);
    assert!(wrong.iter().any(|wrong| wrong.contains("GitHub")), "{wrong:?}");
}
