//! What tells flows apart, one thing at a time: each case is wrong as soon as that one is overlooked.

use super::found;

/// Four clusters of one kind in a mesh, two namespaces that are known in their own clusters only.
const FLEET: &str = r#"
fleet f {
  target azure-fleet { subscription "0" ; resource-group "rg" ; fleet "f" }
  default deny ingress
}
cluster c1 { id 1 ; cilium-name "c1" ; region r ; pods 10.1.0.0/16 ; nodes 10.101.0.0/24 ; cilium "1.19.4" }
cluster c2 { id 2 ; cilium-name "c2" ; region r ; pods 10.2.0.0/16 ; nodes 10.102.0.0/24 ; cilium "1.19.4" }
cluster c3 { id 3 ; cilium-name "c3" ; region r ; pods 10.3.0.0/16 ; nodes 10.103.0.0/24 ; cilium "1.19.4" }
cluster c4 { id 4 ; cilium-name "c4" ; region r ; pods 10.4.0.0/16 ; nodes 10.104.0.0/24 ; cilium "1.19.4" }
mesh m { members all }
namespace a { in all }
namespace b { in all ; global in m }
identity a/x { match app = x }
identity a/y { match app = y }
identity b/x { match app = x }
external front { pods old where tier = front }
external named { pods old where app = x }
"#;

fn check(promises: &str, expected: &[&str]) {
    assert_eq!(found(&[("f.fleetnet", &format!("{FLEET}{promises}"))]), expected, "{promises}");
}

#[test]
fn one_cluster_and_two_alike() {
    let policy = "policy p { allow a/x -> a/y in local on 80/tcp }";
    check(&format!("{policy}\ntest \"t\" {{ can a/x in c1 -> a/y in c1 on 80/tcp }}"), &[]);
    check(
        &format!("{policy}\ntest \"t\" {{ can a/x -> a/y on 80/tcp }}"),
        &["FN0830 `a/x` in `c1` does not reach `a/y` in `c2` on 80/tcp"],
    );
}

#[test]
fn clusters_that_a_rule_names() {
    let policy = "policy p for a/y { allow from b/x in c3 on 80/tcp }";
    check(
        &format!("{policy}\ntest \"t\" {{ cannot b/x -> a/y }}"),
        &["FN0831 `b/x` in `c3` reaches `a/y` in `c1` on 80/tcp"],
    );
    check(&format!("{policy}\ntest \"t\" {{ given cluster c3 lost ; cannot b/x -> a/y }}"), &[]);
}

#[test]
fn addresses_of_pods_that_are_not_known() {
    let policy = "policy p for b/x { allow from cidr 10.2.128.0/17 on 80/tcp }";
    check(
        &format!("{policy}\ntest \"t\" {{ cannot a/x -> b/x }}"),
        &["FN0831 `a/x` in `c2` reaches `b/x` in `c1` on 80/tcp"],
    );
    check(&format!("{policy}\ntest \"t\" {{ cannot a/x in c2 -> b/x in c2 ; cannot a/x in c1 -> b/x }}"), &[]);
    check(
        &format!(
            "{policy}\ninvariant i {{ require `flow.known || flow.dst.name != \"b/x\" || flow.src.kind != \"pod\"` }}"
        ),
        &["FN0840 `a/unlisted` in `c2` reaches `b/x` in `c1` on 80/tcp"],
    );
}

#[test]
fn the_world_and_the_cloud_in_it() {
    let policy = "policy p for a/x { allow from world on 80/tcp ; deny from cloud-metadata }";
    check(&format!("{policy}\ntest \"t\" {{ can world -> a/x on 80/tcp ; cannot cloud-metadata -> a/x }}"), &[]);
    check(
        &format!("{policy}\ntest \"t\" {{ can cloud-metadata -> a/x on 80/tcp }}"),
        &["FN0830 `168.63.129.16` does not reach `a/x` in `c1` on 80/tcp"],
    );
    check(
        &format!("{policy}\ntest \"t\" {{ cannot world -> a/x on 80/tcp }}")
            .replace("world on", "cidr 203.0.113.0/24 on"),
        &["FN0831 `203.0.113.1` reaches `a/x` in `c1` on 80/tcp"],
    );
}

#[test]
fn pods_that_selectors_tell_apart() {
    let policy = "policy p for a/x { allow from front on 80/tcp ; deny from named }";
    check(
        &format!("{policy}\ntest \"t\" {{ can front -> a/x on 80/tcp }}"),
        &["FN0830 a pod of `old` with `app = x`, `tier = front` in `c1` does not reach `a/x` in `c1` on 80/tcp"],
    );
    check(
        &format!("{policy}\ntest \"t\" {{ cannot front -> a/x }}"),
        &["FN0831 a pod of `old` with `tier = front` in `c1` reaches `a/x` in `c1` on 80/tcp"],
    );
    check(&format!("{policy}\ntest \"t\" {{ cannot named -> a/x }}"), &[]);
}

#[test]
fn names_that_patterns_tell_apart() {
    let policy = "policy p for a/x { default deny egress ; allow to dns \"*.example.com\" on 443/tcp }";
    let test = |name: &str, claim: &str| format!("{policy}\ntest \"t\" {{ {claim} a/x -> dns \"{name}\" on 443/tcp }}");
    check(&test("www.example.com", "can"), &[]);
    check(&test("example.com", "cannot"), &[]);
    check(&test("a.b.example.com", "cannot"), &[]);
    check(&test("**.example.com", "can"), &["FN0830 `a/x` in `c1` does not reach `some.some.example.com` on 443/tcp"]);
    check(&format!("{policy}\ntest \"t\" {{ cannot a/x -> cidr 0.0.0.0/0 }}"), &[]);
    check(
        &format!("{policy}\ntest \"t\" {{ cannot a/x -> world }}"),
        &["FN0831 `a/x` in `c1` reaches `some.example.com` on 443/tcp"],
    );
}

#[test]
fn ports_at_the_ends_of_ranges_and_constants() {
    let policy = "policy p { allow b/x -> a/x on 80-90/tcp }";
    check(
        &format!(
            "{policy}\ntest \"t\" {{ can b/x -> a/x on 80-90/tcp ; cannot b/x -> a/x on 91/tcp, 79/tcp, 80/udp, icmp }}"
        ),
        &[],
    );
    check(
        &format!("{policy}\ntest \"t\" {{ can b/x -> a/x on 80-91/tcp }}"),
        &["FN0830 `b/x` in `c1` does not reach `a/x` in `c1` on 91/tcp"],
    );
    let invariant = |condition: &str| {
        format!(
            "{policy}\ninvariant i {{ require `flow.src.name != \"b/x\" || flow.dst.name != \"a/x\" || {condition}` }}"
        )
    };
    check(&invariant("flow.port <= 90"), &[]);
    check(&invariant("flow.port != 85"), &["FN0840 `b/x` in `c1` reaches `a/x` in `c1` on 85/tcp"]);
    check(&invariant("flow.port < 90"), &["FN0840 `b/x` in `c1` reaches `a/x` in `c1` on 90/tcp"]);
}

#[test]
fn names_that_nobody_expects() {
    let policy = |names: &str| format!("policy p for a/x {{ default deny egress ; allow to {names} on 443/tcp }}");
    let test = |name: &str| format!("\ntest \"t\" {{ can a/x -> dns \"{name}\" on 443/tcp }}");
    let both = |names: &str, asked: &str| policy(names) + &test(asked);
    check(
        &both("dns \"s*.example.com\"", "*.example.com"),
        &["FN0830 `a/x` in `c1` does not reach `other.example.com` on 443/tcp"],
    );
    check(
        &both("dns \"some.example.com\"", "*.example.com"),
        &["FN0830 `a/x` in `c1` does not reach `other.example.com` on 443/tcp"],
    );
    check(
        &both("dns \"*.e.com\", dns \"*.*.e.com\"", "**.e.com"),
        &["FN0830 `a/x` in `c1` does not reach `some.some.some.e.com` on 443/tcp"],
    );
    check(&both("dns \"a*.e.com\", dns \"*.e.com\"", "*.e.com"), &[]);
}

#[test]
fn too_many_classes_prove_nothing() {
    let names: Vec<String> = ('a'..='z').map(|letter| format!("dns \"*{letter}*.com\"")).collect();
    let policy = format!("policy p for a/x {{ default deny egress ; allow to {} on 443/tcp }}", names.join(", "));
    check(&policy, &[]);
    check(
        &format!("{policy}\ntest \"t\" {{ cannot a/x -> a/y }}"),
        &["FN0823 26 patterns of DNS names overlap in too many ways to prove anything"],
    );
    let externals: Vec<String> =
        (0..9).map(|number| format!("external e{number} {{ pods other where k{number} = v }}")).collect();
    check(
        &format!("{}\ntest \"t\" {{ cannot a/x -> a/y }}", externals.join("\n")),
        &["FN0823 9 selectors of pods in `other` overlap in more than 256 ways, too many to prove anything"],
    );
}
