//! CRDs that are published inside Go modules, so that a bare clone can be tested against real ones.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Unavailable, go, short};
use crate::process;
use crate::progress::{Status, announce};
use crate::workspace::Workspace;

/// A folder of CRDs in a Go module. The versions of all CRDs that tests use are in [`SOURCES`], nowhere else.
struct Source {
    /// The folder's name for the tests.
    name: &'static str,
    module: &'static str,
    /// Of the module's content, as in a `go.sum`: no `go.sum` covers these, as nothing is built from them.
    sum: &'static str,
    folder: &'static str,
}

const SOURCES: [Source; 5] = [
    Source {
        name: "cilium",
        module: "github.com/cilium/cilium@v1.18.0",
        sum: "h1:KdWgc6Jl5NmWpJGCRm69TogMgeZNFaCAxtPgBHtv33A=",
        folder: "pkg/k8s/apis/cilium.io/client/crds/v2",
    },
    Source {
        name: "fleet",
        module: "go.goms.io/fleet@v0.14.0",
        sum: "h1:eqUBZ4VFS1JrxnW6J3Hxzo7cchC3+RM1qW483OHX0HY=",
        folder: "config/crd/bases",
    },
    Source {
        name: "fleet-networking",
        module: "go.goms.io/fleet-networking@v0.3.3",
        sum: "h1:5rwBntaUoLF+E1CzaWAEL4GdvLJPQorKhjgkbLlllPE=",
        folder: "config/crd/bases",
    },
    Source {
        name: "gateway-api",
        module: "sigs.k8s.io/gateway-api@v1.6.1",
        sum: "h1:mock6phZbI6rvZerwrVNk7hVNymQgHo+6sJ81Ia7ftY=",
        folder: "config/crd/standard",
    },
    Source {
        name: "mcs-api",
        module: "sigs.k8s.io/mcs-api@v0.5.2",
        sum: "h1:N+vrRiCIb0WJ0dxbBo7VfNv2WJigOHEo4gsLXpffVs8=",
        folder: "config/crd",
    },
];

/// Copies the YAML files of all sources into `target/tools/crds-HASH/NAME/`.
pub fn collect(workspace: &Workspace, status: &Status) -> Result<PathBuf, Unavailable> {
    go::version()?;
    let kept = workspace.tools().join(format!("crds-{}", hash()));
    if kept.is_dir() {
        return Ok(kept);
    }
    let building = workspace.tools().join(format!("building-crds-{}", std::process::id()));
    fs::create_dir_all(&building).map_err(|error| Unavailable::Broken(format!("{}: {error}", building.display())))?;
    announce(&format!("fetching the CRDs of {} Go modules", SOURCES.len()));
    let result = SOURCES.iter().try_for_each(|source| {
        let module = download(source, &building, status)?;
        copy_yaml(&module.join(source.folder), &building.join(source.name)).map_err(|error| broken(source, error))
    });
    let result = result.and_then(|()| match fs::rename(&building, &kept) {
        // Someone else may have been faster.
        Err(_) if kept.is_dir() => Ok(()),
        moved => moved.map_err(|error| Unavailable::Broken(format!("{}: {error}", kept.display()))),
    });
    // Left only if something went wrong, which is what gets reported.
    drop(fs::remove_dir_all(&building));
    result.map(|()| kept)
}

/// Fetches a module and returns its folder in the module cache.
fn download(source: &Source, anywhere: &Path, status: &Status) -> Result<PathBuf, Unavailable> {
    let mut command = Command::new("go");
    // Outside of any module, so that no go.mod has a say in the version.
    command.args(["mod", "download", "-json", source.module]).current_dir(anywhere);
    let finished = process::run(command, status).map_err(|error| broken(source, error))?;
    let start = finished.output.find('{').unwrap_or(0);
    let answer: Value =
        finished.output.get(start..).and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    let field = |name: &str| answer.get(name).and_then(Value::as_str);
    match (field("Dir"), field("Sum")) {
        (Some(dir), Some(sum)) if sum == source.sum => Ok(PathBuf::from(dir)),
        (Some(_), Some(sum)) => Err(broken(source, format!("its sum is {sum} instead of {}", source.sum))),
        _ => Err(broken(source, finished.output)),
    }
}

fn copy_yaml(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let path = entry?.path();
        if let Some(name) = path.file_name().filter(|_| path.extension().is_some_and(|extension| extension == "yaml")) {
            // Not a plain copy: files of the module cache can't be written to.
            fs::write(to.join(name), fs::read(&path)?)?;
        }
    }
    Ok(())
}

fn hash() -> String {
    let mut hash = Sha256::new();
    for Source { name, module, sum, folder } in &SOURCES {
        hash.update([*name, module, sum, folder].join("\0"));
    }
    short(hash)
}

fn broken(source: &Source, what: impl std::fmt::Display) -> Unavailable {
    Unavailable::Broken(format!("{}: {what}", source.module))
}
