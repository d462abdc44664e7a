/** Orders that the connector refuses and a person enters in IFS: compared like all others, then released and linked. */
import { describe, expect, test } from "vitest";
import { connectorConfigSchema } from "../../domain/config.ts";
import { decimal } from "../../domain/decimal.ts";
import type { IfsOrderDraft } from "../../domain/ifs-records.ts";
import { configWith, partOf } from "./testing/config.ts";
import { claimOf, codes, ID, ifsStates, MINUTE, once, run, worldWith } from "./testing/export.ts";
import { draftOf, mapped } from "./testing/mapped.ts";
import { mortalHook } from "./testing/mortal.ts";
import { eur, lineOf, netOrder, type OrderJson } from "./testing/orders.ts";
import type { World } from "./testing/world.ts";

/** Refused, because a part is not there; `by` as a person enters the order: Planned, with references. */
async function refusedWorld(order: OrderJson = netOrder(), config = configWith()): Promise<World> {
  const world = worldWith(order, { config, salesParts: [partOf("B-2")] });
  expect((await run(world)).kind).toBe("rejected");
  world.advance(MINUTE);
  return world;
}
const enter = (world: World, change: (draft: IfsOrderDraft) => IfsOrderDraft = (draft) => draft) =>
  world.commit(change(draftOf(mapped(netOrder()))));

const sweep = async (world: World) => {
  const outcome = await run(world, "sweep");
  return "rejection" in outcome ? `${outcome.kind}: ${outcome.rejection.message}` : outcome.kind;
};
const seen = (world: World) => [world.linkOf(ID).orderNo, ifsStates(world), codes(world), world.state.creates];

test("equal, it is released and linked, and its exception closes; its next look changes nothing", async () => {
  const world = await refusedWorld();
  enter(world);
  expect([await sweep(world), ...seen(world)]).toEqual(["linked", "P1000", ["Released"], [], 0]);
  expect(world.journal.map(({ event, detail }) => [event, detail])).toEqual([
    ["order-rejected", { code: "unmappedSku", field: "lineItems.variant.sku", attempt: 1 }],
    ["order-linked-by-hand", { orderNo: "P1000", ifsState: "Released", compared: "rows" }],
  ]);
  expect((await run(world)).kind).toBe("unchanged");
});

test("of a shop of several sites it is one order, whichever site is asked", async () => {
  const base = configWith();
  const sites = [...base.sites, { site: "202", company: "20", timeZone: "Europe/Berlin" }];
  const world = await refusedWorld(netOrder(), connectorConfigSchema.parse({ ...base, sites }));
  enter(world);
  expect([await sweep(world), ...seen(world)]).toEqual(["linked", "P1000", ["Released"], [], 0]);
});

test("where the connector releases nothing, it stays Planned; released by a person, it is linked as it is", async () => {
  const world = await refusedWorld(netOrder(), configWith({ orders: { release: false } }));
  enter(world);
  expect([await sweep(world), ...seen(world)]).toEqual(["linked", "P1000", ["Planned"], [], 0]);
  const released = await refusedWorld();
  enter(released);
  released.setState("P1000", "Reserved");
  expect([await sweep(released), ...seen(released)]).toEqual(["linked", "P1000", ["Reserved"], [], 0]);
});

describe("different, it is neither released nor linked, and the exception says what differs", () => {
  const first = (fields: object) => (draft: IfsOrderDraft) => ({
    ...draft,
    lines: draft.lines.map((line, index) => (index === 0 ? { ...line, ...fields } : line)),
  });
  test.each<[string, (draft: IfsOrderDraft) => IfsOrderDraft, RegExp]>([
    [
      "a line and the charges are missing",
      (draft) => ({ ...draft, lines: draft.lines.slice(0, 1), charges: [] }),
      /B-2: no line has the note \[ref line-B-2\]; its total is 71\.36 EUR, not 93\.24 EUR/,
    ],
    ["a quantity", first({ buyQtyDue: decimal("2") }), /A-1: quantity 2 instead of 3/],
    ["a line without reference", first({ lineRef: "" }), /line 1\/1 \(A-1\) has no reference/],
    ["another site", (draft) => ({ ...draft, header: { ...draft.header, contract: "102" as never } }), /site 102/],
    ["another customer", (draft) => ({ ...draft, header: { ...draft.header, customerNo: "C-2" } }), /customer C-2/],
    ["another currency", (draft) => ({ ...draft, header: { ...draft.header, currencyCode: "USD" } }), /it is in USD/],
    [
      "equal in total, and a line costs more at the cost of another",
      (draft) => ({
        ...draft,
        lines: draft.lines.map((line, index) => ({
          ...line,
          taxCode: "ZERO",
          saleUnitPrice: decimal(index === 0 ? "24.7867" : "6.525"),
        })),
      }),
      /A-1: 74\.36 EUR net \+ 0\.00 EUR tax instead of 59\.97 EUR net \+ 11\.39 EUR tax/,
    ],
  ])("%s", async (_name, change, words) => {
    const world = await refusedWorld();
    enter(world, change);
    const said = await sweep(world);
    expect(said).toMatch(/^held: IFS order P1000, entered for this order by hand, differs from it/);
    expect(said).toMatch(words);
    // Why it was refused in the first place is still said.
    expect(said).toMatch(/cannot export the order itself: .*A-1/);
    expect(seen(world)).toEqual([undefined, ["Planned"], ["ifsAmountsDiffer"], 0]);
  });

  test("corrected in IFS, it is released and linked by itself", async () => {
    const world = await refusedWorld();
    enter(world, (draft) => ({ ...draft, charges: [] }));
    await sweep(world);
    const whole = enter(worldWith());
    world.documents.set("P1000", whole);
    world.advance(2 * MINUTE);
    expect([await sweep(world), ...seen(world)]).toEqual(["linked", "P1000", ["Released"], [], 0]);
  });

  test("cancelled in IFS and entered anew, the new one is found", async () => {
    const world = await refusedWorld();
    enter(world, (draft) => ({ ...draft, charges: [] }));
    await sweep(world);
    world.setState("P1000", "Cancelled");
    enter(world);
    for (let looks = 0; looks < 2; looks += 1) {
      world.advance(5 * MINUTE);
      await sweep(world);
    }
    expect(seen(world)).toEqual(["P1001", ["Cancelled", "Released"], [], 0]);
  });

  test("cancelled in the shop, it is cancelled in IFS", async () => {
    const world = await refusedWorld();
    enter(world, (draft) => ({ ...draft, charges: [] }));
    await sweep(world);
    world.editOrder(ID, { orderState: "Cancelled" });
    expect([await sweep(world), ifsStates(world)]).toEqual(["cancelled", ["Cancelled"]]);
  });
});

test("a cent by which IFS rounds the tax of a line otherwise is no difference, the total is", async () => {
  const cent = async (shipping: string) => {
    const world = await refusedWorld();
    const { order, lines, charges } = enter(world);
    const moved = (amount: string, by: number) => decimal((Number(amount) + by).toFixed(2));
    const [line, ...rest] = lines;
    const [charge] = charges;
    if (!line || !charge) throw new Error("no rows");
    const otherwise = {
      ...line,
      taxAmountCurr: moved(line.taxAmountCurr, 0.01),
      grossAmountCurr: moved(line.grossAmountCurr, 0.01),
    };
    const freight = { ...charge, grossAmountCurr: moved(charge.grossAmountCurr, Number(shipping)) };
    world.documents.set("P1000", { order, lines: [otherwise, ...rest], charges: [freight] });
    return sweep(world);
  };
  expect(await cent("-0.01")).toBe("linked");
  expect(await cent("0")).toMatch(/^held: .* its total is 93\.25 EUR, not 93\.24 EUR/);
});

test("an order that cannot be read whole is compared by total and quantities", async () => {
  // A negative line is nothing that the connector could send, and the merchant enters the rest.
  const order = () => {
    const lines = netOrder().lineItems as object[];
    const credit = { sku: "CREDIT", quantity: 1, price: -100, total: -100, net: -100, gross: -100, rate: 0 };
    return netOrder({ lineItems: [...lines, lineOf(credit, false)], totalPrice: eur(7887), taxedPrice: undefined });
  };
  const world = await refusedWorld(order());
  const credit = (draft: IfsOrderDraft): IfsOrderDraft => {
    const [line] = draft.lines;
    if (!line) throw new Error("no line");
    const rows = draft.lines.map((one) => ({ ...one, taxCode: "ZERO" }));
    const negative = {
      ...line,
      taxCode: "ZERO",
      lineRef: "line-CREDIT",
      buyQtyDue: decimal("1"),
      saleUnitPrice: decimal("-1"),
    };
    return { ...draft, lines: [...rows, negative], charges: draft.charges.map((one) => ({ ...one, taxCode: "ZERO" })) };
  };
  enter(world, credit);
  expect([await sweep(world), world.journal.at(-1)?.detail]).toEqual([
    "linked",
    { orderNo: "P1000", ifsState: "Released", compared: "total and quantities" },
  ]);
});

describe("it stays refused while IFS has", () => {
  test.each([
    ["none", 0],
    ["only a cancelled one", 1],
  ])("%s", async (_name, count) => {
    const world = await refusedWorld();
    for (let index = 0; index < count; index += 1) world.setState(enter(world).order.orderNo, "Cancelled");
    expect([(await run(world, "sweep")).kind, codes(world), world.linkOf(ID).orderNo]).toEqual([
      "rejected",
      ["unmappedSku"],
      undefined,
    ]);
  });

  test("two, until one of them is cancelled", async () => {
    const world = await refusedWorld();
    enter(world);
    enter(world);
    expect([(await run(world, "sweep")).kind, ...seen(world)]).toEqual([
      "rejected",
      undefined,
      ["Planned", "Planned"],
      ["ifsDuplicate"],
      0,
    ]);
    world.setState("P1000", "Cancelled");
    world.advance(5 * MINUTE);
    expect([await sweep(world), ...seen(world)]).toEqual(["linked", "P1001", ["Cancelled", "Released"], [], 0]);
  });
});

test("a worker that dies at any step leaves an order that the next one releases and links", async () => {
  let steps = 0;
  for (let at = 0; at <= steps; at += 1) {
    const world = await refusedWorld();
    enter(world);
    const { hook, life } = mortalHook(at);
    await run(world, "sweep", hook).catch(() => undefined);
    steps = life.dead ? at + 1 : at;
    world.advance(30 * MINUTE);
    await run(world, "sweep");
    expect([at, ...seen(world)]).toEqual([at, "P1000", ["Released"], [], 0]);
  }
  expect(steps).toBeGreaterThan(15);
});

test("a half-built order that was cancelled, and that a person then entered, is compared, released and linked", async () => {
  const world = worldWith();
  world.state.keepRows = 1;
  await run(
    world,
    "event",
    once("ifs.create", "after", () => new Error("killed")),
  ).catch(() => undefined);
  world.editOrder(ID, { purchaseOrderNumber: "PO-9" });
  world.state.keepRows = Number.POSITIVE_INFINITY;
  world.advance(30 * MINUTE);
  expect(await sweep(world)).toMatch(/^held: IFS order P1000 is incomplete .* It was cancelled in IFS\./);
  enter(world);
  world.advance(30 * MINUTE);
  expect([await sweep(world), ...seen(world)]).toEqual(["linked", "P1001", ["Cancelled", "Released"], [], 1]);
  expect(claimOf(world)).toMatchObject({ phase: "linked", orderNo: "P1001", code: "" });
});

test("held for its payment, it is not released before that fits; released by a person, it is linked", async () => {
  const unpaid = async () => {
    const world = worldWith(netOrder(), { config: configWith({ orders: { payments: { missing: "hold" } } }) });
    expect([(await run(world)).kind, codes(world)]).toEqual(["rejected", ["paymentMismatch"]]);
    enter(world);
    world.advance(MINUTE);
    return world;
  };
  const world = await unpaid();
  expect([(await run(world, "sweep")).kind, ...seen(world)]).toEqual([
    "rejected",
    undefined,
    ["Planned"],
    ["paymentMismatch"],
    0,
  ]);
  world.state.config = configWith();
  expect([(await run(world)).kind, ...seen(world)]).toEqual(["linked", "P1000", ["Released"], [], 0]);
  const released = await unpaid();
  released.setState("P1000", "Released");
  expect([(await run(released, "sweep")).kind, released.linkOf(ID).orderNo]).toEqual(["linked", "P1000"]);
});

test("costs no look-up when it is refused for the first time", async () => {
  const effects: string[] = [];
  await run(worldWith(netOrder({ shippingAddress: null })), "event", (name) => void effects.push(name));
  expect(effects.filter((name) => name === "ifs.find")).toEqual([]);
});
