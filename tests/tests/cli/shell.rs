//! Completions and pages, as shells and `man` read them.

use std::process::Command;

use crate::harness::{Run, Scratch};

#[test]
fn bash_completes_commands_and_values() {
    let scratch = Scratch::new("completions");
    scratch.write("complete", scratch.run(&["completions", "bash"]).ends(0).stdout);
    for (words, expected) in [("fleetnet che", "check"), ("fleetnet check --format sar", "sarif")] {
        let script = format!(
            "source ./complete ; COMP_WORDS=({words}) ; COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))\n\
             _fleetnet fleetnet \"${{COMP_WORDS[-1]}}\" \"${{COMP_WORDS[-2]}}\" ; echo \"${{COMPREPLY[@]}}\""
        );
        let run = Run::of(Command::new("bash").args(["-euc", &script]).current_dir(scratch.path("")));
        assert_eq!(run.stdout.trim(), expected, "{run:#?}");
    }
    for shell in ["elvish", "fish", "powershell", "zsh"] {
        assert!(scratch.run(&["completions", shell]).ends(0).stdout.contains("--deny"), "{shell}");
    }
    scratch.run(&["completions", "dos"]).ends(2);
}

#[test]
fn every_command_has_a_page() {
    let scratch = Scratch::new("man");
    let page = |command: &[&str]| scratch.run(&[&["man"], command].concat()).ends(0).stdout;
    assert!(page(&[]).starts_with(".ie"), "{}", page(&[]));
    assert!(page(&[]).contains(".TH fleetnet 1"));
    assert!(page(&["check"]).contains(".TH fleetnet-check 1") && page(&["check"]).contains("unsafe"));
    assert!(page(&["image", "ls"]).contains(".TH fleetnet-image-ls 1"));
    let run = scratch.run(&["man", "image", "chekc"]).ends(2);
    assert!(run.stderr.contains("`fleetnet image` has no command `chekc`"), "{run:#?}");
}
