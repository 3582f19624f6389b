//! Map images: looked into, compared, and refused when they are not what a compiler wrote.

use std::fs;

use fleetnet_abi::abi::Abi;
use fleetnet_compiler::image::tables::Header;
use fleetnet_compiler::image::{Image, file};

use crate::harness::{Scratch, example};

/// Contoso's build in `out/`.
fn built(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.copy(example("contoso"), "contoso");
    scratch.run(&["build", "contoso", "-o", "out", "-q"]).ends(0);
    scratch
}

/// An image without a map.
fn of_cluster(name: &str) -> Image {
    let header =
        Header { abi: Abi::Cilium118, cluster_id: 1, cluster: name.to_owned(), fleet: "f".to_owned(), build: [0; 32] };
    Image::new(header, Vec::new(), Vec::new(), Vec::new()).unwrap()
}

const EAST: &str = "out/clusters/eastus-1/maps.fnimg";
const WEST: &str = "out/clusters/westeu-1/maps.fnimg";

#[test]
fn ls_lists_the_maps() {
    let scratch = built("image-ls");
    let run = scratch.run(&["image", "ls", EAST]).ends(0);
    let mut lines = run.stdout.lines();
    assert!(lines.next().unwrap().starts_with("cluster eastus-1 (id 1) of fleet contoso, cilium-1.18, "), "{run:#?}");
    assert!(lines.next().unwrap().starts_with("MAP "), "{run:#?}");
    assert!(run.stdout.contains("shop/web in eastus-1       lpm_trie  12   8"), "{run:#?}");
    assert!(run.stdout.contains("\nipcache "), "{run:#?}");
}

#[test]
fn dump_names_the_rule_behind_each_entry() {
    let scratch = built("image-dump");
    let run = scratch.run(&["image", "dump", EAST, "--map", "policy/shop/web"]).ends(0);
    assert!(run.stdout.contains("egress to payments/checkout in pci-1 on 8080/tcp: allow"), "{run:#?}");
    assert!(run.stdout.contains("# teams/shop/shop.fleetnet:"), "{run:#?}");
    let whole = scratch.run(&["image", "dump", EAST]).ends(0).stdout;
    assert!(whole.contains(&run.stdout));
    scratch.run(&["image", "dump", EAST, "--map", "nat"]).refused(&["has no map `nat`", "image ls"]);
}

#[test]
fn json_has_the_shape_of_bpftool() {
    let scratch = built("image-json");
    let json = |args: &[&str]| -> serde_json::Value {
        serde_json::from_str(
            &scratch.run(&[&["image", "dump", EAST, "--format", "json"], args].concat()).ends(0).stdout,
        )
        .unwrap()
    };
    let all = json(&[]);
    let ipcache = json(&["--map", "ipcache"]);
    assert_eq!(all["ipcache"], ipcache);
    for (map, entries) in all.as_object().unwrap() {
        let sizes = if map == "ipcache" { (24, 24) } else { (12, 8) };
        for entry in entries.as_array().unwrap() {
            let bytes = |field: &str| entry[field].as_array().unwrap().len();
            assert_eq!((bytes("key"), bytes("value")), sizes, "{map}");
            let byte = entry["key"][0].as_str().unwrap();
            assert!(byte.len() == 4 && byte.starts_with("0x"), "{byte}");
        }
    }
}

#[test]
fn a_bpftool_script_makes_every_map_and_entry() {
    let scratch = built("image-script");
    let script = scratch.run(&["image", "dump", EAST, "--format", "bpftool"]).ends(0).stdout;
    let all = scratch.run(&["image", "dump", EAST, "--format", "json"]).ends(0).stdout;
    let all: serde_json::Value = serde_json::from_str(&all).unwrap();
    let count = |start: &str| script.lines().filter(|line| line.starts_with(start)).count();
    let folder = "/sys/fs/bpf/fleetnet-script/eastus-1";
    assert!(script.starts_with(&format!("# bpftool makes no folders: mkdir -p {folder}/policy\n")), "{script}");
    assert_eq!(count(&format!("map create {folder}/")), all.as_object().unwrap().len());
    let entries: usize = all.as_object().unwrap().values().map(|map| map.as_array().unwrap().len()).sum();
    assert_eq!(count(&format!("map update pinned {folder}/")), entries);
}

#[test]
fn diff_says_what_became_of_an_image() {
    let scratch = built("image-diff");
    let run = scratch.run(&["image", "diff", EAST, EAST]).ends(0);
    assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));

    let file = "contoso/teams/shop/shop.fleetnet";
    scratch.write(file, scratch.read(file) + "\npolicy extra { allow shop/web -> shop/cart in local on 4242/tcp }\n");
    scratch.run(&["build", "contoso", "-o", "new", "-q"]).ends(0);
    let run = scratch.run(&["image", "diff", EAST, &EAST.replace("out", "new")]).ends(1);
    assert!(run.stdout.lines().all(|line| line.starts_with("+ ") && line.contains("4242/tcp: allow")), "{run:#?}");
    let back = scratch.run(&["image", "diff", &EAST.replace("out", "new"), EAST]).ends(1);
    assert_eq!(back.stdout, run.stdout.replace("+ ", "- "));
}

#[test]
fn images_of_two_clusters_are_not_compared() {
    let run = built("image-clusters").run(&["image", "diff", EAST, WEST]);
    run.refused(&["is of cluster `eastus-1`", "of cluster `westeu-1`", "compare images of one cluster"]);
}

#[test]
fn damaged_images_are_refused() {
    let scratch = built("image-damaged");
    let image = fs::read(scratch.path(EAST)).unwrap();
    let reordered = {
        let mut image = image.clone();
        image[128..].rotate_left(64);
        image
    };
    let flipped = {
        let mut image = image.clone();
        let last = image.len() - 1;
        image[last] ^= 1;
        image
    };
    let damaged = [
        ("truncated", image[..image.len() - 1].to_vec(), "cut off"),
        ("beheaded", image[..20].to_vec(), "too short"),
        ("empty", Vec::new(), "too short"),
        ("longer", [&image[..], &[0]].concat(), "ends after"),
        ("reordered", reordered, "digest"),
        ("flipped", flipped, "digest"),
        ("text", b"cluster one".to_vec(), "not a fleetnet image"),
    ];
    for (name, bytes, problem) in damaged {
        scratch.write(name, bytes);
        for args in [&["image", "ls", name][..], &["image", "dump", name], &["image", "diff", EAST, name]] {
            scratch.run(args).refused(&[&format!("`{name}` is no usable image: "), problem, "build it again"]);
        }
    }
}

/// The name stands in commands that a root shell may run.
#[test]
fn a_script_holds_nothing_but_maps() {
    let scratch = Scratch::new("image-name");
    for name in ["a b", "a\nmap", "../x", "$(x)", "a.b", "A"] {
        scratch.write("odd.fnimg", file::write(&of_cluster(name)));
        let run = scratch.run(&["image", "dump", "odd.fnimg", "--format", "bpftool"]);
        run.refused(&["can't stand in a bpftool script", "dump it as text or JSON"]);
        scratch.run(&["image", "dump", "odd.fnimg"]).ends(0);
    }
}

#[test]
fn a_name_does_not_end_a_line() {
    let scratch = Scratch::new("image-lines");
    scratch.write("odd.fnimg", file::write(&of_cluster("one\ncluster two\u{1b}[2J")));
    let run = scratch.run(&["image", "ls", "odd.fnimg"]).ends(0);
    let lines: Vec<&str> = run.stdout.lines().collect();
    assert!(lines[0].starts_with("cluster one cluster two?[2J (id 1) of fleet f, "), "{run:#?}");
    assert!(lines[1].starts_with("MAP ") && lines.len() == 2, "{run:#?}");
}

#[test]
fn an_image_is_compared_with_another_or_with_the_kernel() {
    let scratch = Scratch::new("image-compared");
    scratch.write("a.fnimg", file::write(&of_cluster("a")));
    let alone = scratch.run(&["image", "diff", "a.fnimg"]).ends(2);
    assert!(alone.stderr.contains("--live"), "{alone:#?}");
    for (args, named) in [
        (&["a.fnimg", "--live"][..], "--live"),
        (&["a.fnimg", "--root", "elsewhere"], "--root"),
        (&["--root", "elsewhere"], "--live"),
    ] {
        let run = scratch.run(&[&["image", "diff", "a.fnimg"], args].concat()).ends(2);
        assert!(run.stderr.contains(named), "{run:#?}");
    }
}

#[test]
fn images_that_are_not_there() {
    let scratch = Scratch::new("image-absent");
    scratch.run(&["image", "ls", "nowhere.fnimg"]).refused(&["`nowhere.fnimg` can't be read", "check the path"]);
    scratch.run(&["image", "ls", "."]).refused(&["`.` can't be read", "name a `.fnimg` file"]);
}

#[test]
fn what_never_ends_is_not_read() {
    let scratch = Scratch::new("image-endless");
    let run = scratch.run(&["image", "ls", "/dev/zero"]).ends(3);
    assert!(run.stderr.contains("no regular file"), "{run:#?}");
}
