import { expect, test } from "vitest";
import { AuthenticationError, RefusedError, TransientError } from "../domain/failure.ts";
import type { Lease, RunRecord } from "../domain/records.ts";
import type { PastRun } from "../domain/run-history.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { systemRandom } from "../runtime/random.ts";
import { requestMeter } from "../runtime/request-meter.ts";
import { explain, report, type ScheduledFlow, type TickDeps, tick } from "./tick.ts";

const start = Date.parse("2026-11-02T10:00:00Z");

function world() {
  const runs = new Map<string, RunRecord>();
  const kept: PastRun[] = [];
  const held = new Map<string, string>();
  const log: string[] = [];
  let now = start;
  const clock: Clock = {
    now: () => now,
    monotonic: () => now,
    after: systemClock.after,
    sleep: (_ms, signal) =>
      new Promise((_resolve, reject) => signal?.addEventListener("abort", () => reject(signal.reason), { once: true })),
  };
  const deps: TickDeps = {
    clock,
    random: systemRandom,
    logger: { info: (_f, e) => log.push(e), warn: (_f, e) => log.push(e), error: (_f, e) => log.push(e) },
    leases: {
      async acquire(name, owner, ttlMs): Promise<Lease | undefined> {
        if (held.has(name)) return undefined;
        held.set(name, owner);
        return { name, owner, version: 1, expiresAt: now + ttlMs, fence: 1 };
      },
      renew: async (lease) => lease,
      async release(lease) {
        held.delete(lease.name);
      },
    },
    runs: {
      all: async () => [...runs.values()],
      async write(run) {
        runs.set(run.flow, run);
      },
    },
    runHistory: { append: async (run) => void kept.push(run) },
  };
  return { deps, runs, kept, held, log, advance: (ms: number) => (now += ms) };
}

const flow = (name: ScheduledFlow["flow"], run: ScheduledFlow["run"], intervalSeconds = 60): ScheduledFlow => ({
  flow: name,
  intervalSeconds,
  run,
});

test("a flow runs when it is due, is recorded, and gives its lease back", async () => {
  const { deps, runs, held, advance } = world();
  const stock = flow("stock-sync", async () => ({
    processed: 5,
    changed: 2,
    failed: 1,
    message: "one SKU is unmapped",
  }));
  expect((await tick(deps, [stock])).map((o) => o.kind)).toEqual(["succeeded"]);
  const { runId, ...record } = runs.get("stock-sync") as RunRecord;
  expect(runId).toMatch(/^[0-9a-f-]{36}$/);
  expect(record).toEqual({
    flow: "stock-sync",
    startedAt: "2026-11-02T10:00:00.000Z",
    finishedAt: "2026-11-02T10:00:00.000Z",
    lastSuccessAt: "2026-11-02T10:00:00.000Z",
    outcome: "succeeded",
    processed: 5,
    changed: 2,
    failed: 1,
    message: "one SKU is unmapped",
    counts: { ctRequests: 0, ifsRequests: 0 },
    keptAt: "2026-11-02T10:00:00.000Z",
  });
  expect([...held]).toEqual([]);
  advance(59_000);
  expect((await tick(deps, [stock])).map((o) => o.kind)).toEqual(["notDue"]);
  advance(600);
  expect((await tick(deps, [stock])).map((o) => o.kind)).toEqual(["succeeded"]);
});

test("a failing flow keeps its last success, says why, and stops no other", async () => {
  const { deps, runs, advance } = world();
  const outcomes = [
    async () => ({ processed: 1, changed: 0, failed: 0 }),
    async () => Promise.reject(new TransientError("IFS did not answer in 60 s")),
  ];
  const first = flow("stock-sync", outcomes[0] as ScheduledFlow["run"]);
  const broken = flow("stock-sync", outcomes[1] as ScheduledFlow["run"]);
  const other = flow("status-sync", async () => ({ processed: 9, changed: 9, failed: 0 }));
  await tick(deps, [first]);
  advance(60_000);
  const result = await tick(deps, [broken, other]);
  expect(result.map((o) => [o.flow, o.kind])).toEqual([
    ["stock-sync", "failed"],
    ["status-sync", "succeeded"],
  ]);
  expect(runs.get("stock-sync")).toMatchObject({
    outcome: "failed",
    lastSuccessAt: "2026-11-02T10:00:00.000Z",
    message:
      "The other side could not be used: IFS did not answer in 60 s. Nothing is lost; the next run continues here.",
  });
});

test("flows that are paused say so, with one line each and no error", async () => {
  const { deps, runs, log } = world();
  const refused = new AuthenticationError("ifs", "IFS token endpoint refuses the credential (HTTP 401)", {
    pausedUntil: "2026-11-02T10:00:30.000Z",
  });
  const names = ["stock-sync", "price-sync"] as const;
  const outcomes = await tick(
    deps,
    names.map((name) => flow(name, () => Promise.reject(refused))),
  );
  expect(outcomes.map(({ kind }) => kind)).toEqual(["paused", "paused"]);
  expect(log).toEqual(["run-paused", "run-paused"]);
  expect(runs.get("price-sync")).toMatchObject({
    outcome: "failed",
    message:
      "Paused, because IFS Cloud refuses the connector's credential: IFS token endpoint refuses the credential (HTTP 401). Nothing is lost, no attempt is counted; the flows go on by themselves.",
  });
  expect(report(outcomes)).toEqual({ kind: "failed", error: refused });
});

test("a flow whose lease somebody else holds does not run", async () => {
  const { deps, held, runs } = world();
  held.set("price-sync", "another replica");
  let ran = false;
  const prices = flow("price-sync", async () => {
    ran = true;
    return { processed: 0, changed: 0, failed: 0 };
  });
  expect(await tick(deps, [prices])).toEqual([{ flow: "price-sync", kind: "heldByAnother" }]);
  expect([ran, runs.size, held.get("price-sync")]).toEqual([false, 0, "another replica"]);
});

test("the texts name the side that refuses", () => {
  expect(explain(new RefusedError("ifs", "projectionMissing", 404, "Metadata not found"))).toBe(
    "IFS Cloud refuses what the connector asks: Metadata not found (projectionMissing). Check the names under ifs.binding and the grants of the connector's user; the next run tries again by itself.",
  );
  expect(explain(new AuthenticationError("ifs", "401 from the token address"))).toBe(
    "IFS Cloud refuses the connector's credential or a permission is missing (401 from the token address). The next run tries again by itself.",
  );
});

test("a run tells how far it is, every ten seconds at most, while the row shows the run before; its end keeps the counts", async () => {
  const { deps, runs, advance } = world();
  const seen: (RunRecord | undefined)[] = [];
  const stock = flow("stock-sync", async (_now, progress) => {
    await progress({ read: 1 });
    seen.push(runs.get("stock-sync"));
    advance(10_000);
    await progress({ read: 2 });
    seen.push(runs.get("stock-sync"));
    await progress({ read: 3 });
    seen.push(runs.get("stock-sync"));
    return { processed: 3, changed: 1, failed: 0 };
  });
  await tick(deps, [stock]);
  const told = { read: 2, ctRequests: 0, ifsRequests: 0 };
  expect(seen.map((run) => run?.progress?.counts)).toEqual([undefined, told, told]);
  expect(runs.get("stock-sync")).toMatchObject({ outcome: "succeeded", processed: 3, counts: { read: 3 } });
  expect(runs.get("stock-sync")).not.toHaveProperty("progress");

  advance(60_000);
  const dies = flow("stock-sync", async (_now, progress) => {
    advance(10_000);
    await progress({ read: 9 });
    expect(runs.get("stock-sync")).toMatchObject({
      processed: 3,
      counts: { read: 3 },
      progress: { counts: { read: 9 } },
    });
    throw new TransientError("IFS is down");
  });
  await tick(deps, [dies]);
  expect(runs.get("stock-sync")).toMatchObject({ outcome: "failed", counts: { read: 9 } });
});

test("the progress of a run that died is not shown as that of the next", async () => {
  const { deps, runs, advance } = world();
  const dead: RunRecord = {
    flow: "stock-sync",
    runId: "dead",
    startedAt: new Date(start).toISOString(),
    outcome: "succeeded",
    ...{ processed: 3, changed: 1, failed: 0 },
    progress: { at: new Date(start).toISOString(), counts: { read: 2 } },
  };
  runs.set("stock-sync", dead);
  advance(60_000);
  const look = flow("stock-sync", async () => {
    expect(runs.get("stock-sync")).toMatchObject({ processed: 3 });
    expect(runs.get("stock-sync")).not.toHaveProperty("progress");
    return { processed: 4, changed: 0, failed: 0 };
  });
  await tick(deps, [look]);
  expect(runs.get("stock-sync")).toMatchObject({ outcome: "succeeded", processed: 4 });
});

test("a store that takes no progress does not end the run", async () => {
  const { deps, runs, log, advance } = world();
  const write = deps.runs.write;
  const failing = {
    ...deps,
    runs: {
      ...deps.runs,
      write: async (run: RunRecord) => {
        if (run.progress) throw new TransientError("down");
        await write(run);
      },
    },
  };
  const stock = flow("stock-sync", async (_now, progress) => {
    advance(20_000);
    await progress({ read: 1 });
    return { processed: 1, changed: 0, failed: 0 };
  });
  await tick(failing, [stock]);
  expect([runs.get("stock-sync")?.outcome, log]).toEqual(["succeeded", ["progress-not-written", "run-finished"]]);
});

test("each of the runs that go on side by side is told the requests that it sent itself, and one that fails those until then", async () => {
  const { deps, runs } = world();
  const asks = async (system: "ctRequests" | "ifsRequests", times: number) => {
    for (let index = 0; index < times; index += 1) {
      await Promise.resolve();
      requestMeter(system)();
    }
  };
  const stock = flow("stock-sync", async (_now, progress) => {
    await Promise.all([asks("ctRequests", 3), asks("ifsRequests", 5)]);
    await progress({ read: 7 });
    return { processed: 7, changed: 0, failed: 0 };
  });
  const prices = flow("price-sync", async () => {
    await asks("ifsRequests", 2);
    throw new TransientError("IFS is down");
  });
  await Promise.all([tick(deps, [stock, prices]), asks("ctRequests", 20)]);
  expect(runs.get("stock-sync")?.counts).toEqual({ read: 7, ctRequests: 3, ifsRequests: 5 });
  expect(runs.get("price-sync")?.counts).toEqual({ ctRequests: 0, ifsRequests: 2 });
});

test("runs that did something or failed are kept at once, of the others one an hour, with one write each", async () => {
  const { deps, runs, kept, advance } = world();
  let does: ScheduledFlow["run"] = async () => ({ processed: 5, changed: 0, failed: 0 });
  const stock = flow("stock-sync", (now, progress) => does(now, progress));
  const keptAfter = async (minutes: number) => {
    for (let minute = 0; minute < minutes; minute += 1) {
      await tick(deps, [stock]);
      advance(60_000);
    }
    return kept.splice(0).map(({ finishedAt, outcome, changed }) => [finishedAt.slice(11, 16), outcome, changed]);
  };
  expect(await keptAfter(61)).toEqual([
    ["10:00", "succeeded", 0],
    ["11:00", "succeeded", 0],
  ]);
  does = async () => ({ processed: 5, changed: 2, failed: 0 });
  expect(await keptAfter(2)).toEqual([
    ["11:01", "succeeded", 2],
    ["11:02", "succeeded", 2],
  ]);
  does = () => Promise.reject(new TransientError("IFS is down"));
  expect(await keptAfter(1)).toEqual([["11:03", "failed", 0]]);
  does = async () => ({ processed: 5, changed: 0, failed: 0 });
  expect(await keptAfter(60)).toEqual([["12:03", "succeeded", 0]]);
  expect(runs.get("stock-sync")?.keptAt).toBe("2026-11-02T12:03:00.000Z");
});

test("a history that takes no run changes nothing of the run, and gets the next one", async () => {
  const { deps, runs, log, kept, advance } = world();
  const quiet = flow("stock-sync", async () => ({ processed: 1, changed: 0, failed: 0 }));
  const full = { append: () => Promise.reject(new TransientError("commercetools did not answer")) };
  expect((await tick({ ...deps, runHistory: full }, [quiet])).map(({ kind }) => kind)).toEqual(["succeeded"]);
  expect([runs.get("stock-sync")?.outcome, log]).toEqual(["succeeded", ["run-not-kept", "run-finished"]]);
  advance(60_000);
  await tick(deps, [quiet]);
  expect(kept.map(({ finishedAt }) => finishedAt)).toEqual(["2026-11-02T10:01:00.000Z"]);
});
