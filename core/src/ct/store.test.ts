import { describe, expect, test } from "vitest";
import type { CapabilitiesDocument } from "../domain/capabilities.ts";
import { decimal } from "../domain/decimal.ts";
import { ConflictError } from "../domain/failure.ts";
import type { Contract, PartNo, Sku } from "../domain/ids.ts";
import type { FlowName, JournalEntry, Lease } from "../domain/records.ts";
import { HOLD_SHARDS, type StockHold } from "../domain/stock-hold.ts";
import type { HttpRequest } from "../runtime/http.ts";
import { containers, createDocuments, documentKey } from "./documents.ts";
import { installCheckout, installJobs } from "./resources.ts";
import { createStore } from "./store.ts";
import { exampleConfig } from "./testing/config.ts";
import { clientOf, createPlatform, refusal } from "./testing/platform.ts";

const START = Date.parse("2026-08-01T08:00:00.000Z");

async function installed() {
  const platform = createPlatform();
  const { ct } = clientOf(platform);
  const checkIfs = async () => "ok";
  await installJobs(ct, { checkIfs });
  await installCheckout(ct, {
    checkIfs,
    serviceUrl: "https://service.test",
    extensionHeader: "sandbox-extension-secret",
    extensionPath: "/extensions/order",
  });
  const time = { at: START };
  const store = createStore(ct, { now: () => time.at });
  return { platform, ct, store, time, documents: createDocuments(ct) };
}

const held = (lease: Lease | undefined): Lease => {
  if (!lease) throw new Error("expected a lease");
  return lease;
};

describe("leases", () => {
  test("one of many wins, the others are told at once", async () => {
    const { store } = await installed();
    const leases = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.leases.acquire("stock-sync", `run-${index}`, 60_000)),
    );
    const winners = leases.filter((lease) => lease !== undefined);
    expect(winners.length).toBe(1);
    expect(winners[0]).toMatchObject({ name: "stock-sync", version: 2, expiresAt: START + 60_000 });
  });

  test("held until its end, then taken over; the former holder can't renew and its release changes nothing", async () => {
    const { store, time, documents } = await installed();
    const first = held(await store.leases.acquire("price-sync", "run-1", 60_000));
    time.at += 59_999;
    expect(await store.leases.acquire("price-sync", "run-2", 60_000)).toBe(undefined);
    time.at += 1;
    const second = held(await store.leases.acquire("price-sync", "run-2", 60_000));
    expect(await store.leases.renew(first, 60_000)).toBe(undefined);
    await store.leases.release(first);
    expect((await documents.read("ifs-connector-leases", "price-sync"))?.value).toEqual({
      owner: "run-2",
      expiresAt: START + 120_000,
      fence: 2,
    });
    expect(await store.leases.renew(second, 60_000)).toMatchObject({ owner: "run-2", version: second.version + 1 });
  });

  test("a released lease is free for the next", async () => {
    const { store } = await installed();
    await store.leases.release(held(await store.leases.acquire("status-sync", "run-1", 60_000)));
    expect(await store.leases.acquire("status-sync", "run-2", 60_000)).toMatchObject({ owner: "run-2" });
  });

  test("a release is one write, at the version that the holder wrote last", async () => {
    const { platform, store, documents } = await installed();
    const lease = held(await store.leases.acquire("status-sync", "run-1", 60_000));
    const before = platform.calls.length;
    await store.leases.release(lease);
    expect(platform.calls.slice(before).map(({ method, body }) => [method, body?.version])).toEqual([["POST", 2]]);
    expect((await documents.read("ifs-connector-leases", "status-sync"))?.value).toEqual({
      owner: "",
      expiresAt: 0,
      fence: 1,
    });
  });

  // What the platform answers to a version of a document that is not there is nowhere documented.
  test.each([
    ["a conflict", refusal(409, "ConcurrentModification", "not there"), undefined],
    ["a refusal", refusal(400, "InvalidInput", "not there"), "commercetools refused"],
  ])("the release of a lease that was uninstalled meanwhile, answered as %s", async (_, answer, thrown) => {
    const { platform, store } = await installed();
    const lease = held(await store.leases.acquire("status-sync", "run-1", 60_000));
    platform.intercept = ({ method }) => (method === "POST" ? answer : undefined);
    const released = store.leases.release(lease);
    await (thrown ? expect(released).rejects.toThrow(thrown) : expect(released).resolves.toBe(undefined));
  });

  test("a turn is read once, then waited for, but not longer than five minutes at a time", async () => {
    const { platform, store, time } = await installed();
    const other = createStore(clientOf(platform).ct, { now: () => time.at });
    const lease = held(await other.leases.turn("retention", "run-1", 3_600_000));
    const look = async () => {
      const before = platform.calls.length;
      const turn = await store.leases.turn("retention", `run-${before}`, 3_600_000);
      return [turn?.expiresAt, platform.calls.length - before];
    };
    expect([await look(), await look()]).toEqual([
      [undefined, 1],
      [undefined, 0],
    ]);
    await other.leases.renew(lease, 360_000);
    time.at += 299_999;
    expect(await look()).toEqual([undefined, 0]);
    time.at += 1;
    expect([await look(), await look()]).toEqual([
      [undefined, 1],
      [undefined, 0],
    ]);
    time.at += 60_000;
    expect(await look()).toEqual([time.at + 3_600_000, 2]);
    expect([await look(), await look()]).toEqual([
      [undefined, 1],
      [undefined, 0],
    ]);
  });

  test("a write whose answer was lost is found by reading back", async () => {
    const { platform, store } = await installed();
    const { fetch } = platform;
    const lossy = {
      ...platform,
      fetch: async (url: string, init: HttpRequest) => {
        const response = await fetch(url, init);
        if (init.method === "POST" && url.includes("custom-objects")) throw new TypeError("fetch failed");
        return response;
      },
    };
    const { leases } = createStore(clientOf(lossy).ct, { now: () => START });
    expect(await leases.acquire("stock-sync", "run-1", 60_000)).toMatchObject({ owner: "run-1", version: 2 });
    expect(await store.leases.acquire("stock-sync", "run-2", 60_000)).toBe(undefined);
  });

  test("a write that did not happen is not a lease", async () => {
    const { platform, store } = await installed();
    platform.intercept = ({ method, path }) =>
      method === "POST" && path === "/custom-objects" ? refusal(503, "OverCapacity", "later") : undefined;
    expect(await store.leases.acquire("stock-sync", "run-1", 60_000)).toBe(undefined);
  });

  test("no lease is made up at run time, and version 0 is never sent", async () => {
    const platform = createPlatform();
    const store = createStore(clientOf(platform).ct, { now: () => START });
    await expect(store.leases.acquire("order-watch", "run-1", 60_000)).rejects.toThrow(
      'lease "order-watch" does not exist: run the post-deploy script of the installation again',
    );
    await store.cursors.write("stock/101", { after: "A" }, 0);
    expect(platform.calls.filter(({ body }) => body?.version === 0)).toEqual([]);
  });
});

describe("cursors", () => {
  test("move only from the version read", async () => {
    const { store } = await installed();
    expect(await store.cursors.read("stock/101")).toBe(undefined);
    expect(await store.cursors.write("stock/101", { watermark: "a" }, 0)).toBe(1);
    expect(await store.cursors.read("stock/101")).toEqual({ value: { watermark: "a" }, version: 1 });
    expect(await store.cursors.write("stock/101", { watermark: "b" }, 1)).toBe(2);
    await expect(store.cursors.write("stock/101", { watermark: "c" }, 1)).rejects.toBeInstanceOf(ConflictError);
    expect(await store.cursors.read("stock/101")).toEqual({ value: { watermark: "b" }, version: 2 });
  });

  test("names become keys without ever meeting", () => {
    expect(["stock.101", "stock/101", "stock~2f101", "ö"].map(documentKey)).toEqual([
      "stock.101",
      "stock~2f101",
      "stock~7e2f101",
      "~c3~b6",
    ]);
    expect(() => documentKey("")).toThrow(RangeError);
  });
});

describe("exceptions", () => {
  const problem = (code: string, recordId = "A-1") => {
    const record = {
      flow: "stock-sync" as const,
      code,
      recordType: "sku" as const,
      recordId,
      recordLabel: recordId,
      message: "m",
      action: "a",
      owner: "merchant",
    };
    return { ...record, id: `exception-${code}-${recordId}` };
  };

  test("the same problem is one row that counts and keeps its first time", async () => {
    const { store, time } = await installed();
    await store.exceptions.open(problem("unmappedSku"));
    time.at += 60_000;
    await store.exceptions.open(problem("unmappedSku"));
    await store.exceptions.open(problem("unmappedSku", "A-2"));
    const { total, rows } = await store.exceptions.list(10);
    expect([
      total,
      rows.map(({ recordId, attempts, firstSeenAt, lastSeenAt }) => [recordId, attempts, firstSeenAt, lastSeenAt]),
    ]).toEqual([
      2,
      [
        ["A-2", 1, "2026-08-01T08:01:00.000Z", "2026-08-01T08:01:00.000Z"],
        ["A-1", 2, "2026-08-01T08:00:00.000Z", "2026-08-01T08:01:00.000Z"],
      ],
    ]);
  });

  test("workers that see it at once all count", async () => {
    const { store } = await installed();
    const one = problem("unmappedSku");
    await store.exceptions.open(one);
    await Promise.all([store.exceptions.open(one), store.exceptions.open(one), store.exceptions.open(one)]);
    expect((await store.exceptions.list(10)).rows.map(({ attempts }) => attempts)).toEqual([4]);
  });

  test("a solved problem is gone, twice as well", async () => {
    const { store } = await installed();
    const one = problem("unmappedSku");
    await store.exceptions.open(one);
    await store.exceptions.close(one.id);
    await store.exceptions.close(one.id);
    expect(await store.exceptions.list(10)).toEqual({ total: 0, rows: [] });
  });

  test("a problem that was met since it was read is not closed", async () => {
    const { store } = await installed();
    const one = problem("unmappedSku");
    await store.exceptions.open(one);
    const [seen] = (await store.exceptions.list(10)).rows;
    if (!seen) throw new Error("nothing is open");
    await store.exceptions.open(one);
    await store.exceptions.closeAsSeen(seen);
    const [again] = (await store.exceptions.list(10)).rows;
    expect(again?.attempts).toBe(2);
    if (again) await store.exceptions.closeAsSeen(again);
    expect(await store.exceptions.list(10)).toEqual({ total: 0, rows: [] });
  });

  test("those of a flow come page by page, and a damaged one is passed over", async () => {
    const { store, documents } = await installed();
    for (const id of ["A-1", "A-2", "A-3"]) await store.exceptions.open(problem("unmappedSku", id));
    await store.exceptions.open({ ...problem("heldForReview", "A-4"), flow: "order-export" });
    const first = await store.exceptions.page("stock-sync", { after: undefined, limit: 2 });
    await documents.write(containers.exceptions, "exception-zz", { flow: "stock-sync" });
    const second = await store.exceptions.page("stock-sync", { after: first.last, limit: 10 });
    const ids = ({ rows }: typeof first) => rows.map(({ recordId }) => recordId);
    expect([ids(first), ids(second), second.last]).toEqual([["A-1", "A-2"], ["A-3"], "exception-zz"]);
  });

  test("an id that is no legal key becomes one", async () => {
    const { store } = await installed();
    const odd = { ...problem("unmappedSku"), id: "order 1/2" };
    await store.exceptions.open(odd);
    expect((await store.exceptions.list(10)).rows.map(({ id }) => id)).toEqual(["order 1/2"]);
    await store.exceptions.close("order 1/2");
    expect((await store.exceptions.list(10)).total).toBe(0);
  });
});

describe("past runs", () => {
  const past = (flow: FlowName, minute: number) => ({
    flow,
    runId: `3f9c0a12-0000-4000-8000-00000000000${minute}`,
    startedAt: `2026-08-01T10:0${minute}:00.000Z`,
    finishedAt: `2026-08-01T10:0${minute}:09.000Z`,
    outcome: "succeeded" as const,
    ...{ processed: 3, changed: 1, failed: 0 },
    counts: { ctRequests: 2, ifsRequests: 4 },
  });

  async function kept() {
    const world = await installed();
    const { runHistory } = world.store;
    for (const minute of [3, 0, 2, 1]) {
      for (const flow of ["order-sweep", "stock-sync", "status-sync"] as const)
        await runHistory.append(past(flow, minute));
    }
    const minutes = async (flow: FlowName = "stock-sync") =>
      (await runHistory.since(flow, "2026-08-01T00:00:00Z", 500)).map(({ startedAt }) => Number(startedAt.at(15)));
    return { ...world, runHistory, minutes };
  }

  test("come by flow, from a moment on, oldest first; each is one document, and the same run the same", async () => {
    const { runHistory, minutes, platform } = await kept();
    expect(await runHistory.since("stock-sync", "2026-08-01T10:01:09Z", 2)).toEqual([
      past("stock-sync", 1),
      past("stock-sync", 2),
    ]);
    const writes = platform.writes();
    await runHistory.append(past("stock-sync", 1));
    expect([platform.writes() - writes, await minutes()]).toEqual([1, [0, 1, 2, 3]]);
  });

  test("end with their time, and with the number of those that came after, in no other flow", async () => {
    const { runHistory, minutes } = await kept();
    const anyAge = "2026-07-01T00:00:00Z";
    expect(await runHistory.prune("stock-sync", { before: anyAge, most: 4 }, 500)).toBe(0);
    expect(await runHistory.prune("stock-sync", { before: "2026-08-01T10:01:09Z", most: 4 }, 500)).toBe(1);
    expect(await minutes()).toEqual([1, 2, 3]);
    expect(await runHistory.prune("stock-sync", { before: anyAge, most: 1 }, 1)).toBe(1);
    expect(await runHistory.prune("stock-sync", { before: anyAge, most: 1 }, 500)).toBe(1);
    expect(await minutes()).toEqual([3]);
    expect([await minutes("order-sweep"), await minutes("status-sync")]).toEqual([
      [0, 1, 2, 3],
      [0, 1, 2, 3],
    ]);
    expect(await runHistory.prune("stock-sync", { before: "2026-08-02T00:00:00Z", most: 10_000 }, 500)).toBe(1);
  });
});

describe("journal", () => {
  const entry = (at: string, event: string) => ({
    at,
    flow: "order-export" as const,
    recordType: "order" as const,
    recordId: "o-1",
    event,
    detail: { orderNo: "C100" },
  });

  test("keeps entries of the same millisecond, in order of time, and prunes the old ones", async () => {
    const { store, documents } = await installed();
    await store.journal.append(entry("2026-08-01T10:00:00.002Z", "linked"));
    await store.journal.append(entry("2026-08-01T10:00:00.001Z", "claimed"));
    await store.journal.append(entry("2026-08-01T10:00:00.001Z", "claimed"));
    const events = async () =>
      (await documents.list("ifs-connector-journal", { sort: "key asc", limit: 500 })).rows.map(
        ({ value }) => (value as JournalEntry).event,
      );
    expect(await events()).toEqual(["claimed", "claimed", "linked"]);
    expect(await store.journal.prune("2026-08-01T10:00:00.002Z", 500)).toBe(2);
    expect(await events()).toEqual(["linked"]);
  });

  test("several entries are one request", async () => {
    const { store, documents, platform } = await installed();
    const before = platform.calls.length;
    await store.journal.appendAll(["a", "b", "c"].map((event) => entry("2026-08-01T10:00:00.001Z", event)));
    expect(platform.calls.slice(before).map(({ method, path }) => `${method} ${path}`)).toEqual(["POST /graphql"]);
    const { rows } = await documents.list("ifs-connector-journal", { limit: 500 });
    expect(rows.map(({ value }) => value).sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))).toEqual(
      ["a", "b", "c"].map((event) => entry("2026-08-01T10:00:00.001Z", event)),
    );
  });

  test("refuses a payload", async () => {
    const { store } = await installed();
    await expect(
      store.journal.append({ ...entry("2026-08-01T10:00:00.001Z", "x"), detail: { body: "x".repeat(9000) } }),
    ).rejects.toThrow(/^journal entry "x" of \d+ bytes exceeds 8000$/);
  });
});

describe("configuration", () => {
  test("versions are immutable and numbered without gaps or collisions under concurrent pushes", async () => {
    const { store } = await installed();
    const pushed = await Promise.all([1, 2, 3].map(() => store.config.push(exampleConfig())));
    expect([...pushed].sort()).toEqual([1, 2, 3]);
    expect((await store.config.versions(10)).map(({ version }) => version)).toEqual([3, 2, 1]);
  });

  test("the pointer decides, and an older version can be made the active one", async () => {
    const { store } = await installed();
    expect(await store.config.active()).toBe(undefined);
    await store.config.push(exampleConfig());
    const changed = { ...exampleConfig(), owners: { merchant: "Team" } };
    await store.config.push(changed);
    expect(await store.config.active()).toEqual({ version: 2, config: changed });
    await store.config.activate(1);
    expect(await store.config.active()).toEqual({ version: 1, config: exampleConfig() });
    await expect(store.config.activate(9)).rejects.toThrow("there is no configuration version 9");
    expect(await store.config.push(changed)).toBe(3);
  });

  test("while the pointer stays as it is, only the pointer is read", async () => {
    const { platform, store, documents } = await installed();
    await store.config.push(exampleConfig());
    await store.config.active();
    const before = platform.calls.length;
    expect(await store.config.active()).toEqual({ version: 1, config: exampleConfig() });
    expect(platform.calls.slice(before).map(({ path }) => path)).toEqual([
      "/custom-objects/ifs-connector-config/active",
    ]);
    // Uninstalled with everything, and installed again: the numbers begin again.
    const changed = { ...exampleConfig(), owners: { merchant: "Team" } };
    await documents.remove("ifs-connector-config", "active");
    await documents.write("ifs-connector-config-versions", "v000001", { json: JSON.stringify(changed) });
    await documents.write("ifs-connector-config", "active", { version: 1 });
    expect(await store.config.active()).toEqual({ version: 1, config: changed });
  });

  test("a stored document that does not fit is named with path and expectation", async () => {
    const { store, documents } = await installed();
    await store.config.push(exampleConfig());
    const damaged = {
      ...exampleConfig(),
      atp: { ...exampleConfig().atp, extension: "on" },
      sites: [{ site: "DE10", company: "10" }],
    };
    await documents.write("ifs-connector-config-versions", "v000002", { json: JSON.stringify(damaged) });
    await documents.write("ifs-connector-config", "active", { version: 2 });
    await expect(store.config.active()).rejects.toThrow(
      `configuration version 2 can't be used:
  sites[0].timeZone: Invalid input: expected string, received undefined
  atp.extension: Invalid option: expected one of "off"|"armed"`,
    );
  });

  test("null keeps its meaning, although the platform drops null fields", async () => {
    const { store } = await installed();
    const { ifs, ...rest } = exampleConfig();
    const config = { ...rest, ifs: { ...ifs, binding: { states: { order: { Blocked: null } } } } };
    await store.config.push(config);
    expect((await store.config.active())?.config.ifs.binding).toEqual({ states: { order: { Blocked: null } } });
  });

  test("an inconsistent document is not stored", async () => {
    const { store, platform } = await installed();
    const before = platform.writes();
    await expect(store.config.push({ ...exampleConfig(), sites: [] as never })).rejects.toThrow(/sites/);
    await expect(
      store.config.push({ ...exampleConfig(), sites: [{ site: "XX", company: "10", timeZone: "UTC" }] }),
    ).rejects.toThrow('routes[0].site: site "DE10" is not listed under sites');
    expect(platform.writes() - before).toBe(0);
  });
});

describe("other documents", () => {
  test("the last run of each flow", async () => {
    const { store } = await installed();
    const run = {
      flow: "stock-sync" as const,
      runId: "r-1",
      startedAt: "2026-08-01T08:00:00.000Z",
      finishedAt: "2026-08-01T08:00:01.000Z",
      lastSuccessAt: "2026-08-01T08:00:01.000Z",
      outcome: "succeeded" as const,
      processed: 3,
      changed: 1,
      failed: 0,
    };
    await store.runs.write({ ...run, runId: "r-0" });
    await store.runs.write(run);
    expect(await store.runs.all()).toEqual([run]);
  });

  test("hold shards are swapped, never created", async () => {
    const { store, documents } = await installed();
    const hold: StockHold = {
      ...{ owner: "cart-1", by: "request-1", until: 1_800_000_000_000, sku: "BOX" as Sku, channel: "web", pieces: 2 },
      ...{ site: "S1" as Contract, partNo: "BOLT" as PartNo, units: decimal("2.5"), order: "order-1", reserves: true },
    };
    expect(await store.holds.read(3)).toEqual({ holds: [], version: 1 });
    expect(await store.holds.swap(3, [hold], 1)).toBe(2);
    expect(await store.holds.read(3)).toEqual({ holds: [hold], version: 2 });
    await expect(store.holds.swap(3, [], 1)).rejects.toBeInstanceOf(ConflictError);
    await expect(store.holds.read(HOLD_SHARDS)).rejects.toThrow(RangeError);
    await documents.write("ifs-connector-holds", "shard-003", { holds: [{ owner: "cart-1" }] });
    await expect(store.holds.read(3)).rejects.toThrow("hold shard shard-003 is damaged");
    await documents.remove("ifs-connector-holds", "shard-003");
    expect(await store.holds.read(3)).toBeUndefined();
  });

  test("the service URL and the activation stamp", async () => {
    const { store } = await installed();
    expect(await store.serviceUrl.read()).toBe("https://service.test/service");
    const { at, written } = await store.activation.stamp("2030-01-01T00:00:00Z");
    expect([await store.activation.read(), written]).toEqual([at, false]);
  });
});

test("what a write probe found: the last one counts, and what cannot be understood is nothing", async () => {
  const { store, documents } = await installed();
  expect(await store.capabilities.read()).toBeUndefined();
  const found: CapabilitiesDocument = {
    schemaVersion: 1,
    ifsBaseUrl: "https://tenant.test",
    probedAt: "2026-03-01T08:00:00.000Z",
    company: "10",
    site: "101",
    discountChargeType: null,
    facts: { changeSets: { answer: "no", evidence: "refused" } },
  };
  await store.capabilities.write({ ...found, facts: {} });
  await store.capabilities.write(found);
  expect(await store.capabilities.read()).toEqual(found);
  await documents.write(containers.config, "capabilities", { schemaVersion: 2 });
  expect(await store.capabilities.read()).toBeUndefined();
});

test("the budget's ledger exists since installation, of any app, and changes by compare-and-swap only", async () => {
  const { store } = await installed();
  const read = await store.budget.read();
  expect(read).toEqual({ value: { holders: {}, pool: [], holdUntil: 0 }, version: 1 });
  expect(await store.budget.swap({ holders: {}, pool: [[0, 1]], holdUntil: 0 }, 1)).toBe(2);
  await expect(store.budget.swap({ holders: {}, pool: [], holdUntil: 0 }, 1)).rejects.toBeInstanceOf(ConflictError);
  expect(await store.budget.read()).toEqual({ value: { holders: {}, pool: [[0, 1]], holdUntil: 0 }, version: 2 });
});
