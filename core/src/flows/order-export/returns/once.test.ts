/** One RMA of each return, whoever meets, whatever is lost, and however the list of returns is written. */
import { describe, expect, test } from "vitest";
import { TransientError, UnknownOutcomeError } from "../../../domain/failure.ts";
import { codes, ID, MINUTE, once } from "../testing/export.ts";
import {
  delivered,
  infoOf,
  itemOf,
  LINE_B,
  recordOf,
  returning,
  rmasOf,
  runOf,
  withReturns,
} from "../testing/returned.ts";
import type { World } from "../testing/world.ts";

const rmaNosOf = (world: World) => recordOf(world).returns.map(({ rmaNo }) => rmaNo);

describe("never a second RMA", () => {
  test("in the sweep of another replica, and after the same event again", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1")));
    await Promise.allSettled([runOf(world), runOf(world), runOf(world, "sweep"), runOf(world)]);
    await runOf(world);
    expect([rmasOf(world), world.returns.state.creates]).toEqual([["Planned: 1 x 1 WRONG"], 1]);
  });

  test("a lost answer is waited for, looked up and linked", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1")));
    const lost = once("returns.create", "after", () => new UnknownOutcomeError("lost"));
    expect((await runOf(world, "event", lost)).kind).toBe("unknown");
    expect((await runOf(world)).kind).toBe("waiting");
    world.advance(10 * MINUTE);
    expect((await runOf(world)).kind).toBe("returned");
    expect([rmasOf(world), world.returns.state.creates, rmaNosOf(world)]).toEqual([
      ["Planned: 1 x 1 WRONG"],
      1,
      ["5001"],
    ]);
  });

  test("an answer that never came and shows nothing: only a proof lets it be sent again", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1")));
    await runOf(
      world,
      "event",
      once("returns.create", "before", () => new UnknownOutcomeError("lost")),
    );
    world.advance(10 * MINUTE);
    world.returns.state.proven = false;
    expect((await runOf(world)).kind).toBe("held");
    expect([codes(world), rmasOf(world)]).toEqual([["heldForReview"], []]);
    world.returns.state.proven = true;
    await runOf(world);
    expect([codes(world), rmasOf(world)]).toEqual([[], ["Planned: 1 x 1 WRONG"]]);
  });

  test("the first return of a site needs no proof; one from before the installation does", async () => {
    const young = await delivered();
    young.returns.state.proven = false;
    withReturns(young, infoOf(itemOf("r1")));
    await runOf(young);
    const old = await delivered({ options: { config: returning(), activationStamp: "2026-11-21T00:00:00.000Z" } });
    old.returns.state.proven = false;
    withReturns(old, infoOf(itemOf("r1")));
    await runOf(old);
    expect([rmasOf(young).length, rmasOf(old).length, codes(old)]).toEqual([1, 0, ["heldForReview"]]);
  });

  test("a header without its lines is completed", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1"), itemOf("r2", { lineItemId: LINE_B })));
    world.returns.state.keepLines = 0;
    await runOf(
      world,
      "event",
      once("returns.create", "after", () => new UnknownOutcomeError("lost")),
    );
    world.returns.state.keepLines = 99;
    world.advance(10 * MINUTE);
    expect((await runOf(world)).kind).toBe("returned");
    expect([rmasOf(world), world.returns.state.adds]).toEqual([["Planned: 1 x 1 WRONG, 2 x 1 WRONG"], 1]);
  });

  test("after an outage before anything was sent it is sent at once", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1")));
    const down = once("returns.create", "before", () => new TransientError("down"));
    await expect(runOf(world, "event", down)).rejects.toThrow("down");
    expect((await runOf(world)).kind).toBe("returned");
    expect(rmasOf(world).length).toBe(1);
  });

  test("attempts that end in doubt again and again are an exception", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1")));
    for (let attempt = 0; attempt < 5; attempt += 1) {
      await runOf(
        world,
        "event",
        once("returns.create", "before", () => new UnknownOutcomeError("lost")),
      );
      world.advance(10 * MINUTE);
    }
    await runOf(world);
    expect([codes(world), world.returns.state.creates]).toEqual([["attemptsExhausted"], 0]);
    await runOf(world);
    expect([codes(world), rmasOf(world).length]).toEqual([[], 1]);
  });

  test("two RMAs of one reference are shown, and the survivor is linked", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("r1")));
    await runOf(
      world,
      "event",
      once("returns.create", "after", () => new UnknownOutcomeError("lost")),
    );
    const [draft] = world.returns.drafts;
    if (!draft) throw new Error("nothing was sent");
    world.returns.commit(draft);
    world.advance(10 * MINUTE);
    await runOf(world);
    expect(codes(world)).toEqual(["ifsDuplicate"]);
    world.returns.set("5001", { state: "Cancelled" });
    await runOf(world);
    expect([codes(world), rmaNosOf(world)]).toEqual([[], ["5002"]]);
  });
});

describe("a list of returns that is written anew", () => {
  test("the same goods under other ids are the same return", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("a1", { shipmentState: "Advised", quantity: 2 })));
    await runOf(world);
    withReturns(world, infoOf(itemOf("r1", { quantity: 2 })));
    await runOf(world);
    expect([rmasOf(world), rmaNosOf(world), codes(world)]).toEqual([["Planned: 1 x 2 WRONG"], ["5001"], []]);
  });

  test("also when nobody had recorded its RMA", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("a1", { quantity: 2 })));
    await runOf(
      world,
      "event",
      once("returns.create", "after", () => new UnknownOutcomeError("lost")),
    );
    withReturns(world, infoOf(itemOf("r1", { quantity: 2 })));
    world.advance(10 * MINUTE);
    await runOf(world);
    expect([rmasOf(world), rmaNosOf(world)]).toEqual([["Planned: 1 x 2 WRONG"], ["5001"]]);
  });

  test("a key that stays is the same return", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("a1", { key: "ret-1" })));
    await runOf(world);
    withReturns(world, infoOf(itemOf("b1", { key: "ret-1" })));
    const looks = world.returns.state.looks;
    await runOf(world);
    expect([rmasOf(world).length, world.returns.state.looks]).toEqual([1, looks]);
  });

  test("other goods wait for a person until the old RMA is ended", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("a1", { quantity: 2 })));
    await runOf(world);
    withReturns(world, infoOf(itemOf("r1", { quantity: 1 })));
    await runOf(world);
    expect([rmasOf(world).length, codes(world)]).toEqual([1, ["heldForReview"]]);
    const { lines = [] } = world.returns.rmas.get("5001") ?? {};
    const ended = lines.map((line) => ({ ...line, state: "Cancelled" as const }));
    world.returns.set("5001", { state: "Cancelled", lines: ended });
    await runOf(world);
    expect([rmasOf(world), rmaNosOf(world), codes(world)]).toEqual([
      ["Cancelled: 1 x 2 WRONG", "Planned: 1 x 1 WRONG"],
      ["5002"],
      [],
    ]);
  });

  test("taken back: shown until the RMA is ended in IFS", async () => {
    const world = await delivered();
    withReturns(world, infoOf(itemOf("a1")));
    await runOf(world);
    world.editOrder(ID, { returnInfo: [] });
    await runOf(world);
    expect(codes(world)).toEqual(["heldForReview"]);
    world.returns.set("5001", { state: "Cancelled" });
    await runOf(world);
    expect([codes(world), recordOf(world).returns]).toEqual([[], []]);
  });
});
