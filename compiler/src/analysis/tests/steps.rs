//! What tests say of traffic while a rollout is under way.

use super::found;

/// A service in two clusters behind an entry and a gateway, and called by its name.
const FLEET: &str = r#"
fleet f {
  target azure-fleet { subscription "0" ; resource-group "rg" ; fleet "f" }
  target gateway-api
  default allow
}
cluster c1 { id 1 ; cilium-name "c1" ; region r ; pods 10.1.0.0/16 ; nodes 10.101.0.0/24 ; cilium "1.19.4" }
cluster c2 { id 2 ; cilium-name "c2" ; region r ; pods 10.2.0.0/16 ; nodes 10.102.0.0/24 ; cilium "1.19.4" }
mesh m { members all }
namespace a { in all ; global in m }
identity a/x { match app = x }
service a/x { pods a/x ; port http 80/tcp }
export a/x to m { weight c1 = 1, c2 = 1 }
gateway a/edge { class cilium ; listener web http 80 ; route "/" -> a/x }
"#;

fn check(promises: &str, expected: &[&str]) {
    assert_eq!(found(&[("f.fleetnet", &format!("{FLEET}{promises}"))]), expected, "{promises}");
}

const DRAIN: &str = "\nrollout drain for export a/x { step one { c1 = 1, c2 = 0 } }\n";

#[test]
fn where_connections_are_sent_at_an_assumed_step() {
    let test = |to: &str| format!("{DRAIN}test \"t\" {{\n given step one\n serves a/x for a/x from {to}\n}}");
    check(&test("c1"), &[]);
    check(&test("c1, c2"), &["FN0832 connections to `a/x` from `c1` are sent to `c1`, not to `c1`, `c2`"]);
}

#[test]
fn the_moved_path_is_not_judged_at_its_steps() {
    check(&format!("{DRAIN}test \"t\" {{ serves a/x for a/x from c1, c2 }}"), &[]);
}

#[test]
fn other_paths_are_as_ever_at_each_step() {
    let share = "test \"t\" { share a/edge -> a/x c1 = 50%, c2 = 50% }";
    check(share, &[]);
    // The route has no weights of its own, so who is drained of the export gets none of its requests.
    check(&format!("{DRAIN}{share}"), &["FN0833 `c1` gets 100% at the gateway in `c1`, not 50%"]);
    let weighted = FLEET.replace("route \"/\" -> a/x", "route \"/\" -> a/x { weight c1 = 1, c2 = 1 }");
    assert_ne!(weighted, FLEET);
    assert_eq!(found(&[("f.fleetnet", &format!("{weighted}{DRAIN}{share}"))]), Vec::<String>::new());
}

#[test]
fn a_broken_promise_is_said_once() {
    let share = "test \"t\" { share a/edge -> a/x c1 = 90%, c2 = 10% }";
    check(&format!("{DRAIN}{share}"), &["FN0833 `c1` gets 50% at the gateway in `c1`, not 90%"]);
}

#[test]
fn a_promise_broken_at_a_step_names_it() {
    let text = format!("{FLEET}{DRAIN}test \"t\" {{ share a/edge -> a/x c1 = 50%, c2 = 50% }}");
    let (sources, plan) = super::plan(&[("f.fleetnet", &text)]);
    let found = crate::analysis::findings(&plan, &crate::analysis::proof(&plan, &crate::workers::Alone));
    let related: Vec<(&str, &str)> = found
        .iter()
        .flat_map(|found| &found.related)
        .map(|label| (sources.text(label.span), label.text.as_str()))
        .collect();
    assert_eq!(related, [("one", "while this step lasts")]);
}
