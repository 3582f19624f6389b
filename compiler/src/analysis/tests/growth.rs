//! How much is asked of a fleet grows as the fleet does, not with its square: counted, so that no clock is needed.

use std::fmt::Write as _;

use super::super::mentions::Mentions;
use super::super::partners::Partners;
use super::super::universe;
use super::super::universe::representatives;
use super::plan;
use crate::semantics::End;

/// Teams of three workloads that talk to each other and to the platform, closed but for that.
fn fleet(teams: usize) -> String {
    let mut text =
        r#"fleet f { target azure-fleet { subscription "0" ; resource-group "rg" ; fleet "f" } ; default deny }
namespace platform { in all }
identity platform/agent { match app = agent }
policy scrape { allow platform/agent -> all in local on 9100/tcp }
"#
        .to_owned();
    for place in 1..=4 {
        let _ = writeln!(
            text,
            "cluster c{place} {{ id {place} ; cilium-name \"c{place}\" ; pods 10.{place}.0.0/16 ; cilium \"1.18.0\" }}"
        );
    }
    for team in 0..teams {
        let _ = writeln!(text, "namespace t{team} {{ in c{}, c{} }}", team % 4 + 1, (team + 1) % 4 + 1);
        for name in ["a", "b", "c"] {
            let _ = writeln!(text, "identity t{team}/{name} {{ match app = {name} }}");
        }
        let rule = |from: &str, to: &str| format!("allow t{team}/{from} -> t{team}/{to} in local on 80/tcp");
        let _ = writeln!(text, "policy p{team} {{\n  {}\n  {}\n}}", rule("a", "b"), rule("b", "c"));
    }
    text
}

/// The pairs of ends that an invariant is asked of.
fn pairs(teams: usize) -> usize {
    let (_, plan) = plan(&[("f.fleetnet", &fleet(teams))]);
    let universe = universe::universe(&plan, &Mentions::of(&plan, &[])).expect("nothing is too irregular");
    let all: Vec<&End> = universe.iter().map(|class| &class.end).collect();
    let ends: Vec<&End> = representatives(&plan, &all, |_| ()).into_iter().map(|place| all[place]).collect();
    let partners = Partners::new(&plan, &ends);
    ends.iter().map(|end| partners.of(end).len()).sum()
}

#[test]
fn twice_the_fleet_is_about_twice_the_pairs() {
    let (once, twice) = (pairs(40), pairs(80));
    assert!(once > 500, "{once} pairs");
    assert!(twice < once * 5 / 2, "{once} pairs become {twice}");
}
