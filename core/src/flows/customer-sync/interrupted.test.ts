/** Whatever happens between two steps of a look, and of a sign-up: once, complete, and nobody's edit is lost. */
import { describe, expect, test } from "vitest";
import { TransientError, UnknownOutcomeError } from "../../domain/failure.ts";
import { cardOf, complete, type Given, ID, look, messages, OURS, seen, worldOf } from "./testing/shopper.ts";
import type { Hook, World } from "./testing/world.ts";

class Killed extends Error {}

/** Steps that the longest look has. */
async function stepsOf(): Promise<number> {
  let steps = 0;
  await look(worldOf(), () => {
    steps += 1;
  });
  return steps;
}

async function finish(world: World, at: object): Promise<void> {
  for (let round = 0; round < 3; round += 1) {
    await look(world);
    world.state.now += 60_000;
  }
  expect({ ...at, ...seen(world) }).toEqual({ ...at, ...complete });
  expect(world.addresses.get(OURS)?.size).toBe(2);
  expect(messages(world)).toEqual([]);
}

describe("whatever happens in between", () => {
  test("killed at every step", async () => {
    const steps = await stepsOf();
    expect(steps).toBeGreaterThan(20);
    for (let at = 0; at < steps; at += 1) {
      const world = worldOf();
      let step = 0;
      const hook: Hook = () => {
        step += 1;
        if (step > at) throw new Killed("dead");
      };
      await look(world, hook, "event").catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      await finish(world, { at });
    }
  });

  test("every answer lost once", async () => {
    const steps = await stepsOf();
    for (let at = 0; at < steps; at += 1) {
      const world = worldOf();
      let step = 0;
      const hook: Hook = (name) => {
        step += 1;
        if (step !== at + 1) return;
        throw name === "ifs.addAddress" ? new UnknownOutcomeError("lost") : new TransientError("lost");
      };
      await look(world, hook, "event").catch((error: unknown) => {
        if (!(error instanceof TransientError)) throw error;
      });
      await finish(world, { at });
    }
  });

  test("another replica looks between any two steps", async () => {
    const steps = await stepsOf();
    for (let at = 0; at < steps; at += 1) {
      const world = worldOf();
      let step = 0;
      await look(world, async () => {
        step += 1;
        if (step === at + 1) await look(world, undefined, "event");
      });
      await finish(world, { at });
    }
  });

  test("a clerk edits what is not ours between any two steps: it stays, and the change arrives", async () => {
    const steps = await stepsOf();
    for (let at = 0; at < steps; at += 1) {
      const world = worldOf({ customers: { changes: { flow: "created", owners: { email: "ifs" } } } });
      let step = 0;
      await look(world, () => {
        step += 1;
        if (step === at + 1) world.edit(OURS, { email: "clerk@example.com" });
      });
      await look(world);
      expect({ at, email: cardOf(world)?.email, name: cardOf(world)?.name }).toEqual({
        at,
        email: "clerk@example.com",
        name: "Kim Muster",
      });
    }
  });

  test("a clerk who never stops is told as an outage, so that it is tried again", async () => {
    const world = worldOf();
    const hook: Hook = (name, phase) => {
      if (name === "ifs.writeCard" && phase === "before") world.edit(OURS, { email: `${Math.random()}` });
    };
    await expect(look(world, hook)).rejects.toBeInstanceOf(TransientError);
  });

  test("time that is up ends it between two requests; what was written is in the journal", async () => {
    const world = worldOf();
    const hook: Hook = (name, phase) => {
      if (name === "ifs.addAddress" && phase === "after") world.state.now += 59_800;
    };
    await expect(look(world, hook, "event")).rejects.toThrow("no time left");
    expect(
      world.journal.filter(({ event }) => event === "customer-changed").map(({ detail }) => detail.addressesAdded),
    ).toEqual([1]);
    await finish(world, {});
  });
});

describe("sign-up", () => {
  const policy: Given = { route: { createAt: "signUp" }, customers: {}, shopper: { externalId: undefined } };
  const fresh = (given: Given = policy): World => {
    const world = worldOf(given);
    world.cards.clear();
    world.addresses.clear();
    world.putCard("TEMPLATE", { name: "Template" });
    return world;
  };
  const numberOf = (world: World) => world.customers.get(ID)?.externalId;

  test("makes the IFS customer with all that is known, and links it last", async () => {
    const world = fresh();
    const linkedAt: unknown[] = [];
    const outcome = await look(world, (name, phase) => {
      if (name === "ct.updateCustomer" && phase === "before") linkedAt.push(seen(world));
    });
    expect([outcome, numberOf(world)]).toEqual([{ kind: "created", customerNo: OURS }, OURS]);
    expect(linkedAt).toEqual([complete]);
  });

  test("killed at every step, and seen by two replicas at once: one customer, complete", async () => {
    let steps = 0;
    await look(fresh(), () => {
      steps += 1;
    });
    for (let at = 0; at < steps; at += 1) {
      const world = fresh();
      let step = 0;
      const hook: Hook = async () => {
        step += 1;
        if (step === at) await look(world, undefined, "event").catch(() => undefined);
        if (step > at) throw new Killed("dead");
      };
      await look(world, hook).catch((error: unknown) => {
        if (!(error instanceof Killed)) throw error;
      });
      await look(world);
      expect({ at, number: numberOf(world), customers: [...world.cards.keys()] }).toEqual({
        at,
        number: OURS,
        customers: ["TEMPLATE", OURS],
      });
      expect({ at, ...seen(world) }).toEqual({ at, ...complete });
    }
  });

  test("does not happen where another route might take the orders, or where two IFS customers fit", async () => {
    const elsewhere = fresh({ ...policy, shopper: { externalId: undefined, addresses: [] } });
    for (const route of elsewhere.state.config.routes) Object.assign(route.when, { country: "DE" });
    expect((await look(elsewhere)).kind).toBe("unlinked");
    const world = fresh();
    for (const number of ["10001", "10002"]) world.putCard(number, { vatNo: "DE811234501" });
    expect(await look(world)).toMatchObject({ kind: "rejected", rejection: { code: "customerConflict" } });
    expect([numberOf(world), world.cards.size]).toEqual([undefined, 3]);
  });
});
