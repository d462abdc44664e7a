/** Every kind of edit at every status of the IFS line ends as documented; what somebody changed in IFS is never overwritten. */
import { describe, expect, test } from "vitest";
import { type EditKind, editKinds, lineProgress } from "../../domain/after-export-config.ts";
import { decimal } from "../../domain/decimal.ts";
import { ConflictError, RefusedError, TransientError, UnknownOutcomeError } from "../../domain/failure.ts";
import type { CatalogNo, OrderNo } from "../../domain/ids.ts";
import type { IfsOrderLine } from "../../domain/ifs-records.ts";
import { configWith } from "./testing/config.ts";
import { claimOf, codes, ID, MINUTE, once, run, worldWith } from "./testing/export.ts";
import { addressOf, eur, lineOf, netOrder, taxedOf } from "./testing/orders.ts";
import type { Hook, World } from "./testing/world.ts";

const P1000 = "P1000" as OrderNo;
const A = { sku: "A-1", quantity: 3, price: 1999, total: 5997, net: 5997, gross: 7136, rate: 0.19 };
const B = { sku: "B-2", quantity: 2, price: 750, total: 1500, net: 1500, gross: 1605, rate: 0.07 };
const C = { id: "line-new", sku: "B-2", quantity: 1, price: 750, total: 750, net: 750, gross: 803, rate: 0.07 };

/** The order of `netOrder` with other lines; shipping stays at 4.90 + 0.93. */
const withLines = (specs: readonly (typeof A)[]) => {
  const net = specs.reduce((sum, { net: one }) => sum + one, 490);
  const gross = specs.reduce((sum, { gross: one }) => sum + one, 583);
  return {
    lineItems: specs.map((spec) => lineOf(spec, false)),
    totalPrice: eur(net),
    taxedPrice: { ...taxedOf(net, gross), taxPortions: [] },
  };
};

const edits: Record<EditKind, object> = {
  address: { shippingAddress: addressOf({ city: "Bremen" }) },
  references: { purchaseOrderNumber: "PO-77" },
  quantity: withLines([{ ...A, quantity: 2, total: 3998, net: 3998, gross: 4758 }, B]),
  addedLine: withLines([A, B, C]),
  removedLine: withLines([A]),
  price: withLines([{ ...A, price: 1899, total: 5697, net: 5697, gross: 6779 }, B]),
};
/** The line of each edit; what concerns all of the order follows its furthest line. */
const lineOfEdit: Record<EditKind, string> = {
  address: "line-A-1",
  references: "line-A-1",
  quantity: "line-A-1",
  addedLine: "line-A-1",
  removedLine: "line-B-2",
  price: "line-A-1",
};
const three = decimal("3");
const states: Record<(typeof lineProgress)[number], Partial<IfsOrderLine>[]> = {
  beforeReservation: [{ state: "Planned" }, { state: "Released" }, { state: "Blocked" }],
  reserved: [{ state: "Reserved" }, { state: "Released", qtyAssigned: decimal("1") }],
  picked: [{ state: "Picked" }, { state: "Reserved", qtyPicked: decimal("1") }],
  partlyDelivered: [{ state: "PartiallyDelivered", qtyShipped: decimal("1") }],
  delivered: [
    { state: "Delivered", qtyShipped: three },
    { state: "Invoiced", qtyShipped: three },
  ],
};
const cells = editKinds.flatMap((kind) =>
  lineProgress.flatMap((progress) => states[progress].map((line) => ({ kind, progress, line, state: line.state }))),
);

const exported = async (config = configWith()): Promise<World> => {
  const world = worldWith(netOrder(), { config });
  expect((await run(world)).kind).toBe("linked");
  return world;
};

/** What IFS has of the order, as people see it. */
const inIfs = (world: World) => {
  const { lines = [], charges = [] } = world.documents.get(P1000) ?? {};
  const { header, shipTo } = world.sent.get(P1000) ?? {};
  return {
    lines: lines.map((line) => [line.lineRef, line.buyQtyDue, line.grossAmountCurr, line.state === "Cancelled"]),
    charges: charges.map(({ grossAmountCurr }) => grossAmountCurr),
    city: shipTo?.city,
    customerPoNo: header?.customerPoNo,
  };
};
const BEFORE = {
  lines: [
    ["line-A-1", "3", "71.36", false],
    ["line-B-2", "2", "16.05", false],
  ],
  charges: ["5.83"],
  city: "Hamburg",
  customerPoNo: "W-1001",
};
const AFTER: Record<EditKind, object> = {
  address: { ...BEFORE, city: "Bremen" },
  references: { ...BEFORE, customerPoNo: "PO-77" },
  quantity: { ...BEFORE, lines: [["line-A-1", "2", "47.58", false], BEFORE.lines[1]] },
  addedLine: { ...BEFORE, lines: [...BEFORE.lines, ["line-new", "1", "8.03", false]] },
  removedLine: { ...BEFORE, lines: [BEFORE.lines[0], ["line-B-2", "2", "16.05", true]] },
  price: { ...BEFORE, lines: [["line-A-1", "3", "67.79", false], BEFORE.lines[1]] },
};

describe("by kind of edit and by how far IFS has come with the line", () => {
  const policy = configWith().orders.afterExport;

  test.each(cells)("$kind, $progress ($state): as the policy says", async ({ kind, progress, line }) => {
    const world = await exported();
    world.setLine(P1000, lineOfEdit[kind], line);
    world.editOrder(ID, edits[kind]);
    const outcome = await run(world);
    const decision = policy[kind][progress];
    if (decision === "apply") {
      expect([outcome, inIfs(world), codes(world)]).toEqual([{ kind: "amended", orderNo: P1000 }, AFTER[kind], []]);
      expect(claimOf(world)).toMatchObject({ phase: "linked", code: "", posted: "" });
      expect((await run(world)).kind).toBe("unchanged");
      return;
    }
    const code = decision === "refuse" ? "changeRefused" : "heldForReview";
    expect([outcome.kind, inIfs(world), codes(world)]).toEqual(["held", BEFORE, [code]]);
    // Shown once, written once.
    const { version } = world.orders.get(ID) ?? {};
    await run(world);
    expect(world.orders.get(ID)?.version).toBe(version);
    // Taken back, it is forgotten.
    world.editOrder(ID, netOrder({ ...syncInfoOf(world) }));
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
  });

  test("a state that no table names is for a person, whatever the policy", async () => {
    const world = await exported();
    world.setLine(P1000, "line-A-1", { state: "unknown:Packed" });
    world.editOrder(ID, edits.quantity);
    expect([(await run(world)).kind, inIfs(world), codes(world)]).toEqual(["held", BEFORE, ["heldForReview"]]);
  });

  test("the policy is the merchant's: a reserved line may be changed where he says so", async () => {
    const world = await exported(configWith({ orders: { afterExport: { quantity: { reserved: "apply" } } } }));
    world.setLine(P1000, "line-A-1", { state: "Reserved" });
    world.editOrder(ID, edits.quantity);
    expect([(await run(world)).kind, inIfs(world)]).toEqual(["amended", AFTER.quantity]);
  });

  test("all of an edit is made, or nothing: one line that is picked holds the others", async () => {
    const world = await exported();
    world.setLine(P1000, "line-B-2", { state: "Picked" });
    world.editOrder(ID, withLines([{ ...A, quantity: 2, total: 3998, net: 3998, gross: 4758 }]));
    expect([(await run(world)).kind, inIfs(world), codes(world)]).toEqual(["held", BEFORE, ["heldForReview"]]);
  });
});

const syncInfoOf = (world: World) => ({
  syncInfo: world.orders.get(ID)?.syncInfo,
  purchaseOrderNumber: undefined,
});

/** Lines removed, changed and added, another address and another reference: five writes and an added line. */
const everything = {
  ...withLines([{ ...A, quantity: 2, total: 3998, net: 3998, gross: 4758 }, C]),
  ...edits.address,
  ...edits.references,
};
const AFTER_ALL = {
  lines: [
    ["line-A-1", "2", "47.58", false],
    ["line-B-2", "2", "16.05", true],
    ["line-new", "1", "8.03", false],
  ],
  charges: ["5.83"],
  city: "Bremen",
  customerPoNo: "PO-77",
};

describe("an edit of several parts", () => {
  test("is made in one go, with one line in the journal that says what", async () => {
    const world = await exported();
    world.editOrder(ID, everything);
    expect([await run(world), inIfs(world)]).toEqual([{ kind: "amended", orderNo: P1000 }, AFTER_ALL]);
    expect(world.journal.at(-1)).toMatchObject({
      event: "order-amended",
      detail: {
        orderNo: P1000,
        changes: 6,
        what: expect.stringMatching(
          /quantity 2 -> removed; .*quantity 3 -> 2; .*city.*customerPoNo.*added, quantity 1/,
        ),
      },
    });
    expect(JSON.stringify(world.journal)).not.toContain("Bremen");
  });

  /** Steps of the work, as many as it has. */
  const stepsOf = async (): Promise<number> => {
    const world = await exported();
    world.editOrder(ID, everything);
    let steps = 0;
    await run(world, "event", () => {
      steps += 1;
    });
    return steps;
  };

  test("survives a death at every step: the next worker makes the rest, and no line twice", async () => {
    const steps = await stepsOf();
    expect(steps).toBeGreaterThan(30);
    for (let at = 0; at < steps; at += 1) {
      const world = await exported();
      world.editOrder(ID, everything);
      let count = 0;
      const dying: Hook = () => {
        count += 1;
        if (count > at) throw new Killed("dead");
      };
      await expect(run(world, "event", dying)).rejects.toThrow();
      for (let round = 0; round < 6; round += 1) {
        world.advance(3 * MINUTE);
        await run(world, "event");
      }
      expect([at, inIfs(world), codes(world), claimOf(world).phase]).toEqual([at, AFTER_ALL, [], "linked"]);
    }
  });

  test("taken back after a death, what was made is taken back in IFS too", async () => {
    const world = await exported();
    world.editOrder(ID, { ...edits.quantity, ...edits.references });
    let amends = 0;
    const dying: Hook = (name, when) => {
      if (name === "ifs.amend" && when === "before") amends += 1;
      if (amends > 1) throw new Killed("dead");
    };
    await expect(run(world, "event", dying)).rejects.toThrow("dead");
    expect(inIfs(world).lines).toEqual((AFTER.quantity as typeof BEFORE).lines);
    world.editOrder(ID, netOrder({ ...syncInfoOf(world) }));
    world.advance(3 * MINUTE);
    expect([(await run(world)).kind, inIfs(world), codes(world)]).toEqual(["amended", BEFORE, []]);
  });
});

class Killed extends Error {}

describe("what was changed in IFS", () => {
  const byHand: [string, (world: World) => void][] = [
    ["a quantity", (world) => world.setLine(P1000, "line-B-2", { buyQtyDue: decimal("5") })],
    ["a part", (world) => world.setLine(P1000, "line-B-2", { catalogNo: "Z-9" as CatalogNo })],
    ["an amount", (world) => world.setLine(P1000, "line-B-2", { grossAmountCurr: decimal("16.06") })],
    ["a cancelled line", (world) => world.setLine(P1000, "line-B-2", { state: "Cancelled" })],
    ["a reference", (world) => world.setLine(P1000, "line-B-2", { lineRef: null })],
    ["the address", (world) => headOf(world, (draft) => ({ ...draft, shipTo: { ...shipTo(draft), city: "Kiel" } }))],
    [
      "the buyer's number",
      (world) => headOf(world, (draft) => ({ ...draft, header: { ...draft.header, customerPoNo: "X" } })),
    ],
  ];
  type Draft = Parameters<World["commit"]>[0];
  const shipTo = (draft: Draft) => draft.shipTo ?? { name: "", address1: "", countryCode: "DE" };
  const headOf = (world: World, change: (draft: Draft) => Draft) => {
    const draft = world.sent.get(P1000);
    if (draft) world.sent.set(P1000, change(draft));
  };

  test.each(byHand)("%s: nothing is overwritten, a person decides", async (_name, change) => {
    const world = await exported();
    change(world);
    const found = inIfs(world);
    world.editOrder(ID, edits.quantity);
    expect([(await run(world)).kind, inIfs(world), codes(world)]).toEqual(["held", found, ["heldForReview"]]);
  });

  test("the same change, made there by hand, is what the shop says: the row closes", async () => {
    const world = await exported();
    world.setLine(P1000, "line-A-1", { state: "Picked" });
    world.editOrder(ID, edits.quantity);
    await run(world);
    expect(codes(world)).toEqual(["heldForReview"]);
    const money = { netAmountCurr: decimal("39.98"), taxAmountCurr: decimal("7.6"), grossAmountCurr: decimal("47.58") };
    world.setLine(P1000, "line-A-1", { buyQtyDue: decimal("2"), ...money });
    expect([await run(world, "person"), codes(world)]).toEqual([{ kind: "unchanged", orderNo: P1000 }, []]);
    expect((await run(world)).kind).toBe("unchanged");
  });

  test("a state that moves between reading and writing is judged again", async () => {
    const world = await exported();
    world.editOrder(ID, edits.quantity);
    const picked: Hook = (name, when) => {
      if (name === "ifs.amend" && when === "before") world.setLine(P1000, "line-A-1", { state: "Picked" });
    };
    expect([(await run(world, "event", picked)).kind, inIfs(world), codes(world)]).toEqual([
      "held",
      BEFORE,
      ["heldForReview"],
    ]);
  });

  test("a change that comes between reading and writing is kept", async () => {
    const world = await exported();
    world.editOrder(ID, edits.quantity);
    const byOthers: Hook = (name, when) => {
      if (name === "ifs.amend" && when === "before") {
        world.setLine(P1000, "line-A-1", { buyQtyDue: decimal("9") });
      }
    };
    expect((await run(world, "event", byOthers)).kind).toBe("held");
    expect(inIfs(world).lines[0]).toEqual(["line-A-1", "9", "71.36", false]);
    // Neither is it overwritten by the next look.
    await run(world, "person");
    expect(inIfs(world).lines[0]).toEqual(["line-A-1", "9", "71.36", false]);
  });
});

describe("what IFS does not take", () => {
  const refusing = () => once("ifs.amend", "before", () => new RefusedError("ifs", "ORA-20110", 500, "Not now"));

  test("is shown with its words, and tried again by a person, not by each event", async () => {
    const world = await exported();
    world.editOrder(ID, edits.quantity);
    expect([(await run(world, "event", refusing())).kind, codes(world)]).toEqual(["held", ["ifsRefused"]]);
    const [shown] = [...world.exceptions.values()];
    expect(shown?.message).toContain("Not now");
    const { version } = world.orders.get(ID) ?? {};
    expect((await run(world)).kind).toBe("waiting");
    expect([world.orders.get(ID)?.version, inIfs(world)]).toEqual([version, BEFORE]);
    expect([(await run(world, "person")).kind, inIfs(world), codes(world)]).toEqual(["amended", AFTER.quantity, []]);
  });

  test("stops an edit half-way, and the exception says what was done", async () => {
    const world = await exported();
    world.editOrder(ID, { ...edits.quantity, ...edits.references });
    let amends = 0;
    const second: Hook = (name, when) => {
      if (name === "ifs.amend" && when === "before") amends += 1;
      if (name === "ifs.amend" && when === "before" && amends === 2) {
        throw new RefusedError("ifs", "ORA-20110", 500, "Not now");
      }
    };
    expect((await run(world, "event", second)).kind).toBe("held");
    const [shown] = [...world.exceptions.values()];
    expect(shown?.message).toMatch(/Not now.*references.*Done in IFS before: line 1\/1\/0 \(A-1\): quantity 3 -> 2/);
    expect(world.journal.map(({ event }) => event)).toContain("order-amended-partly");
    expect([(await run(world, "person")).kind, inIfs(world).customerPoNo, codes(world)]).toEqual([
      "amended",
      "PO-77",
      [],
    ]);
  });

  test("an amount that IFS computes otherwise afterwards is shown", async () => {
    const world = await exported();
    world.state.deviation = 1;
    world.editOrder(ID, edits.addedLine);
    // The added line deviates by a cent; its price is amended to what it is already, and no further.
    const outcome = await run(world);
    expect([outcome.kind, codes(world)]).toEqual(["held", ["ifsAmountsDiffer"]]);
    const { version } = world.orders.get(ID) ?? {};
    expect((await run(world)).kind).toBe("waiting");
    expect(world.orders.get(ID)?.version).toBe(version);
  });

  test.each([["another charge", { discountOnTotalPrice: undefined, shippingInfo: undefined }]])(
    "%s is for a person",
    async (_name, fields) => {
      const world = await exported();
      const gross = 7136 + 1605;
      world.editOrder(ID, {
        ...fields,
        totalPrice: eur(7497),
        taxedPrice: { ...taxedOf(7497, gross), taxPortions: [] },
      });
      expect([(await run(world)).kind, inIfs(world), codes(world)]).toEqual(["held", BEFORE, ["heldForReview"]]);
    },
  );
});

describe("answers that get lost", () => {
  test("a lost answer of a change is settled by a look", async () => {
    const world = await exported();
    world.editOrder(ID, edits.quantity);
    const lost = once("ifs.amend", "after", () => new UnknownOutcomeError("lost"));
    await expect(run(world, "event", lost)).rejects.toThrow(TransientError);
    expect([(await run(world)).kind, inIfs(world)]).toEqual(["unchanged", AFTER.quantity]);
  });

  test("after a lost answer of an added line nobody adds before a late commit must have shown", async () => {
    const world = await exported();
    world.editOrder(ID, edits.addedLine);
    const lost = once("ifs.addLines", "after", () => new UnknownOutcomeError("lost"));
    expect((await run(world, "event", lost)).kind).toBe("unknown");
    expect((await run(world)).kind).toBe("waiting");
    world.advance(11 * MINUTE);
    expect([(await run(world)).kind, inIfs(world)]).toEqual(["unchanged", AFTER.addedLine]);
  });

  test("somebody else who writes to the order in between makes it plan anew", async () => {
    const world = await exported();
    world.editOrder(ID, edits.quantity);
    const conflict = once("orders.update", "before", () => new ConflictError("moved"));
    expect([(await run(world, "event", conflict)).kind, inIfs(world)]).toEqual(["amended", AFTER.quantity]);
  });
});

describe("an order whose state in IFS is not known", () => {
  test("from a version before this one is changed by a person only", async () => {
    const world = await exported();
    const entries = world.orders.get(ID)?.syncInfo as { externalId: string }[];
    const syncInfo = entries.map((entry) => ({
      ...entry,
      externalId: entry.externalId.startsWith("3;")
        ? entry.externalId.replace(/^3;/, "2;").replace(/;[0-9a-f]+$/, "")
        : entry.externalId,
    }));
    world.editOrder(ID, { ...edits.quantity, syncInfo });
    expect([(await run(world)).kind, inIfs(world), codes(world)]).toEqual(["held", BEFORE, ["heldForReview"]]);
  });
});
