//! Packages that can't be read, are none, or hold what nobody should have to read.

use std::fs::{self, File};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::harness::{FLEET, Scratch};

#[test]
fn a_path_that_is_not_there() {
    Scratch::new("absent").run(&["check", "nowhere"]).refused(&["`nowhere` can't be read", "check the path"]);
}

#[test]
fn a_folder_to_work_in_that_is_not_there() {
    Scratch::new("absent-c").run(&["check", "-C", "nowhere"]).refused(&["can't work in `nowhere`", "-C"]);
}

#[test]
fn an_unreadable_file() {
    let scratch = Scratch::with_package("unreadable");
    scratch.write("package/secret.fleetnet", "");
    scratch.set_mode("package/secret.fleetnet", 0o000);
    let run = scratch.run_as_nobody(&["check", "package"]);
    run.refused(&["`package/secret.fleetnet` can't be read: Permission denied", "change its permissions"]);
}

#[test]
fn an_unreadable_folder() {
    let scratch = Scratch::with_package("unreadable-folder");
    fs::create_dir(scratch.path("package/secret")).unwrap();
    scratch.set_mode("package/secret", 0o000);
    scratch.run_as_nobody(&["check", "package"]).refused(&["`package/secret` can't be read: Permission denied"]);
    scratch.set_mode("package/secret", 0o755);
}

#[test]
fn an_empty_file_is_fine() {
    let scratch = Scratch::with_package("empty");
    scratch.write("package/empty.fleetnet", "");
    scratch.run(&["check", "package"]).ends(0);
}

#[test]
fn a_folder_without_anything() {
    let scratch = Scratch::new("nothing");
    fs::create_dir(scratch.path("nothing")).unwrap();
    scratch.run(&["check", "nothing"]).refused(&["no package at `nothing`", "name a package"]);
}

#[test]
fn a_folder_without_a_fleet() {
    let scratch = Scratch::new("no-fleet");
    scratch.write("package/a.fleetnet", "namespace shop { in all }\n");
    scratch.run(&["check", "package", "--format", "plain"]).finds(&["package/a.fleetnet:1:1: error[FN", "fleet"]);
}

#[test]
fn two_fleets() {
    let scratch = Scratch::with_package("two-fleets");
    scratch.write("package/other.fleetnet", "fleet other { default deny }\n");
    let run = scratch.run(&["check", "package", "--format", "plain"]);
    run.finds(&["package/other.fleetnet:1:", "error[FN"]);
}

#[test]
fn a_folder_of_packages() {
    let scratch = Scratch::new("several");
    scratch.write("all/one/a.fleetnet", FLEET);
    scratch.write("all/two/a.fleetnet", FLEET);
    scratch.run(&["check", "all"]).refused(&["`all/one`, `all/two`", "name one of them"]);
}

/// As in a folder of everybody's work. Nobody reads hundreds of names, and nobody has to wait until all are found.
#[test]
fn a_folder_of_many_packages() {
    let scratch = Scratch::new("many-packages");
    for number in 10..60 {
        scratch.write(&format!("all/{number}/deep/a.fleetnet"), FLEET);
    }
    let names: Vec<String> = (10..15).map(|number| format!("`all/{number}/deep`")).collect();
    let list = format!("`all` holds several packages: {} and more; name one of them", names.join(", "));
    scratch.run(&["check", "all"]).refused(&[&list]);
    // What is never come to is not looked at.
    std::os::unix::fs::symlink("/", scratch.path("all/99.fleetnet")).unwrap();
    fs::create_dir(scratch.path("all/98.fleetnet")).unwrap();
    assert!(Command::new("mkfifo").arg(scratch.path("all/97")).status().unwrap().success());
    fs::rename(scratch.path("all/97"), scratch.path("all/59/pipe.fleetnet")).unwrap();
    scratch.run(&["check", "all"]).refused(&[&list]);
}

#[test]
fn a_binary_file() {
    let scratch = Scratch::with_package("binary");
    scratch.write("package/data.fleetnet", b"namespace a {\n  \xff\xfe\x00 }");
    let run = scratch.run(&["check", "package", "--format", "plain"]);
    run.finds(&["package/data.fleetnet:2:3: error[FN1001]: `data.fleetnet` is not UTF-8: byte 0xff at offset 16\n"]);
    scratch.run(&["check", "package"]).finds(&["data.fleetnet:2:3", "save the file as UTF-8"]);
}

#[test]
fn a_huge_file() {
    let scratch = Scratch::with_package("huge");
    File::create(scratch.path("package/huge.fleetnet")).unwrap().set_len(100 << 20).unwrap();
    scratch.run(&["check", "package"]).refused(&["`package/huge.fleetnet` is larger than 16 MiB", "split it"]);
}

#[test]
fn a_huge_package() {
    let scratch = Scratch::with_package("huge-package");
    for part in 0..5 {
        let path = scratch.path(&format!("package/{part}.fleetnet"));
        File::create(path).unwrap().set_len(15 << 20).unwrap();
    }
    scratch.run(&["check", "package"]).refused(&["larger than 64 MiB", "package/4.fleetnet"]);
}

#[test]
fn a_huge_standard_input() {
    let text = "# comment\n".repeat(2 << 20);
    let run = Scratch::new("huge-stdin").run_with_input(&["check", "-"], text.as_bytes());
    run.refused(&["`<stdin>` is larger than 16 MiB"]);
}

#[test]
fn links_in_a_circle() {
    let scratch = Scratch::with_package("circle");
    fs::create_dir(scratch.path("package/below")).unwrap();
    symlink("..", scratch.path("package/below/up")).unwrap();
    symlink(".", scratch.path("package/here")).unwrap();
    scratch.run(&["check", "package"]).ends(0);

    symlink("loop.fleetnet", scratch.path("package/loop.fleetnet")).unwrap();
    scratch.run(&["check", "package"]).refused(&["`package/loop.fleetnet` can't be read"]);
}

#[test]
fn links_out_of_the_package() {
    let scratch = Scratch::with_package("link-out");
    scratch.write("elsewhere/more.fleetnet", "not fleetnet");
    symlink("../elsewhere", scratch.path("package/folder")).unwrap();
    let run = scratch.run(&["check", "package"]).ends(0);
    assert!(run.stderr.contains("warning: `package/folder` is a link out of the package"), "{run:#?}");

    symlink("../elsewhere/more.fleetnet", scratch.path("package/file.fleetnet")).unwrap();
    scratch.run(&["check", "package"]).refused(&["`package/file.fleetnet` is a link out of the package", "elsewhere"]);
}

/// As a mounted ConfigMap looks.
#[test]
fn links_within_the_package_count_once() {
    let scratch = Scratch::new("link-in");
    scratch.write("package/..2026/fleet.fleetnet", FLEET);
    symlink("..2026", scratch.path("package/..data")).unwrap();
    symlink("..data/fleet.fleetnet", scratch.path("package/fleet.fleetnet")).unwrap();
    symlink("fleet.fleetnet", scratch.path("package/again.fleetnet")).unwrap();
    scratch.run(&["check", "package"]).ends(0);
}

#[test]
fn a_pipe_is_not_waited_for() {
    let scratch = Scratch::with_package("pipe");
    let made = Command::new("mkfifo").arg(scratch.path("package/pipe.fleetnet")).status().unwrap();
    assert!(made.success());
    scratch.run(&["check", "package"]).refused(&["`package/pipe.fleetnet` is not a regular file"]);
}

#[test]
fn a_name_that_is_not_text() {
    let scratch = Scratch::with_package("name");
    let name = std::ffi::OsStr::from_bytes(b"a\xff.fleetnet");
    File::create(scratch.path("package").join(name)).unwrap();
    scratch.run(&["check", "package"]).refused(&["is not UTF-8", "rename it"]);
}

#[test]
fn folders_in_folders() {
    let scratch = Scratch::with_package("deep-folders");
    let deep = vec!["d"; 1500].join("/");
    scratch.write(&format!("package/{deep}/a.fleetnet"), "namespace n { in nowhere }\n");
    let run = scratch.run(&["check", "package", "--format", "plain"]);
    run.finds(&["d/d/d/a.fleetnet:1:18: error[FN"]);
}

#[test]
fn blocks_in_blocks() {
    let scratch = Scratch::with_package("deep-blocks");
    for (name, open) in [("braces", "a {"), ("parentheses", "allow ("), ("calls", "require `!(")] {
        scratch.write("package/deep.fleetnet", open.repeat(200_000));
        let run = scratch.run(&["check", "package", "--format", "plain"]);
        assert_eq!(run.code, Some(1), "{name}: {}", run.stderr);
        assert!(run.stdout.contains("deep.fleetnet:1:"), "{name}");
    }
}

#[test]
fn a_line_without_end() {
    let scratch = Scratch::with_package("long-line");
    scratch.write("package/long.fleetnet", "x".repeat(8 << 20));
    let run = scratch.run(&["check", "package"]).finds(&["long.fleetnet:1:1: error["]);
    assert!(run.stdout.lines().all(|line| line.len() < 9 << 20), "the line is drawn more than once");
}

#[test]
fn a_file_that_changes_while_it_is_read() {
    let scratch = Scratch::with_package("changing");
    let path = scratch.path("package/log.fleetnet");
    fs::write(&path, "# a line\n".repeat(1 << 20)).unwrap();
    let done = AtomicBool::new(false);
    let runs: Vec<_> = std::thread::scope(|scope| {
        scope.spawn(|| {
            let file = File::options().write(true).open(&path).unwrap();
            for size in (9 << 19..9 << 20).step_by(9).cycle() {
                if done.load(Ordering::Relaxed) {
                    return;
                }
                file.set_len(size).unwrap();
                std::thread::sleep(Duration::from_micros(200));
            }
        });
        let runs = (0..5).map(|_| scratch.run(&["check", "package", "--format", "plain"])).collect();
        done.store(true, Ordering::Relaxed);
        runs
    });
    for run in runs {
        run.refused(&["`package/log.fleetnet` changed while the package was read", "run again"]);
    }
    fs::write(&path, "# nobody writes to it any more\n").unwrap();
    scratch.run(&["check", "package"]).ends(0);
}

#[test]
fn a_lock_that_is_none() {
    let scratch = Scratch::with_package("bad-lock");
    scratch.write("package/fleetnet.lock", "version = [");
    let build = ["build", "package", "-o", "out", "--format", "plain"];
    scratch.run(&build).finds(&["package/fleetnet.lock:1:", "error[FN0980]"]);
    scratch.write("package/fleetnet.lock", [0xff]);
    scratch.run(&build).finds(&["package/fleetnet.lock:1:1: error[FN1001]"]);
    assert_eq!(scratch.names(""), ["package"]);
}

#[test]
fn nothing_in_a_package_commands_the_terminal() {
    let scratch = Scratch::with_package("escapes");
    scratch.write("package/bad.fleetnet", "\u{1b}]0;owned\u{7} \u{202e}identity\n");
    for format in ["human", "plain"] {
        let run = scratch.run(&["check", "package", "--format", format]).ends(1);
        assert!(!run.stdout.contains(['\u{1b}', '\u{7}', '\u{202e}']), "{run:#?}");
    }
}

#[test]
fn a_fleet_without_a_target_can_be_checked_and_not_built() {
    let scratch = Scratch::new("no-target");
    scratch.write("a.fleetnet", "fleet bare { default deny }\ncluster one { id 1 }\n");
    scratch.run(&["check"]).ends(0);
    let run = scratch.run(&["build", "-o", "out"]).ends(1);
    assert!(run.stdout.contains("FN0913") && !scratch.path("out").exists(), "{run:#?}");
}
