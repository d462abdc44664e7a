/** What a person changes in IFS between a worker's death and its successor, or between two writes, is not overwritten. */
import { describe, expect, test } from "vitest";
import { decimal } from "../../domain/decimal.ts";
import type { OrderNo } from "../../domain/ids.ts";
import { claimOf, codes, ID, MINUTE, run, worldWith } from "./testing/export.ts";
import { addressOf, eur, lineOf, netOrder, taxedOf } from "./testing/orders.ts";
import type { Hook, World } from "./testing/world.ts";

const P1000 = "P1000" as OrderNo;

/** One piece of A-1 less, another town and street, another reference, and a new line. */
const [, second] = netOrder().lineItems as object[];
const fewer = lineOf({ sku: "A-1", quantity: 2, price: 1999, total: 3998, net: 3998, gross: 4758, rate: 0.19 }, false);
const added = lineOf(
  { id: "line-new", sku: "B-2", quantity: 1, price: 750, total: 750, net: 750, gross: 803, rate: 0.07 },
  false,
);
const edit = {
  lineItems: [fewer, second, added],
  totalPrice: eur(6738),
  taxedPrice: { ...taxedOf(6738, 7749), taxPortions: [] },
  shippingAddress: addressOf({ city: "Bremen", streetName: "Neue Allee" }),
  purchaseOrderNumber: "PO-77",
};

class Killed extends Error {}

/** Dies when so many writes of the amendment have been made. */
const dyingAfter = (writes: number): Hook => {
  let made = 0;
  return (name, phase) => {
    if (made >= writes && !(name === "amendments.write" && phase === "after" && writes === 0)) throw new Killed("dead");
    if ((name === "ifs.amend" || name === "ifs.addLines") && phase === "after") made += 1;
  };
};

async function begun(writes: number): Promise<World> {
  const world = worldWith();
  expect((await run(world)).kind).toBe("linked");
  world.editOrder(ID, edit);
  await expect(run(world, "event", dyingAfter(writes))).rejects.toThrow("dead");
  world.advance(20 * MINUTE);
  return world;
}

const byHand = (world: World, change: (draft: Parameters<World["commit"]>[0]) => Parameters<World["commit"]>[0]) => {
  const draft = world.sent.get(P1000);
  if (draft) world.sent.set(P1000, change(draft));
};
const inIfs = (world: World) => {
  const { lines = [] } = world.documents.get(P1000) ?? {};
  const { header, shipTo } = world.sent.get(P1000) ?? {};
  const quantities = Object.fromEntries(lines.map(({ lineRef, buyQtyDue }) => [lineRef, buyQtyDue]));
  return { ...quantities, city: shipTo?.city, street: shipTo?.address1, po: header?.customerPoNo };
};
const WANTED = {
  "line-A-1": "2",
  "line-B-2": "2",
  "line-new": "1",
  ...{ city: "Bremen", street: "Neue Allee 7", po: "PO-77" },
};
const message = (world: World) => [...world.exceptions.values()][0]?.message;

describe("between a death and the next worker", () => {
  test("nobody changed anything: the rest is made, and nothing is left of the record", async () => {
    const world = await begun(1);
    expect(world.amending.size).toBe(1);
    expect([(await run(world)).kind, inIfs(world), codes(world), world.amending.size]).toEqual([
      "amended",
      WANTED,
      [],
      0,
    ]);
    expect(JSON.stringify([...world.amending.values()])).not.toContain("Bremen");
  });

  test("a field that a person changed asks, all others are made", async () => {
    const world = await begun(1);
    byHand(world, (draft) => ({ ...draft, header: { ...draft.header, customerPoNo: "BY-PHONE" } }));
    expect([(await run(world)).kind, inIfs(world), codes(world)]).toEqual([
      "held",
      { ...WANTED, po: "BY-PHONE" },
      ["heldForReview"],
    ]);
    expect(message(world)).toContain("somebody changed there what it concerns: customerPoNo. That is not overwritten.");
    // No later look takes it for our own work, however often it is asked for.
    await run(world, "person");
    expect([inIfs(world).po, codes(world)]).toEqual(["BY-PHONE", ["heldForReview"]]);
    byHand(world, (draft) => ({ ...draft, header: { ...draft.header, customerPoNo: "PO-77" } }));
    expect([(await run(world, "person")).kind, inIfs(world), codes(world)]).toEqual(["unchanged", WANTED, []]);
  });

  test("of an address only the field that a person changed is left", async () => {
    const world = await begun(1);
    byHand(world, (draft) => ({
      ...draft,
      ...(draft.shipTo && { shipTo: { ...draft.shipTo, address1: "Rampe 3" } }),
    }));
    await run(world);
    expect([inIfs(world), codes(world)]).toEqual([{ ...WANTED, street: "Rampe 3" }, ["heldForReview"]]);
    expect(message(world)).toContain("delivery address: address1");
  });

  test.each([
    ["that was written already", 1],
    ["that was still to be written", 0],
  ])("a line %s and that a person changed is left", async (_name, writes) => {
    const world = await begun(writes);
    world.setLine(P1000, "line-A-1", { buyQtyDue: decimal("9") });
    await run(world);
    expect([inIfs(world)["line-A-1"], codes(world)]).toEqual(["9", ["heldForReview"]]);
  });

  test("a line that was added and that a person changed is left", async () => {
    const world = await begun(5);
    expect(inIfs(world)).toEqual(WANTED);
    world.setLine(P1000, "line-new", { buyQtyDue: decimal("7") });
    await run(world);
    expect([inIfs(world)["line-new"], codes(world)]).toEqual(["7", ["heldForReview"]]);
  });

  test("a further edit in the shop is no change in IFS", async () => {
    const world = await begun(2);
    expect(inIfs(world).city).toBe("Bremen");
    world.editOrder(ID, { shippingAddress: addressOf({ city: "Kiel" }) });
    expect([(await run(world)).kind, inIfs(world), codes(world)]).toEqual([
      "amended",
      { ...WANTED, city: "Kiel", street: "Beispielweg 7" },
      [],
    ]);
  });

  test("without a record nothing is overwritten that is not as the connector left it", async () => {
    const world = await begun(1);
    world.amending.clear();
    const found = inIfs(world);
    expect([(await run(world)).kind, inIfs(world), codes(world)]).toEqual(["held", found, ["heldForReview"]]);
  });

  test("before the record was written nothing was, and the rest is made", async () => {
    const world = worldWith();
    await run(world);
    world.editOrder(ID, edit);
    const dying: Hook = (name) => {
      if (name === "amendments.write") throw new Killed("dead");
    };
    await expect(run(world, "event", dying)).rejects.toThrow("dead");
    expect(claimOf(world).posted).not.toBe("");
    world.advance(20 * MINUTE);
    expect([(await run(world)).kind, inIfs(world), codes(world)]).toEqual(["amended", WANTED, []]);
  });
});

test("between two writes of one worker, too", async () => {
  const world = worldWith();
  await run(world);
  world.editOrder(ID, edit);
  let writes = 0;
  const person: Hook = (name, phase) => {
    if (name !== "ifs.amend" || phase !== "after") return;
    writes += 1;
    if (writes === 1) byHand(world, (draft) => ({ ...draft, header: { ...draft.header, customerPoNo: "BY-PHONE" } }));
  };
  expect([(await run(world, "event", person)).kind, inIfs(world), codes(world)]).toEqual([
    "held",
    { ...WANTED, po: "BY-PHONE" },
    ["heldForReview"],
  ]);
});
