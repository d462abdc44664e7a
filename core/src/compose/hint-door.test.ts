import { expect, test } from "vitest";
import { TransientError } from "../domain/failure.ts";
import { type Hint, hintId } from "../domain/hints.ts";
import { createHintDoor, type HintDoorDeps, hintLimits } from "./hint-door.ts";

function aDoor() {
  const state = { now: 0, waiting: 0, stored: [] as string[], looks: 0, warnings: 0 };
  let look: (isOver: () => boolean) => Promise<void> = async () => {};
  const deps: HintDoorDeps = {
    clock: { monotonic: () => state.now },
    logger: {
      info: () => {},
      error: () => {},
      warn: () => {
        state.warnings += 1;
      },
    },
    hints: {
      put: async (hint: Hint) => {
        state.stored.push(hintId(hint));
      },
      count: async () => state.waiting,
    },
    look: async (isOver) => {
      state.looks += 1;
      await look(isOver);
      return { handled: 0, dropped: 0, changed: 0 };
    },
  };
  const take = createHintDoor(deps);
  return {
    state,
    take,
    looking: (by: typeof look) => {
      look = by;
    },
    tell: (...orderNos: (string | number)[]) =>
      take({ object: "order", keys: orderNos.map((orderNo) => ({ orderNo })) }),
  };
}

const answer = (stored: number, leftToPolling: number, reread: string) => ({
  kind: "done",
  body: { stored, leftToPolling, reread },
});

test("stored first, then looked at, then answered", async () => {
  const { state, tell, looking } = aDoor();
  looking(async () => {
    expect(state.stored).toEqual(['["order","1"]', '["order","2"]']);
  });
  expect(await tell(1, 2)).toEqual(answer(2, 0, "done"));
  expect(state.looks).toBe(1);
});

test("a body that is none is refused with its reason, and nothing is stored", async () => {
  const { state, take } = aDoor();
  expect(await take("&NEW:ORDER_NO")).toMatchObject({ kind: "unreadable" });
  expect([state.stored, state.looks]).toEqual([[], 0]);
});

test("one reading at a time: who comes meanwhile is answered at once, and its hint is looked at by the same request", async () => {
  const { state, tell, looking } = aDoor();
  const answers: unknown[] = [];
  looking(async () => {
    if (state.looks > 1) return;
    for (const orderNo of [2, 3]) answers.push(await tell(orderNo));
  });
  expect(await tell(1)).toEqual(answer(1, 0, "done"));
  expect([answers, state.looks]).toEqual([[answer(1, 0, "queued"), answer(1, 0, "queued")], 2]);
});

test("no reading is begun once the time is over; what is left is the job's", async () => {
  const { state, tell, looking } = aDoor();
  looking(async (isOver) => {
    expect(isOver()).toBe(false);
    state.now += hintLimits.lookMs + 1;
    expect(isOver()).toBe(true);
    await tell(2);
  });
  expect(await tell(1)).toEqual(answer(1, 0, "later"));
  expect(state.looks).toBe(1);
});

test.each([
  ["an outage", new TransientError("IFS is down"), 0],
  ["a defect", new Error("odd"), 1],
])("%s while looking is no reason for IFS to send the hint again, and stops nobody", async (_what, error, warnings) => {
  const { state, tell, looking } = aDoor();
  looking(async () => {
    throw error;
  });
  expect(await tell(1)).toEqual(answer(1, 0, "later"));
  looking(async () => {});
  expect(await tell(2)).toEqual(answer(1, 0, "done"));
  expect([state.stored.length, state.warnings]).toEqual([2, warnings]);
});

test("what cannot be stored is not acknowledged", async () => {
  const { state } = aDoor();
  const take = createHintDoor({
    clock: { monotonic: () => state.now },
    logger: { info: () => {}, warn: () => {}, error: () => {} },
    hints: {
      put: async () => {
        throw new TransientError("commercetools is down");
      },
      count: async () => 0,
    },
    look: async () => ({ handled: 0, dropped: 0, changed: 0 }),
  });
  await expect(take({ object: "order", keys: [{ orderNo: 1 }] })).rejects.toBeInstanceOf(TransientError);
});

test("a mass change is left to the scheduled runs: so many keys a minute, and so many that wait", async () => {
  const { state, tell } = aDoor();
  const hundred = Array.from({ length: 100 }, (_, index) => index + 1);
  for (let request = 0; request < hintLimits.keysPerMinute / 100; request += 1) {
    expect(await tell(...hundred)).toEqual(answer(100, 0, "done"));
  }
  expect(await tell(...hundred)).toEqual(answer(0, 100, "later"));
  state.now += 30_000;
  state.waiting = 0;
  expect(await tell(...hundred)).toEqual(answer(100, 0, "done"));
  state.now += 60_000;
  state.waiting = hintLimits.waiting - 3;
  expect(await tell(...hundred)).toEqual(answer(3, 97, "done"));
});
