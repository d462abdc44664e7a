import { releaseOrder, reserveOrder } from "../ifs/business/order-flow.ts";
import { createTelephoneOrder } from "../ifs/business/telephone-order.ts";
import type { World } from "../ifs/world.ts";
import { parts } from "./ifs-parts.ts";

/** Orders that other channels took before the shop opened: some entered, some released, some reserved. */
export function seedDemand(world: World): void {
  const customers = { "101": "10001", "102": "10002", "201": "10005" } as const;
  for (const [contract, customerNo] of Object.entries(customers)) {
    const offered = parts.filter((part) => part.type === "inventory" && part.sites.includes(contract));
    for (let n = 0; n < 8; n += 1) {
      const lines = [0, 1].map((k) => {
        const part = offered[(n * 29 + k * 13 + 7) % offered.length];
        return { catalogNo: part?.catalogNo ?? "", qty: String(1 + ((n + k) % 3)) };
      });
      const order = createTelephoneOrder(world, { contract, customerNo, lines });
      if (n % 4 === 0) continue;
      releaseOrder(world, order);
      if (n % 4 === 2) reserveOrder(world, order);
    }
  }
}
