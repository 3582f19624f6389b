//! A compiler for `wasm32-unknown-unknown`: rustup's with that target, or Debian's, which builds the standard library
//! from its source. Not every machine can fetch rustup's components, so both ways are kept working. For the page rustup's
//! builds it from source as well, where it could fetch that.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Unavailable, debian};
use crate::process;
use crate::progress::{Status, announce};
use crate::workspace;

/// The target's name for rustc and rustup.
const TARGET: &str = "wasm32-unknown-unknown";

/// Debian's compiler and the packages it is in.
const DEBIAN_RUSTC: &str = "/usr/bin/rustc";
const DEBIAN_STD_SOURCE: &str = "/usr/lib/rustlib/src/rust/library/std/Cargo.toml";
const DEBIAN_PACKAGES: [&str; 2] = ["rustc-web", "rust-web-src"];

/// Rustup's source of the standard library: where it is below the sysroot, and the component's name.
const RUSTUP_STD_SOURCE: &str = "lib/rustlib/src/rust/library/std/Cargo.toml";
const RUSTUP_COMPONENT: &str = "rust-src";

/// A compiler, and how cargo is told to use it.
#[derive(Debug)]
pub struct Wasm32 {
    /// The program itself.
    pub rustc: PathBuf,
}

impl Wasm32 {
    /// `cargo VERB` for wasm32, arguments to follow.
    pub fn cargo(&self, verb: &str) -> Command {
        let mut command = workspace::cargo();
        command.args([verb, "--target", TARGET]);
        if self.is_debian() {
            build_std(&mut command);
            command.env("RUSTC", &self.rustc);
            // Its own linker for wasm is of another LLVM; rustup's is right.
            if let Some(linker) = rustup_linker() {
                command.env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            }
        }
        command
    }

    /// As [`Wasm32::cargo`], for code that is sent over the network: where the standard library can be built, it is built
    /// small. A panic stops the instance at once; its words would be a tenth of the binary, and nobody reads them. With
    /// rustup's own library they stay in.
    pub fn cargo_for_page(&self, verb: &str) -> Command {
        let mut command = self.cargo(verb);
        let builds_std = self.is_debian() || self.rustup_source().is_some_and(|source| source.is_file());
        if !self.is_debian() && builds_std {
            build_std(&mut command);
        }
        if builds_std {
            command.arg("-Zbuild-std-features=optimize_for_size");
            command.env("RUSTFLAGS", "-Zlocation-detail=none -Zunstable-options -Cpanic=immediate-abort");
        }
        command
    }

    fn is_debian(&self) -> bool {
        self.rustc == *DEBIAN_RUSTC
    }

    /// Where the source would be of the standard library of rustup's compiler, which is in its `bin`.
    fn rustup_source(&self) -> Option<PathBuf> {
        self.rustc.ancestors().nth(2).map(|sysroot| sysroot.join(RUSTUP_STD_SOURCE))
    }
}

/// RUSTC_BOOTSTRAP lets a release compiler build the standard library; nothing else here depends on it.
fn build_std(command: &mut Command) {
    command.arg("-Zbuild-std=std,panic_abort").env("RUSTC_BOOTSTRAP", "1");
}

/// What is there, else what rustup can fetch, else what apt can install.
pub fn find_or_install(status: &Status) -> Result<Wasm32, Unavailable> {
    if let Some(rustc) = with_rustup(status) {
        return Ok(Wasm32 { rustc });
    }
    if !debian_is_there() {
        install_from_debian(status)?;
    }
    if rustup_linker().is_none() {
        return Err(Unavailable::Missing(
            "`rust-lld` is not in rustc's sysroot, and Debian's own is too old".to_owned(),
        ));
    }
    Ok(Wasm32 { rustc: PathBuf::from(DEBIAN_RUSTC) })
}

/// The `rustc` on the path if its standard library exists for wasm32, after asking rustup for it and for its source.
fn with_rustup(status: &Status) -> Option<PathBuf> {
    let sysroot = PathBuf::from(process::ask("rustc", &["--print", "sysroot"])?);
    let std = sysroot.join("lib/rustlib").join(TARGET);
    let missing = [
        (std.clone(), ["target", "add", TARGET]),
        (sysroot.join(RUSTUP_STD_SOURCE), ["component", "add", RUSTUP_COMPONENT]),
    ];
    for (_, words) in missing.iter().filter(|(path, _)| !path.exists()) {
        announce(&format!("rustup {}", words.join(" ")));
        let mut add = Command::new("rustup");
        add.args(words);
        // No rustup, or one that can't fetch: then there is nothing at the path afterwards.
        drop(process::run(add, status));
    }
    std.is_dir().then(|| sysroot.join("bin/rustc"))
}

fn debian_is_there() -> bool {
    Path::new(DEBIAN_RUSTC).is_file() && Path::new(DEBIAN_STD_SOURCE).is_file()
}

fn install_from_debian(status: &Status) -> Result<(), Unavailable> {
    let what = format!("a compiler for wasm32; `rustup target add {TARGET}` is not possible");
    let output = debian::install(&what, &DEBIAN_PACKAGES, status)?;
    let packages = DEBIAN_PACKAGES.join(" ");
    if debian_is_there() { Ok(()) } else { Err(Unavailable::Broken(format!("apt-get install {packages}:\n{output}"))) }
}

/// `rust-lld` of the rustup toolchain: one linker for everything, as another one would rebuild the standard library.
fn rustup_linker() -> Option<PathBuf> {
    let sysroot = PathBuf::from(process::ask("rustc", &["--print", "sysroot"])?);
    let host = process::ask("rustc", &["--print", "host-tuple"])?;
    let linker = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
    linker.is_file().then_some(linker)
}
