//! What is loaded is in the kernel, entry by entry, and nothing else is.

use std::process::Command;
use std::time::Instant;

use fleetnet_abi::abi::Abi;
use fleetnet_abi::policy::key::Direction;
use fleetnet_compiler::compile::Goal;
use fleetnet_compiler::image::file;
use fleetnet_tests::generate;
use fleetnet_tests::package::Package;
use fleetnet_tests::program::Run;
use fleetnet_tests::schema::judge;
use serde_json::{Value, json};

use crate::harness::{EAST, EMPTY, Kernel, ROOT, builds, large, of_image, write};

/// How many generated fleets are loaded.
const FLEETS: u64 = 40;

/// Builds contoso with one more rule in `new/`.
fn build_more(kernel: &Kernel, port: u16, out: &str) {
    let file = "contoso/teams/shop/shop.fleetnet";
    let rule = format!("\npolicy extra-{port} {{ allow shop/web -> shop/cart in local on {port}/tcp }}\n");
    kernel.scratch.write(file, kernel.scratch.read(file) + &rule);
    kernel.scratch.run(&["build", "contoso", "-o", out, "-q"]).ends(0);
}

fn in_(out: &str) -> String {
    EAST.replace("out", out)
}

#[test]
fn every_entry_of_contoso_is_in_the_kernel() {
    let Some(kernel) = Kernel::with_contoso("contoso") else { return };
    let mut compared = 0;
    for cluster in ["eastus-1", "pci-1", "shared-1", "westeu-1"] {
        let image = format!("out/clusters/{cluster}/maps.fnimg");
        let run = kernel.image(&["load", &image, "--cluster", cluster]).ends(0);
        assert!(run.stderr.starts_with(&format!("cluster {cluster}: ")), "{run:#?}");
        let expected = kernel.expected(&image);
        compared += expected.values().map(std::collections::BTreeMap::len).sum::<usize>();
        assert_eq!(kernel.dump_all(&format!("{ROOT}/{cluster}/current")), expected, "{cluster}");
        kernel.image(&["diff", &image, "--live"]).ends(0);
    }
    assert!(compared > 100, "{compared} entries");
    let status = kernel.image(&["status"]).ends(0).stdout;
    assert_eq!(status.matches("current build: ").count(), 4, "{status}");
    assert!(!status.contains("NOT as loaded"), "{status}");
}

#[test]
fn generated_images_come_back() {
    let Some(kernel) = Kernel::new("generated") else { return };
    let (mut images, mut entries) = (0, 0);
    for seed in 0..FLEETS {
        let compiled = Package::of_text(&generate::small(seed).to_string()).compile(Goal::Build);
        for artifact in compiled.build.into_iter().flat_map(|build| build.artifacts) {
            if !artifact.path.ends_with("/maps.fnimg") {
                continue;
            }
            kernel.scratch.write("maps.fnimg", &artifact.bytes);
            let image = file::read(&artifact.bytes).unwrap();
            let cluster = &image.header().cluster;
            kernel.image(&["load", "maps.fnimg", "-q"]).ends(0);
            let expected = of_image(&image);
            images += 1;
            entries += expected.values().map(std::collections::BTreeMap::len).sum::<usize>();
            assert_eq!(kernel.dump_all(&format!("{ROOT}/{cluster}/current")), expected, "seed {seed}, {cluster}");
            kernel.image(&["unload", "-q"]).ends(0);
        }
    }
    println!("{images} images with {entries} entries came back");
    assert!(images > 40 && entries > 1000, "{images} images with {entries} entries");
}

/// Key and value sizes of every release, and maps that are full to the last entry.
#[test]
fn full_maps_of_every_release_come_back() {
    let Some(kernel) = Kernel::new("releases") else { return };
    for abi in Abi::ALL {
        let image = large(abi, Direction::Egress, 3, 256, 256);
        write(&kernel, "maps.fnimg", &image);
        kernel.image(&["load", "maps.fnimg"]).ends(0);
        assert_eq!(kernel.dump_all(&format!("{ROOT}/eastus-1/current")), of_image(&image), "{abi}");
    }
}

#[test]
fn status_names_the_image_by_its_digest() {
    let Some(kernel) = Kernel::with_contoso("status") else { return };
    let run = kernel.image(&["status"]).ends(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", "nothing is loaded in `bpf/fleetnet`\n"));
    kernel.image(&["load", EAST]).ends(0);
    let manifest: Value = serde_json::from_str(&kernel.scratch.read("out/build.json")).unwrap();
    let listed = manifest["artifacts"].as_array().unwrap();
    let artifact = listed.iter().find(|artifact| EAST.ends_with(artifact["path"].as_str().unwrap())).unwrap();
    let status = kernel.image(&["status", "--image", EAST]).ends(0).stdout;
    assert!(
        status.starts_with(&format!("`{EAST}` is the image that is loaded\ncluster eastus-1 (id 1) of fleet contoso"))
    );
    assert!(status.contains(&format!("  sha256 {}\n", artifact["sha256"].as_str().unwrap())), "{status}");
    for (map, entries) in kernel.expected(EAST) {
        let row = status.lines().find(|line| line.trim_start().starts_with(&format!("{map} "))).unwrap();
        let words: Vec<&str> = row.split_whitespace().collect();
        let count = entries.len().to_string();
        assert_eq!(words[words.len() - 4..], [count.as_str(), &count, "as", "loaded"], "{row}");
    }
    build_more(&kernel, 4242, "new");
    let other = kernel.image(&["status", "--image", &in_("new")]).ends(1).stdout;
    assert!(other.starts_with("`new/clusters/eastus-1/maps.fnimg` is not the image that is loaded\n"), "{other}");
}

/// As `docs/kernel.md` describes it, and as its schema says, whatever is the matter.
#[test]
fn status_in_json() {
    let Some(kernel) = Kernel::with_contoso("json") else { return };
    let status = |args: &[&str], code: i32| -> Value {
        let run = kernel.image(&[&["status", "--format", "json"], args].concat()).ends(code);
        judge("image-status", &run.stdout);
        serde_json::from_str(&run.stdout).unwrap()
    };
    assert_eq!(status(&[], 0), json!({"version": 1, "good": true, "clusters": []}));
    kernel.image(&["load", EAST]).ends(0);
    build_more(&kernel, 4242, "second");
    kernel.image(&["load", &in_("second")]).ends(0);
    let whole = status(&["--image", &in_("second")], 0);
    assert_eq!(whole["image"], json!({"path": in_("second"), "loaded": true}));
    let cluster = &whole["clusters"][0];
    assert_eq!((&cluster["cluster"], cluster["builds"].as_array().unwrap().len()), (&json!("eastus-1"), 2));
    let (expected, build) = (kernel.expected(&in_("second")), &cluster["builds"][0]);
    for (field, value) in [("role", "current"), ("fleet", "contoso"), ("layout", "cilium-1.18")] {
        assert_eq!(build[field], value);
    }
    assert_eq!((&build["id"], build["sha256"].as_str().unwrap().len(), &build["good"]), (&json!(1), 64, &json!(true)));
    for map in build["maps"].as_array().unwrap() {
        let entries = expected[map["map"].as_str().unwrap()].len();
        assert_eq!((&map["loaded"], &map["now"]), (&json!(entries), &json!(entries)));
    }
    assert_eq!(build["maps"].as_array().unwrap().len(), expected.len());

    let (count, first) = (expected["ipcache"].len(), expected["ipcache"].keys().next().unwrap());
    kernel.delete(&format!("{ROOT}/eastus-1/current/ipcache"), first);
    kernel.remove(&format!("{ROOT}/eastus-1/previous/image"));
    let changed = status(&[], 1);
    let builds = &changed["clusters"][0]["builds"];
    let map = builds[0]["maps"].as_array().unwrap().iter().find(|map| map["map"] == "ipcache").unwrap();
    let row = json!({
        "map": "ipcache", "of": "-", "loaded": count, "now": count - 1, "missing": 1, "extra": 0, "changed": 0
    });
    assert_eq!((map, &builds[0]["good"], &changed["good"]), (&row, &json!(false), &json!(false)));
    assert_eq!((&builds[1]["role"], &builds[1]["good"]), (&json!("previous"), &json!(false)));
    assert!(builds[1]["problem"].as_str().unwrap().contains("image` is gone"), "{builds}");

    kernel.remove(&format!("{ROOT}/eastus-1/current"));
    let left: Vec<String> = [1, 2].map(|number| format!("{ROOT}/eastus-1/build-{number}")).into();
    assert_eq!(status(&[], 1)["clusters"], json!([{"cluster": "eastus-1", "builds": [], "left": left}]));
}

#[test]
fn the_build_before_is_kept_and_no_other() {
    let Some(kernel) = Kernel::with_contoso("previous") else { return };
    build_more(&kernel, 4242, "second");
    build_more(&kernel, 4343, "third");
    let contents = ["out", "second", "third"].map(|out| kernel.expected(&in_(out)));
    assert!(contents[0] != contents[1] && contents[1] != contents[2]);
    let (current, previous) = (format!("{ROOT}/eastus-1/current"), format!("{ROOT}/eastus-1/previous"));
    kernel.image(&["load", EAST]).ends(0);
    assert!(!kernel.scratch.path(&previous).exists());
    for (number, out) in ["second", "third"].into_iter().enumerate() {
        kernel.image(&["load", &in_(out)]).ends(0);
        assert_eq!(kernel.dump_all(&current), contents[number + 1]);
        assert_eq!(kernel.dump_all(&previous), contents[number]);
        assert_eq!(builds(&kernel, "eastus-1").len(), 2);
    }
    let again = kernel.image(&["load", &in_("third")]).ends(0);
    assert_eq!(again.stderr, "cluster eastus-1: this image is loaded already, with every entry\n");
    assert_eq!(kernel.dump_all(&previous), contents[1], "the same once more is no other build");
    let status = kernel.image(&["status"]).ends(0).stdout;
    assert!(status.contains("current build: ") && status.contains("previous build: "), "{status}");
}

#[test]
fn a_load_mends_what_was_changed_and_keeps_the_build_before() {
    let Some(kernel) = Kernel::with_contoso("mend") else { return };
    build_more(&kernel, 4242, "second");
    kernel.image(&["load", EAST]).ends(0);
    kernel.image(&["load", &in_("second")]).ends(0);
    let (current, previous) = (format!("{ROOT}/eastus-1/current"), format!("{ROOT}/eastus-1/previous"));
    let first = kernel.expected(&in_("second"))["ipcache"].keys().next().unwrap().clone();
    kernel.delete(&format!("{current}/ipcache"), &first);
    let run = kernel.image(&["load", &in_("second")]).ends(0);
    let changed = "warning: cluster eastus-1: since the last load 1 entry in 1 map had been changed";
    assert!(run.stderr.starts_with(&format!("{changed}; they are as in the image now\n")), "{run:#?}");
    assert_eq!(kernel.dump_all(&current), kernel.expected(&in_("second")));
    assert_eq!(kernel.dump_all(&previous), kernel.expected(EAST));
    assert_eq!(builds(&kernel, "eastus-1").len(), 2);
    kernel.delete(&format!("{current}/ipcache"), &first);
    let run = kernel.image(&["load", EAST]).ends(0);
    assert!(run.stderr.starts_with(&format!("{changed}; they stay so in the previous build\n")), "{run:#?}");
}

#[test]
fn unload_leaves_nothing() {
    let Some(kernel) = Kernel::with_contoso("unload") else { return };
    kernel.image(&["load", EAST]).ends(0);
    build_more(&kernel, 4242, "second");
    kernel.image(&["load", &in_("second")]).ends(0);
    kernel.image(&["load", "out/clusters/pci-1/maps.fnimg", "--cluster", "pci-1"]).ends(0);
    let run = kernel.image(&["unload", "--cluster", "pci-1"]).ends(0);
    assert_eq!(run.stderr, "cluster pci-1: unloaded\n");
    let slip = kernel.image(&["unload", "--cluster", "eastus-2"]);
    slip.refused(&["nothing of cluster `eastus-2` is in `bpf/fleetnet`, only of `eastus-1`"]);
    assert_eq!(kernel.dump_all(&format!("{ROOT}/eastus-1/current")), kernel.expected(&in_("second")));
    assert_eq!(kernel.image(&["unload"]).ends(0).stderr, "cluster eastus-1: unloaded\n");
    assert_eq!(kernel.pins(), EMPTY);
    assert_eq!(kernel.image(&["unload"]).ends(0).stderr, "nothing is loaded in `bpf/fleetnet`\n");
}

/// Whoever names a folder with `--root` may have made it for more than fleetnet.
#[test]
fn folders_that_were_there_stay() {
    let Some(kernel) = Kernel::with_contoso("folder") else { return };
    std::fs::create_dir(kernel.scratch.path(ROOT)).unwrap();
    std::fs::create_dir(kernel.scratch.path(ROOT).join("eastus-1")).unwrap();
    kernel.create("bpf/fleetnet/eastus-1/mine").ends(0);
    kernel.image(&["load", EAST]).refused(&["mine` is nothing that fleetnet put there"]);
    kernel.remove("bpf/fleetnet/eastus-1/mine");
    assert_eq!(kernel.pins(), ["fleetnet", "fleetnet/eastus-1"]);
    kernel.image(&["load", EAST]).ends(0);
    kernel.image(&["unload"]).ends(0);
    assert_eq!(kernel.pins(), EMPTY);
}

#[test]
fn what_can_not_be_removed_does_not_hide_that_the_image_is_loaded() {
    let Some(kernel) = Kernel::with_contoso("leftover") else { return };
    build_more(&kernel, 4242, "second");
    build_more(&kernel, 4343, "third");
    kernel.image(&["load", EAST]).ends(0);
    kernel.image(&["load", &in_("second")]).ends(0);
    let kept = kernel.scratch.path(&format!("{ROOT}/eastus-1/build-1/policy"));
    let mounted = Run::of(Command::new("mount").args(["-t", "tmpfs", "tmpfs"]).arg(&kept));
    assert_eq!(mounted.code, Some(0), "{mounted:#?}");
    let run = kernel.image(&["load", &in_("third")]).ends(0);
    let [loaded, warning] = run.stderr.lines().collect::<Vec<_>>()[..] else { panic!("{run:#?}") };
    assert!(loaded.contains("loaded and read back"), "{run:#?}");
    for part in
        ["warning: cluster eastus-1: the image is loaded, but what is left over at `", "build-1/policy` can't be"]
    {
        assert!(warning.contains(part), "{run:#?}");
    }
    assert_eq!(kernel.dump_all(&format!("{ROOT}/eastus-1/current")), kernel.expected(&in_("third")));
    assert_eq!(Run::of(Command::new("umount").arg(&kept)).code, Some(0));
    kernel.image(&["load", EAST]).ends(0);
    assert_eq!(builds(&kernel, "eastus-1").len(), 2);
}

/// The script is for who has no fleetnet; it makes the same maps elsewhere, and never stands in the way.
#[test]
fn a_script_makes_the_maps_that_a_load_makes() {
    let Some(kernel) = Kernel::with_contoso("script") else { return };
    let script = kernel.scratch.run(&["image", "dump", EAST, "--format", "bpftool"]).ends(0).stdout;
    let folder = kernel.scratch.path("bpf").display().to_string();
    kernel.scratch.write("script", script.replace("/sys/fs/bpf", &folder));
    std::fs::create_dir_all(kernel.scratch.path("bpf/fleetnet-script/eastus-1/policy")).unwrap();
    kernel.batch("script").ends(0);
    assert_eq!(kernel.dump_all("bpf/fleetnet-script/eastus-1"), kernel.expected(EAST));
    kernel.image(&["load", EAST]).ends(0);
    kernel.image(&["status"]).ends(0);
    kernel.image(&["unload"]).ends(0);
    assert_eq!(kernel.dump_all("bpf/fleetnet-script/eastus-1"), kernel.expected(EAST));
}

#[test]
fn how_fast_it_is() {
    let Some(kernel) = Kernel::new("speed") else { return };
    let image = large(Abi::Cilium119, Direction::Egress, 2, 32_000, 32_768);
    write(&kernel, "maps.fnimg", &image);
    let entries: usize = image.sections().iter().map(fleetnet_compiler::image::section::Section::len).sum();
    let started = Instant::now();
    let run = kernel.image(&["load", "maps.fnimg", "-v"]).ends(0);
    let seconds = started.elapsed().as_secs_f64();
    assert!(run.stderr.contains("filled in batches"), "{run:#?}");
    #[expect(clippy::cast_precision_loss, reason = "a rate to read")]
    let rate = entries as f64 / seconds;
    println!(
        "{entries} entries in {seconds:.2} s, read, checked, filled, read back: {rate:.0} entries/s; {}",
        run.stderr.trim()
    );
}
