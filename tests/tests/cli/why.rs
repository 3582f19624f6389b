//! `fleetnet why`: answers with their lines, in the package that somebody stands in.

use std::os::unix::fs::symlink;

use crate::harness::{Scratch, example};

fn contoso(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.copy(example("contoso"), "contoso");
    scratch
}

#[test]
fn a_drop_is_traced_to_the_lines_that_nearly_allowed_it() {
    let scratch = contoso("why-drop");
    let run = scratch.run(&["-C", "contoso", "why", "shop/cart", "payments/ledger", "5432/tcp"]).ends(0);
    assert!(run.stdout.contains("`payments/ledger` in `pci-1`, `westeu-1` on 5432/tcp"), "{run:#?}");
    assert!(run.stdout.contains("ingress: denied by default"), "{run:#?}");
    let line = scratch.read("contoso/teams/payments/checkout.fleetnet");
    let line = line.lines().position(|line| line.contains("allow from payments/checkout")).unwrap() + 1;
    assert!(run.stdout.contains(&format!("at teams/payments/checkout.fleetnet:{line}:3")), "{run:#?}");
}

#[test]
fn places_are_named_from_where_one_stands() {
    let scratch = contoso("why-places");
    let run = scratch.run(&["why", "shop/web", "payments/checkout", "http", "-p", "contoso/teams"]).ends(0);
    assert!(run.stdout.contains("at contoso/teams/shop/shop.fleetnet:"), "{run:#?}");
}

#[test]
fn json_is_one_document_that_says_what_decides_each_way() {
    let scratch = contoso("why-json");
    let run = scratch.run(&["-C", "contoso", "why", "shop/web", "payments/checkout", "http", "--format", "json"]);
    let answer: serde_json::Value = serde_json::from_str(&run.ends(0).stdout).unwrap();
    let answers = answer["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 1, "{answer:#}");
    let from = &answers[0]["pairs"][0]["from"][0];
    assert_eq!((&from["kind"], &from["name"]), (&"pod".into(), &"shop/web".into()), "{answer:#}");
    assert!(from["clusters"].as_array().unwrap().contains(&"eastus-1".into()), "{answer:#}");
    for way in ["egress", "ingress"] {
        assert_eq!(answers[0][way]["passes"], true, "{answer:#}");
        let path = answers[0][way]["decides"][0]["path"].as_str().unwrap();
        assert!(path.starts_with("teams/") && path.ends_with(".fleetnet"), "{answer:#}");
    }
}

#[test]
fn a_misspelt_end_is_a_finding_in_the_question() {
    let scratch = contoso("why-misspelt");
    let run = scratch.run(&["-C", "contoso", "why", "shop/wbe", "payments/checkout"]).ends(1);
    assert!(run.stdout.contains("question:1:1") && run.stdout.contains("did you mean `shop/web`?"), "{run:#?}");
    let run = scratch.run(&["-C", "contoso", "why", "shop/wbe", "shop/web", "--format", "json"]).ends(1);
    let found: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(found["diagnostics"][0]["code"], "FN0203", "{found:#}");
}

#[test]
fn a_broken_promise_does_not_keep_a_question_from_its_answer() {
    let scratch = Scratch::with_package("why-broken");
    scratch.write("package/tests.fleetnet", "test \"t\" { cannot shop/web -> shop/cart on 8080/tcp }\n");
    scratch.run(&["check", "package", "-q"]).ends(1);
    let run = scratch.run(&["why", "shop/web", "shop/cart", "8080/tcp", "-p", "package"]).ends(0);
    assert!(run.stdout.contains("reaches"), "{run:#?}");
}

#[test]
fn a_package_that_is_none_is_told_apart_from_a_question_that_is_none() {
    let scratch = Scratch::new("why-nothing");
    scratch.run(&["why", "a/b", "c/d"]).refused(&["fleetnet"]);
    assert!(scratch.run(&["why", "a/b"]).ends(2).stderr.contains("<TO>"));
}

#[test]
fn what_was_left_out_of_the_package_is_told_with_the_answer() {
    let scratch = Scratch::with_package("why-left-out");
    scratch.write("elsewhere/deny.fleetnet", "policy shut { deny shop/web -> shop/cart }\n");
    symlink("../elsewhere", scratch.path("package/folder")).unwrap();
    for args in [&["why", "shop/web", "shop/cart", "-p", "package"][..], &["graph", "package"]] {
        let run = scratch.run(args).ends(0);
        assert!(run.stderr.contains("`package/folder` is a link out of the package"), "{run:#?}");
    }
}

#[test]
fn an_address_a_cidr_and_a_name_need_no_keyword() {
    let scratch = contoso("why-bare");
    for (end, shown) in [("api.stripe.com", "`api.stripe.com`"), ("203.0.113.0/24", "`203.0.113.0/24`")] {
        let run = scratch.run(&["-C", "contoso", "why", "payments/checkout", end, "443/tcp"]).ends(0);
        assert!(run.stdout.contains(shown), "{run:#?}");
    }
}
