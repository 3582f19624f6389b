//! What every command over a package takes: where it is, how findings are shown, and how bad they are taken to be.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use fleetnet_compiler::compile::ParamValue;
use fleetnet_lang::{Code, Diagnostic, Severity, suggest};

use super::param_value;
use crate::codes;

/// Values for a package's parameters, from outside.
#[derive(Debug, Args)]
pub struct ParamArgs {
    /// Set a `param` of the package, whatever an environment file says
    #[arg(long, value_name = "NAME=VALUE", value_parser = param_value)]
    pub set: Vec<ParamValue>,
    /// Set `param`s of the package by a file of lines `NAME = VALUE`; of several files the later holds
    #[arg(long, value_name = "FILE")]
    pub env: Vec<PathBuf>,
}

/// What every command over a package takes.
#[derive(Debug, Args)]
pub struct PackageArgs {
    /// The package: any file or folder in it, or `-` for one file from standard input
    #[arg(default_value = ".")]
    pub path: PathBuf,
    #[command(flatten)]
    pub params: ParamArgs,
    /// Count with the nodes and pods that this file lists, cluster by cluster
    #[arg(long, value_name = "FILE")]
    pub inventory: Option<PathBuf>,
    /// How findings are shown
    #[arg(long, value_enum, default_value_t = Format::Human)]
    pub format: Format,
    #[command(flatten)]
    pub levels: Levels,
}

/// How findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// With the source and every party marked in it.
    Human,
    /// `path:line:col: error[FN0123]: headline`, a line each.
    Plain,
    /// One JSON document.
    Json,
    /// One JSON object a line.
    Jsonl,
    /// SARIF 2.1.0, as GitHub's code scanning takes it.
    Sarif,
    /// Workflow commands, which GitHub shows on the changed lines.
    Github,
    /// A Code Quality report of GitLab.
    Gitlab,
    /// JUnit's XML, a test case for each finding.
    Junit,
}

/// How bad findings are taken to be.
#[derive(Debug, Default, Args)]
pub struct Levels {
    /// Take these for errors: `warnings`, or codes, as `FN0250,FN0412`
    #[arg(long, value_name = "WHAT", value_parser = denied, value_delimiter = ',')]
    pub deny: Vec<Denied>,
    /// Leave out findings of these codes; errors can't be. Beats `--deny warnings`
    #[arg(long, value_name = "CODE", value_parser = allowed, value_delimiter = ',')]
    pub allow: Vec<Code>,
}

/// Every warning, as it is written.
const WARNINGS: &str = "warnings";

/// What is taken for an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Denied {
    /// Every warning.
    Warnings,
    /// Warnings and notes of one code.
    Code(Code),
}

impl Levels {
    /// A code that is denied and allowed would be what the reader of the command did not expect, whichever of the two won.
    pub(super) fn consistent(&self) -> Result<(), String> {
        match self.allow.iter().find(|code| self.deny.contains(&Denied::Code(**code))) {
            Some(code) => Err(format!("{code} can't be both denied and allowed")),
            None => Ok(()),
        }
    }

    /// Takes out what is allowed and says how much that was, makes errors of what is denied, and puts the rest in the order in which it is shown.
    pub fn apply(&self, findings: &mut Vec<Diagnostic>) -> usize {
        let all = findings.len();
        findings.retain(|found| found.severity == Severity::Error || !self.allow.contains(&found.code));
        let allowed = all.saturating_sub(findings.len());
        for found in findings.iter_mut() {
            let is_warning = found.severity == Severity::Warning;
            if self.deny.contains(&Denied::Code(found.code)) || (is_warning && self.deny.contains(&Denied::Warnings)) {
                found.severity = Severity::Error;
            }
        }
        findings.sort_by_key(Diagnostic::sort_key);
        allowed
    }
}

fn denied(text: &str) -> Result<Denied, String> {
    if text == WARNINGS {
        return Ok(Denied::Warnings);
    }
    codes::parse(text).map(Denied::Code).map_err(|error| match suggest::nearest(text, &[WARNINGS]) {
        Some(near) => format!("did you mean `{near}`?"),
        None => format!("{error} (`{WARNINGS}` means all warnings)"),
    })
}

fn allowed(text: &str) -> Result<Code, String> {
    let code = codes::parse(text)?;
    match code.severity {
        Severity::Error => Err(format!("{code} is an error, and nothing is built of a package with errors")),
        Severity::Warning | Severity::Note => Ok(code),
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;
    use fleetnet_lang::{FileId, Span};

    use super::*;
    use crate::cli::{Cli, Command};

    fn levels(args: &str) -> Result<Levels, String> {
        let cli = Cli::try_parse_from(["fleetnet", "check"].into_iter().chain(args.split(' ')));
        let Command::Check(check) = cli.map_err(|error| error.to_string())?.command else { panic!("another command") };
        check.package.levels.consistent().map(|()| check.package.levels)
    }

    /// Findings about an unused name, a set that holds nobody and an unknown name, by what becomes of each.
    #[track_caller]
    fn check(args: &str, expected: &[&str], expected_allowed: usize) {
        let span = |at| Span::new(FileId(0), at, at);
        let found = [("250", 1), ("17", 1), ("203", 2)];
        let mut findings: Vec<_> =
            found.iter().map(|(code, at)| Diagnostic::new(codes::parse(code).unwrap(), span(*at), "")).collect();
        let allowed = levels(args).unwrap().apply(&mut findings);
        let shown: Vec<_> = findings.iter().map(|found| format!("{} {:?}", found.code, found.severity)).collect();
        assert_eq!(
            (&shown[..], allowed),
            (&expected.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>()[..], expected_allowed),
            "{args}"
        );
    }

    #[test]
    fn what_is_denied_is_an_error_and_what_is_allowed_is_not_there() {
        check("--set a=b", &["FN0250 Warning", "FN0017 Note", "FN0203 Error"], 0);
        check("--deny warnings", &["FN0250 Error", "FN0017 Note", "FN0203 Error"], 0);
        check("--deny fn17", &["FN0017 Error", "FN0250 Warning", "FN0203 Error"], 0);
        check("--deny warnings --deny 17", &["FN0017 Error", "FN0250 Error", "FN0203 Error"], 0);
        check("--deny warnings --allow FN0250", &["FN0017 Note", "FN0203 Error"], 1);
        check("--allow FN0250,FN0017", &["FN0203 Error"], 2);
    }

    #[test]
    fn what_means_nothing_is_refused() {
        for (args, part) in [
            ("--deny FN0259", "did you mean FN0"),
            ("--deny everything", "(`warnings` means all warnings)"),
            ("--deny warning", "did you mean `warnings`"),
            ("--allow FN0298", "did you mean FN0"),
            ("--allow FN0203", "FN0203 is an error"),
            ("--allow warnings", "no finding has this code"),
            ("--deny FN0250 --allow FN0250", "FN0250 can't be both denied and allowed"),
        ] {
            let error = levels(args).unwrap_err();
            assert!(error.contains(part), "{args}: {error}");
        }
    }
}
