//! Tests and invariants, kept and broken.

use super::found;

const CONTOSO: [(&str, &str); 3] = [
    ("fleet.fleetnet", include_str!("../../../../examples/contoso/fleet.fleetnet")),
    ("teams/payments/checkout.fleetnet", include_str!("../../../../examples/contoso/teams/payments/checkout.fleetnet")),
    ("teams/shop/shop.fleetnet", include_str!("../../../../examples/contoso/teams/shop/shop.fleetnet")),
];

const BLUE_GREEN: [(&str, &str); 1] =
    [("upgrade.fleetnet", include_str!("../../../../examples/blue-green/upgrade.fleetnet"))];

#[test]
fn the_examples_keep_what_they_promise() {
    assert_eq!(found(&CONTOSO), Vec::<String>::new());
    assert_eq!(found(&BLUE_GREEN), Vec::<String>::new());
}

/// What a reader is shown: the headline, what decided and where, and what to do.
fn shown(addition: &str) -> Vec<String> {
    let payments = format!("{}\n{addition}\n", CONTOSO[1].1);
    let files = [CONTOSO[0], (CONTOSO[1].0, payments.as_str()), CONTOSO[2]];
    let (sources, plan) = super::plan(&files);
    let found = crate::analysis::findings(&plan, &crate::analysis::proof(&plan, &crate::workers::Alone));
    let shown = found.iter().flat_map(|found| {
        let related = found.related.iter().map(|label| {
            let (path, place) = sources.locate(label.span).unwrap();
            let line = sources.text(label.span).lines().next().unwrap();
            format!("{path}:{}: {line}: {}", place.line, label.text)
        });
        let help = format!("help: {}", found.help.as_deref().unwrap());
        std::iter::once(format!("{}: {}", found.label, found.message)).chain(related).chain([help]).collect::<Vec<_>>()
    });
    shown.collect()
}

#[test]
fn a_broken_promise_names_a_flow_and_what_decided() {
    let closed = shown(r#"test "new" { can shop/cart -> payments/checkout in pci-1 on http }"#);
    assert_eq!(
        closed,
        [
            "in test `new`: `shop/cart` in `eastus-1` does not reach `payments/checkout` in `pci-1` on 8080/tcp",
            "fleet.fleetnet:9: default deny: no rule allows it, and the default denies it from `shop/cart` in `eastus-1`",
            "fleet.fleetnet:9: default deny: no rule allows it, and the default denies it to `payments/checkout` in `pci-1`",
            "help: add a rule that allows it from `shop/cart` in `eastus-1`",
        ]
    );
    let refused = shown(r#"test "new" { can shop/web -> payments/checkout in pci-1 on http PUT "/v1/orders" }"#);
    assert_eq!(
        refused,
        [
            "in test `new`: `shop/web` in `eastus-1` does not reach `payments/checkout` in `pci-1` on 8080/tcp with `PUT /v1/orders`",
            "teams/payments/checkout.fleetnet:20: allow from shop/web on http { GET \"/v1/*\" ; POST \"/v1/orders\" }: admits other requests to \
         `payments/checkout` in `pci-1`",
            "help: add the request to a rule that allows the connection to `payments/checkout` in `pci-1`",
        ]
    );
    let open = shown("invariant shut { require `flow.dst.name != \"payments/ledger\" || flow.src.kind == \"host\"` }");
    assert_eq!(
        open,
        [
            "invariant `shut`: `observability/prometheus` in `shared-1` reaches `payments/ledger` in `pci-1` on 9100/tcp",
            "fleet.fleetnet:112: allow observability/prometheus -> all on 9100/tcp: allows it from `observability/prometheus` in `shared-1`",
            "fleet.fleetnet:112: allow observability/prometheus -> all on 9100/tcp: allows it to `payments/ledger` in `pci-1`",
            "help: narrow the rules that let it pass, or add a `deny`",
        ]
    );
}
