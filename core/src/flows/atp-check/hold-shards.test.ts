import { describe, expect, it } from "vitest";
import { openHoldShards } from "../../ct/testing/hold-shards.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createHoldShards } from "./hold-shards.ts";
import { ask, openCheckout, short } from "./testing/checkout.ts";

/** Something that is waited for until it is let go. */
function gate() {
  let go = () => {};
  const opened = new Promise<void>((open) => {
    go = open;
  });
  return { go, opened };
}

describe("a look at a shard", () => {
  it("fails for nobody because somebody else had less time", async () => {
    const { store } = await openHoldShards();
    const [begun, answer] = [gate(), gate()];
    const checkout = openCheckout(
      { BOLT: { ifs: 1, shop: 1 } },
      {
        ...store.holds,
        async read(shard) {
          begun.go();
          await answer.opened;
          return store.holds.read(shard);
        },
      },
    );
    const deps = checkout.replica();
    const hurried = ask(deps, { lines: { BOLT: 1 }, deadlineMs: 60 });
    await begun.opened;
    const patient = ask(deps, { lines: { BOLT: 1 } });
    expect(short(await hurried)).toEqual(["BOLT: unknown by policy, null, deadline"]);
    // Longer than the timers of that deadline may be late.
    await checkout.clock.sleep(50);
    answer.go();
    expect(short(await patient)).toEqual(["BOLT: confirm by ifs, 1, available"]);
  });

  it("that is to be fresh joins none that began before it", async () => {
    const answer = gate();
    let version = 0;
    const access = {
      async read() {
        version += 1;
        const state = { holds: [`as of ${version}`], version };
        await answer.opened;
        return state;
      },
      swap: async () => 1,
      chance: () => 0,
    };
    const shards = createHoldShards<string>(systemClock, { windowMs: 1 });
    const looks = [false, false, true].map((isFresh) => shards.look(access, 0, { isFresh }));
    answer.go();
    expect(await Promise.all(looks)).toEqual([["as of 1"], ["as of 1"], ["as of 2"]]);
  });
});
