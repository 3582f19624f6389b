//! A BPF file system for a test, and images to load.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::identity::Identity;
use fleetnet_abi::policy::key::{Direction, PolicyKey};
use fleetnet_abi::policy::l4::{L4, Protocol};
use fleetnet_abi::policy::value::PolicyValue;
use fleetnet_compiler::image::section::builder::PolicySection;
use fleetnet_compiler::image::section::entry::RuleRef;
use fleetnet_compiler::image::tables::{Header, IdentityKind, IdentityRow, RuleRow};
use fleetnet_compiler::image::{Image, file};
use fleetnet_tests::program::{Run, Scratch, example, is_root};
use fleetnet_tests::{skip, tool};
use serde_json::Value;

/// Where every test has its pins, below its folder.
pub const ROOT: &str = "bpf/fleetnet";
/// What is left when everything is unloaded: the folder that was named, which is not fleetnet's to remove.
pub const EMPTY: [&str; 1] = ["fleetnet"];
/// Two of contoso's images.
pub const EAST: &str = "out/clusters/eastus-1/maps.fnimg";
pub const WEST: &str = "out/clusters/westeu-1/maps.fnimg";

/// The entries of a map: key and value, in order of the keys.
pub type Entries = BTreeMap<Vec<u8>, Vec<u8>>;

/// A folder with a BPF file system in `bpf/`, which is unmounted when the test ends.
pub struct Kernel {
    pub scratch: Scratch,
    bpftool: PathBuf,
}

impl Kernel {
    /// Mounts the file system, or skips the test for what is missing.
    pub fn new(name: &str) -> Option<Self> {
        let test = format!("kernel::{name}");
        let bpftool = tool(&test, "FLEETNET_BPFTOOL")?;
        if !is_root() {
            skip(&test, "only root can mount a BPF file system");
            return None;
        }
        let scratch = Scratch::new(&format!("kernel-{name}"));
        std::fs::create_dir(scratch.path("bpf")).unwrap();
        let mount = Run::of(Command::new("mount").args(["-t", "bpf", "bpf"]).arg(scratch.path("bpf")));
        if mount.code != Some(0) {
            skip(&test, &format!("no BPF file system can be mounted: {}", mount.stderr.trim()));
            return None;
        }
        let kernel = Self { scratch, bpftool };
        let probe = kernel.create("bpf/probe");
        if probe.code != Some(0) {
            skip(&test, &format!("BPF maps are not permitted, CAP_BPF may be missing: {}", probe.stderr.trim()));
            return None;
        }
        kernel.remove("bpf/probe");
        Some(kernel)
    }

    /// With contoso's build in `out/`.
    pub fn with_contoso(name: &str) -> Option<Self> {
        let kernel = Self::new(name)?;
        kernel.scratch.copy(example("contoso"), "contoso");
        kernel.scratch.run(&["build", "contoso", "-o", "out", "-q"]).ends(0);
        Some(kernel)
    }

    /// `fleetnet image …` below the test's root.
    pub fn image(&self, args: &[&str]) -> Run {
        self.scratch.run(&[&["image"], args, &["--root", ROOT]].concat())
    }

    /// What `fleetnet image dump` says, by map.
    pub fn expected(&self, image: &str) -> BTreeMap<String, Entries> {
        let dump = self.scratch.run(&["image", "dump", image, "--format", "json"]).ends(0).stdout;
        let maps: BTreeMap<String, Value> = serde_json::from_str(&dump).unwrap();
        maps.into_iter().map(|(name, map)| (name, entries(&map))).collect()
    }

    /// What bpftool says of the maps of a build, by pin.
    pub fn dump_all(&self, build: &str) -> BTreeMap<String, Entries> {
        let folder = self.scratch.path(build);
        let mut names = vec!["ipcache".to_owned()];
        let policy = std::fs::read_dir(folder.join("policy")).unwrap();
        names.extend(policy.map(|entry| format!("policy/{}", entry.unwrap().file_name().to_str().unwrap())));
        let maps = names.into_iter().filter(|name| folder.join(name).exists());
        maps.map(|name| (name.clone(), self.dump(&format!("{build}/{name}")))).collect()
    }

    /// What bpftool says of one map.
    pub fn dump(&self, pin: &str) -> Entries {
        let output = self.bpftool(&["-j", "map", "dump", "pinned", &self.shown(pin)]).ends(0).stdout;
        entries(&serde_json::from_str(&output).unwrap())
    }

    pub fn update(&self, pin: &str, key: &[u8], value: &[u8]) {
        let (key, value) = (hex(key), hex(value));
        let words = [&["key", "hex"], &key.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat();
        let rest = [&["value", "hex"], &value.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat();
        self.bpftool(&[&["map", "update", "pinned", &self.shown(pin)], &words[..], &rest[..]].concat()).ends(0);
    }

    pub fn delete(&self, pin: &str, key: &[u8]) {
        let key = hex(key);
        let words = [&["key", "hex"], &key.iter().map(String::as_str).collect::<Vec<_>>()[..]].concat();
        self.bpftool(&[&["map", "delete", "pinned", &self.shown(pin)], &words[..]].concat()).ends(0);
    }

    /// Pins a map that no image has.
    pub fn create(&self, pin: &str) -> Run {
        let sizes = ["type", "hash", "key", "4", "value", "4", "entries", "9", "name", "other"];
        self.bpftool(&[&["map", "create", &self.shown(pin)], &sizes[..]].concat())
    }

    /// Pins a map that could be a policy map of contoso, but for who made it.
    pub fn create_alike(&self, pin: &str) {
        let sizes = ["type", "lpm_trie", "key", "12", "value", "8", "entries", "16384", "name", "other", "flags", "1"];
        self.bpftool(&[&["map", "create", &self.shown(pin)], &sizes[..]].concat()).ends(0);
    }

    /// Pins a map that could hold the bytes of an image, and holds other ones.
    pub fn create_content(&self, pin: &str) {
        let sizes = ["type", "array", "key", "4", "value", "4096", "entries", "1", "name", "image"];
        self.bpftool(&[&["map", "create", &self.shown(pin)], &sizes[..]].concat()).ends(0);
    }

    /// Runs a script of bpftool's.
    pub fn batch(&self, script: &str) -> Run {
        self.bpftool(&["batch", "file", &self.shown(script)])
    }

    pub fn remove(&self, pin: &str) {
        std::fs::remove_file(self.scratch.path(pin)).unwrap();
    }

    /// Everything below the file system's root but what the kernel itself puts there.
    pub fn pins(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.scratch.path("bpf")];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let entry = entry.unwrap();
                let name = entry.path().strip_prefix(self.scratch.path("bpf")).unwrap().display().to_string();
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                }
                found.push(name);
            }
        }
        found.retain(|name| !["maps.debug", "progs.debug"].contains(&name.as_str()));
        found.sort();
        found
    }

    fn bpftool(&self, args: &[&str]) -> Run {
        Run::of(Command::new(&self.bpftool).args(args))
    }

    fn shown(&self, pin: &str) -> String {
        self.scratch.path(pin).display().to_string()
    }
}

impl Drop for Kernel {
    fn drop(&mut self) {
        // Before the folder goes. What is mounted is nobody else's, and its maps go with it.
        let _ = Command::new("umount").arg("--recursive").arg(self.scratch.path("bpf")).output();
    }
}

/// An image of `maps` policy maps with `entries` entries each, and none other; `direction` makes two of a size differ in every key.
pub fn large(abi: Abi, direction: Direction, maps: u32, entries: u16, capacity: u32) -> Image {
    let subject = |number: u32| Identity::of_cluster(1, u16::try_from(256 + number).unwrap());
    let section = |number: u32| {
        let mut section = PolicySection::new(abi, subject(number), capacity);
        for port in 1..=entries {
            let key = PolicyKey { direction, identity: Identity::HOST, l4: L4::port(Protocol::TCP, port) };
            section.insert(key, &PolicyValue::allow(abi, &key), RuleRef::Rule(0));
        }
        section.finish().unwrap()
    };
    let row = |number: u32| IdentityRow {
        number: subject(number),
        kind: IdentityKind::Pods,
        name: format!("shop/pod-{number}").into(),
        labels: Vec::new(),
    };
    let rules = vec![RuleRow { file: "shop.fleetnet".into(), line: 3, text: "allow host -> all".into() }];
    Image::new(
        header(abi, "eastus-1", "contoso"),
        (0..maps).map(section).collect(),
        rules,
        (0..maps).map(row).collect(),
    )
    .unwrap()
}

pub fn header(abi: Abi, cluster: &str, fleet: &str) -> Header {
    Header { abi, cluster_id: 1, cluster: cluster.to_owned(), fleet: fleet.to_owned(), build: [0; 32] }
}

/// The entries of an image by map, without a look at what any program prints.
pub fn of_image(image: &Image) -> BTreeMap<String, Entries> {
    use fleetnet_compiler::image::section::entry::MapKind;
    let name = |map: MapKind| match map {
        MapKind::Policy { subject } => format!("policy/{subject}"),
        MapKind::Ipcache => "ipcache".to_owned(),
    };
    let entries = image.sections().iter().map(|section| {
        let entries = section.entries().map(|entry| (entry.key.to_vec(), entry.value.to_vec())).collect();
        (name(section.map()), entries)
    });
    entries.collect()
}

pub fn write(kernel: &Kernel, path: &str, image: &Image) {
    kernel.scratch.write(path, file::write(image));
}

/// The names in a folder of the BPF file system.
pub fn builds(kernel: &Kernel, cluster: &str) -> Vec<String> {
    let mut names = kernel.scratch.names(&Path::new(ROOT).join(cluster).display().to_string());
    names.retain(|name| name.starts_with("build-"));
    names
}

fn hex(bytes: &[u8]) -> Vec<String> {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// bpftool's array of entries, which has the bytes as texts.
fn entries(map: &Value) -> Entries {
    let bytes = |value: &Value| -> Vec<u8> {
        let texts = value.as_array().unwrap().iter().map(|byte| byte.as_str().unwrap());
        texts.map(|text| u8::from_str_radix(text.trim_start_matches("0x"), 16).unwrap()).collect()
    };
    map.as_array().unwrap().iter().map(|entry| (bytes(&entry["key"]), bytes(&entry["value"]))).collect()
}
