import type { Order } from "@commercetools/platform-sdk";
import { describe, expect, test } from "vitest";
import { connectorConfigSchema } from "../../domain/config.ts";
import { AuthenticationError, ConflictError, RefusedError, TransientError } from "../../domain/failure.ts";
import type { OrderNo } from "../../domain/ids.ts";
import type { IfsOrderDocument, IfsShipment } from "../../domain/ifs-records.ts";
import type { ExceptionRecord } from "../../domain/records.ts";
import { blockedRowOf } from "../blocked.ts";
import { createSyncInfoFallback } from "../sync-info.ts";
import { runStatusSync, type StatusSyncDeps } from "./run.ts";
import { aDocument, aLine, anOrder, applyActions, aShipment, LINK } from "./testing/builders.ts";

const NOW = new Date("2026-03-05T12:00:00Z");
const shape = connectorConfigSchema.shape;
const config = {
  statuses: shape.statuses.parse({}),
  units: shape.units.parse({}),
  orders: shape.orders.parse({ exportFrom: "2026-01-01T00:00:00Z" }),
};

type World = {
  orders: Map<string, Order>;
  documents: IfsOrderDocument[];
  shipments: IfsShipment[];
  exceptions: Map<string, ExceptionRecord>;
  cursor: { value: unknown; version: number } | undefined;
  calls: string[];
  /** Runs before an update is applied; may throw, or change the order behind the flow's back. */
  beforeUpdate: (order: Order) => void;
};

function aWorld(orders: Order[], rest: Partial<World> = {}): { world: World; deps: StatusSyncDeps } {
  const world: World = {
    orders: new Map(orders.map((order) => [order.id, order])),
    documents: [aDocument()],
    shipments: [],
    exceptions: new Map(),
    cursor: undefined,
    calls: [],
    beforeUpdate: () => {},
    ...rest,
  };
  return { world, deps: depsOf(world) };
}

function depsOf(world: World): StatusSyncDeps {
  return {
    config,
    linkChannelId: LINK,
    changedOrders: async () => ({ keys: "all", handled: async () => {} }),
    stop: () => false,
    orders: {
      page: async ({ where, variables, afterId, limit }) => {
        world.calls.push(`page after ${afterId ?? "-"}`);
        expect({ where, variables, limit }).toEqual({
          where: [
            "syncInfo(channel(id = :linkChannel))",
            "createdAt >= :since",
            '(orderState in ("Open", "Confirmed")) or (orderState = "Complete" and lastModifiedAt >= :completedSince)',
          ],
          variables: {
            linkChannel: LINK,
            since: "2026-01-04T12:00:00.000Z",
            completedSince: "2026-03-02T12:00:00.000Z",
          },
          limit: 100,
        });
        return [...world.orders.values()]
          .filter(({ id }) => afterId === undefined || id > afterId)
          .sort((a, b) => (a.id < b.id ? -1 : 1))
          .slice(0, limit);
      },
      get: async (id) => world.orders.get(id),
      update: async ({ id, version }, actions) => {
        const order = world.orders.get(id);
        if (!order) throw new Error("no such order");
        world.calls.push(`update ${id} ${actions.map(({ action }) => action).join(",")}`);
        world.beforeUpdate(order);
        const next = applyActions(world.orders.get(id) ?? order, version, actions);
        world.orders.set(id, next);
        return next;
      },
    },
    ifs: {
      documents: async (orderNos) => {
        world.calls.push("documents");
        return world.documents.filter(({ order }) => orderNos.includes(order.orderNo));
      },
      shipmentsOf: async (orderNos) => {
        world.calls.push("shipments");
        return world.shipments.filter(({ lines }) => lines.some(({ orderNo }) => orderNos.includes(orderNo)));
      },
    },
    exceptions: {
      open: async (exception) => {
        const seen = { firstSeenAt: NOW.toISOString(), lastSeenAt: NOW.toISOString(), attempts: 1 };
        world.exceptions.set(exception.id, { ...exception, ...seen });
      },
      close: async (id) => void world.exceptions.delete(id),
      page: async (flow, { after }) => ({
        rows: after === undefined ? [...world.exceptions.values()].filter((row) => row.flow === flow) : [],
        last: after === undefined ? "last" : undefined,
      }),
    },
    cursors: {
      read: async () => world.cursor,
      write: async (name, value, version) => {
        expect(name).toBe("status-sync");
        if (version !== (world.cursor?.version ?? 0)) throw new ConflictError("another run moved the cursor");
        world.calls.push(`cursor ${JSON.stringify(value)}`);
        world.cursor = { value, version: version + 1 };
        return version + 1;
      },
    },
    logger: { info: () => {}, warn: () => {}, error: () => {} },
  };
}

const run = (deps: StatusSyncDeps) => runStatusSync(deps, { now: NOW });
const codes = (world: World) => [...world.exceptions.values()].map(({ recordLabel, code }) => [recordLabel, code]);
const many = (count: number) => {
  const ids = Array.from({ length: count }, (_, index) => String(index).padStart(4, "0"));
  return {
    orders: ids.map((id) => anOrder({ id: `order-${id}`, orderNumber: `W-${id}`, orderNo: `N${id}` })),
    documents: ids.map((id) => aDocument({ orderNo: `N${id}` })),
  };
};

test("states and deliveries arrive in one update; the second run writes nothing", async () => {
  const { world, deps } = aWorld([anOrder()], {
    documents: [aDocument({ state: "PartiallyDelivered" })],
    shipments: [aShipment()],
  });
  expect(await run(deps)).toEqual({ processed: 1, changed: 1, failed: 0 });
  expect(world.calls).toEqual([
    "page after -",
    "documents",
    "shipments",
    "update order-1 addDelivery,changeShipmentState",
  ]);
  world.calls.length = 0;
  expect(await run(deps)).toEqual({ processed: 1, changed: 0, failed: 0 });
  expect(world.calls).toEqual(["page after -", "documents", "shipments"]);
});

test("orders that the query returned without a link are left alone", async () => {
  const { world, deps } = aWorld([anOrder({ orderNo: null })]);
  expect(await run(deps)).toEqual({ processed: 1, changed: 0, failed: 0 });
  expect(world.calls).toEqual(["page after -"]);
});

describe("conflicts", () => {
  test("the order is read again and planned anew: what somebody else wrote stays", async () => {
    const { world, deps } = aWorld([anOrder()], { documents: [aDocument({ state: "Invoiced" })] });
    let first = true;
    world.beforeUpdate = (order) => {
      if (first) world.orders.set(order.id, { ...order, version: 5, shipmentState: "Delivered" });
      first = false;
    };
    expect(await run(deps)).toEqual({ processed: 1, changed: 1, failed: 0 });
    const order = world.orders.get("order-1");
    expect([order?.version, order?.orderState, order?.shipmentState]).toEqual([6, "Complete", "Delivered"]);
    expect(world.calls.filter((call) => call.startsWith("update"))).toEqual([
      "update order-1 changeShipmentState,changeOrderState",
      "update order-1 changeOrderState",
    ]);
  });

  test("after three the order waits, the others go on", async () => {
    const second = anOrder({ id: "order-2", orderNo: "1002" });
    const { world, deps } = aWorld([anOrder(), second], { documents: [aDocument(), aDocument({ orderNo: "1002" })] });
    world.beforeUpdate = ({ id }) => {
      if (id === "order-1") throw new ConflictError("somebody else");
    };
    expect(await run(deps)).toMatchObject({ processed: 2, changed: 1, failed: 1 });
    expect(world.orders.get("order-2")?.orderState).toBe("Confirmed");
    expect(world.calls.filter((call) => call.startsWith("update order-1"))).toHaveLength(3);
  });
});

describe("exceptions", () => {
  test("an unknown state closes by itself when it is mapped", async () => {
    const { world, deps } = aWorld([anOrder()], { documents: [aDocument({ state: "unknown:Odd" })] });
    expect(await run(deps)).toEqual({ processed: 1, changed: 0, failed: 1 });
    expect(codes(world)).toEqual([["W-1", "unknownIfsState"]]);
    const statuses = { ...config.statuses, order: { ...config.statuses.order, Odd: "Confirmed" as const } };
    expect(await run({ ...deps, config: { ...config, statuses } })).toEqual({ processed: 1, changed: 1, failed: 0 });
    expect(codes(world)).toEqual([]);
  });

  test("a Blocked order is shown with its IFS order, is no failure, and closes once IFS does not say Blocked", async () => {
    const { world, deps } = aWorld([anOrder()], {
      documents: [aDocument({ state: "Blocked", blockedReason: "BLKFORCRE" })],
    });
    expect(await run(deps)).toMatchObject({ processed: 1, failed: 0 });
    const [row] = [...world.exceptions.values()];
    expect([row?.id, row?.code, row?.ifsOrderNo, row?.owner]).toEqual([
      blockedRowOf("order-1"),
      "ifsBlocked",
      "1001",
      "operator",
    ]);
    expect(row?.message).toContain("Blocked in IFS (BLKFORCRE)");
    world.documents = [aDocument({ state: "Released" })];
    await run(deps);
    expect(codes(world)).toEqual([]);
  });

  test("what commercetools refuses stops only its order", async () => {
    const second = anOrder({ id: "order-2", orderNo: "1002" });
    const { world, deps } = aWorld([anOrder(), second], { documents: [aDocument(), aDocument({ orderNo: "1002" })] });
    world.beforeUpdate = ({ id }) => {
      if (id === "order-1") throw new RefusedError("commercetools", "InvalidOperation", 400, "no");
    };
    expect(await run(deps)).toEqual({ processed: 2, changed: 1, failed: 1 });
    expect(codes(world)).toEqual([["W-1", "unsupported"]]);
  });

  test("an order that IFS does not show is an exception; when it shows none of many, that is an outage", async () => {
    const { orders, documents } = many(5);
    const { world, deps } = aWorld(orders, { documents: documents.slice(1) });
    expect(await run(deps)).toEqual({ processed: 5, changed: 4, failed: 1 });
    expect(codes(world)).toEqual([["W-0000", "invalidInput"]]);
    world.documents = [];
    await expect(run(deps)).rejects.toThrow(AuthenticationError);
    expect(codes(world)).toEqual([["W-0000", "invalidInput"]]);
  });

  test("of an order that is no longer followed closes after a complete pass", async () => {
    const { world, deps } = aWorld([anOrder()], { documents: [aDocument({ state: "unknown:Odd" })] });
    await run(deps);
    world.orders.clear();
    await run(deps);
    expect(codes(world)).toEqual([]);
  });
});

describe("pages", () => {
  test("the cursor moves after each page and starts over at the end", async () => {
    const { world, deps } = aWorld(many(150).orders, { documents: many(150).documents });
    expect(await run(deps)).toEqual({ processed: 150, changed: 150, failed: 0 });
    expect(world.calls.filter((call) => /^(page|cursor)/.test(call))).toEqual([
      "page after -",
      'cursor {"afterId":"order-0099"}',
      "page after order-0099",
      "cursor {}",
    ]);
  });

  test("an outage leaves the cursor before its page; the next run goes on there", async () => {
    const { orders, documents } = many(150);
    const { world, deps } = aWorld(orders, { documents });
    let reads = 0;
    const failing: StatusSyncDeps = {
      ...deps,
      ifs: {
        ...deps.ifs,
        documents: async (orderNos: readonly OrderNo[]) => {
          reads += 1;
          if (reads === 2) throw new TransientError("IFS is down");
          return deps.ifs.documents(orderNos);
        },
      },
    };
    await expect(run(failing)).rejects.toThrow("IFS is down");
    expect(world.cursor?.value).toEqual({ afterId: "order-0099" });
    expect(await run(deps)).toEqual({ processed: 50, changed: 50, failed: 0 });
    expect(world.cursor?.value).toEqual({});
    expect([...world.orders.values()].every(({ orderState }) => orderState === "Confirmed")).toBe(true);
  });

  test("a run that lost its lease ends as a conflict, with the position of the other one", async () => {
    const { orders, documents } = many(250);
    const { world, deps } = aWorld(orders, { documents });
    const other = { value: { afterId: "order-0199" }, version: 7 };
    const interrupted: StatusSyncDeps = {
      ...deps,
      ifs: {
        ...deps.ifs,
        documents: async (orderNos: readonly OrderNo[]) => {
          if (world.cursor) world.cursor = other;
          return deps.ifs.documents(orderNos);
        },
      },
    };
    await expect(run(interrupted)).rejects.toBeInstanceOf(ConflictError);
    expect(world.cursor).toEqual(other);
    expect(await run(deps)).toEqual({ processed: 50, changed: 50, failed: 0 });
  });

  test("told to stop, it goes on at the same place next time and closes nothing early", async () => {
    const { orders, documents } = many(150);
    const odd = { ...documents[149], order: { ...documents[149]?.order, state: "unknown:Odd" } } as IfsOrderDocument;
    const { world, deps } = aWorld(orders, { documents: [...documents.slice(0, 149), odd] });
    await run(deps);
    expect(codes(world)).toHaveLength(1);
    expect(await run({ ...deps, stop: () => true })).toMatchObject({ processed: 100 });
    expect(codes(world)).toHaveLength(1);
    expect(await run(deps)).toMatchObject({ processed: 50 });
    expect(codes(world)).toHaveLength(1);
  });
});

test("several orders in one shipment get their own items each", async () => {
  const second = anOrder({ id: "order-2", orderNo: "1002", lines: { "line-z": 4 } });
  const lines = [aLine("line-z", "1", { orderNo: "1002" as OrderNo })];
  const shared = aShipment();
  const [row] = shared.lines;
  if (!row) throw new Error("unreachable");
  const { world, deps } = aWorld([anOrder(), second], {
    documents: [aDocument(), aDocument({ orderNo: "1002", lines })],
    shipments: [{ ...shared, lines: [row, { ...row, shipmentLineNo: "2", orderNo: "1002" as OrderNo }] }],
  });
  await run(deps);
  const itemsOf = (id: string) =>
    world.orders.get(id)?.shippingInfo?.deliveries?.map(({ key, items }) => ({ key, items }));
  expect([itemsOf("order-1"), itemsOf("order-2")]).toEqual([
    [{ key: "shp-19", items: [{ id: "line-a", quantity: 2 }] }],
    [{ key: "shp-19", items: [{ id: "line-z", quantity: 2 }] }],
  ]);
});

test("where commercetools refuses to filter by syncInfo, every order is read and the linked ones are followed", async () => {
  const unlinked = anOrder({ id: "order-0", orderNumber: "W-0", orderNo: null });
  const { world, deps } = aWorld([unlinked, anOrder()], {
    documents: [aDocument({ state: "PartiallyDelivered" })],
    shipments: [aShipment()],
  });
  const asked: string[][] = [];
  const page: StatusSyncDeps["orders"]["page"] = async ({ where }) => {
    asked.push(where);
    if (where.some((condition) => condition.includes("syncInfo"))) {
      throw new RefusedError("commercetools", "InvalidInput", 400, "The field 'syncInfo' does not exist.");
    }
    return [...world.orders.values()];
  };
  const fallback = createSyncInfoFallback({ clock: { monotonic: () => 0 }, logger: deps.logger });
  expect(await run({ ...deps, orders: { ...deps.orders, page: fallback(page) } })).toEqual({
    processed: 2,
    changed: 1,
    failed: 0,
  });
  expect(asked.map((where) => where.length)).toEqual([3, 2]);
  expect([world.orders.get("order-0"), world.exceptions.size]).toEqual([unlinked, 0]);
});

describe("only some orders", () => {
  const numbers = (...orderNos: string[]) => orderNos as OrderNo[];

  /** A shop that answers as the query says, or without its condition on syncInfo. */
  function aShop(count: number, understandsSyncInfo = true) {
    const orders = Array.from({ length: count }, (_, index) =>
      anOrder({ id: `order-${String(index).padStart(4, "0")}`, orderNo: String(1001 + index) }),
    );
    const { world, deps } = aWorld(orders, {
      documents: orders.map((_, index) => aDocument({ orderNo: String(1001 + index), state: "Released" })),
    });
    const page: StatusSyncDeps["orders"]["page"] = async ({ where, variables = {}, afterId, limit }) => {
      expect(where[0]).toBe("syncInfo(channel(id = :linkChannel) and externalId in :orderNos)");
      expect(where.length).toBe(3);
      const asked = variables.orderNos as string[];
      return orders
        .map(({ id }) => world.orders.get(id) as Order)
        .filter((order) => !understandsSyncInfo || asked.includes(order.syncInfo[0]?.externalId ?? ""))
        .filter(({ id }) => afterId === undefined || id > afterId)
        .slice(0, limit);
    };
    return { world, deps: { ...deps, orders: { ...deps.orders, page } } };
  }
  const confirmed = (world: World) =>
    [...world.orders.values()].filter(({ orderState }) => orderState === "Confirmed").map(({ id }) => id);

  test.each([true, false])(
    "are those linked to the numbers (condition on syncInfo understood: %s)",
    async (understood) => {
      const { world, deps } = aShop(230, understood);
      const asked = numbers("1003", "1150", "1230", "9999", "1003");
      expect(await runStatusSync(deps, { now: NOW, orderNos: asked })).toEqual({ processed: 3, changed: 3, failed: 0 });
      expect([confirmed(world), world.cursor]).toEqual([["order-0002", "order-0149", "order-0229"], undefined]);
      expect(await runStatusSync(deps, { now: NOW, orderNos: asked })).toMatchObject({ changed: 0 });
    },
  );

  test("and numbers that no order is linked to do nothing", async () => {
    const { deps } = aShop(3);
    expect(await runStatusSync(deps, { now: NOW, orderNos: numbers("TEL-1", "TEL-2") })).toEqual({
      processed: 0,
      changed: 0,
      failed: 0,
    });
  });

  test("as the strategy names them; handled once all were", async () => {
    const { world, deps } = aShop(230);
    const handled: string[] = [];
    const naming = (keys: OrderNo[], stop = false): StatusSyncDeps => ({
      ...deps,
      changedOrders: async () => ({ keys, handled: async () => void handled.push(`${keys.length} keys`) }),
      stop: () => stop,
    });
    const all = Array.from({ length: 230 }, (_, index) => String(1001 + index));
    await runStatusSync(naming(numbers(...all), true), { now: NOW });
    expect([handled, confirmed(world).length, world.cursor]).toEqual([[], 100, undefined]);
    await runStatusSync(naming(numbers(...all)), { now: NOW });
    expect([handled, confirmed(world).length, world.cursor]).toEqual([["230 keys"], 230, undefined]);
  });
});
