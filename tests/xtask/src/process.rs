//! Child processes whose output is kept, so that it can be read for counts and shown when something failed.

use std::io::{self, BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use crate::progress::Status;

/// What a child left behind.
#[derive(Debug)]
pub struct Finished {
    pub success: bool,
    /// Standard output and standard error as they came, bytes that are not UTF-8 replaced.
    pub output: String,
}

/// Runs a child to its end; `status` hears every line.
pub fn run(mut command: Command, status: &Status) -> io::Result<Finished> {
    let (reader, writer) = io::pipe()?;
    let mut child = command.stdin(Stdio::null()).stdout(writer.try_clone()?).stderr(writer).spawn()?;
    // It holds our ends of the pipe, without which the child's end would never be the last.
    drop(command);
    let mut reader = BufReader::new(reader);
    let mut output = String::new();
    let mut line = Vec::new();
    while reader.read_until(b'\n', &mut line)? > 0 {
        let text = String::from_utf8_lossy(&line);
        status.say(&text);
        output.push_str(&text);
        line.clear();
    }
    Ok(Finished { success: child.wait()?.success(), output })
}

/// What a short command prints, trimmed; `None` if it isn't there or fails.
pub fn ask(program: &str, arguments: &[&str]) -> Option<String> {
    let answer = Command::new(program).args(arguments).stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    answer.status.success().then(|| String::from_utf8_lossy(&answer.stdout).trim().to_owned())
}

/// The command as one would type it, without folders of programs and without the environment.
pub fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let words = std::iter::once(program.file_name().unwrap_or_default()).chain(command.get_args());
    words.map(|word| word.to_string_lossy().into_owned()).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_streams_are_kept_and_failure_is_seen() {
        let mut command = Command::new("sh");
        command.args(["-c", "echo out; echo err >&2; printf '\\377'; exit 3"]);
        let finished = run(command, &Status::new()).unwrap();
        assert!(!finished.success);
        assert_eq!(finished.output, "out\nerr\n\u{fffd}");
    }

    #[test]
    fn a_missing_program_answers_nothing() {
        assert_eq!(ask("no-such-program-anywhere", &[]), None);
        assert_eq!(ask("false", &[]), None);
        assert_eq!(ask("echo", &["hello"]).as_deref(), Some("hello"));
    }
}
