//! What can't be done is one line that says why and what to do, and nothing is half-done.

use fleetnet_abi::abi::Abi;
use fleetnet_abi::policy::key::Direction;
use fleetnet_compiler::image::Image;
use fleetnet_tests::program::Scratch;

use crate::harness::{EAST, EMPTY, Kernel, ROOT, WEST, builds, header, large, write};

#[test]
fn without_privilege() {
    let Some(kernel) = Kernel::with_contoso("nobody") else { return };
    let as_nobody = |args: &[&str]| kernel.scratch.run_as_nobody(&[&["image"], args, &["--root", ROOT]].concat());
    as_nobody(&["load", EAST]).refused(&["making the map for `bpf/fleetnet/eastus-1", "not permitted", "CAP_BPF"]);
    assert!(kernel.pins().is_empty(), "{:?}", kernel.pins());
    kernel.image(&["load", EAST]).ends(0);
    let before = kernel.pins();
    for args in [&["load", WEST][..], &["status"], &["diff", EAST, "--live"], &["unload"]] {
        as_nobody(args).refused(&["not permitted; run as root"]);
    }
    assert_eq!(kernel.pins(), before);
    kernel.image(&["status"]).ends(0);
}

#[test]
fn where_no_bpf_file_system_is() {
    let scratch = Scratch::new("kernel-no-bpffs");
    let image = large(Abi::Cilium118, Direction::Ingress, 1, 1, 256);
    scratch.write("maps.fnimg", fleetnet_compiler::image::file::write(&image));
    for root in ["fleetnet", ".", "maps.fnimg"] {
        for args in [&["load", "maps.fnimg"][..], &["status"], &["diff", "maps.fnimg", "--live"], &["unload"]] {
            let run = scratch.run(&[&["image"], args, &["--root", root]].concat());
            run.refused(&[&format!("`{root}` is not on a BPF file system"), "mount -t bpf bpf /sys/fs/bpf", "--root"]);
        }
    }
    assert_eq!(scratch.names(""), ["maps.fnimg"]);
}

#[test]
fn an_image_of_another_cluster() {
    let Some(kernel) = Kernel::with_contoso("foreign") else { return };
    let named = kernel.image(&["load", EAST, "--cluster", "westeu-1"]);
    named.refused(&["is of cluster `eastus-1`, not of `westeu-1`"]);
    assert!(kernel.pins().is_empty());
    kernel.image(&["load", EAST]).ends(0);
    let before = kernel.pins();
    kernel.image(&["load", WEST]).refused(&["of cluster `westeu-1`, but `eastus-1` is loaded", "--cluster westeu-1"]);
    kernel.image(&["diff", WEST, "--live"]).refused(&["nothing of cluster `westeu-1` is loaded", "image load"]);
    kernel.image(&["load", WEST, "--cluster", "westeu-1"]).ends(0);
    let parts = ["`westeu-1` is loaded in `bpf/fleetnet` too", "say `--cluster eastus-1` if that is meant"];
    kernel.image(&["load", EAST]).refused(&parts);
    kernel.image(&["unload", "--cluster", "westeu-1"]).ends(0);
    for (name, cluster_id, fleet) in [("fleet", 1, "fabrikam"), ("id", 2, "contoso")] {
        let header =
            fleetnet_compiler::image::tables::Header { cluster_id, ..header(Abi::Cilium118, "eastus-1", fleet) };
        write(&kernel, name, &Image::new(header, Vec::new(), Vec::new(), Vec::new()).unwrap());
        let parts = ["holds cluster `eastus-1` (id 1) of fleet `contoso`", "unload first"];
        kernel.image(&["load", name]).refused(&parts);
    }
    assert_eq!(kernel.pins(), before);
    kernel.image(&["status", "--image", EAST]).ends(0);
}

#[test]
fn damaged_images() {
    let Some(kernel) = Kernel::with_contoso("damaged") else { return };
    let image = std::fs::read(kernel.scratch.path(EAST)).unwrap();
    let middle = image.len() / 2;
    let flipped = [&image[..middle], &[image[middle] ^ 1], &image[middle + 1..]].concat();
    for (name, bytes) in [("cut", &image[..middle]), ("flipped", &flipped), ("empty", &[]), ("text", b"cluster")] {
        kernel.scratch.write(name, bytes);
        for args in [&["load", name][..], &["diff", name, "--live"], &["status", "--image", name]] {
            kernel.image(args).refused(&[&format!("`{name}` is no usable image"), "build it again"]);
        }
    }
    assert!(kernel.pins().is_empty(), "{:?}", kernel.pins());
}

/// The file system takes no dots, and nothing may lead out of the root.
#[test]
fn names_that_are_no_folder() {
    let Some(kernel) = Kernel::new("names") else { return };
    for name in ["..", "a.b", "a/b", "Eu", "-a", "a b"] {
        let image = Image::new(header(Abi::Cilium118, name, "f"), Vec::new(), Vec::new(), Vec::new()).unwrap();
        write(&kernel, "odd.fnimg", &image);
        kernel.image(&["load", "odd.fnimg"]).refused(&[&format!("named `{name}`"), "name clusters by"]);
        kernel.image(&["diff", "odd.fnimg", "--live"]).refused(&["is loaded in"]);
    }
    assert!(kernel.pins().is_empty(), "{:?}", kernel.pins());
}

#[test]
fn another_map_under_the_name_of_one_that_was_loaded() {
    let Some(kernel) = Kernel::with_contoso("size") else { return };
    kernel.image(&["load", EAST]).ends(0);
    for map in ["ipcache", "policy/65792"] {
        let pin = format!("{ROOT}/eastus-1/current/{map}");
        kernel.remove(&pin);
        kernel.create(&pin).ends(0);
        let before = kernel.pins();
        let parts = ["not the map that was loaded: it is hash with keys of 4", "lpm_trie with keys of"];
        for args in [&["load", EAST][..], &["diff", EAST, "--live"]] {
            let run = kernel.image(args).ends(3);
            assert!(parts.iter().chain(&["unload"]).all(|part| run.stderr.contains(part)), "{run:#?}");
        }
        let status = kernel.image(&["status"]).ends(1).stdout;
        assert!(status.starts_with("cluster eastus-1\ncurrent build: can't be read: `"), "{status}");
        assert!(parts.iter().all(|part| status.contains(part)), "{status}");
        assert_eq!(kernel.pins(), before);
        kernel.image(&["unload"]).ends(0);
        kernel.image(&["load", EAST]).ends(0);
    }
}

#[test]
fn what_somebody_else_put_there() {
    let Some(kernel) = Kernel::with_contoso("others") else { return };
    kernel.image(&["load", EAST]).ends(0);
    for below in ["mine", "current/mine", "current/policy/mine"] {
        let pin = format!("{ROOT}/eastus-1/{below}");
        kernel.create(&pin).ends(0);
        let before = kernel.pins();
        for args in [&["load", EAST][..], &["unload"]] {
            kernel.image(args).refused(&["mine` is nothing that fleetnet put there", "remove it by hand"]);
        }
        assert_eq!(kernel.pins(), before);
        kernel.remove(&pin);
    }
    // Of the right kind and under a name that policy maps have: the image of the build does not list it.
    let pin = format!("{ROOT}/eastus-1/current/policy/99");
    kernel.create_alike(&pin);
    for image in ["current", "gone"] {
        if image == "gone" {
            kernel.remove(&format!("{ROOT}/eastus-1/current/image"));
        }
        let before = kernel.pins();
        for args in [&["load", EAST][..], &["unload"], &["unload", "--cluster", "eastus-1"]] {
            kernel.image(args).refused(&["policy/99` is nothing that fleetnet put there", "remove it by hand"]);
        }
        assert_eq!(kernel.pins(), before);
    }
    kernel.remove(&pin);
    kernel.create("bpf/fleetnet/mine").ends(0);
    kernel.image(&["unload"]).ends(0);
    assert_eq!(kernel.pins(), ["fleetnet", "fleetnet/mine"], "what is beside the clusters is not looked at");
}

/// The loaded build's own copy of its image is gone, or of a release that knows more.
#[test]
fn a_build_that_can_not_be_read() {
    let Some(kernel) = Kernel::with_contoso("torn") else { return };
    let pin = format!("{ROOT}/eastus-1/current/image");
    for (image, said) in [("gone", "image` is gone"), ("other", "image` does not hold the image of a loaded build")] {
        kernel.image(&["load", EAST]).ends(0);
        kernel.image(&["load", WEST, "--cluster", "westeu-1"]).ends(0);
        kernel.remove(&pin);
        if image == "other" {
            kernel.create_content(&pin);
        }
        kernel.image(&["diff", EAST, "--live"]).refused(&[said, "unload"]);
        let status = kernel.image(&["status", "--image", EAST]).ends(1).stdout;
        assert!(
            status.starts_with(&format!("`{EAST}` is not the image that is loaded\ncluster eastus-1\n")),
            "{status}"
        );
        assert!(status.contains("\ncurrent build: can't be read: `") && status.contains(said), "{status}");
        assert!(status.contains("\ncluster westeu-1 (id ") && status.contains(", as loaded\n"), "{status}");

        let run = kernel.image(&["load", EAST, "--cluster", "eastus-1"]).ends(0);
        let warning = run.stderr.lines().next().unwrap();
        assert!(warning.starts_with("warning: cluster eastus-1: there is no previous build, as"), "{run:#?}");
        assert!(warning.contains(said), "{run:#?}");
        assert_eq!(kernel.dump_all(&format!("{ROOT}/eastus-1/current")), kernel.expected(EAST));
        assert_eq!(builds(&kernel, "eastus-1"), ["build-2"]);
        kernel.image(&["status"]).ends(0);

        kernel.remove(&pin);
        if image == "other" {
            kernel.create_content(&pin);
        }
        kernel.image(&["unload"]).ends(0);
        assert_eq!(kernel.pins(), EMPTY);
    }
}

/// The maps of a build are in the kernel, and nothing says that they count.
#[test]
fn a_build_that_is_not_current_any_more() {
    let Some(kernel) = Kernel::with_contoso("headless") else { return };
    kernel.image(&["load", EAST]).ends(0);
    kernel.image(&["load", WEST, "--cluster", "westeu-1"]).ends(0);
    kernel.remove(&format!("{ROOT}/eastus-1/current"));
    let status = kernel.image(&["status"]).ends(1).stdout;
    let line =
        format!("cluster eastus-1: nothing is loaded, but `{ROOT}/eastus-1/build-1` is left over; the next load");
    assert!(status.starts_with(&line) && status.contains("\n\ncluster westeu-1 (id "), "{status}");
    kernel.image(&["load", EAST, "--cluster", "eastus-1"]).ends(0);
    assert_eq!(builds(&kernel, "eastus-1"), ["build-1"], "what was left is removed first");
    kernel.image(&["status"]).ends(0);
}
