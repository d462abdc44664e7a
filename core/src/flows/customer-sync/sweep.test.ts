/** The second way for every change: windows with overlap, what waits, and a cursor that never passes what was not looked at. */
import { describe, expect, test } from "vitest";
import { ConflictError, TransientError } from "../../domain/failure.ts";
import { chosenNumber } from "../customer-number.ts";
import { sweepCustomers } from "./sweep.ts";
import { configWith, createWorld, type Hook, type World } from "./testing/world.ts";

const MINUTE = 60_000;
const numbers = { numberPrefix: "CT", numberLength: 20 };
const idOf = (index: number): string => `1111111${index}-1111-4111-8111-111111111111`;
const numberOf = (index: number): string => chosenNumber({ kind: "customer", id: idOf(index) }, numbers);

const putShopper = (world: World, index: number, fields: object = {}): void => {
  const lastModifiedAt = new Date(world.state.now).toISOString();
  const known = world.customers.get(idOf(index));
  world.customers.set(idOf(index), {
    id: idOf(index),
    email: `kim${index}@example.com`,
    firstName: "Kim",
    lastName: String(index),
    externalId: numberOf(index),
    addresses: [],
    ...known,
    version: (known?.version ?? 0) + 1,
    lastModifiedAt,
    ...fields,
  });
  if (!world.cards.has(numberOf(index))) world.putCard(numberOf(index), { name: "before", reference: idOf(index) });
};

const worldOf = (count: number, given: Parameters<typeof configWith>[0] = {}): World => {
  const world = createWorld(configWith(given));
  for (let index = 1; index <= count; index += 1) putShopper(world, index);
  return world;
};

const sweep = (world: World, hook?: Hook) => sweepCustomers(world.deps(hook), world.state.now);
const names = (world: World) => [...world.cards.values()].map(({ fields }) => fields.name);
/** The flow has run for the first time, so that changes from now on are its own. */
async function begun(count: number, given?: Parameters<typeof configWith>[0]): Promise<World> {
  const world = createWorld(configWith(given));
  await sweep(world);
  world.state.now += MINUTE;
  for (let index = 1; index <= count; index += 1) putShopper(world, index);
  world.state.now += MINUTE;
  return world;
}
const counting = (): { hook: Hook; looks: () => number } => {
  let looks = 0;
  return {
    hook: (name, phase) => {
      if (name === "ifs.readCard" && phase === "before") looks += 1;
    },
    looks: () => looks,
  };
};

describe("the window", () => {
  test("first of all reaches back to `since`, or begins now", async () => {
    const world = worldOf(2);
    world.state.now += 60 * MINUTE;
    await sweep(world);
    expect(names(world)).toEqual(["before", "before"]);
    const since = worldOf(2, { customers: { changes: { flow: "created", since: "2026-11-02T00:00:00Z" } } });
    since.state.now += 60 * MINUTE;
    expect(await sweep(since)).toEqual({ processed: 2, changed: 2, failed: 0 });
    expect(names(since)).toEqual(["Kim 1", "Kim 2"]);
  });

  test("goes through all pages, of customers and of business units, and finds nothing to do afterwards", async () => {
    const world = await begun(5);
    const unit = {
      id: idOf(9),
      key: "werft",
      name: "Werft",
      version: 1,
      addresses: [],
      custom: { fields: { ifsCustomerNumber: "" } },
    };
    const number = chosenNumber({ kind: "businessUnit", id: idOf(9) }, numbers);
    world.units.set(unit.id, {
      ...unit,
      custom: { fields: { ifsCustomerNumber: number } },
      lastModifiedAt: new Date(world.state.now).toISOString(),
    });
    world.putCard(number, { name: "before" });
    expect(await sweep(world)).toEqual({ processed: 6, changed: 6, failed: 0 });
    expect(names(world)).toEqual(["Kim 1", "Kim 2", "Kim 3", "Kim 4", "Kim 5", "Werft"]);
    world.state.now += 60 * MINUTE;
    await sweep(world);
    world.state.now += MINUTE;
    expect(await sweep(world)).toEqual({ processed: 0, changed: 0, failed: 0 });
  });

  test("overlaps: what the platform shows late is found, and what was looked at is not asked for again", async () => {
    const world = await begun(1);
    await sweep(world);
    const { hook, looks } = counting();
    world.state.now += 5 * MINUTE;
    // Written three minutes ago, and not yet to be seen by the last run.
    putShopper(world, 2, { lastModifiedAt: new Date(world.state.now - 7 * MINUTE).toISOString() });
    expect(await sweep(world, hook)).toEqual({ processed: 1, changed: 1, failed: 0 });
    expect([names(world), looks()]).toEqual([["Kim 1", "Kim 2"], 1]);
    // Another change of the first one within the overlap is another version.
    putShopper(world, 1, { lastName: "one", lastModifiedAt: new Date(world.state.now - 6 * MINUTE).toISOString() });
    world.state.now += MINUTE;
    expect((await sweep(world, hook)).changed).toBe(1);
    expect([names(world), looks()]).toEqual([["Kim one", "Kim 2"], 2]);
  });
});

describe("what goes wrong", () => {
  test("an outage ends the run before its page, and the next one begins there", async () => {
    const world = await begun(8);
    const down: Hook = (name) => {
      const done = names(world).filter((one) => one !== "before").length;
      if (name === "ifs.readCard" && done >= 3) throw new TransientError("IFS is down");
    };
    await expect(sweep(world, down)).rejects.toThrow("IFS is down");
    world.state.now += MINUTE;
    expect((await sweep(world)).changed).toBe(5);
    expect(names(world)).toEqual([1, 2, 3, 4, 5, 6, 7, 8].map((index) => `Kim ${index}`));
  });

  test("a customer that nobody can get at holds up no other, and is looked at with every run", async () => {
    const world = await begun(4);
    let struck = false;
    const stuck: Hook = (name) => {
      if (name !== "ifs.writeCard" || struck) return;
      struck = true;
      throw new TransientError("locked");
    };
    expect(await sweep(world, stuck)).toEqual({ processed: 4, changed: 3, failed: 1 });
    world.state.now += 60 * MINUTE;
    expect([(await sweep(world)).changed, names(world)]).toEqual([1, ["Kim 1", "Kim 2", "Kim 3", "Kim 4"]]);
  });

  test("a run that nothing got through has not succeeded, even with one customer", async () => {
    const world = await begun(1);
    const down: Hook = (name) => {
      if (name.startsWith("ifs.")) throw new TransientError("IFS is down");
    };
    await expect(sweep(world, down)).rejects.toThrow("IFS is down");
    world.state.now += 60 * MINUTE;
    expect((await sweep(world)).changed).toBe(1);
  });

  test("a defect in one customer stops no other, and it is looked at again", async () => {
    const world = await begun(3);
    let broken = true;
    const hook: Hook = (name) => {
      if (name === "ifs.writeCard" && broken) {
        broken = false;
        throw new RangeError("a defect");
      }
    };
    expect(await sweep(world, hook)).toEqual({ processed: 3, changed: 2, failed: 1 });
    world.state.now += 60 * MINUTE;
    expect([(await sweep(world)).changed, names(world)]).toEqual([1, ["Kim 1", "Kim 2", "Kim 3"]]);
  });

  test("an open exception is looked at with every run, and closes once its cause is gone, whenever the customer changed", async () => {
    const world = await begun(2);
    world.state.refuse = /Kim 2/;
    expect(await sweep(world)).toEqual({ processed: 2, changed: 1, failed: 1 });
    expect([...world.exceptions.values()]).toMatchObject([
      { code: "ifsRefused", recordId: idOf(2), recordType: "customer" },
    ]);
    world.state.now += 120 * MINUTE;
    await sweep(world);
    expect(world.exceptions.size).toBe(1);
    world.state.refuse = undefined;
    world.state.now += 120 * MINUTE;
    expect((await sweep(world)).changed).toBe(1);
    expect([names(world), world.exceptions.size]).toEqual([["Kim 1", "Kim 2"], 0]);
  });

  test("time that is up ends the run between two customers; the next one goes on behind them", async () => {
    const world = await begun(5);
    const slow: Hook = (name, phase) => {
      if (name === "ifs.writeCard" && phase === "after") world.state.now += 5 * MINUTE;
    };
    const first = await sweep(world, slow);
    expect([first.changed, first.message]).toEqual([2, "The time was up; the next run goes on."]);
    await sweep(world, slow);
    await sweep(world, slow);
    expect(names(world)).toEqual(["Kim 1", "Kim 2", "Kim 3", "Kim 4", "Kim 5"]);
  });

  test("a run that another one has overtaken ends as a conflict, and nothing is missed", async () => {
    const world = await begun(4);
    let overtaken = false;
    const hook: Hook = async (name) => {
      if (name !== "ifs.writeCard" || overtaken) return;
      overtaken = true;
      await sweep(world);
    };
    await expect(sweep(world, hook)).rejects.toBeInstanceOf(ConflictError);
    expect(names(world)).toEqual(["Kim 1", "Kim 2", "Kim 3", "Kim 4"]);
  });

  test("killed between any two steps: all of them, in the end", async () => {
    let steps = 0;
    await sweep(await begun(3), () => {
      steps += 1;
    });
    for (let at = 0; at < steps; at += 1) {
      const world = await begun(3);
      let step = 0;
      await sweep(world, () => {
        step += 1;
        if (step > at) throw new Error("killed");
      }).catch(() => undefined);
      for (let run = 0; run < 3; run += 1) {
        world.state.now += 30 * MINUTE;
        await sweep(world);
      }
      expect({ at, names: names(world) }).toEqual({ at, names: ["Kim 1", "Kim 2", "Kim 3"] });
    }
  });
});

test("switched off, nothing is asked at all", async () => {
  const world = worldOf(2, { customers: { changes: {} } });
  const asked: string[] = [];
  const summary = await sweep(world, (name) => void asked.push(name));
  expect([summary, asked]).toEqual([{ processed: 0, changed: 0, failed: 0 }, []]);
});
