//! The compiler's WebAssembly build, called in Node.

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;

/// A build, and a Node to run it in.
#[derive(Debug)]
pub struct Wasm {
    node: PathBuf,
    /// The folder with the glue.
    glue: PathBuf,
}

impl Wasm {
    /// Finds the build, or skips `test`.
    pub fn find(test: &str) -> Option<Self> {
        let node = crate::tool(test, "FLEETNET_NODE")?;
        let glue = crate::tool(test, "FLEETNET_WASM")?;
        Some(Self { node, glue })
    }

    /// The answers of the exported function `compile` to each of `arguments`, none of which has a line break.
    pub fn compile(&self, arguments: &[String]) -> Vec<String> {
        let mut process = Command::new(&self.node)
            .arg(crate::root().join("tests/wasm/run.mjs"))
            .arg(&self.glue)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("Node can be started");
        let mut input = process.stdin.take().expect("standard input is piped");
        let lines = arguments.join("\n");
        // Beside the reading: Node answers while there is still input, and neither pipe holds everything.
        let writer = thread::spawn(move || input.write_all(lines.as_bytes()));
        let output = process.wait_with_output().expect("Node ends");
        writer.join().expect("writing doesn't panic").expect("Node reads all its input");
        assert!(output.status.success(), "Node ended with {}", output.status);
        let answers = String::from_utf8(output.stdout).expect("JSON is UTF-8");
        answers.lines().map(|line| serde_json::from_str(line).expect("each answer is a JSON string")).collect()
    }
}
