//! `bench [SIZE…]` takes fleets of these sizes through every stage and prints what each took, a line each, for `cargo xtask bench`:
//! `SIZE STAGE SECONDS BYTES`, tabs between, bytes being the most memory that the process had at once.
//!
//! `bench --text SIZE DIR` writes the fleet instead.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line program")]

use std::path::Path;
use std::process::ExitCode;

use fleetnet_bench::fleet::{self, SIZES, Size};
use fleetnet_bench::stages::{Build, Stage};
use fleetnet_bench::table::{Row, fastest, timed};
use fleetnet_threads::Threads;
use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let result = match arguments.as_slice() {
        [option, size, folder] if option == "--text" => {
            named(size).and_then(|size| write_text(size, Path::new(folder)))
        }
        [] => SIZES.into_iter().try_for_each(measure),
        names => names.iter().try_for_each(|name| named(name).and_then(measure)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("error: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn named(name: &str) -> Result<Size, String> {
    let names = SIZES.map(|size| size.name).join(", ");
    SIZES.into_iter().find(|size| size.name == name).ok_or(format!("there is no size `{name}`; the sizes are {names}"))
}

fn write_text(size: Size, folder: &Path) -> Result<(), String> {
    let files = fleet::sources(size).into_iter().map(|file| (file.path.to_string(), file.text.as_bytes().to_vec()));
    write(folder, files)
}

fn write(folder: &Path, files: impl Iterator<Item = (String, Vec<u8>)>) -> Result<(), String> {
    for (path, bytes) in files {
        let path = folder.join(path);
        let parent = path.parent().unwrap_or(folder);
        let written = std::fs::create_dir_all(parent).and_then(|()| std::fs::write(&path, bytes));
        written.map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// Measures every stage, then writing, and prints how much came out.
fn measure(size: Size) -> Result<(), String> {
    for row in fastest(1, || once(size))? {
        println!("{}\t{row}", size.name);
    }
    Ok(())
}

fn once(size: Size) -> Result<Vec<Row>, String> {
    let files = fleet::sources(size);
    let mut build = Build::new(files, Threads::of_machine());
    let mut rows = Vec::new();
    for stage in Stage::ALL {
        rows.push(timed(stage.name(), || build.run(stage)));
        if let Some(first) = build.errors().first() {
            return Err(format!("{} of {}: {first}", stage.name(), size.name));
        }
    }
    rows.push(Row {
        what: "all but writing",
        seconds: rows.iter().map(|row| row.seconds).sum(),
        bytes: rows.iter().map(|row| row.bytes).max().unwrap_or_default(),
    });
    let folder = std::env::temp_dir().join(format!("fleetnet-bench-{}", std::process::id()));
    let artifacts = std::mem::take(&mut build.artifacts);
    let (count, size) = (artifacts.len(), artifacts.iter().map(|artifact| artifact.bytes.len()).sum());
    let mut written = Ok(());
    let files = artifacts.into_iter().map(|artifact| (artifact.path, artifact.bytes));
    rows.push(timed("write", || written = write(&folder, files)));
    drop(std::fs::remove_dir_all(&folder));
    written?;
    rows.push(Row { what: "map entries", seconds: 0.0, bytes: build.entries() });
    rows.push(Row { what: "files", seconds: 0.0, bytes: count });
    rows.push(Row { what: "bytes of files", seconds: 0.0, bytes: size });
    Ok(rows)
}
