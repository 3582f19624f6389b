//! Paths as whoever reads them sees them.

use std::path::{Path, PathBuf};

use crate::cli::Format;

/// What stands before the path of every source of a package: empty, or with a `/` at its end.
pub fn prefix(root: &Path, format: Format) -> String {
    // People see a path as they wrote it; to others links and detours mean nothing.
    let real = std::fs::canonicalize(root).unwrap_or_else(|_| root.to_owned());
    if let Some(seen) = checkout(format).and_then(|checkout| below(&real, &checkout)) {
        return seen;
    }
    let root = match format {
        Format::Sarif => &real,
        Format::Human
        | Format::Plain
        | Format::Json
        | Format::Jsonl
        | Format::Github
        | Format::Gitlab
        | Format::Junit => root,
    };
    let here = std::env::current_dir().ok();
    let seen = here.and_then(|here| below(root, &here).or_else(|| above(root, &here, format)));
    let seen = seen.unwrap_or_else(|| format!("{}/", root.display()));
    seen.strip_prefix("./").unwrap_or(&seen).replace("//", "/")
}

/// Services of continuous integration know files by where they are in what they checked out, wherever in it a job works.
fn checkout(format: Format) -> Option<PathBuf> {
    let variable = match format {
        Format::Sarif | Format::Github => "GITHUB_WORKSPACE",
        Format::Gitlab | Format::Junit => "CI_PROJECT_DIR",
        Format::Human | Format::Plain | Format::Json | Format::Jsonl => return None,
    };
    std::fs::canonicalize(std::env::var_os(variable)?).ok()
}

fn below(root: &Path, base: &Path) -> Option<String> {
    let down = root.strip_prefix(base).ok()?;
    Some(if down.as_os_str().is_empty() { String::new() } else { format!("{}/", down.display()) })
}

/// In a log, what is not below the root of the sources has to have its whole path.
fn above(root: &Path, base: &Path, format: Format) -> Option<String> {
    match format {
        Format::Sarif => None,
        Format::Human
        | Format::Plain
        | Format::Json
        | Format::Jsonl
        | Format::Github
        | Format::Gitlab
        | Format::Junit => Some("../".repeat(base.strip_prefix(root).ok()?.iter().count())),
    }
}
