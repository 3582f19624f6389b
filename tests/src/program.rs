//! A folder for a test, and the program run in it.
#![allow(clippy::unwrap_used, reason = "a helper that can't go on fails the test that called it")]
#![allow(clippy::return_self_not_must_use, reason = "how a run ended is often all that is asked")]

use std::ffi::OsStr;
use std::fs;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// A package that checks and builds.
pub const FLEET: &str = r#"fleet tiny {
  target cilium
  default deny
}

cluster one { id 1 ; region here ; pods 10.1.0.0/16 ; nodes 10.101.0.0/24 ; cilium "1.18.0" }

namespace shop { in one }
identity shop/web  { match app = web }
identity shop/cart { match app = cart }

policy carts { allow shop/web -> shop/cart on 8080/tcp }
"#;

/// Who owns nothing on this machine.
const NOBODY: u32 = 65534;

/// A folder of its own for one test, removed when the test passes.
#[derive(Debug)]
pub struct Scratch {
    root: PathBuf,
}

impl Scratch {
    /// An empty folder that everybody may enter.
    pub fn new(name: &str) -> Self {
        let root = std::env::temp_dir().join(format!("fleetnet-cli-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&root);
        fs::create_dir_all(&root).unwrap();
        fs::set_permissions(&root, fs::Permissions::from_mode(0o755)).unwrap();
        Self { root: fs::canonicalize(root).unwrap() }
    }

    /// A folder with a package that builds in `package/`.
    pub fn with_package(name: &str) -> Self {
        let scratch = Self::new(name);
        scratch.write("package/fleet.fleetnet", FLEET);
        scratch
    }

    /// A path in the folder.
    pub fn path(&self, below: &str) -> PathBuf {
        self.root.join(below)
    }

    /// Writes a file, and makes the folders above it.
    pub fn write(&self, below: &str, content: impl AsRef<[u8]>) {
        let path = self.path(below);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// Copies a file, or a folder of the repository, so that runs leave nothing there.
    pub fn copy(&self, from: impl AsRef<OsStr>, below: &str) {
        assert!(Command::new("cp").arg("-r").arg(from).arg(self.path(below)).status().unwrap().success());
    }

    /// The text of a file.
    pub fn read(&self, below: &str) -> String {
        fs::read_to_string(self.path(below)).unwrap()
    }

    /// The program, started in the folder, with no trace of who runs the test.
    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(program());
        for variable in ["NO_COLOR", "CLICOLOR_FORCE", "FORCE_COLOR", "GITHUB_WORKSPACE", "CI_PROJECT_DIR"] {
            command.env_remove(variable);
        }
        command.args(args).current_dir(&self.root).stdin(Stdio::null());
        command
    }

    /// Runs it to its end.
    pub fn run(&self, args: &[&str]) -> Run {
        Run::of(&mut self.command(args))
    }

    /// Runs with `input` on standard input.
    pub fn run_with_input(&self, args: &[&str], input: &[u8]) -> Run {
        let mut command = self.command(args);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // The program may refuse before it has read everything.
        let _ = child.stdin.take().unwrap().write_all(input);
        Run::from(child.wait_with_output().unwrap())
    }

    /// Runs as a user without rights of its own, as permissions don't bind root.
    pub fn run_as_nobody(&self, args: &[&str]) -> Run {
        // Copied by another process: a program can't be run while somebody may write to it, and what other threads start meanwhile would
        // have this one's files open for a moment.
        self.copy(program(), "fleetnet");
        let copy = self.path("fleetnet");
        let mut command = Command::new(copy);
        command.args(args).current_dir(&self.root).stdin(Stdio::null());
        if is_root() {
            command.uid(NOBODY).gid(NOBODY);
        }
        Run::of(&mut command)
    }

    /// Runs a shell script in a mount namespace of its own, `$FLEETNET` being the program.
    pub fn run_with_mounts(&self, script: &str) -> Run {
        let mut command = Command::new("unshare");
        if !is_root() {
            command.arg("--map-root-user");
        }
        command.args(["--mount", "sh", "-euc", script]).env("FLEETNET", program()).current_dir(&self.root);
        Run::of(&mut command)
    }

    /// Everything below a folder, hidden files included, by path, with a hash of what is in it.
    pub fn tree(&self, below: &str) -> Vec<(String, u64)> {
        let top = self.path(below);
        let mut files = Vec::new();
        let mut folders = vec![top.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    let name = path.strip_prefix(&top).unwrap().display().to_string();
                    let mut hasher = DefaultHasher::new();
                    fs::read(&path).unwrap().hash(&mut hasher);
                    files.push((name, hasher.finish()));
                }
            }
        }
        files.sort();
        files
    }

    /// The names in a folder, hidden ones included.
    pub fn names(&self, below: &str) -> Vec<String> {
        let entries = fs::read_dir(self.path(below)).unwrap();
        let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Sets permissions.
    pub fn set_mode(&self, below: &str, mode: u32) {
        fs::set_permissions(self.path(below), fs::Permissions::from_mode(mode)).unwrap();
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            let _ = fs::remove_dir_all(&self.root);
        }
    }
}

/// How a run ended and what it said.
#[derive(Debug)]
pub struct Run {
    /// The exit code; none after a signal.
    pub code: Option<i32>,
    /// Standard output.
    pub stdout: String,
    /// Standard error.
    pub stderr: String,
}

impl Run {
    /// Runs a command to its end.
    pub fn of(command: &mut Command) -> Self {
        command.output().unwrap().into()
    }

    /// The run ended with `code`.
    #[track_caller]
    pub fn ends(self, code: i32) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        self
    }

    /// The machine, or what lies on it, refused: one line that says all of `parts`, and nothing else.
    #[track_caller]
    pub fn refused(self, parts: &[&str]) -> Self {
        let run = self.ends(3);
        assert_eq!(run.stdout, "", "{run:#?}");
        let lines: Vec<&str> = run.stderr.lines().collect();
        assert!(matches!(lines.as_slice(), [line] if line.starts_with("error: ")), "{run:#?}");
        for part in parts {
            assert!(run.stderr.contains(part), "`{part}` is missing in {run:#?}");
        }
        run
    }

    /// The package has findings: each of `parts` stands in what is printed about them.
    #[track_caller]
    pub fn finds(self, parts: &[&str]) -> Self {
        let run = self.ends(1);
        for part in parts {
            assert!(run.stdout.contains(part), "`{part}` is missing in {run:#?}");
        }
        run
    }
}

impl From<Output> for Run {
    fn from(output: Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self { code: output.status.code(), stdout: text(&output.stdout), stderr: text(&output.stderr) }
    }
}

/// The program: where `cargo xtask` says, else beside this test.
pub fn program() -> PathBuf {
    if let Some(path) = std::env::var_os("FLEETNET_PROGRAM") {
        return path.into();
    }
    let test = std::env::current_exe().unwrap();
    let program = test.parent().and_then(Path::parent).unwrap().join("fleetnet");
    assert!(program.exists(), "`{}` is missing: run `cargo build --package fleetnet` first", program.display());
    program
}

/// Whether root runs the test.
pub fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    fs::metadata("/proc/self").unwrap().uid() == 0
}

/// Where the examples are.
pub fn example(name: &str) -> String {
    format!("{}/../examples/{name}", env!("CARGO_MANIFEST_DIR"))
}
