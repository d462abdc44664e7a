import { expect, test } from "vitest";
import { encodeClaim } from "../../domain/claims.ts";
import { emptyClaim, pauseMs, postDeadlineMs, syncInfoActions } from "./claim.ts";

const channels = { link: "L", claim: "C" };
const NOW = Date.parse("2026-11-20T10:00:00.000Z");

test("a new entry is younger than every other, whatever the writer's clock says", () => {
  const claim = emptyClaim("w");
  const stamps = [NOW - 60_000, NOW, NOW + 60_000].map((newestAt) =>
    syncInfoActions(channels, { claim, newestAt, now: NOW }).map(({ syncedAt }) => syncedAt),
  );
  expect(stamps).toEqual([["2026-11-20T10:00:00.000Z"], ["2026-11-20T10:00:00.001Z"], ["2026-11-20T10:01:00.001Z"]]);
});

test("link and end of the claim are one request", () => {
  const claim = { ...emptyClaim("w"), phase: "linked" as const };
  expect(syncInfoActions(channels, { claim, link: "P1000", newestAt: 0, now: NOW })).toEqual([
    {
      action: "updateSyncInfo",
      channel: { typeId: "channel", id: "L" },
      externalId: "P1000",
      syncedAt: "2026-11-20T10:00:00.000Z",
    },
    {
      action: "updateSyncInfo",
      channel: { typeId: "channel", id: "C" },
      externalId: encodeClaim(claim),
      syncedAt: "2026-11-20T10:00:00.000Z",
    },
  ]);
});

test("a POST fits into what is left of the lease, margin included, or is not begun", () => {
  const deadline = (elapsed: number, allowedMs = 8000) =>
    postDeadlineMs({ claimedAt: 100, monotonic: 100 + elapsed, leaseMs: 60_000, allowedMs, leastMs: 1500 });
  expect([
    deadline(0),
    deadline(50_000),
    deadline(52_000),
    deadline(56_500),
    deadline(56_501),
    deadline(0, 1499),
  ]).toEqual([8000, 8000, 6000, 1500, undefined, undefined]);
});

test("pauses double up to an hour", () => {
  expect([0, 1, 2, 3, 6, 7, 8, 1000].map((attempt) => pauseMs(attempt) / 60_000)).toEqual([1, 1, 2, 4, 32, 60, 60, 60]);
});
