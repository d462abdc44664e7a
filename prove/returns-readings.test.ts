/** A return and a lost answer, under many readings of what nobody knows about either platform. */
import { expect, test } from "vitest";
import { text } from "../sandbox/ifs/rows.ts";
import { type Document, installConnector } from "./install.ts";
import { buy, germany, openExceptions, orderById, ordersInIfs, type Wish } from "./people.ts";
import { openWorld, type WorldOptions } from "./world.ts";

const returning: Document = {
  stock: { pools: [] },
  prices: { lists: [] },
  orders: { afterExport: { returns: { mode: "createAndRelease", reasons: { default: "WRONG" } } } },
};
const wish: Wish = {
  lines: ["BAT.12V.2AH", "BAT.18V.2AH"].map((sku) => ({ sku, quantity: 2, externalPrice: 4990 })),
  inventoryMode: "None",
};

const readings: readonly [string, WorldOptions][] = [
  [
    "answers of writes",
    {
      ifs: {
        missingPrecondition: "400-code",
        stalePrecondition: "500-modified",
        patchAnswer: "empty",
        voidActionStatus: 200,
        decimalsAsStrings: true,
        etagHeader: false,
        nullComparison: "odata",
        tokenSeconds: 35,
      },
    },
  ],
  ["change sets that are none", { ifs: { changeSets: "nonAtomic", contentIdEcho: false } }],
  ["change sets refused as a request, and no Content-ID", { ifs: { changeSets: "refuse", notImplementedStatus: 400 } }],
  ["children that name their parent", { ifs: { childKeysOptional: false, changeSetFailureForm: "perRequest" } }],
  ["small batches", { ifs: { maxBatchParts: 2, pageSize: 50, nextLinkForm: "relative" } }],
  [
    "entries that are appended, and no predicates on them",
    { commercetools: { syncInfoSameChannel: "append", syncInfoPredicates: false, versionStep: "perAction" } },
  ],
];

test.each(readings)("%s: one RMA of each return, released and recorded", async (_, options) => {
  const world = await openWorld({ ...options, size: "small" });
  try {
    await installConnector(world, returning);
    const order = await world.drive(buy(world, germany, wish));
    const id = String(order.id);
    await world.run(20_000);
    await world.tick();
    const [orderNo = ""] = ordersInIfs(world, id);
    world.ifs.model.clerk("ship", { orderNo });
    const lineItemIds = (order.lineItems as { id: string }[]).map((line) => line.id);
    const enter = async (quantity: number) => {
      const { version } = await orderById(world, id);
      const items = lineItemIds.map((lineItemId) => ({ lineItemId, quantity, shipmentState: "Returned" }));
      await world.drive(world.shop.post(`/orders/${id}`, { version, actions: [{ action: "addReturnInfo", items }] }));
      for (let round = 0; round < 3; round += 1) {
        await world.run(15_000);
        await world.tick();
      }
      await world.run(5000);
    };
    await enter(1);
    world.ifs.faults.add({ kind: "loseResponse", methods: ["POST"], path: "batch$|ReturnMaterialSet$", times: 1 });
    await enter(1);
    const ifs = world.ifs.model.world();
    const rmas = [...ifs.table("ReturnMaterial").all()].filter((row) => text(row, "CustomerPoNo").startsWith(id));
    const lines = [...ifs.table("ReturnMaterialLine").all()].filter((row) => text(row, "OrderNo") === orderNo);
    expect([rmas.map((row) => text(row, "Objstate")), lines.length, await openExceptions(world)]).toEqual([
      ["Released", "Released"],
      4,
      [],
    ]);
  } finally {
    world.close();
  }
});
