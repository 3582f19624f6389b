//! The one place that prints. Findings and dumps go to standard output, everything about the run itself to standard error.
//!
//! A reader that goes away (`fleetnet check | head`) is no error: the rest is dropped and the exit code stays what it would have been. Text from
//! packages, paths and images can hold anything, so control characters never reach the terminal.

use std::borrow::Cow;
use std::io::{self, BufWriter, ErrorKind, IsTerminal as _, Stderr, Stdout, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;

use crate::cli::{Color, Global};
use crate::commands::Error;

/// Where output goes, and how much of it.
pub struct Terminal {
    verbosity: Verbosity,
    color: bool,
    width: usize,
    out: BufWriter<Stdout>,
    /// Why standard output can't be written, once it could not.
    broken: Option<io::Error>,
    log: Stderr,
}

/// How much is said about the run itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Verbosity {
    Quiet,
    Normal,
    Verbose,
}

/// How a run ended, apart from what could not be reached, read or written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// All is well.
    Good,
    /// The package has findings, or two images differ.
    Findings,
}

/// How the program ends; 2, a wrong command line, is clap's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    Good = 0,
    Findings = 1,
    Unreachable = 3,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}

impl Terminal {
    pub fn new(global: &Global) -> Self {
        let verbosity = match (global.quiet, global.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, true) => Verbosity::Verbose,
            (false, false) => Verbosity::Normal,
        };
        let out = BufWriter::new(io::stdout());
        Self { verbosity, color: wants_color(global.color), width: width(), out, broken: None, log: io::stderr() }
    }

    /// Whether standard output is coloured.
    pub fn color(&self) -> bool {
        self.color
    }

    /// Columns of standard output.
    pub fn width(&self) -> usize {
        self.width
    }

    /// A part of the result, as it stands.
    pub fn print(&mut self, text: &str) {
        if self.broken.is_none() {
            self.broken = self.out.write_all(text.as_bytes()).err();
        }
    }

    /// A part of the result that somebody waits for while the run goes on.
    pub fn show(&mut self, text: &str) {
        self.print(text);
        self.flush();
    }

    /// Empties the screen, where there is one.
    pub fn clear(&mut self) {
        if io::stdout().is_terminal() {
            self.show("\u{1b}[H\u{1b}[2J\u{1b}[3J");
        }
    }

    /// Whether nobody reads the results any more.
    pub fn is_gone(&self) -> bool {
        self.broken.is_some()
    }

    /// Whether there is somebody to answer a question.
    pub fn can_ask(&self) -> bool {
        self.verbosity >= Verbosity::Normal && io::stdin().is_terminal() && self.log.is_terminal()
    }

    /// The answer to a question; none where nobody can answer, or nobody will: at the end of input.
    pub fn ask(&mut self, question: &str) -> io::Result<Option<String>> {
        if !self.can_ask() {
            return Ok(None);
        }
        self.flush();
        write!(self.log, "{} ", printable(question))?;
        let mut answer = String::new();
        let read = io::stdin().read_line(&mut answer)?;
        if read == 0 {
            writeln!(self.log)?;
            return Ok(None);
        }
        Ok(Some(answer))
    }

    /// A line of a result, where standard output has another one.
    pub fn tell(&mut self, line: &str) {
        self.log(line.trim_end());
    }

    /// A line about the run, unless `-q`.
    pub fn say(&mut self, line: &str) {
        if self.verbosity >= Verbosity::Normal {
            self.log(line);
        }
    }

    /// A line about the run, with `-v`.
    pub fn detail(&mut self, line: &str) {
        if self.verbosity >= Verbosity::Verbose {
            self.log(line);
        }
    }

    /// Something went otherwise than asked, but the run goes on.
    pub fn warn(&mut self, line: &str) {
        self.log(&format!("warning: {line}"));
    }

    /// What was asked for was not done, and why.
    pub fn refuse(&mut self, line: &str) {
        self.log(&format!("error: {line}"));
    }

    /// Says why the run could not be finished, and how it ended.
    pub fn finish(mut self, outcome: Result<Outcome, Error>) -> Exit {
        let exit = match outcome {
            Ok(Outcome::Good) => Exit::Good,
            Ok(Outcome::Findings) => Exit::Findings,
            Err(error) => {
                self.refuse(&error.to_string());
                Exit::Unreachable
            }
        };
        self.flush();
        match self.broken.take() {
            Some(error) if error.kind() != ErrorKind::BrokenPipe => {
                self.refuse(&format!(
                    "standard output can't be written: {error}; mend the place it goes to and run again"
                ));
                Exit::Unreachable
            }
            Some(_) | None => exit,
        }
    }

    fn flush(&mut self) {
        if self.broken.is_none() {
            self.broken = self.out.flush().err();
        }
    }

    /// One line on standard error, after the results so far. Nobody may be left to read it, and there is nowhere else to say so.
    fn log(&mut self, line: &str) {
        self.flush();
        let line = printable(line).replace('\n', " ");
        let _ = writeln!(self.log, "{line}");
    }
}

/// `text` with what a terminal would obey instead of show replaced, byte length unchanged: control characters but newline and tab, and the
/// marks that make text read in another order than it is compiled.
pub fn printable(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_command) {
        return Cow::Borrowed(text);
    }
    Cow::Owned(
        text.chars()
            .map(|c| match c {
                c if !is_command(c) => c,
                '\r' => ' ',
                c => match c.len_utf8() {
                    1 => '?',
                    2 => '\u{bf}',
                    _ => '\u{fffd}',
                },
            })
            .collect(),
    )
}

/// Paths as a list within a sentence.
pub fn listed(paths: &[PathBuf]) -> String {
    paths.iter().map(|path| format!("`{}`", path.display())).collect::<Vec<_>>().join(", ")
}

fn is_command(c: char) -> bool {
    let reorders = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    reorders || (c.is_control() && c != '\n' && c != '\t')
}

fn wants_color(color: Color) -> bool {
    match color {
        Color::Always => true,
        Color::Never => false,
        Color::Auto => {
            let refused = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
            let dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
            !refused && !dumb && io::stdout().is_terminal()
        }
    }
}

/// Columns of the terminal, within what reads well; 80 where there is none.
fn width() -> usize {
    match rustix::termios::tcgetwinsize(io::stdout()) {
        Ok(size) if size.ws_col > 0 => usize::from(size.ws_col).clamp(40, 120),
        Ok(_) | Err(_) => 80,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_commands_the_terminal_and_lengths_stay() {
        let text = "a\u{1b}[31m\r\n\u{9b}x\u{202e}y\té";
        let shown = printable(text);
        assert_eq!(shown, "a?[31m \n\u{bf}x\u{fffd}y\té");
        assert_eq!(shown.len(), text.len());
    }
}
