//! `fleetnet fmt`: the one layout, for files as they lie on disk or come in.

mod patch;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fleetnet_lang::format::{format, has_mistakes};

use super::Error;
use crate::cli::Fmt;
use crate::output;
use crate::package::{self, Source};
use crate::terminal::{Outcome, Terminal, printable};

pub fn run(args: &Fmt, terminal: &mut Terminal) -> Result<Outcome, Error> {
    // All is read before anything is written.
    let sources = sources(&args.paths, terminal)?;
    let writes = !args.check && !args.diff;
    let mut differing = 0_usize;
    let mut mistaken = 0_usize;
    for Source { path, text } in &sources {
        let formatted = format(text);
        if writes && path.is_none() {
            terminal.print(&formatted);
        }
        if has_mistakes(text) {
            mistaken = mistaken.saturating_add(1);
            terminal.warn(&format!("`{}` has mistakes in its form, which stay as they are", shown(path.as_deref())));
        }
        if formatted == *text {
            continue;
        }
        differing = differing.saturating_add(1);
        if args.diff {
            terminal.print(&patch::patch(&shown(path.as_deref()), text, &formatted));
        } else if args.check {
            terminal.print(&format!("{}\n", shown(path.as_deref())));
        } else if let Some(path) = path {
            output::replace_source(path, text, &formatted)?;
        }
    }
    let files = if differing == 1 { "1 file".to_owned() } else { format!("{differing} files") };
    if writes {
        terminal.say(&format!("formatted {files}"));
        return Ok(Outcome::Good);
    }
    terminal.say(&format!("{files} not formatted"));
    // What can't be read can't be told to be laid out.
    Ok(if differing == 0 && mistaken == 0 { Outcome::Good } else { Outcome::Findings })
}

/// The sources at all paths, each file once, or those of the package around.
fn sources(paths: &[PathBuf], terminal: &mut Terminal) -> Result<Vec<Source>, Error> {
    let paths = if paths.is_empty() { vec![package::root_around(Path::new("."))?] } else { paths.to_vec() };
    let mut sources = Vec::new();
    let mut known = BTreeSet::new();
    for path in &paths {
        let (more, notes) = package::sources_at(path)?;
        for note in &notes {
            terminal.warn(note);
        }
        let mut is_new = |source: &Source| {
            let file = source.path.as_ref().and_then(|path| std::fs::canonicalize(path).ok());
            file.is_none_or(|file| known.insert(file))
        };
        sources.extend(more.into_iter().filter(&mut is_new));
    }
    Ok(sources)
}

fn shown(path: Option<&Path>) -> String {
    path.map_or_else(|| "<stdin>".to_owned(), |path| printable(&path.display().to_string()).replace('\n', " "))
}
