/** Where a figure of IFS has to be read, others that will soon be asked for are read with it: fewer reads, and none that nobody asks for. */
import { describe, expect, it } from "vitest";
import { ask, checkoutConfig, openCheckout } from "./testing/checkout.ts";

const parts = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`P${n}`, { ifs: 9 }]));

function open(stock: Record<string, { ifs: number }>) {
  const checkout = openCheckout(stock, undefined, checkoutConfig({ cacheSeconds: 60 }));
  const deps = checkout.replica();
  const asked = (...skus: string[]) => ask(deps, { lines: Object.fromEntries(skus.map((sku) => [sku, 1])) });
  /** Since the last call. */
  const read = () => checkout.ifsReads.splice(0);
  return { checkout, deps, asked, read };
}

describe("figures of IFS that are remembered", () => {
  it("come to be read together where they are asked for again and again", async () => {
    const { checkout, asked, read } = open({ BOLT: { ifs: 9 }, NUT: { ifs: 9 } });
    await asked("BOLT");
    checkout.idle(20);
    await asked("NUT");
    await asked("BOLT", "NUT");
    expect(read()).toEqual(["BOLT", "NUT"]);
    checkout.idle(41);
    await asked("BOLT");
    expect(read()).toEqual(["BOLT", "NUT"]);
    // Both are as old as this read now, and no older figure is used for longer because of it.
    checkout.idle(59);
    expect((await asked("BOLT", "NUT")).lines.map(({ ageMs = 0 }) => Math.round(ageMs / 1000))).toEqual([59, 59]);
    expect(read()).toEqual([]);
    checkout.idle(2);
    await asked("NUT");
    expect(read()).toEqual(["NUT", "BOLT"]);
  });

  it("are not read again for nobody: what was asked for once, long ago, or is young", async () => {
    const { checkout, asked, read } = open({ BOLT: { ifs: 9 }, ONCE: { ifs: 9 }, YOUNG: { ifs: 9 }, OLD: { ifs: 9 } });
    await asked("OLD");
    await asked("OLD");
    checkout.idle(50);
    await asked("BOLT", "ONCE");
    checkout.idle(40);
    await asked("YOUNG");
    await asked("YOUNG");
    read();
    checkout.idle(21);
    await asked("BOLT");
    expect(read()).toEqual(["BOLT"]);
  });

  it("are taken along once for each time that they are asked for again", async () => {
    const { checkout, asked, read } = open({ BOLT: { ifs: 9 }, NUT: { ifs: 9 }, PIN: { ifs: 9 } });
    await asked("BOLT", "NUT");
    await asked("NUT");
    checkout.idle(61);
    await asked("BOLT");
    expect(read()).toEqual(["BOLT", "NUT", "BOLT", "NUT"]);
    checkout.idle(20);
    await asked("PIN");
    checkout.idle(41);
    await asked("BOLT");
    expect(read()).toEqual(["PIN", "BOLT"]);
  });

  it("do not make the read longer for whoever waits: it takes along what fits into one request", async () => {
    const { checkout, asked, read } = open(parts(100));
    await asked(...Object.keys(parts(100)));
    await asked(...Object.keys(parts(100)));
    read();
    checkout.idle(61);
    await asked("P5");
    expect(read()).toHaveLength(75);
  });

  it("are not asked for twice while they are taken along, and stay what they are where that read fails", async () => {
    const { checkout, deps, asked, read } = open({ BOLT: { ifs: 9 }, NUT: { ifs: 9 } });
    await asked("BOLT");
    checkout.idle(20);
    await asked("NUT");
    await asked("NUT");
    checkout.idle(41);
    const { openDemand } = deps.ifs;
    let isDown = true;
    const slow: typeof openDemand = async (...about) => {
      await checkout.clock.sleep(20);
      if (isDown) throw new Error("down");
      return openDemand(...about);
    };
    Object.assign(deps.ifs, { openDemand: slow });
    read();
    expect((await asked("BOLT")).lines[0]).toMatchObject({ source: "policy" });
    expect((await asked("NUT")).lines[0]).toMatchObject({ source: "ifs", available: 9 });
    isDown = false;
    checkout.idle(20);
    const first = asked("BOLT");
    await checkout.clock.sleep(10);
    await Promise.all([first, asked("NUT")]);
    expect(read()).toEqual(["BOLT", "NUT"]);
  });
});
