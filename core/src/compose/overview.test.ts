import { expect, test } from "vitest";
import { connectorConfigSchema } from "../domain/config.ts";
import type { RunRecord } from "../domain/records.ts";
import { buildOverview } from "./overview.ts";

const now = Date.parse("2026-11-02T10:00:00Z");
const config = connectorConfigSchema.parse({
  schemaVersion: 1,
  orders: { exportFrom: "2026-01-01T00:00:00Z" },
  routes: [
    { name: "all", company: "10", site: "101", orderType: "WEB", coordinator: "C", customerNo: "W", addressNo: "1" },
  ],
  sites: [{ site: "101", company: "10", timeZone: "Europe/Berlin" }],
  owners: { merchant: "Shop team" },
});

const run = (fields: Partial<RunRecord> & Pick<RunRecord, "flow">): RunRecord => ({
  runId: "r",
  startedAt: "2026-11-02T09:59:00Z",
  finishedAt: "2026-11-02T09:59:10Z",
  lastSuccessAt: "2026-11-02T09:59:10Z",
  outcome: "succeeded",
  processed: 3,
  changed: 2,
  failed: 0,
  message: null,
  ...fields,
});

const overview = (runs: RunRecord[]) =>
  buildOverview({
    projectKey: "shop",
    now,
    active: { version: 4, config },
    runs,
    exceptions: { total: 0, rows: [] },
    ordersInFlight: 0,
    ordersLinked: 0,
  });

test("a flow is running well, failing, silent or has never run", () => {
  const states = overview([
    run({ flow: "order-sweep" }),
    run({ flow: "stock-sync", outcome: "failed", message: "IFS did not answer" }),
    run({ flow: "status-sync", startedAt: "2026-11-02T09:56:59Z" }),
    run({ flow: "order-export", startedAt: "2026-10-01T00:00:00Z" }),
  ]).flows.map((flow) => [flow.flow, flow.state, flow.ageSeconds]);
  expect(states).toEqual([
    ["order-export", "ok", 50],
    ["order-sweep", "ok", 50],
    ["stock-sync", "failing", 50],
    ["price-sync", "neverRan", null],
    ["status-sync", "silent", 50],
  ]);
});

test("an exception shows the team that owns its class, and the class where no team is named", () => {
  const row = {
    id: "e1",
    flow: "order-export" as const,
    code: "unmappedSku",
    recordType: "order" as const,
    recordId: "o1",
    recordLabel: "1001",
    message: "SKU X is not a sales part of site 101.",
    action: "Create the sales part or map the SKU.",
    firstSeenAt: "2026-11-02T09:00:00Z",
    lastSeenAt: "2026-11-02T09:30:00Z",
    attempts: 2,
  };
  const { exceptions, exceptionCount, configurationVersion } = buildOverview({
    projectKey: "shop",
    now,
    active: { version: 4, config },
    runs: [],
    exceptions: {
      total: 2,
      rows: [
        { ...row, owner: "merchant" },
        { ...row, id: "e2", owner: "ifsAdministrator" },
      ],
    },
    ordersInFlight: 0,
    ordersLinked: 0,
  });
  expect(exceptions).toEqual([
    { ...row, owner: "Shop team" },
    { ...row, id: "e2", owner: "ifsAdministrator" },
  ]);
  expect([exceptionCount, configurationVersion]).toEqual([2, 4]);
});
