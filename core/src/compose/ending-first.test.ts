import { afterEach, expect, test } from "vitest";
import type { Contract, PartNo } from "../domain/ids.ts";
import { createIfsAdapter } from "../ifs/adapter.ts";
import { collectingLogger, startTenant, type Tenant, testConfig } from "../ifs/testing/tenant.ts";
import { systemClock } from "../runtime/clock.ts";
import { isAhead } from "../runtime/limit.ts";
import { endingFirst } from "./ending-first.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

test("the figures of a page, and the parts with open demand, are asked for before other reads that wait", async () => {
  const it = await startTenant(() => ({ json: { value: [] } }));
  tenant = it;
  const ahead: boolean[] = [];
  const { stock, parts } = createIfsAdapter({
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
        ahead.push(isAhead(signal));
        return work();
      },
      observe() {},
    },
  });
  const [contract, partNos] = ["S1" as Contract, ["P1" as PartNo]];
  const { partsWithOpenDemand, openDemand, stockRows } = endingFirst(stock);
  await partsWithOpenDemand(contract);
  await openDemand(contract, partNos);
  await stockRows(contract, partNos);
  const wanted = ahead.splice(0);
  expect([wanted.length > 2, wanted.every(Boolean)]).toEqual([true, true]);
  await parts.salesPartsOf(contract, partNos);
  await stock.changedParts(contract, "2026-07-01T07:59:30Z");
  expect([ahead.length > 1, ahead.some(Boolean)]).toEqual([true, false]);
});
