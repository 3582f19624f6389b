//! Embeds the pages about findings, and the page of the playground, if the feature `page` asks for it: the files of the folder
//! `FLEETNET_PAGE`, as `cargo xtask page` makes it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

fn main() {
    println!("cargo::rerun-if-env-changed=FLEETNET_PAGE");
    println!("cargo::rerun-if-changed=build.rs");
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/diagnostics");
    println!("cargo::rerun-if-changed={}", folder.display());
    if let Err(error) = explain(&folder) {
        println!("cargo::error=the pages in `{}` can't be embedded: {error}", folder.display());
    }
    if std::env::var_os("CARGO_FEATURE_PAGE").is_none() {
        return;
    }
    let Some(folder) = std::env::var_os("FLEETNET_PAGE").map(PathBuf::from) else {
        println!("cargo::error=the feature `page` needs FLEETNET_PAGE, a folder with the page: run `cargo xtask page`");
        return;
    };
    println!("cargo::rerun-if-changed={}", folder.display());
    if let Err(error) = embed(&folder) {
        println!("cargo::error=the page in `{}` can't be embedded: {error}", folder.display());
    }
}

/// Writes a list of the pages about findings, each with the number in its name.
fn explain(folder: &Path) -> std::io::Result<()> {
    let folder = std::fs::canonicalize(folder)?;
    let mut pages = std::collections::BTreeMap::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let number = name.strip_prefix("FN").and_then(|name| name.strip_suffix(".md")?.parse::<u16>().ok());
        if let Some(number) = number {
            pages.insert(number, path.display().to_string());
        }
    }
    let mut list = String::from("&[\n");
    for (number, path) in pages {
        // Writing to a string does not fail.
        let _ = writeln!(list, "    ({number}, include_str!({path:?})),");
    }
    list.push(']');
    write(&list, "explain.rs")
}

/// Writes a list of the folder's files, each with its bytes.
fn embed(folder: &Path) -> std::io::Result<()> {
    let entries = std::fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    let mut paths: Vec<PathBuf> = entries.iter().map(std::fs::DirEntry::path).filter(|path| path.is_file()).collect();
    paths.sort();
    let mut list = String::from("&[\n");
    for path in paths {
        let path = std::fs::canonicalize(path)?;
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        // Writing to a string does not fail.
        let _ = writeln!(list, "    ({name:?}, include_bytes!({:?}).as_slice()),", path.display().to_string());
    }
    list.push(']');
    write(&list, "page.rs")
}

fn write(list: &str, name: &str) -> std::io::Result<()> {
    let out = std::env::var_os("OUT_DIR").map(PathBuf::from).unwrap_or_default();
    std::fs::write(out.join(name), list)
}
