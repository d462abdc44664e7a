import { describe, expect, it } from "vitest";
import { connectorConfigSchema } from "../../domain/config.ts";
import { decimal } from "../../domain/decimal.ts";
import { TransientError } from "../../domain/failure.ts";
import type { CatalogNo } from "../../domain/ids.ts";
import type { IfsPackage } from "../../domain/ifs-records.ts";
import type { AtpDeps } from "./deps.ts";
import { warmUp } from "./run.ts";
import { ask, checkoutConfig, openCheckout, short } from "./testing/checkout.ts";

const base = checkoutConfig();
const config = connectorConfigSchema.parse({ ...base, stock: { ...base.stock, kits: { list: [], fromIfs: true } } });
const kit: IfsPackage = {
  catalogNo: "KIT" as CatalogNo,
  components: [{ catalogNo: "BOLT" as CatalogNo, quantity: decimal(2) }],
};
const wish = { lines: { KIT: 1 }, deadlineMs: 1000 };

function open() {
  const checkout = openCheckout({ KIT: { ifs: 0, partNo: null, shop: 3 }, BOLT: { ifs: 6 } }, undefined, config);
  const replica = checkout.replica();
  let reads = 0;
  let packages: AtpDeps["ifs"]["packages"] = async () => [kit];
  const deps: AtpDeps = {
    ...replica,
    ifs: {
      ...replica.ifs,
      packages(contract) {
        reads += 1;
        return packages(contract);
      },
    },
  };
  return {
    ...checkout,
    deps,
    reads: () => reads,
    answering: (how: typeof packages) => {
      packages = how;
    },
    check: async () => short(await ask(deps, wish)),
  };
}
const known = ["KIT: confirm by ifs, 3, available"];
const down = async () => {
  throw new TransientError("IFS is down");
};

describe("the list of package parts", () => {
  it("is read before the first answer, and again behind an answer", async () => {
    const checkout = open();
    await warmUp(checkout.deps);
    expect([await checkout.check(), checkout.reads()]).toEqual([known, 1]);
    checkout.idle(5 * 60);
    checkout.answering(() => new Promise(() => {}));
    expect([await checkout.check(), await checkout.check(), checkout.reads()]).toEqual([known, known, 2]);
  });

  it("counts on while IFS fails, which is told, and is tried again after a pause; but not for ever", async () => {
    const checkout = open();
    await checkout.check();
    checkout.answering(down);
    checkout.idle(6 * 60);
    for (let left = 5; left > 0; left -= 1) expect(await checkout.check()).toEqual(known);
    await checkout.clock.sleep(10);
    expect([checkout.told, checkout.reads()]).toEqual([["packages-not-renewed"], 2]);
    checkout.idle(11);
    expect(await checkout.check()).toEqual(known);
    await checkout.clock.sleep(10);
    expect(checkout.reads()).toBe(3);
    checkout.idle(55 * 60);
    expect(await checkout.check()).toEqual(["KIT: unknown by policy, null, ifsUnavailable"]);
    checkout.answering(async () => [kit]);
    expect(await checkout.check()).toEqual(known);
  });

  it("opens the breaker where it was never read: IFS is not asked by each of 200 checks", async () => {
    const checkout = open();
    checkout.answering(down);
    for (let left = 200; left > 0; left -= 1) await checkout.check();
    expect([checkout.reads(), checkout.deps.context.breakerState()]).toEqual([5, "open"]);
    expect(await checkout.check()).toEqual(["KIT: unknown by policy, null, breakerOpen"]);
  });
});
