import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { OrderExistsError } from "../../domain/failure.ts";
import { orderNosOf } from "./order-number.ts";
import { configWith } from "./testing/config.ts";
import { claimOf, codes, ID, ifsStates, MINUTE, run, worldWith } from "./testing/export.ts";
import { draftOf, mapped } from "./testing/mapped.ts";
import { netOrder } from "./testing/orders.ts";
import type { Hook } from "./testing/world.ts";

const chosen = (ifsOrderNo: object) => configWith({ orders: { ifsOrderNo } });

describe("numbers of our own", () => {
  test("depend on the order alone, have the configured form, and none is another's", () => {
    expect(orderNosOf(ID, undefined)).toEqual([]);
    fc.assert(
      fc.property(
        fc.uniqueArray(fc.uuid(), { minLength: 2, maxLength: 200 }),
        fc.constantFrom("", "CT", "SHOP01"),
        fc.integer({ min: 14, max: 30 }),
        (ids, prefix, length) => {
          const numbers = ids.flatMap((id) => orderNosOf(id, { prefix, length }));
          expect(new Set(numbers).size).toBe(3 * ids.length);
          expect(numbers.every((number) => new RegExp(`^${prefix}[0-9A-HJKMNP-TV-Z]+$`).test(number))).toBe(true);
          expect(new Set(numbers.map((number) => number.length))).toEqual(new Set([length]));
          expect(ids.flatMap((id) => orderNosOf(id, { prefix, length }))).toEqual(numbers);
        },
      ),
      { seed: 11, numRuns: 50 },
    );
  });

  test("stand in the draft where the merchant wants them, and nowhere else", () => {
    expect(draftOf(mapped(netOrder(), chosen({ prefix: "CT" }))).header.orderNos).toEqual(
      orderNosOf(ID, { prefix: "CT", length: 12 }),
    );
    expect("orderNos" in draftOf(mapped(netOrder())).header).toBe(false);
  });

  test.each([{ prefix: "ct" }, { prefix: "SHOP01", length: 13 }, { length: 9 }])("%o is refused", (wrong) => {
    expect(() => chosen(wrong)).toThrow();
  });
});

describe("a create that IFS's key refuses, because the order is there", () => {
  /** As the adapter answers once it has seen that the order of this number is this very order. */
  const refusedByKey: Hook = (name, phase) => {
    if (name === "ifs.create" && phase === "before") throw new OrderExistsError("P1000" as never);
  };
  const worldWhereItIs = (keepRows = Number.POSITIVE_INFINITY) => {
    const config = chosen({ prefix: "CT" });
    const world = worldWith(netOrder(), { config });
    world.commit(draftOf(mapped(netOrder(), config)), keepRows);
    return world;
  };

  test("goes on with that order, and links it", async () => {
    const world = worldWhereItIs();
    expect([await run(world, "event", refusedByKey), ifsStates(world), codes(world)]).toEqual([
      { kind: "linked", orderNo: "P1000" },
      ["Released"],
      [],
    ]);
  });

  test("completes it where it is half-built", async () => {
    const world = worldWhereItIs(1);
    expect([(await run(world, "event", refusedByKey)).kind, world.documents.get("P1000")?.lines.length]).toEqual([
      "linked",
      2,
    ]);
  });

  test("links no order that was cancelled in IFS", async () => {
    const world = worldWhereItIs();
    world.setState("P1000", "Cancelled");
    expect([(await run(world, "event", refusedByKey)).kind, claimOf(world).phase, codes(world)]).toEqual([
      "held",
      "held",
      ["heldForReview"],
    ]);
  });

  test("writes nothing where another worker has taken over meanwhile", async () => {
    const world = worldWhereItIs();
    const hook: Hook = async (name, phase) => {
      if (name === "ifs.create" && phase === "before") {
        world.advance(12 * MINUTE);
        expect((await run(world, "sweep")).kind).toBe("linked");
      }
      await refusedByKey(name, phase);
    };
    // The push's own time is over, so it is refused and comes again; nothing of it is in doubt.
    await expect(run(world, "event", hook)).rejects.toThrow("no time left");
    expect([world.journal.map(({ event }) => event), ifsStates(world)]).toEqual([["order-linked"], ["Released"]]);
  });
});
