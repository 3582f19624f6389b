//! `check --watch`: a session with an author.

use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use crate::harness::{FLEET, Scratch, program};

/// Longer than any look takes on a busy machine.
const PATIENCE: Duration = Duration::from_mins(1);
/// Long enough for what is not to happen.
const SILENCE: Duration = Duration::from_millis(700);

/// A run that somebody reads, ended when the test is.
struct Session {
    child: Child,
    lines: Receiver<String>,
}

impl Session {
    /// Both outputs in one, so that lines come in the order in which they are said.
    fn start(scratch: &Scratch, args: &[&str]) -> Self {
        let mut command = Command::new("sh");
        command.args(["-c", "exec \"$0\" \"$@\" 2>&1"]).arg(program());
        command.args(["check", "package", "--watch", "--format", "plain"]).args(args).current_dir(scratch.path(""));
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap());
        let (sender, lines) = channel();
        std::thread::spawn(move || output.lines().map_while(Result::ok).try_for_each(|line| sender.send(line)));
        Self { child, lines }
    }

    /// Waits for a line that starts so, then for the end of that look. A busy machine may take one change for two.
    #[track_caller]
    fn sees(&self, start: &str) {
        let mut said = Vec::new();
        let mut is_seen = false;
        loop {
            let line =
                self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("`{start}` is missing in {said:#?}"));
            is_seen |= line.starts_with(start);
            if is_seen && line.starts_with("waiting for changes") {
                return;
            }
            said.push(line);
        }
    }
}

impl Drop for Session {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A file that is there at once, as editors write it.
fn put(scratch: &Scratch, below: &str, text: &str) {
    scratch.write("package/.new", text);
    std::fs::create_dir_all(scratch.path(below).parent().unwrap()).unwrap();
    std::fs::rename(scratch.path("package/.new"), scratch.path(below)).unwrap();
}

#[test]
fn changes_are_seen_until_it_is_ended() {
    let scratch = Scratch::with_package("watch");
    let mut session = Session::start(&scratch, &[]);
    session.sees("0 errors, 0 warnings");

    put(&scratch, "package/fleet.fleetnet", &FLEET.replace("in one }", "in onee }"));
    session.sees("package/fleet.fleetnet:8:21: error[FN0203]: ");
    scratch.write("package/fleet.fleetnet", FLEET);
    session.sees("0 errors, 0 warnings");

    // A folder with a file in it is new to whoever watches.
    put(&scratch, "package/teams/a/more.fleetnet", "namespace more { in twoo }\n");
    session.sees("package/teams/a/more.fleetnet:1:21: error[FN0203]: ");
    std::fs::remove_dir_all(scratch.path("package/teams")).unwrap();
    session.sees("0 errors, 0 warnings");

    // What can't be read is said, and looked at again.
    std::fs::rename(scratch.path("package/fleet.fleetnet"), scratch.path("package/fleet.old")).unwrap();
    session.sees("error: ");
    std::fs::rename(scratch.path("package/fleet.old"), scratch.path("package/fleet.fleetnet")).unwrap();
    session.sees("0 errors, 0 warnings");

    // Not as Ctrl-C does it: what runs in the background may have been told not to hear that.
    let pid = session.child.id().to_string();
    assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
    assert_eq!(session.child.wait().unwrap().signal(), Some(15));
}

#[test]
fn environment_files_are_seen_wherever_they_are() {
    let scratch = Scratch::with_package("watch-env");
    scratch.write(
        "package/fleet.fleetnet",
        format!("param place = nowhere\n{}", FLEET.replace("in one }", "in $place }")),
    );
    scratch.write("envs/prod.params", "place = one\n");
    let session = Session::start(&scratch, &["--env", "envs/prod.params"]);
    session.sees("0 errors, 0 warnings");

    // Both as editors write: another file in its place, and the same file.
    put(&scratch, "envs/prod.params", "place = onee\n");
    session.sees("package/fleet.fleetnet:9:21: error[FN0203]: `onee` ");
    scratch.write("envs/prod.params", "place = one\n");
    session.sees("0 errors, 0 warnings");

    // One that is gone is said, and taken when it is back.
    std::fs::rename(scratch.path("envs/prod.params"), scratch.path("envs/old.params")).unwrap();
    session.sees("error: ");
    std::fs::rename(scratch.path("envs/old.params"), scratch.path("envs/prod.params")).unwrap();
    session.sees("0 errors, 0 warnings");

    // A file beside it is none of the package's.
    scratch.write("envs/test.params", "place = onee\n");
    assert!(session.lines.recv_timeout(SILENCE).is_err());
}

#[test]
fn what_is_no_part_of_the_package_is_not_looked_at() {
    let scratch = Scratch::with_package("watch-other");
    let session = Session::start(&scratch, &["--deny", "warnings"]);
    session.sees("0 errors, 0 warnings");
    scratch.write("package/notes.md", "x");
    scratch.write("package/.git/fleet.fleetnet", "x");
    assert!(session.lines.recv_timeout(SILENCE).is_err());
}
