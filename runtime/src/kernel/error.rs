//! Why maps can't be loaded, read or removed.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

use fleetnet_compiler::image::file::ImageError;

use super::map::Shape;

/// Why maps can't be loaded, read or removed, and what to do about it. What was loaded before is as it was, unless it says otherwise.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The place for pins is none.
    #[error(
        "`{}` is not on a BPF file system, where maps are pinned; mount one (`mount -t bpf bpf /sys/fs/bpf`) or name another place with --root",
        path.display()
    )]
    NoFileSystem { path: PathBuf },
    /// Only some may use BPF.
    #[error("{step} `{}` is not permitted; run as root, or with the capability CAP_BPF as a user who may write there", path.display())]
    NotPermitted { step: Step, path: PathBuf },
    /// More entries than the map was made for.
    #[error("the map for `{}` is full before all entries are in it; report this as a defect of fleetnet", path.display())]
    Full { path: PathBuf },
    /// The kernel has not got what it takes.
    #[error(
        "{step} `{}`: the kernel does not know such maps: {source}; Linux 5.10 or later is needed, as Cilium needs it",
        path.display()
    )]
    TooOld { step: Step, path: PathBuf, source: io::Error },
    /// No memory, or no more than the control group may have.
    #[error("{step} `{}`: the kernel has no memory for it; free some, or raise the memory limit of the control group", path.display())]
    NoMemory { step: Step, path: PathBuf },
    /// Anything else that the machine refuses.
    #[error("{step} `{}` failed: {source}; mend that and run again", path.display())]
    Refused { step: Step, path: PathBuf, source: io::Error },
    /// What is in the map is not what was written.
    #[error("the map for `{}` does not hold what was written to it; it was not loaded: run again", path.display())]
    ReadBack { path: PathBuf },
    /// A build is not what a load left there.
    #[error("{0}; `fleetnet image unload` removes what is there")]
    NotWhole(Problem),
    /// Something else lies where builds are put.
    #[error("`{}` is nothing that fleetnet put there; remove it by hand or name another place with --root", path.display())]
    Foreign { path: PathBuf },
    /// The name can't be a folder's.
    #[error(
        "the image is of a cluster named `{cluster}`, which can't be a name on a BPF file system; name clusters by lower-case letters, digits and hyphens"
    )]
    BadName { cluster: String },
    /// A mistake, most likely.
    #[error(
        "the image is of cluster `{image}`, but `{loaded}` is loaded in `{}`; unload that first, or say `--cluster {image}` to have both",
        root.display()
    )]
    OtherCluster { image: String, loaded: String, root: PathBuf },
    /// One of several, and nobody said which is meant.
    #[error(
        "`{loaded}` is loaded in `{}` too, beside cluster `{image}` of the image; say `--cluster {image}` if that is meant",
        root.display()
    )]
    OneOfSeveral { image: String, loaded: String, root: PathBuf },
    /// Not the cluster that was named.
    #[error("the image is of cluster `{image}`, not of `{named}`; name the image of that cluster")]
    NotNamed { image: String, named: String },
    /// The name is the same, the cluster isn't.
    #[error(
        "`{}` holds {loaded}, but the image is of {image}; load the image of that cluster, or unload first",
        path.display()
    )]
    Namesake { path: PathBuf, loaded: String, image: String },
    /// Nothing to compare with.
    #[error("nothing of cluster `{cluster}` is loaded in `{}`; `fleetnet image load` loads an image", root.display())]
    NotLoaded { cluster: String, root: PathBuf },
    /// A slip of the pen, most likely: nothing of what is there is meant.
    #[error("nothing of cluster `{cluster}` is in `{}`, only of {}; name one of them", root.display(), quoted(there))]
    NotThere { cluster: String, root: PathBuf, there: Vec<String> },
    /// What is no build any more could not be removed; the current build is not touched by that.
    #[error("what is left over at `{}` can't be removed: {source}; remove it by hand", path.display())]
    Leftover { path: PathBuf, source: io::Error },
}

fn quoted(names: &[String]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What is wrong with a build that was loaded. Of every other build there is as much to say as before.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    /// A map that nobody loaded here.
    #[error("`{}` is not the map that was loaded: it is {found}, not {expected}", path.display())]
    OtherShape { path: PathBuf, found: String, expected: Shape },
    /// Somebody removed a part of a build.
    #[error("`{}` is gone, so what is loaded is not whole", path.display())]
    Gone { path: PathBuf },
    /// The loaded build's own image can't be read.
    #[error("`{}` does not hold the image of a loaded build: {problem}", path.display())]
    Damaged { path: PathBuf, problem: ImageError },
}

/// What was being done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Making a map.
    Create,
    /// Writing its entries.
    Fill,
    /// Reading its entries.
    Read,
    /// Opening a pinned map.
    Open,
    /// Giving it a name.
    Pin,
    /// Working on folders and links.
    Folder,
    /// Removing names.
    Remove,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "making the map for",
            Self::Fill => "filling the map for",
            Self::Read => "reading the map of",
            Self::Open => "opening",
            Self::Pin => "pinning",
            Self::Folder => "working in",
            Self::Remove => "removing",
        })
    }
}

impl Error {
    /// What the kernel's errno means in a step.
    pub fn kernel(step: Step, path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match (step, source.raw_os_error()) {
            (_, Some(libc::EPERM | libc::EACCES)) => Self::NotPermitted { step, path },
            (_, Some(libc::ENOMEM)) => Self::NoMemory { step, path },
            (Step::Open, Some(libc::ENOENT)) => Self::NotWhole(Problem::Gone { path }),
            // LPM tries say the first, hash maps the second.
            (Step::Fill, Some(libc::ENOSPC | libc::E2BIG)) => Self::Full { path },
            (Step::Create, Some(libc::EINVAL | libc::E2BIG)) | (_, Some(libc::ENOSYS)) => {
                Self::TooOld { step, path, source }
            }
            (_, Some(_) | None) => Self::Refused { step, path, source },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(step: Step, code: i32, parts: [&str; 2]) {
        let error = Error::kernel(step, Path::new("/sys/fs/bpf/x"), io::Error::from_raw_os_error(code)).to_string();
        for part in parts.iter().chain(&["`/sys/fs/bpf/x`"]) {
            assert!(error.contains(part), "{error}");
        }
    }

    /// What no test can bring the running kernel to say.
    #[test]
    fn what_the_kernel_says_becomes_what_to_do() {
        check(Step::Create, libc::EPERM, ["making the map for", "CAP_BPF"]);
        check(Step::Create, libc::ENOSYS, ["does not know such maps", "Linux 5.10 or later"]);
        check(Step::Create, libc::EINVAL, ["does not know such maps", "Linux 5.10 or later"]);
        check(Step::Create, libc::ENOMEM, ["no memory", "control group"]);
        check(Step::Fill, libc::ENOSPC, ["is full", "before all entries are in it"]);
        check(Step::Fill, libc::E2BIG, ["is full", "before all entries are in it"]);
        check(Step::Folder, libc::ENOSPC, ["No space left", "run again"]);
    }
}
