/** Goods that come back, on every kind of tenant: what the applications' own code makes of a return in IFS, whatever happens meanwhile. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { connectorClient } from "../sandbox/ifs/connector-client.ts";
import { canonical } from "../sandbox/ifs/decimal.ts";
import { num, text } from "../sandbox/ifs/rows.ts";

import { type Document, deploy, installConnector, undeployment } from "./install.ts";
import type { Interrupt } from "./life.ts";
import { buy, consultDoctor, germany, openExceptions, orderById, ordersInIfs, type Wish } from "./people.ts";
import { tenants } from "./tenants.ts";
import { openWorld, type World } from "./world.ts";

/** Orders and their returns alone: no stock and no prices to wait for. */
const returning: Document = {
  stock: { pools: [] },
  prices: { lists: [] },
  orders: {
    lateCommitWaitSeconds: 5,
    afterExport: {
      returns: {
        mode: "createAndRelease",
        reasons: { codes: { defect: "DEFECT", "changed my mind": "REGRET" }, default: "WRONG" },
        exchangeField: "exchange",
      },
    },
  },
};
const PART = "BAT.12V.2AH";
const OTHER = "BAT.18V.2AH";
const wish: Wish = {
  lines: [PART, OTHER].map((sku) => ({ sku, quantity: 3, externalPrice: 4990 })),
  inventoryMode: "None",
};
const CREATES = "batch$|ReturnMaterialSet$|RmaSet$";

describe.each(tenants.map((tenant) => ({ name: tenant.name, tenant })))(
  "returns, on the $name tenant",
  ({ tenant }) => {
    let world: World;
    beforeAll(async () => {
      world = await openWorld({ tenant });
      await installConnector(world, returning);
    });
    afterAll(() => world?.close());
    afterEach(() => {
      world.ifs.faults.clear();
      world.commercetools.push.configure({ duplicate: 0 });
    });

    type Bought = { readonly id: string; readonly orderNo: string; readonly lineIds: readonly string[] };
    const exported = async (): Promise<Bought> => {
      const order = await world.drive(buy(world, germany, wish));
      const id = String(order.id);
      await world.run(15_000);
      const [orderNo = ""] = ordersInIfs(world, id);
      return { id, orderNo, lineIds: (order.lineItems as { id: string }[]).map((line) => line.id) };
    };
    const delivered = async (): Promise<Bought> => {
      const bought = await exported();
      world.ifs.model.clerk("ship", { orderNo: bought.orderNo });
      return bought;
    };
    type Item = {
      readonly lineItemId?: string | undefined;
      readonly quantity: number;
      readonly comment?: string;
      readonly shipmentState?: string;
    };
    const enterReturn = async (id: string, items: readonly Item[]): Promise<void> => {
      const { version } = await orderById(world, id);
      const action = { action: "addReturnInfo", items: items.map((item) => ({ shipmentState: "Returned", ...item })) };
      await world.drive(world.shop.post(`/orders/${id}`, { version, actions: [action] }));
    };
    const swept = async (rounds = 1): Promise<void> => {
      for (let round = 0; round < rounds; round += 1) {
        await world.run(15_000);
        expect((await world.tick()).status).toBe(200);
      }
      await world.run(5000);
    };
    /** By IFS's own tables: state, and of each line order line, quantity and reason. */
    const rmasOf = (orderNo: string) => {
      const ifs = world.ifs.model.world();
      const lines = [...ifs.table("ReturnMaterialLine").all()].filter((row) => text(row, "OrderNo") === orderNo);
      const numbers = [...new Set(lines.map((row) => text(row, "RmaNo")))];
      return numbers.map((rmaNo) => {
        const header = ifs.table("ReturnMaterial").get(rmaNo);
        const own = lines.filter((row) => text(row, "RmaNo") === rmaNo);
        const words = own.map(
          (row) => `${text(row, "LineNo")} x ${canonical(num(row, "QtyToReturn"))} ${text(row, "ReturnReasonCode")}`,
        );
        return `${header && text(header, "Objstate")}: ${words.join(", ")}`;
      });
    };
    /** Headers with our reference, whether or not they have lines. */
    const headersOf = (id: string) =>
      [...world.ifs.model.world().table("ReturnMaterial").all()].filter((row) =>
        (text(row, "CustomerPoNo") ?? "").startsWith(id),
      );
    const codesOf = async (id: string): Promise<string[]> =>
      (await openExceptions(world)).filter(({ recordId }) => recordId === id).map(({ code }) => code);
    const expectOnce = async ({ id, orderNo }: Bought, rmas: readonly string[]): Promise<void> => {
      expect([rmasOf(orderNo), headersOf(id).length, await codesOf(id)]).toEqual([rmas, rmas.length, []]);
      const order = (await world.drive(world.shop.get(`/orders/${id}`))) as { syncInfo: { externalId?: string }[] };
      const numbers = headersOf(id).map((row) => text(row, "RmaNo"));
      const told = order.syncInfo.map(({ externalId = "" }) => externalId).filter((one) => one.startsWith("1;"));
      for (const rmaNo of numbers) expect(told.at(-1)).toContain(`.${rmaNo}`);
    };

    test("the doctor finds nothing wrong with the names of returns", async () => {
      const { findings, seen } = await consultDoctor(world);
      const ofReturns = /rma|Rma|RMA|ReturnMaterial/;
      expect(findings.filter(({ subject, message }) => ofReturns.test(subject + message))).toEqual([]);
      expect(seen.filter((line) => ofReturns.test(line))).not.toEqual([]);
    });

    test("all of an order comes back, for reasons of its own", async () => {
      const bought = await delivered();
      const [first, second] = bought.lineIds;
      await enterReturn(bought.id, [
        { lineItemId: first, quantity: 3, comment: "Defect" },
        { lineItemId: second, quantity: 3 },
      ]);
      await world.run(15_000);
      await expectOnce(bought, ["Released: 1 x 3 DEFECT, 2 x 3 WRONG"]);
    });

    test("parts of it, in two steps: announced and received is one, what comes later another", async () => {
      const bought = await delivered();
      const [first, second] = bought.lineIds;
      await enterReturn(bought.id, [{ lineItemId: first, quantity: 1, shipmentState: "Advised" }]);
      await world.run(15_000);
      await enterReturn(bought.id, [{ lineItemId: first, quantity: 1 }]);
      await enterReturn(bought.id, [{ lineItemId: second, quantity: 2 }]);
      await world.run(15_000);
      await swept();
      await expectOnce(bought, ["Released: 1 x 1 WRONG", "Released: 2 x 2 WRONG"]);
    });

    test("more than was shipped is for a person; once it is shipped, it goes by itself", async () => {
      const bought = await exported();
      const [first] = bought.lineIds;
      await enterReturn(bought.id, [{ lineItemId: first, quantity: 2 }]);
      await world.run(15_000);
      expect([rmasOf(bought.orderNo), await codesOf(bought.id)]).toEqual([[], ["returnNotPossible"]]);
      world.ifs.model.clerk("ship", { orderNo: bought.orderNo });
      await swept(6);
      await expectOnce(bought, ["Released: 1 x 2 WRONG"]);
    });

    test("every push comes twice, to two replicas", async () => {
      const bought = await delivered();
      world.start("event-app");
      world.commercetools.push.configure({ duplicate: 1 });
      await enterReturn(bought.id, [{ lineItemId: bought.lineIds[0], quantity: 1 }]);
      await swept();
      await expectOnce(bought, ["Released: 1 x 1 WRONG"]);
      world.processes("event-app")[0]?.life.kill();
    });

    test("a missed event: the sweep finds the return", async () => {
      const bought = await delivered();
      for (const { life } of world.processes("event-app")) life.kill();
      await enterReturn(bought.id, [{ lineItemId: bought.lineIds[0], quantity: 1 }]);
      await world.run(15_000);
      expect(rmasOf(bought.orderNo)).toEqual([]);
      await swept();
      await expectOnce(bought, ["Released: 1 x 1 WRONG"]);
      world.start("event-app");
    });

    test.each([
      ["is committed", "loseResponse", 0],
      ["is committed late", "lateCommit", 2000],
      ["never arrives", "reset", 0],
    ] as const)("a create without an answer that %s", async (_, kind, delayMs) => {
      const bought = await delivered();
      world.ifs.faults.add({ kind, methods: ["POST"], path: CREATES, times: 1, delayMs });
      await enterReturn(bought.id, [{ lineItemId: bought.lineIds[0], quantity: 1 }]);
      await swept(4);
      await expectOnce(bought, ["Released: 1 x 1 WRONG"]);
    });

    test.each(["Set", "Array", "_Release"])("a process dies when IFS has answered its POST to …%s", async (what) => {
      const bought = await delivered();
      for (const { life } of world.processes("event-app")) life.kill();
      let deaths = 0;
      const posts = (path: string): boolean =>
        path.startsWith("POST ") && /Return|Rma|batch/.test(path) && path.replace(/\(.*\)/, "").includes(what);
      const interrupt: Interrupt = ({ kind, what: path }) => {
        if (kind !== "answer" || !(posts(path) || (what !== "_Release" && path.endsWith("$batch")))) return "go";
        deaths += 1;
        return "die";
      };
      world.start("event-app", { interrupt });
      await enterReturn(bought.id, [
        { lineItemId: bought.lineIds[0], quantity: 1 },
        { lineItemId: bought.lineIds[1], quantity: 1 },
      ]);
      await world.run(15_000);
      expect(deaths).toBe(1);
      world.start("event-app");
      await swept(4);
      await expectOnce(bought, ["Released: 1 x 1 WRONG, 2 x 1 WRONG"]);
    });

    test("installed anew while the outcome of a create is not known", async () => {
      const bought = await delivered();
      world.ifs.faults.add({ kind: "loseResponse", methods: ["POST"], path: CREATES, times: 1 });
      await enterReturn(bought.id, [{ lineItemId: bought.lineIds[0], quantity: 1 }]);
      await world.run(2000);
      for (const app of ["event-app", "job-app"] as const) {
        for (const { life } of world.processes(app)) life.kill();
        await world.drive(undeployment(world, app));
      }
      // A deployment insists on all sites of the configuration.
      world.ifs.grants.change(connectorClient.clientId, connectorClient);
      for (const app of ["event-app", "job-app"] as const) {
        await deploy(world, app);
        world.start(app);
      }
      await swept(4);
      await expectOnce(bought, ["Released: 1 x 1 WRONG"]);
    });

    test("the list is written anew, as received: it stays the return that it was", async () => {
      const bought = await delivered();
      await enterReturn(bought.id, [{ lineItemId: bought.lineIds[0], quantity: 2, shipmentState: "Advised" }]);
      await world.run(15_000);
      const { version } = await orderById(world, bought.id);
      const items = [{ lineItemId: bought.lineIds[0], quantity: 2, shipmentState: "Returned" }];
      const actions = [{ action: "setReturnInfo", items: [{ items }] }];
      await world.drive(world.shop.post(`/orders/${bought.id}`, { version, actions }));
      await swept();
      await expectOnce(bought, ["Released: 1 x 2 WRONG"]);
    });

    test("stock follows IFS alone: nothing is put back by the connector", async () => {
      const bought = await delivered();
      const before = (await world.drive(world.shop.get("/inventory", { where: `sku="${PART}"` }))).results;
      await enterReturn(bought.id, [{ lineItemId: bought.lineIds[0], quantity: 1 }]);
      await swept();
      const after = (await world.drive(world.shop.get("/inventory", { where: `sku="${PART}"` }))).results;
      expect(after).toEqual(before);
      await expectOnce(bought, ["Released: 1 x 1 WRONG"]);
    });
  },
);
