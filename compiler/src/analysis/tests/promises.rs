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
