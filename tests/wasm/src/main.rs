//! `wasm-glue BINARY DIR` writes what Node needs to call a binary built with wasm-bindgen.
//!
//! It is wasm-bindgen's own command line tool with the one option we use: that tool can't be installed where a
//! dependency it locks isn't served.
#![expect(clippy::print_stderr, reason = "a command line program")]

use std::ffi::OsString;
use std::process::ExitCode;

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let [binary, folder] = arguments.as_slice() else {
        eprintln!("usage: wasm-glue BINARY DIR");
        return ExitCode::from(2);
    };
    let result = Bindgen::new().input_path(binary).nodejs(true).and_then(|bindgen| bindgen.generate(folder));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:?}");
            ExitCode::FAILURE
        }
    }
}
