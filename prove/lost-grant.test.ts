import { expect, test } from "vitest";
import { type Document, installConnector } from "./install.ts";
import { buy, germany, openExceptions, ordersInIfs, type Wish } from "./people.ts";
import { tenantNamed } from "./tenants.ts";
import { openWorld } from "./world.ts";

const ordersOnly: Document = { stock: { pools: [] }, prices: { lists: [] } };
const wish: Wish = { lines: [{ sku: "BAT.12V.2AH", quantity: 1, externalPrice: 4990 }], inventoryMode: "None" };
const ORDERS = 8;
const MINUTE = 60_000;

test.each([
  ["that orders read", "SalesPart", "SalesPart"],
  ["that orders are created with", "batch", "CustomerOrder"],
])(
  "a grant %s is lost: one exception, and all orders flow once it is back",
  async (_, path, named) => {
    const world = await openWorld({ tenant: tenantNamed("standard") });
    try {
      await installConnector(world, ordersOnly);
      await world.run(5000);
      world.ifs.faults.add({ kind: "status", status: 403, path, responseBody: "" });
      const ids: string[] = [];
      for (let at = 0; at < ORDERS; at += 1) ids.push(String((await world.drive(buy(world, germany, wish))).id));
      const end = world.schedule(20_000);
      await world.run(8 * MINUTE);
      const open = await openExceptions(world);
      expect(open.map(({ code, recordType }) => [code, recordType])).toEqual([["grantMissing", "flow"]]);
      expect(open[0]?.message).toContain(named);
      expect(world.log.filter(({ event }) => event === "defect")).toEqual([]);
      world.ifs.faults.clear();
      await world.run(3 * MINUTE);
      end();
      expect([await openExceptions(world), ids.map((id) => ordersInIfs(world, id).length)]).toEqual([
        [],
        ids.map(() => 1),
      ]);
    } finally {
      world.close();
    }
  },
  120_000,
);
