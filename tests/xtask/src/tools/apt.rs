//! Packages of Debian.

use std::process::Command;

use super::Unavailable;
use crate::process;
use crate::progress::{Status, announce};

/// Whether this is Debian, and root.
pub fn is_possible() -> bool {
    process::ask("apt-get", &["--version"]).is_some() && process::ask("id", &["-u"]).as_deref() == Some("0")
}

/// Installs packages, and says so. What apt printed; whether they are there now is for the caller to look.
pub fn install(packages: &[&str], status: &Status) -> Result<String, Unavailable> {
    announce(&format!("apt-get install {}: a minute", packages.join(" ")));
    let mut output = String::new();
    for arguments in [vec!["update"], [&["install", "-y", "--no-install-recommends"], packages].concat()] {
        let mut apt = Command::new("apt-get");
        apt.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        let finished = process::run(apt, status).map_err(|error| Unavailable::Broken(format!("apt-get: {error}")))?;
        output.push_str(&finished.output);
    }
    Ok(output)
}
