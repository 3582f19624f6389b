//! `fleetnet fmt`: the one layout, for files as they lie on disk or come in.

use std::path::Path;

use fleetnet_lang::format::format;

use super::Error;
use crate::cli::Fmt;
use crate::output;
use crate::package::{self, Source};
use crate::terminal::{Outcome, Terminal};

pub fn run(args: &Fmt, terminal: &mut Terminal) -> Result<Outcome, Error> {
    // All is read before anything is written.
    let mut sources = Vec::new();
    for path in &args.paths {
        sources.extend(read(path, terminal)?);
    }
    let mut differing = 0_usize;
    for Source { path, text } in &sources {
        let formatted = format(text);
        if !args.check && path.is_none() {
            terminal.print(&formatted);
        }
        if formatted == *text {
            continue;
        }
        differing = differing.saturating_add(1);
        match path {
            None if args.check => terminal.print("<stdin>\n"),
            Some(path) if args.check => terminal.print(&format!("{}\n", path.display())),
            Some(path) => output::replace_source(path, &formatted)?,
            None => {}
        }
    }
    let files = if differing == 1 { "1 file".to_owned() } else { format!("{differing} files") };
    if args.check {
        terminal.say(&format!("{files} not formatted"));
        return Ok(if differing == 0 { Outcome::Good } else { Outcome::Findings });
    }
    terminal.say(&format!("formatted {files}"));
    Ok(Outcome::Good)
}

fn read(path: &Path, terminal: &mut Terminal) -> Result<Vec<Source>, Error> {
    let (sources, notes) = package::sources_at(path)?;
    for note in &notes {
        terminal.warn(note);
    }
    Ok(sources)
}
