//! The Go programs of `tests/`, built once per source and kept.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use sha2::{Digest, Sha256};

use super::{Unavailable, short};
use crate::process;
use crate::progress::{Status, announce};
use crate::workspace::Workspace;

/// A program in a folder of `tests/` with a `go.mod` and `go.sum` of its own.
#[derive(Debug)]
pub struct Program {
    /// The folder's name, and the binary's.
    name: &'static str,
    /// Variables to set at link time.
    variables: &'static [(&'static str, &'static str)],
}

/// Cilium's policy engine. Cold: 180 to 520 CPU seconds.
pub const ENGINE: Program = Program { name: "engine", variables: &[] };

/// etcd and kube-apiserver. Cold: 430 to 1000 CPU seconds. Without a version the servers call themselves v0.0.0.
pub const API_SERVER: Program = Program {
    name: "api-server",
    variables: &[
        ("k8s.io/component-base/version.gitVersion", "v1.36.3"),
        ("k8s.io/component-base/version.gitMajor", "1"),
        ("k8s.io/component-base/version.gitMinor", "36"),
        ("k8s.io/component-base/version.gitTreeState", "clean"),
        ("k8s.io/component-base/version.gitCommit", "fleetnet-tests"),
        ("k8s.io/component-base/version.buildDate", "1970-01-01T00:00:00Z"),
    ],
};

impl Program {
    /// The built program, `target/tools/NAME-HASH/NAME`. The hash is that of everything the binary depends on.
    pub fn build(&self, workspace: &Workspace, status: &Status) -> Result<PathBuf, Unavailable> {
        let version = version()?;
        let source = self.source(workspace);
        let hash = self.hash(&source, &version).map_err(|error| broken(&source, error))?;
        let kept = workspace.tools().join(format!("{}-{hash}", self.name));
        let program = kept.join(self.name);
        if program.is_file() {
            return Ok(program);
        }
        // Built elsewhere and moved, so that what is kept is always whole.
        let building = workspace.tools().join(format!("building-{}-{}", self.name, std::process::id()));
        fs::create_dir_all(&building).map_err(|error| broken(&building, error))?;
        let started = Instant::now();
        announce(&format!("building tests/{}: minutes, unless Go has it in its cache", self.name));
        let built = self.go_build(&source, &building.join(self.name), status);
        let result = built.and_then(|()| match fs::rename(&building, &kept) {
            // Someone else may have been faster.
            Err(_) if program.is_file() => Ok(()),
            moved => moved.map_err(|error| broken(&kept, error)),
        });
        // Left only if something went wrong, which is what gets reported.
        drop(fs::remove_dir_all(&building));
        let verb = if result.is_ok() { "built" } else { "could not build" };
        announce(&format!("{verb} tests/{} in {:.0} s", self.name, started.elapsed().as_secs_f64()));
        result.map(|()| program)
    }

    /// Fetches the modules that `build` will need. What goes wrong here goes wrong there again, and is reported there.
    pub fn download(&self, workspace: &Workspace, status: &Status) {
        if version().is_ok() {
            let mut list = Command::new("go");
            list.args(["list", "-mod=readonly", "-deps", "."]).current_dir(self.source(workspace));
            drop(process::run(list, status));
        }
    }

    fn source(&self, workspace: &Workspace) -> PathBuf {
        workspace.root.join("tests").join(self.name)
    }

    fn go_build(&self, source: &Path, output: &Path, status: &Status) -> Result<(), Unavailable> {
        let mut build = Command::new("nice");
        build.args(["-n", "5", "go", "build", "-v"]).args(FLAGS).arg(self.link_flags());
        build.arg("-o").arg(output).arg(".").env("CGO_ENABLED", "0").current_dir(source);
        let finished = process::run(build, status).map_err(|error| broken(source, error))?;
        if finished.success { Ok(()) } else { Err(broken(source, finished.output)) }
    }

    fn link_flags(&self) -> String {
        let set = |(name, value): &(&str, &str)| format!(" -X {name}={value}");
        format!("-ldflags=-s -w{}", self.variables.iter().map(set).collect::<String>())
    }

    fn hash(&self, source: &Path, version: &str) -> std::io::Result<String> {
        let mut files = fs::read_dir(source)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<Vec<_>>>()?;
        files.retain(|path| path.is_file());
        files.sort();
        let mut hash = Sha256::new();
        for part in [version, &FLAGS.join(" "), &self.link_flags()] {
            hash.update(part);
            hash.update([0]);
        }
        for file in files {
            hash.update(file.file_name().unwrap_or_default().as_encoded_bytes());
            hash.update([0]);
            hash.update(Sha256::digest(fs::read(file)?));
        }
        Ok(short(hash))
    }
}

/// One binary, the same wherever the sources lie.
const FLAGS: [&str; 3] = ["-mod=readonly", "-trimpath", "-buildvcs=false"];

/// The version of Go on this machine.
pub fn version() -> Result<String, Unavailable> {
    process::ask("go", &["version"]).ok_or_else(|| Unavailable::Missing("`go` is not on the path".to_owned()))
}

fn broken(place: &Path, what: impl std::fmt::Display) -> Unavailable {
    Unavailable::Broken(format!("{}: {what}", place.display()))
}
