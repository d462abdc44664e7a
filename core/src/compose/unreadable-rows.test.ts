/**
 * One row of IFS that cannot be read, as the check at checkout meets it: whoever has a storefront key may ask for that SKU again and
 * again, beside everybody else's carts.
 */
import { afterEach, describe, expect, test } from "vitest";
import { AuthenticationError, RefusedError, TransientError } from "../domain/failure.ts";
import type { AtpDeps } from "../flows/atp-check/deps.ts";
import { ask, checkoutConfig, openCheckout, orderOf, short } from "../flows/atp-check/testing/checkout.ts";
import { createParts } from "../ifs/parts.ts";
import { createStock } from "../ifs/stock.ts";
import { createSupply } from "../ifs/supply.ts";
import { type Answer, startTenant, type Tenant } from "../ifs/testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

type Row = Readonly<Record<string, unknown>> & { readonly PartNo: string };
const part = (no: string, over: object = {}): Row => ({
  ...{ Contract: "S1", CatalogNo: no, PartNo: no, Activeind: "TRUE", SalesUnitMeas: "PCS", UnitMeas: "PCS" },
  ...{ ConvFactor: 1, InvertedConvFactor: 1, PriceUnitMeas: "PCS", PriceConvFactor: 1, ...over },
});
const pieces = (no: string, over: object = {}): Row => ({
  ...{ Contract: "S1", PartNo: no, LocationNo: "L1", QtyOnhand: 5, LastActivityDate: "2026-07-01T10:00:00Z", ...over },
});
const demand = (no: string, over: object = {}): Row => ({
  ...{ OrderNo: `O-${no}`, LineNo: "1", RelNo: "1", LineItemNo: 0, Contract: "S1", PartNo: no },
  ...{ Objstate: "Released", RevisedQtyDue: 1, QtyAssigned: 0, ...over },
});

/** What IFS has, by set. */
type Tables = { readonly parts: readonly Row[]; readonly stock: readonly Row[]; readonly demand: readonly Row[] };
const good: Tables = {
  parts: [part("BOLT"), part("BAD")],
  stock: [pieces("BOLT"), pieces("BAD")],
  demand: [demand("BOLT"), demand("BAD")],
};
const bad: Readonly<Record<string, Tables>> = {
  "sales part": { ...good, parts: [part("BOLT"), part("BAD", { PriceConvFactor: null })] },
  "sales part without price unit": { ...good, parts: [part("BOLT"), part("BAD", { PriceUnitMeas: null })] },
  // What can be read of it alone would be enough, or as good as no demand.
  "stock row": { ...good, stock: [pieces("BOLT"), pieces("BAD"), pieces("BAD", { LocationNo: null })] },
  "demand row": { ...good, demand: [demand("BOLT"), demand("BAD", { RevisedQtyDue: "many" })] },
};

async function open(tables: Tables, config = checkoutConfig()) {
  const knobs = { tables };
  const isAsked = (filter: string) => (row: Row) =>
    ["PartNo", "CatalogNo"].some((field) => filter.includes(`${field} eq '${row[field]}'`)) ||
    !filter.includes("No eq");
  const started = await startTenant(({ path, query }): Answer => {
    const set = path.split("/").at(-1) ?? "";
    const { parts, stock, demand } = knobs.tables;
    const rows = { SalesPartSet: parts, InventoryPartInStockSet: stock }[set] ?? demand;
    return { json: { value: rows.filter(isAsked(query.$filter ?? "")) } };
  });
  tenant = started;
  const client = started.client();
  const checkout = openCheckout({ BOLT: { ifs: 0, shop: 5 }, BAD: { ifs: 0, shop: 5 } }, undefined, config);
  const base = checkout.replica();
  const supply = createSupply(client);
  const deps: AtpDeps = {
    ...base,
    ifs: {
      ...{ ...createParts(client), ...createStock(client) },
      plannedSupply: (contract, partNos) => supply.plannedSupply(["purchaseOrders"], contract, partNos),
    },
  };
  return { deps, checkout, knobs };
}

const fine = "BOLT: confirm by ifs, 4, available";
const refused = "BAD: unknown by policy, null, ifsRefused";
/** Two carts of the same moment. */
const both = async (deps: AtpDeps) =>
  (await Promise.all([ask(deps, { lines: { BOLT: 1 } }), ask(deps, { lines: { BAD: 1 } })])).flatMap(short);

describe.each(Object.entries(bad))("a %s that cannot be read", (_, tables) => {
  test("leaves its own line to the policy, and every other cart is answered by IFS", async () => {
    const { deps } = await open(tables);
    expect(await both(deps)).toEqual([fine, refused]);
    // As one cart, too.
    expect(short(await ask(deps, { lines: { BOLT: 1, BAD: 1 } }))).toEqual([fine, refused]);
  });

  test("however often it is asked for keeps nobody from IFS", async () => {
    const { deps, checkout } = await open(tables);
    for (let nth = 0; nth < 10; nth += 1) {
      expect(short(await ask(deps, { lines: { BAD: 1 } }))).toEqual([refused]);
      // What is remembered of it is over: it is read anew.
      checkout.idle(301);
    }
    expect(deps.context.breakerState()).toBe("closed");
    expect(short(await ask(deps, { lines: { BOLT: 1 } }))).toEqual([fine]);
  });

  test("counts again once it is repaired", async () => {
    const { deps, checkout, knobs } = await open(tables);
    await ask(deps, { lines: { BAD: 1 } });
    knobs.tables = good;
    checkout.idle(301);
    expect(short(await ask(deps, { lines: { BAD: 1 } }))).toEqual(["BAD: confirm by ifs, 4, available"]);
  });

  test("of a part that orders in flight are of as well spoils no other part", async () => {
    const { deps, checkout } = await open(tables);
    const createdAt = checkout.clock.now() - 60_000;
    checkout.orders.push(orderOf({ id: "o", sku: "BAD", quantity: 1, createdAt }));
    expect(short(await ask(deps, { lines: { BOLT: 1 } }))).toEqual([fine]);
  });
});

describe("the breaker", () => {
  test.each<[string, Error]>([
    ["an answer that cannot be read at all", new RefusedError("ifs", "unexpectedAnswer", 200, "no list of rows")],
    ["a refusal", new RefusedError("ifs", "grantMissing", 403, "no access")],
    ["an error of ours", new TypeError("defect")],
  ])("is not moved by %s, ten times in a row", async (_, error) => {
    const { deps } = await open(good);
    const ifs = { ...deps.ifs, stockRows: () => Promise.reject(error) };
    for (let nth = 0; nth < 10; nth += 1)
      expect(short(await ask({ ...deps, ifs }, { lines: { BAD: 1 } }))).toEqual([
        "BAD: unknown by policy, null, defect",
      ]);
    expect(deps.context.breakerState()).toBe("closed");
    expect(short(await ask(deps, { lines: { BOLT: 1 } }))).toEqual([fine]);
  });

  test.each<[string, Error]>([
    ["outages", new TransientError("IFS is down")],
    ["refused credentials", new AuthenticationError("ifs", "no")],
  ])("is opened by five %s in a row", async (_, error) => {
    const { deps } = await open(good);
    const ifs = { ...deps.ifs, stockRows: () => Promise.reject(error) };
    for (let nth = 0; nth < 5; nth += 1) await ask({ ...deps, ifs }, { lines: { BOLT: 1 } });
    expect(deps.context.breakerState()).toBe("open");
    expect(short(await ask(deps, { lines: { BOLT: 1 } }))).toEqual(["BOLT: unknown by policy, null, breakerOpen"]);
  });
});
