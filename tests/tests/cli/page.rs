//! `fleetnet graph` and `fleetnet playground`, as far as they go without a browser.

use std::fs;
use std::io::Write as _;
use std::os::unix::fs::{FileTypeExt as _, PermissionsExt as _, symlink};
use std::process::{Command, Stdio};

use crate::harness::{FLEET, Run, Scratch, is_root};

/// `fleetnet graph` into a place.
fn draw(scratch: &Scratch, place: &str) -> Run {
    scratch.run(&["graph", "package", "-o", place])
}

#[test]
fn a_graph_is_printed_or_put_into_a_file() {
    let scratch = Scratch::with_package("graph");
    let run = scratch.run(&["graph", "package"]).ends(0);
    assert!(run.stdout.starts_with("<svg ") && run.stdout.ends_with("</svg>"), "{run:#?}");
    assert!(run.stdout.contains("aria-label=\"shop/web to shop/cart on 8080/tcp\""), "{run:#?}");
    scratch.run(&["graph", "package", "-o", "graph.svg"]).ends(0);
    assert_eq!(scratch.read("graph.svg"), run.stdout);
    assert_eq!(draw(&scratch, "-").ends(0).stdout, run.stdout);
    assert_eq!(scratch.names(""), ["graph.svg", "package"]);
}

#[test]
fn a_pipe_or_a_device_gets_the_graph_and_stays_what_it_is() {
    let scratch = Scratch::with_package("graph-pipe");
    let drawn = scratch.run(&["graph", "package"]).ends(0).stdout;
    assert!(Command::new("mkfifo").arg(scratch.path("pipe")).status().unwrap().success());
    symlink("pipe", scratch.path("link")).unwrap();
    for place in ["pipe", "link"] {
        let reader = Command::new("cat").arg(scratch.path("pipe")).stdout(Stdio::piped()).spawn().unwrap();
        draw(&scratch, place).ends(0);
        assert_eq!(Run::from(reader.wait_with_output().unwrap()).stdout, drawn);
        assert!(fs::symlink_metadata(scratch.path("pipe")).unwrap().file_type().is_fifo());
    }
    assert_eq!(scratch.names(""), ["link", "package", "pipe"]);
    if !is_root() {
        return;
    }
    // The same devices as `/dev/null` and `/dev/full`, which a mistake would cost nobody.
    for (name, minor) in [("null", "3"), ("full", "7")] {
        let node = Command::new("mknod").arg(scratch.path(name)).args(["c", "1", minor]).status().unwrap();
        assert!(node.success());
    }
    draw(&scratch, "null").ends(0);
    draw(&scratch, "full").refused(&["`full` can't be written to: No space left on device", "name another place"]);
    for name in ["null", "full"] {
        assert!(fs::symlink_metadata(scratch.path(name)).unwrap().file_type().is_char_device(), "{name}");
    }
}

#[test]
fn what_goes_to_standard_output_is_added_to_it() {
    let scratch = Scratch::with_package("graph-stdout");
    let drawn = scratch.run(&["graph", "package"]).ends(0).stdout;
    for place in ["-", "/dev/stdout", "out"] {
        let out = fs::File::create(scratch.path("out")).unwrap();
        (&out).write_all(b"before\n").unwrap();
        let mut command = scratch.command(&["graph", "package", "-o", place]);
        Run::of(command.stdout(out.try_clone().unwrap())).ends(0);
        (&out).write_all(b"after\n").unwrap();
        assert_eq!(scratch.read("out"), format!("before\n{drawn}after\n"), "{place}");
    }
    assert_eq!(scratch.names(""), ["out", "package"]);
}

#[test]
fn a_file_that_is_drawn_over_keeps_its_permissions_and_links() {
    let scratch = Scratch::with_package("graph-mode");
    scratch.write("real/graph.svg", "old");
    symlink("real/graph.svg", scratch.path("graph.svg")).unwrap();
    scratch.set_mode("real/graph.svg", 0o640);
    draw(&scratch, "graph.svg").ends(0);
    assert!(scratch.path("graph.svg").is_symlink());
    assert!(scratch.read("real/graph.svg").starts_with("<svg "));
    assert_eq!(fs::metadata(scratch.path("real/graph.svg")).unwrap().permissions().mode() & 0o777, 0o640);
    assert_eq!(scratch.names("real"), ["graph.svg"]);
}

#[test]
fn places_that_no_graph_is_put_in() {
    let scratch = Scratch::with_package("graph-places");
    scratch.run(&["lock", "package", "-q"]).ends(0);
    fs::create_dir(scratch.path("folder")).unwrap();
    symlink("package/fleet.fleetnet", scratch.path("graph.svg")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(scratch.path("socket")).unwrap();
    let names = scratch.names("");
    let before = scratch.tree("package");
    for place in ["folder", "/", "socket"] {
        draw(&scratch, place).refused(&[&format!("`{place}` is not a file"), "`-` for standard output"]);
    }
    for place in ["package/fleet.fleetnet", "package/fleetnet.lock", "new.fleetnet", "graph.svg"] {
        draw(&scratch, place).refused(&[&format!("`{place}` is a part of a package"), "name another file"]);
    }
    let parts = ["`no/such/graph.svg` can't be written: there is no folder `no/such`", "make it or name another"];
    draw(&scratch, "no/such/graph.svg").refused(&parts);
    draw(&scratch, "package/fleet.fleetnet/x")
        .refused(&["`package/fleet.fleetnet/x` can't be written", "Not a directory"]);
    assert_eq!((scratch.names(""), scratch.tree("package")), (names, before));
    assert_eq!(scratch.read("package/fleet.fleetnet"), FLEET);
}

#[test]
fn of_what_is_not_understood_there_is_no_graph() {
    let scratch = Scratch::with_package("graph-broken");
    scratch.write("package/more.fleetnet", "identity shop/added { match app = }\n");
    let run = scratch.run(&["graph", "package", "-o", "graph.svg"]).ends(1);
    assert!(run.stdout.contains("more.fleetnet"), "{run:#?}");
    assert!(!scratch.path("graph.svg").exists());
}

#[test]
fn without_the_page_the_playground_says_how_to_get_it() {
    let scratch = Scratch::new("playground");
    // A program that does hold the page would find the port taken, and end as well.
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    scratch.run(&["playground", "--port", &port]).refused(&["built without the page", "cargo xtask page"]);
}
