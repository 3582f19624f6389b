//! A kill in the middle of a load leaves the old build or the new one, whole, and the next load cleans up.

use std::process::Stdio;
use std::time::{Duration, Instant};

use fleetnet_abi::abi::Abi;
use fleetnet_abi::policy::key::Direction;
use fleetnet_compiler::image::Image;

use crate::harness::{EMPTY, Kernel, ROOT, builds, large, of_image, write};

/// Enough maps and entries that loading them takes a while.
const MAPS: u32 = 40;
const ENTRIES: u16 = 700;
const KILLS: u32 = 24;
const POLL: Duration = Duration::from_micros(200);

struct Images {
    kernel: Kernel,
    /// By the names of their files.
    images: [(&'static str, Image); 2],
    /// How the status names each.
    digests: [String; 2],
}

impl Images {
    fn new(name: &str) -> Option<Self> {
        let kernel = Kernel::new(name)?;
        let image = |direction| large(Abi::Cilium119, direction, MAPS, ENTRIES, 1024);
        let images = [("blue", image(Direction::Ingress)), ("green", image(Direction::Egress))];
        for (name, image) in &images {
            write(&kernel, name, image);
        }
        let digests = ["blue", "green"].map(|name| {
            kernel.image(&["load", name]).ends(0);
            digest(&kernel.image(&["status"]).ends(0).stdout).expect("it is loaded").to_owned()
        });
        kernel.image(&["unload"]).ends(0);
        Some(Self { kernel, images, digests })
    }

    /// Starts a load and kills it `after` it began to make maps. Whether it was killed before its end.
    fn kill(&self, image: &str, after: Duration) -> bool {
        let known = builds_or_none(&self.kernel);
        let mut load = self.kernel.scratch.command(&["image", "load", image, "--root", ROOT, "-q"]);
        let mut child = load.stderr(Stdio::inherit()).spawn().unwrap();
        while builds_or_none(&self.kernel) == known && child.try_wait().unwrap().is_none() {
            std::thread::sleep(POLL);
        }
        std::thread::sleep(after);
        child.kill().unwrap();
        !child.wait().unwrap().success()
    }

    /// How long a load takes from its first map on.
    fn time(&self, image: &str) -> Duration {
        let known = builds_or_none(&self.kernel);
        let mut child = self.kernel.scratch.command(&["image", "load", image, "--root", ROOT, "-q"]).spawn().unwrap();
        while builds_or_none(&self.kernel) == known {
            assert!(child.try_wait().unwrap().is_none(), "the load ended before it was seen to make maps");
            std::thread::sleep(POLL);
        }
        let started = Instant::now();
        assert!(child.wait().unwrap().success());
        started.elapsed()
    }

    /// The image that is loaded, after a look at every entry.
    fn loaded(&self) -> Option<&'static str> {
        let status = self.kernel.image(&["status"]).ends(0).stdout;
        assert!(!status.contains("NOT as loaded"), "{status}");
        let found = digest(&status)?;
        let place = self.digests.iter().position(|digest| digest == found).expect("one of the two");
        Some(self.images[place].0)
    }
}

/// The digest of the current build in a status.
fn digest(status: &str) -> Option<&str> {
    status.lines().find_map(|line| line.trim().strip_prefix("sha256 "))
}

fn builds_or_none(kernel: &Kernel) -> Vec<String> {
    if kernel.scratch.path(ROOT).join("eastus-1").exists() { builds(kernel, "eastus-1") } else { Vec::new() }
}

#[test]
fn a_killed_load_leaves_the_old_build_or_the_new_one() {
    let Some(test) = Images::new("kill") else { return };
    test.kernel.image(&["load", "blue"]).ends(0);
    let time = test.time("green");
    let (mut killed, mut left, mut switched) = (0, 0, 0);
    let mut loaded = "green";
    for kill in 0..KILLS {
        let other = if loaded == "green" { "blue" } else { "green" };
        killed += u32::from(test.kill(other, time * kill / KILLS));
        left += u32::from(builds(&test.kernel, "eastus-1").len() > 2);
        let found = test.loaded().expect("something is always loaded");
        switched += u32::from(found == other);
        loaded = found;
    }
    println!("{KILLS} loads of {time:?}: {killed} killed, {left} left something, {switched} had switched");
    assert!(killed > 3 && left > 3, "only {killed} of {KILLS} loads were killed, {left} of them in the middle");
    for (name, image) in &test.images {
        test.kernel.image(&["load", name]).ends(0);
        assert_eq!(test.kernel.dump_all(&format!("{ROOT}/eastus-1/current")), of_image(image));
    }
    assert_eq!(builds(&test.kernel, "eastus-1").len(), 2);
    test.kernel.image(&["unload"]).ends(0);
    assert_eq!(test.kernel.pins(), EMPTY);
}

#[test]
fn a_killed_first_load_leaves_nothing_loaded_or_all() {
    let Some(test) = Images::new("kill-first") else { return };
    let time = test.time("blue");
    test.kernel.image(&["unload"]).ends(0);
    let mut nothing = 0;
    for kill in 0..KILLS / 3 {
        test.kill("blue", time * kill / (KILLS / 3));
        if builds_or_none(&test.kernel).is_empty() || test.kernel.scratch.path(ROOT).join("eastus-1/current").exists() {
            test.loaded();
        } else {
            let status = test.kernel.image(&["status"]).ends(1).stdout;
            assert!(status.contains("cluster eastus-1: nothing is loaded, but `"), "{status}");
            nothing += 1;
        }
        test.kernel.image(&["unload"]).ends(0);
        assert_eq!(test.kernel.pins(), EMPTY);
    }
    assert!(nothing > 0, "no kill came in the middle");
}
