//! What somebody else did to the maps is seen, and named by rule and line.

use crate::harness::{EAST, Entries, Kernel, ROOT};

/// Contoso's image of eastus-1 loaded, and a policy map of it.
struct Loaded {
    kernel: Kernel,
    /// The pin of the policy map of `shop/web`.
    pin: String,
    /// `policy/NUMBER`
    map: String,
    entries: Entries,
    /// What `image dump` says of the entries, in their order.
    lines: Vec<String>,
}

impl Loaded {
    fn new(name: &str) -> Option<Self> {
        let kernel = Kernel::with_contoso(name)?;
        kernel.image(&["load", EAST]).ends(0);
        let text = kernel.scratch.run(&["image", "dump", EAST, "--map", "policy/shop/web"]).ends(0).stdout;
        let (heading, lines) = text.split_once('\n').unwrap();
        let map = heading.split_once(" of ").unwrap().0.to_owned();
        let lines = lines.lines().map(|line| line.trim().to_owned()).collect();
        let pin = format!("{ROOT}/eastus-1/current/{map}");
        Some(Self { entries: kernel.dump(&pin), kernel, pin, map, lines })
    }

    /// An entry that a rule of the source brought about, and how it is printed.
    fn of_a_rule(&self) -> (Vec<u8>, Vec<u8>, &str) {
        let place = self.lines.iter().position(|line| line.contains("# teams/shop/shop.fleetnet:")).unwrap();
        let (key, value) = self.entries.iter().nth(place).unwrap();
        (key.clone(), value.clone(), &self.lines[place])
    }

    /// `diff --live` says just these lines, and so does the status in its way.
    #[track_caller]
    fn differs(&self, lines: &[String], state: &str) {
        let run = self.kernel.image(&["diff", EAST, "--live"]).ends(1);
        assert_eq!(run.stdout.lines().collect::<Vec<_>>(), lines, "{run:#?}");
        let status = self.kernel.image(&["status"]).ends(1).stdout;
        let row = status.lines().find(|line| line.contains(&format!("{} ", self.map))).unwrap();
        assert!(status.contains("NOT as loaded") && row.ends_with(state), "{status}");
    }
}

#[test]
fn a_missing_entry_is_named_with_its_rule() {
    let Some(loaded) = Loaded::new("missing") else { return };
    let (key, _, line) = loaded.of_a_rule();
    loaded.kernel.delete(&loaded.pin, &key);
    loaded.differs(&[format!("- {}: {line}", loaded.map)], "1 missing");
}

#[test]
fn a_changed_entry_is_named_with_its_rule() {
    let Some(loaded) = Loaded::new("changed") else { return };
    let (key, mut value, line) = loaded.of_a_rule();
    value[2] |= 1;
    loaded.kernel.update(&loaded.pin, &key, &value);
    let (entry, _) = line.split_once("  # ").unwrap();
    let now = entry.replace(": allow", ": deny");
    assert_ne!(entry, now);
    let lines = [format!("- {}: {line}", loaded.map), format!("+ {}: {now}  # no rule", loaded.map)];
    loaded.differs(&lines, "1 changed");
}

#[test]
fn an_extra_entry_is_named() {
    let Some(loaded) = Loaded::new("extra") else { return };
    let (mut key, value, line) = loaded.of_a_rule();
    key[10..].copy_from_slice(&4242_u16.to_be_bytes());
    loaded.kernel.update(&loaded.pin, &key, &value);
    let (peer, _) = line.split_once(" on ").unwrap();
    loaded.differs(&[format!("+ {}: {peer} on 4242/tcp: allow  # no rule", loaded.map)], "1 extra");
}

/// No engine writes such bytes, and a hole in a map is where they would be put.
#[test]
fn bytes_that_mean_nothing_are_shown_as_they_are() {
    let Some(loaded) = Loaded::new("bytes") else { return };
    let key = [0x28, 0, 0, 0, 1, 0, 0, 0, 0x7e, 0, 0, 0];
    loaded.kernel.update(&loaded.pin, &key, &[0xff; 8]);
    let line = format!("+ {}: 28000000010000007e000000 ffffffffffffffff  # no rule", loaded.map);
    loaded.differs(&[line], "1 extra");
}

#[test]
fn a_whole_map_can_be_missing() {
    let Some(loaded) = Loaded::new("unpinned") else { return };
    loaded.kernel.remove(&loaded.pin);
    let line = format!("- {}: the map, with {} entries", loaded.map, loaded.entries.len());
    loaded.differs(&[line], "MISSING");
}

/// Both say the same: what is loaded is the other image.
#[test]
fn an_older_image_is_compared_with_the_rules_that_are_loaded() {
    let Some(loaded) = Loaded::new("older") else { return };
    let Loaded { kernel, .. } = &loaded;
    let file = "contoso/teams/shop/shop.fleetnet";
    let rule = "\npolicy extra { allow shop/web -> shop/cart in local on 4242/tcp }\n";
    kernel.scratch.write(file, kernel.scratch.read(file) + rule);
    kernel.scratch.run(&["build", "contoso", "-o", "new", "-q"]).ends(0);
    let new = EAST.replace("out", "new");
    let files = kernel.scratch.run(&["image", "diff", EAST, &new]).ends(1).stdout;
    kernel.image(&["load", &new]).ends(0);
    assert_eq!(kernel.image(&["diff", EAST, "--live"]).ends(1).stdout, files);
    assert!(files.contains("# teams/shop/shop.fleetnet:"), "{files}");
    kernel.image(&["diff", &new, "--live"]).ends(0);
}
