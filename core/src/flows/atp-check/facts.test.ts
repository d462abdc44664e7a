import { describe, expect, it } from "vitest";
import { connectorConfigSchema } from "../../domain/config.ts";
import { TransientError } from "../../domain/failure.ts";
import type { Sku } from "../../domain/ids.ts";
import { type SalesFigures, toSalesFigures, toSalesParts } from "../../domain/sales.ts";
import { noFacts, type SkuFacts } from "../../domain/threshold.ts";
import { virtualTime } from "../../runtime/testing/virtual-time.ts";
import { createAtpContext } from "./context.ts";
import type { AtpDeps } from "./deps.ts";
import { type Knowledge, knowledgeOf } from "./facts.ts";

const MINUTE = 60_000;
const BOLT = "BOLT" as Sku;
const NUT = "NUT" as Sku;

const figures = (units: number): SalesFigures | undefined => {
  const day = {
    day: "2026-11-01",
    windowSeconds: 13,
    orders: 1,
    rows: [["BOLT", "web", units, 1]] as SalesFigures["rows"] extends ReadonlyMap<string, infer R> ? R[] : never,
  };
  return toSalesFigures(toSalesParts([day], "2026-11-02T00:10:00Z"));
};

function scene(atp: object = { thresholdFields: { units: "keep" } }) {
  const time = virtualTime();
  const reads: string[][] = [];
  const logged: string[] = [];
  const knobs = {
    ms: 20,
    fails: false,
    units: 1,
    ignored: [] as SkuFacts["ignored"],
    salesUnits: 5 as number | undefined,
    salesReads: 0,
  };
  const config = (given: object) =>
    connectorConfigSchema.parse({
      schemaVersion: 1,
      orders: { exportFrom: "2026-01-01T00:00:00Z" },
      routes: [
        { name: "all", company: "10", site: "S1", orderType: "W", coordinator: "C", customerNo: "1", addressNo: "1" },
      ],
      sites: [{ site: "S1", company: "10", timeZone: "Europe/Berlin" }],
      atp: given,
    });
  const context = createAtpContext({ clock: time.clock, cacheSize: 3 });
  const answer = async <T>(value: () => T): Promise<T> => {
    await time.clock.sleep(knobs.ms);
    if (knobs.fails) throw new TransientError("commercetools is down");
    return value();
  };
  const depsOf = (given: object): AtpDeps =>
    ({
      context,
      config: config(given),
      async skuFacts(skus: readonly Sku[]) {
        reads.push([...skus]);
        return answer(
          () =>
            new Map(
              skus
                .filter((sku) => sku !== "NOBODY")
                .map((sku) => [sku, { ...noFacts, variant: { units: knobs.units }, ignored: knobs.ignored }]),
            ),
        );
      },
      async salesFigures() {
        knobs.salesReads += 1;
        return answer(() => (knobs.salesUnits === undefined ? undefined : figures(knobs.salesUnits)));
      },
      logger: { info: () => {}, warn: (_: object, event: string) => logged.push(event), error: () => {} },
    }) as unknown as AtpDeps;
  let deps = depsOf(atp);
  /** What is known, and how long that took. */
  async function ask(...skus: Sku[]): Promise<{ ms: number; known: Knowledge }> {
    const before = time.elapsed();
    let answered: { ms: number; known: Knowledge } | undefined;
    void knowledgeOf(deps, skus).then((known) => {
      answered = { ms: time.elapsed() - before, known };
    });
    await time.until(() => answered !== undefined, 10_000);
    if (!answered) throw new Error("no answer");
    return answered;
  }
  const unitsOf = async (sku: Sku) => (await ask(sku)).known.facts(sku)?.variant.units;
  return {
    time,
    reads,
    logged,
    knobs,
    ask,
    unitsOf,
    context,
    configure: (given: object) => {
      deps = depsOf(given);
    },
  };
}

describe("what the catalogue says of a SKU", () => {
  it("is not read where no threshold asks for it", async () => {
    const { ask, reads, configure } = scene({ thresholds: [{ sku: "BOLT", threshold: 3 }] });
    expect((await ask(BOLT)).known.facts(BOLT)).toEqual(noFacts);
    expect(reads).toEqual([]);
    configure({ thresholds: [{ category: "tools", threshold: 3 }] });
    await ask(BOLT);
    expect(reads).toEqual([["BOLT"]]);
  });

  it("is waited for once, in one read for all who ask at the moment, and remembered, also that there is nothing", async () => {
    const { ask, reads, unitsOf } = scene();
    const nobody = "NOBODY" as Sku;
    await Promise.all([ask(BOLT, NUT), ask(NUT, nobody)]);
    expect(await unitsOf(BOLT)).toBe(1);
    expect((await ask(nobody)).known.facts(nobody)).toEqual(noFacts);
    expect(reads).toEqual([["BOLT", "NUT", "NOBODY"]]);
  });

  it("is read again beside the answer after five minutes, several SKUs in one read", async () => {
    const { ask, reads, time, knobs, unitsOf } = scene();
    await ask(BOLT, NUT);
    await time.run(5 * MINUTE);
    knobs.units = 7;
    knobs.ms = 5000;
    const answers = [await ask(BOLT), await ask(NUT)];
    expect(
      answers.map(({ ms, known }) => [ms, known.facts(BOLT)?.variant.units ?? known.facts(NUT)?.variant.units]),
    ).toEqual([
      [0, 1],
      [0, 1],
    ]);
    await time.run(7000);
    expect(reads).toEqual([
      ["BOLT", "NUT"],
      ["BOLT", "NUT"],
    ]);
    expect(await unitsOf(BOLT)).toBe(7);
  });

  it("counts on for a day while the catalogue does not answer, and no longer", async () => {
    const { ask, time, knobs, unitsOf } = scene();
    await ask(BOLT);
    knobs.fails = true;
    await time.run(24 * 60 * MINUTE - 1000);
    expect(await unitsOf(BOLT)).toBe(1);
    await time.run(MINUTE);
    expect(await unitsOf(BOLT)).toBeUndefined();
  });

  it("costs no more than a quarter of the deadline when the catalogue hangs, and then nothing until it answers", async () => {
    const { ask, knobs, time, unitsOf } = scene({ thresholdFields: { units: "keep" }, deadlineMs: 800 });
    knobs.ms = 4000;
    const first = await ask(BOLT);
    expect([first.ms, first.known.facts(BOLT)]).toEqual([200, undefined]);
    const second = await ask(NUT);
    expect([second.ms, second.known.facts(NUT)]).toEqual([0, undefined]);
    await time.run(6000);
    // What came too late is known all the same.
    expect([await unitsOf(BOLT), await unitsOf(NUT)]).toEqual([1, 1]);
  });

  it("that cannot be read is unknown, makes a pause, and is found once the catalogue is back", async () => {
    const { ask, knobs, time, logged, unitsOf } = scene();
    knobs.fails = true;
    const failed = await ask(BOLT);
    expect([failed.known.facts(BOLT), logged]).toEqual([undefined, ["threshold-facts-unread"]]);
    expect((await ask(NUT)).ms).toBe(0);
    await time.run(13_000);
    knobs.fails = false;
    expect(await unitsOf(NUT)).toBe(1);
  });

  it("is forgotten when the configuration names other fields", async () => {
    const { ask, reads, configure } = scene();
    await ask(BOLT);
    configure({ thresholdFields: { units: "other" } });
    await ask(BOLT);
    expect(reads).toHaveLength(2);
  });

  it("is bounded: what was asked for longest ago goes", async () => {
    const { ask, context } = scene();
    await ask(...(["A", "B", "C", "D", "E"] as Sku[]));
    expect(context.facts.skus.size).toBe(3);
  });

  it("tells of fields that hold no threshold, a few of them", async () => {
    const { ask, knobs, logged } = scene();
    knobs.ignored = [{ place: "variant", field: "keep", found: "-1" }];
    await ask(...Array.from({ length: 30 }, (_, index) => `S${index}` as Sku));
    expect(logged).toEqual(Array(20).fill("threshold-ignored"));
  });
});

describe("what was sold", () => {
  const days = { thresholds: [{ days: 2 }] };

  it("is not read where no threshold is in days of cover", async () => {
    const { ask, knobs } = scene();
    expect([(await ask(BOLT)).known.sales, knobs.salesReads]).toEqual([undefined, 0]);
  });

  it("is waited for once, and read again beside the answers after ten minutes", async () => {
    const { ask, knobs, time } = scene(days);
    const units = async () => [...((await ask(BOLT)).known.sales?.rows.values() ?? [])].map((row) => row[2]);
    await Promise.all([ask(BOLT), ask(NUT)]);
    expect([await units(), knobs.salesReads]).toEqual([[5], 1]);
    await time.run(10 * MINUTE);
    knobs.salesUnits = 9;
    expect(await units()).toEqual([5]);
    await time.run(1000);
    expect([await units(), knobs.salesReads]).toEqual([[9], 2]);
  });

  it("stays while its parts are being written", async () => {
    const { ask, knobs, time } = scene(days);
    await ask(BOLT);
    knobs.salesUnits = undefined;
    await time.run(10 * MINUTE);
    await ask(BOLT);
    await time.run(1000);
    expect((await ask(BOLT)).known.sales?.orders).toBe(1);
  });

  it("costs no more than a quarter of the deadline when commercetools hangs", async () => {
    const { ask, knobs } = scene({ ...days, deadlineMs: 800 });
    knobs.ms = 60_000;
    expect((await ask(BOLT)).ms).toBe(200);
    expect((await ask(BOLT)).ms).toBe(0);
  });
});
