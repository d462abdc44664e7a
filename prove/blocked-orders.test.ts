/** Orders that IFS blocks: linked, shown as long as IFS says Blocked, and never retried. */
import { expect, test } from "vitest";
import { type Document, installConnector } from "./install.ts";
import { timelineNamed } from "./operators.ts";
import { buy, germany, openExceptions, orderById, orderInIfs, ordersInIfs, type Wish } from "./people.ts";
import { tenantNamed } from "./tenants.ts";
import { openWorld } from "./world.ts";

const ordersOnly: Document = { stock: { pools: [] }, prices: { lists: [] } };
const wish: Wish = { lines: [{ sku: "BAT.12V.2AH", quantity: 1, externalPrice: 4990 }], inventoryMode: "None" };
const MINUTE = 60_000;

test.each(["standard", "renamed"])(
  "a release that ends Blocked is linked and shown, and closes once a clerk lets it go on, on the %s tenant",
  async (name) => {
    const world = await openWorld({ tenant: tenantNamed(name) });
    try {
      await installConnector(world, ordersOnly);
      await world.run(5000);
      world.ifs.model.clerk("credit-block", { customerNo: germany.customerNo });
      const id = String((await world.drive(buy(world, germany, wish))).id);
      await world.run(15_000);
      const [orderNo = ""] = ordersInIfs(world, id);
      const { syncInfo } = await orderById(world, id);
      expect([orderInIfs(world, orderNo).state, syncInfo.some(({ externalId }) => externalId === orderNo)]).toEqual([
        "Blocked",
        true,
      ]);
      const shown = async () => (await openExceptions(world)).map(({ code, recordId }) => [code, recordId]);
      expect(await shown()).toEqual([["ifsBlocked", id]]);

      // However often both look at it: one row, one order, and nobody releases it again.
      const end = world.schedule(20_000);
      await world.run(12 * MINUTE);
      expect([await shown(), ordersInIfs(world, id), orderInIfs(world, orderNo).state]).toEqual([
        [["ifsBlocked", id]],
        [orderNo],
        "Blocked",
      ]);
      const { entries } = await timelineNamed(world, id);
      expect(entries.filter(({ event }) => /Release/i.test(event) || event === "sent to IFS")).not.toEqual([]);
      expect(entries.find(({ event }) => event === "exception opened, still open")?.detail.code).toBe("ifsBlocked");

      world.ifs.model.clerk("credit-unblock", { customerNo: germany.customerNo });
      world.ifs.model.clerk("unblock", { orderNo });
      await world.run(2 * MINUTE);
      expect(await shown()).toEqual([]);

      // Blocked later, by a person in IFS, and then cancelled in the shop.
      world.ifs.model.clerk("block", { orderNo });
      await world.run(2 * MINUTE);
      expect(await shown()).toEqual([["ifsBlocked", id]]);
      const { version } = await orderById(world, id);
      await world.drive(
        world.shop.post(`/orders/${id}`, {
          version,
          actions: [{ action: "changeOrderState", orderState: "Cancelled" }],
        }),
      );
      await world.run(MINUTE);
      end();
      expect([await shown(), orderInIfs(world, orderNo).state]).toEqual([[], "Cancelled"]);
    } finally {
      world.close();
    }
  },
  120_000,
);
