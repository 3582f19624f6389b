//! What runs in the clusters, from a file beside the package.

use crate::harness::Scratch;

const FLEET: &str = r#"
fleet contoso { target cilium ; default deny ingress ; limits { policy-map 256 } }
cluster east { id 1 ; pods 10.1.0.0/16 ; nodes 10.9.1.0/24 ; cilium "1.19.4" }
namespace shop { in east }
identity shop/api { match app = api }
identity shop/web { match app = web }
policy web for shop/web { allow from shop/api on 1-65534/tcp }
"#;

/// The inventory of the page about it.
fn inventory() -> String {
    let page = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/inventory.md");
    let page = std::fs::read_to_string(page).unwrap();
    let (_, rest) = page.split_once("```toml\n").unwrap();
    rest.split_once("```").unwrap().0.to_owned()
}

fn more(releases: std::ops::Range<u32>) -> String {
    let one = |release| {
        format!(
            "[[clusters.east.pods]]\nnamespace = \"shop\"\nlabels = {{ app = \"api\", release = \"r{release}\" }}\naccount = \"api\"\ncount = 1\n"
        )
    };
    releases.map(one).collect()
}

#[test]
fn what_is_listed_is_counted() {
    let scratch = Scratch::new("inventory");
    scratch.write("package/fleet.fleetnet", FLEET);
    scratch.write("east.toml", inventory());
    scratch.run(&["check", "package"]).ends(0);
    let run = scratch.run(&["check", "package", "--inventory", "east.toml"]).ends(0);
    assert!(!run.stdout.contains("FN0970"), "{run:#?}");
    // Two releases are sixty entries, and nine more than the map holds; the own node and what egress lets out are one each.
    scratch.write("east.toml", &(inventory() + &more(3..10)));
    let args = ["check", "package", "--format", "plain", "--inventory", "east.toml"];
    scratch
        .run(&args)
        .finds(&["error[FN0990]: the policy map of `shop/web` in `east` takes 272 entries and holds 256"]);
    scratch.run(&["build", "package", "-o", "out", "--inventory", "east.toml"]).finds(&["FN0990"]);
    assert!(!scratch.path("out").exists());
}

#[test]
fn a_mistake_in_an_inventory_is_shown_where_it_stands() {
    let scratch = Scratch::new("inventory-wrong");
    scratch.write("package/fleet.fleetnet", FLEET);
    scratch.write("lists/wrong.toml", "version = 1\n[clusters.west]\nnodes = 1\n");
    let check = |file: &str| scratch.run(&["check", "package", "--format", "plain", "--inventory", file]);
    check("lists/wrong.toml").finds(&["lists/wrong.toml:2:11: error[FN0975]: there is no cluster `west`"]);
    scratch.write("lists/latin.toml", "version = 1 # \u{e9}\n");
    check("lists/latin.toml").ends(0);
    std::fs::write(scratch.path("lists/latin.toml"), b"version = 1 # \xe9\n").unwrap();
    check("lists/latin.toml").finds(&["lists/latin.toml:1:15: error[FN1001]"]);
    for file in ["lists", "package/fleet.fleetnet"] {
        let run = check(file).ends(3);
        assert!(run.stderr.contains(&format!("`{file}` is no inventory")), "{run:#?}");
    }
    assert!(check("lists/none.toml").ends(3).stderr.contains("lists/none.toml"));
}
