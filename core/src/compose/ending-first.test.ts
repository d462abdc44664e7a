import { afterEach, expect, test } from "vitest";
import type { CatalogNo, Contract, PartNo } from "../domain/ids.ts";
import { createIfsAdapter } from "../ifs/adapter.ts";
import { collectingLogger, startTenant, type Tenant, testConfig } from "../ifs/testing/tenant.ts";
import { systemClock } from "../runtime/clock.ts";
import { type Turn, turnOf } from "../runtime/limit.ts";
import { endingFirst, namedFirst } from "./ending-first.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

test("the figures of a page, and the parts with open demand, are asked for before other reads that wait, and lists of changes after them", async () => {
  const it = await startTenant(() => ({ json: { value: [] } }));
  tenant = it;
  const turns: Turn[] = [];
  const { stock, parts, changes } = createIfsAdapter({
    connection: {
      baseUrl: it.origin,
      tokenUrl: `${it.origin}/token`,
      clientId: "connector",
      clientSecret: "sandbox-secret",
    },
    config: testConfig(),
    clock: systemClock,
    logger: collectingLogger([]),
    budget: {
      run(_lane, signal, work) {
        turns.push(turnOf(signal));
        return work();
      },
      observe() {},
    },
  });
  const [contract, partNos] = ["S1" as Contract, ["P1" as PartNo]];
  const { partsWithOpenDemand, openDemand, stockRows, rowsBeside } = endingFirst(stock);
  await partsWithOpenDemand(contract);
  await openDemand(contract, partNos);
  await stockRows(contract, partNos);
  await rowsBeside(contract, partNos, ["P2" as PartNo]);
  const asked = (): Turn[] => [...new Set(turns.splice(0))];
  expect(turns.length).toBeGreaterThan(2);
  expect(asked()).toEqual(["first"]);
  await parts.salesPartsOf(contract, partNos);
  expect(asked()).toEqual(["next"]);
  await namedFirst(parts).salesPartsOf(contract, partNos);
  await namedFirst(parts).salesParts(contract, ["P1" as CatalogNo]);
  expect(asked()).toEqual(["first"]);
  const position = { value: { watermark: "2026-07-01T07:59:30Z" }, version: 1 };
  const memory = { read: async () => position, write: async () => 2 };
  await changes.parts(contract, { memory, clock: systemClock })();
  expect(asked()).toContain("last");
});
