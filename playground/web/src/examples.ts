// The packages of the repository's folder of examples.

import blueGreen from "../../../examples/blue-green/upgrade.fleetnet";
import blueGreenLock from "../../../examples/blue-green/fleetnet.lock";
import contoso from "../../../examples/contoso/fleet.fleetnet";
import contosoLock from "../../../examples/contoso/fleetnet.lock";
import checkout from "../../../examples/contoso/teams/payments/checkout.fleetnet";
import shop from "../../../examples/contoso/teams/shop/shop.fleetnet";

import type { Source } from "./source";

export interface Example {
  name: string;
  about: string;
  source: Source;
}

export const CONTOSO: Example = {
  name: "contoso",
  about: "four clusters, one mesh, an island for payments",
  source: {
    files: {
      "fleet.fleetnet": contoso,
      "teams/payments/checkout.fleetnet": checkout,
      "teams/shop/shop.fleetnet": shop,
      "fleetnet.lock": contosoLock,
    },
    params: {},
  },
};

export const EXAMPLES: Example[] = [
  CONTOSO,
  {
    name: "blue-green",
    about: "a service moves to a new cluster in steps",
    source: { files: { "upgrade.fleetnet": blueGreen, "fleetnet.lock": blueGreenLock }, params: {} },
  },
];
