//! Maps in bpftool's terms: the JSON of `bpftool -j map dump`, and a script for `bpftool batch file` that makes and fills them.

use std::collections::BTreeMap;
use std::path::Path;

use fleetnet_compiler::image::Image;
use fleetnet_compiler::image::section::Section;
use schemars::{JsonSchema, Schema};
use serde::Serialize;

use super::{Error, text};
use crate::kernel::{POLICY, SCRIPT_ROOT, is_label, kernel_name, pin};
use crate::schema;
use crate::terminal::Terminal;

/// One entry as bpftool prints it for a map without type information.
/// Bytes as `0x1f`, in the kernel's order.
#[derive(Serialize, JsonSchema)]
struct Entry {
    key: Vec<String>,
    value: Vec<String>,
}

/// What `fleetnet image dump --format json` prints: the entries of one map, or of each map by its name.
#[derive(JsonSchema)]
#[schemars(title = "Entries of map images", untagged)]
#[expect(dead_code, reason = "an image is printed entry by entry; this only describes it")]
enum Dump {
    /// With `--map`.
    Map(Vec<Entry>),
    /// Without.
    Maps(BTreeMap<String, Vec<Entry>>),
}

/// The schema of a dump.
pub fn schema() -> Schema {
    schema::of::<Dump>()
}

/// One map, as bpftool prints it.
pub fn print_map(section: &Section, terminal: &mut Terminal) {
    terminal.print("[");
    for (place, entry) in section.entries().enumerate() {
        let entry = Entry { key: bytes(entry.key), value: bytes(entry.value) };
        terminal.print(if place == 0 { "" } else { "," });
        print_json(&entry, terminal);
    }
    terminal.print("]\n");
}

/// Several maps: an object with bpftool's array under each name.
pub fn print_maps(sections: &[&Section], terminal: &mut Terminal) {
    terminal.print("{");
    for (place, section) in sections.iter().enumerate() {
        terminal.print(if place == 0 { "" } else { "," });
        print_json(&text::map_name(section.map()), terminal);
        terminal.print(":");
        print_map(section, terminal);
    }
    terminal.print("}\n");
}

/// A line of script for each map and each entry.
pub fn print_script(image: &Image, path: &Path, sections: &[&Section], terminal: &mut Terminal) -> Result<(), Error> {
    let cluster = &image.header().cluster;
    if !is_label(cluster) {
        return Err(Error::Unscriptable { path: path.to_owned(), cluster: cluster.clone() });
    }
    let folder = format!("{SCRIPT_ROOT}/{cluster}");
    terminal.print(&format!("# bpftool makes no folders: mkdir -p {folder}/{POLICY}\n"));
    for section in sections {
        let spec = section.spec();
        let (name, pin) = (kernel_name(section.map()), pin(section.map()));
        let pin = format!("{folder}/{}", pin.display());
        terminal.print(&format!(
            "map create {pin} type {} key {} value {} entries {} name {name} flags {:#x}\n",
            spec.map_type.name(),
            spec.key_size,
            spec.value_size,
            section.capacity(),
            spec.flags
        ));
        for entry in section.entries() {
            let (key, value) = (spaced(entry.key), spaced(entry.value));
            terminal.print(&format!("map update pinned {pin} key hex {key} value hex {value}\n"));
        }
    }
    Ok(())
}

fn print_json(value: &impl Serialize, terminal: &mut Terminal) {
    // Strings always have a JSON form.
    if let Ok(text) = serde_json::to_string(value) {
        terminal.print(&text);
    }
}

fn bytes(bytes: &[u8]) -> Vec<String> {
    bytes.iter().map(|byte| format!("{byte:#04x}")).collect()
}

fn spaced(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect::<Vec<_>>().join(" ")
}
