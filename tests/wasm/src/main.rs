//! `wasm-glue node|web BINARY DIR` writes what Node, or a page, needs to call a binary built with wasm-bindgen.
//!
//! It is wasm-bindgen's own command line tool with the two options we use: that tool can't be installed where a
//! dependency it locks isn't served.
#![expect(clippy::print_stderr, reason = "a command line program")]

use std::ffi::OsString;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [caller, binary, folder] = arguments.as_slice() else { return usage() };
    let mut bindgen = Bindgen::new();
    let target = match caller.to_str() {
        Some("node") => bindgen.nodejs(true),
        Some("web") => bindgen.web(true),
        Some(_) | None => return usage(),
    };
    let result = target.and_then(|bindgen| bindgen.input_path(binary).typescript(false).generate(folder));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}

fn usage() -> ExitCode {
    eprintln!("usage: wasm-glue node|web BINARY DIR");
    ExitCode::from(2)
}
