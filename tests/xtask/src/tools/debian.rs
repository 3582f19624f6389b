//! Installing from Debian, where that is what this machine is and we may.

use std::process::Command;
use std::sync::Mutex;

use super::Unavailable;
use crate::process;
use crate::progress::{Status, announce};

/// apt works for one at a time.
static APT: Mutex<()> = Mutex::new(());

/// Installs packages; `what` is for the one who has to do it by hand.
pub fn install(what: &str, packages: &[&str], status: &Status) -> Result<String, Unavailable> {
    let names = packages.join(" ");
    if process::ask("apt-get", &["--version"]).is_none() || process::ask("id", &["-u"]).as_deref() != Some("0") {
        return Err(Unavailable::Missing(format!("{what}; as root on Debian: `apt-get install {names}`")));
    }
    let _turn = APT.lock();
    announce(&format!("apt-get install {names}: a minute"));
    let mut output = String::new();
    let install = ["install", "-o", "DPkg::Lock::Timeout=300", "-y", "--no-install-recommends"];
    for arguments in [vec!["update"], [&install, packages].concat()] {
        let mut apt = Command::new("apt-get");
        apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        let finished = process::run(apt, status).map_err(|error| Unavailable::Broken(format!("apt-get: {error}")))?;
        output.push_str(&finished.output);
    }
    Ok(output)
}
