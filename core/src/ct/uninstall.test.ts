import { describe, expect, test } from "vitest";
import { installCheckout, installJobs, installOrders } from "./resources.ts";
import { createStore } from "./store.ts";
import { exampleConfig } from "./testing/config.ts";
import { clientOf, createPlatform, refusal } from "./testing/platform.ts";
import { uninstallCheckout, uninstallJobs, uninstallOrders } from "./uninstall.ts";

const env = {
  CONNECT_SUBSCRIPTION_DESTINATION: "SNS",
  CONNECT_AWS_TOPIC_ARN: "arn:aws:sns:eu-central-1:1:topic-1",
} as const;
const checkIfs = async () => "read 1 site";

async function installed() {
  const platform = createPlatform();
  const { ct } = clientOf(platform);
  await installOrders(ct, env, { checkIfs });
  await installJobs(ct, { checkIfs });
  await installCheckout(ct, {
    checkIfs,
    serviceUrl: "https://service.test",
    extensionHeader: "sandbox-extension-secret",
    extensionPath: "/extensions/order",
  });
  const store = createStore(ct, { now: () => 0 });
  await store.config.push(exampleConfig());
  await store.journal.append({
    at: "2026-08-01T10:00:00.000Z",
    flow: "stock-sync",
    recordType: "sku",
    recordId: "A",
    event: "corrected",
    detail: {},
  });
  return { platform, ct };
}

const lines = (removed: { resource: string; done: string }[]) => removed.map((row) => `${row.done} ${row.resource}`);
const left = (tables: Map<string, Map<string, unknown>>) =>
  Object.fromEntries([...tables].filter(([, rows]) => rows.size > 0).map(([name, rows]) => [name, rows.size]));

describe("uninstall", () => {
  test("removes what works, keeps what a reinstallation needs", async () => {
    const { platform, ct } = await installed();
    const removed = [
      ...(await uninstallOrders(ct, { purge: false })),
      ...(await uninstallJobs(ct, { purge: false })),
      ...(await uninstallCheckout(ct)),
    ];
    expect(lines(removed)).toEqual([
      "removed subscription ifs-connector-orders",
      "kept channel ifs-link",
      "kept channel ifs-claim",
      "kept channel ifs-return",
      "removed type ifs-order",
      "removed documents ifs-connector-leases",
      "removed documents ifs-connector-cursors",
      "removed documents ifs-connector-runs",
      "removed documents ifs-connector-budget",
      "kept documents ifs-connector-exceptions",
      "kept documents ifs-connector-ignored",
      "kept documents ifs-connector-corrections",
      "kept documents ifs-connector-amendments",
      "kept documents ifs-connector-journal",
      "kept documents ifs-connector-run-history",
      "kept documents ifs-connector-config-versions",
      "kept documents ifs-connector-config",
      "removed extension ifs-connector-atp",
      "removed documents ifs-connector-holds",
      "removed documents ifs-connector-caller-carts",
      "removed documents ifs-connector-hints",
      "removed documents ifs-connector-atp-metrics",
    ]);
    expect(left(platform.tables)).toEqual({
      channels: 3,
      "custom-objects/ifs-connector-config": 4,
      "custom-objects/ifs-connector-config-versions": 1,
      "custom-objects/ifs-connector-journal": 1,
    });
  });

  test("with purge nothing is left, and a second run finds nothing to do", async () => {
    const { platform, ct } = await installed();
    const run = async () => [
      ...(await uninstallOrders(ct, { purge: true })),
      ...(await uninstallJobs(ct, { purge: true })),
      ...(await uninstallCheckout(ct)),
    ];
    expect((await run()).filter(({ done }) => done !== "removed")).toEqual([]);
    expect(left(platform.tables)).toEqual({});
    expect((await run()).map(({ why }) => why)).toEqual([
      "was not there",
      "was not there",
      "was not there",
      "was not there",
      "was not there",
      ...Array.from({ length: 11 }, () => "was empty"),
      "was empty",
      "was not there",
      "was empty",
      "was empty",
      "was empty",
      "was empty",
    ]);
  });

  test("even purge keeps an export channel that an order refers to", async () => {
    const { platform, ct } = await installed();
    const link = [...(platform.tables.get("channels")?.values() ?? [])].find(({ key }) => key === "ifs-link");
    platform.seed("orders", { syncInfo: [{ channel: { typeId: "channel", id: link?.id }, externalId: "C100" }] });
    const removed = await uninstallOrders(ct, { purge: true });
    expect(removed.slice(1)).toEqual([
      { resource: "channel ifs-link", done: "kept", why: "orders refer to it" },
      { resource: "channel ifs-claim", done: "removed", why: "nothing refers to it" },
      { resource: "channel ifs-return", done: "removed", why: "nothing refers to it" },
    ]);
  });

  test("a Type in use stays", async () => {
    const { platform, ct } = await installed();
    platform.intercept = ({ method, path }) =>
      method === "DELETE" && path === "/types/key=ifs-order"
        ? refusal(400, "ReferenceExists", "Can not delete a type while it is referenced.")
        : undefined;
    const removed = await uninstallJobs(ct, { purge: false });
    expect(removed[0]).toEqual({ resource: "type ifs-order", done: "kept", why: "other resources refer to it" });
  });
});
