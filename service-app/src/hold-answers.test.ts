/** What a question that holds is answered, through its door and as docs/atp-api.openapi.yaml says. */
import type { StockHold } from "core/domain/stock-hold.ts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { undocumented } from "./testing/api-document.ts";
import { type Running, startService } from "./testing/stand-ins.ts";

const SECONDS = 60;
let service: Running;
beforeEach(async () => {
  service = await startService(
    {
      ...{ deadlineMs: 5000, cacheSeconds: 0, promise: { field: "ifsPromise" } },
      holds: { seconds: SECONDS, longestSeconds: SECONDS },
    },
    { onHand: { BOLT: 500, FEW: 3, NUT: 3 } },
  );
});
afterEach(() => service.stop());

type Lines = Record<string, number>;

/** The cart of the session is made of the lines. */
async function hold(lines: Lines) {
  service.platform.tables.delete("carts");
  service.platform.seed("carts", {
    ...{ id: "cart-1", cartState: "Active" },
    lineItems: Object.entries(lines).map(([sku, quantity]) => ({
      ...{ id: `line-${sku}`, quantity, variant: { sku }, supplyChannel: { typeId: "channel", id: service.webId } },
    })),
  });
  const asked = Object.entries(lines).map(([sku, quantity]) => ({ sku, quantity, supplyChannel: "web" }));
  const response = await fetch(`${service.url}/service/atp`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-session-id": "session-right" },
    body: JSON.stringify({ lines: asked, hold: true }),
  });
  const body = (await response.json()) as { accepted: boolean; hold: Record<string, unknown>; lines: object[] };
  expect([response.status, undocumented("post /atp", response.status, body)]).toEqual([200, []]);
  return body;
}

const held = async () => (await service.holds.all()).flatMap(({ holds }) => holds);

/** As if the only hold that there is had been asked for so much earlier. */
async function age(seconds: number): Promise<void> {
  for (let shard = 0; ; shard += 1) {
    const found = await service.holds.read(shard);
    if (!found?.holds.length) continue;
    const earlier = ({ until, since, ...hold }: StockHold): StockHold => ({
      ...{ ...hold, until: until - seconds * 1000 },
      ...(since !== undefined && { since: since - seconds * 1000 }),
    });
    await service.holds.swap(shard, found.holds.map(earlier), found.version);
    return;
  }
}

test("all is held: until when, with a promise that does not outlive it", async () => {
  const from = Date.now();
  const { accepted, hold: told } = await hold({ FEW: 2 });
  expect([accepted, told.held, Object.keys(told).toSorted()]).toEqual([true, true, ["held", "promise", "until"]]);
  const { token, until } = told.promise as { token: string; until: string };
  expect(token.length).toBeGreaterThan(50);
  expect(Date.parse(String(told.until))).toBeGreaterThanOrEqual(from + SECONDS * 1000);
  expect(Date.parse(until)).toBeLessThanOrEqual(Date.parse(String(told.until)));
  expect((await held()).map(({ owner, sku, pieces }) => [owner, sku, pieces])).toEqual([["cart-1", "FEW", 2]]);
});

test("nothing had to be held: above the threshold there is nothing to promise", async () => {
  expect((await hold({ BOLT: 1 })).hold).toEqual({ held: true });
});

test("a cart that has held for as long as it may is told so: first with the end that stays, then without a hold", async () => {
  const first = await hold({ FEW: 2 });
  expect(first.hold).not.toHaveProperty("reason");
  await age(SECONDS / 2);
  const again = await hold({ FEW: 2 });
  expect(again.hold).toMatchObject({ held: true, reason: "longestReached" });
  expect(Date.parse(String(again.hold.until))).toBe(Date.parse(String(first.hold.until)) - (SECONDS / 2) * 1000);
  await age(SECONDS);
  const late = await hold({ FEW: 2 });
  expect([late.accepted, late.hold]).toEqual([true, { held: false, reason: "longestReached" }]);
});

test("a line that a policy alone lets pass is not held, and so nothing is said to be", async () => {
  const { accepted, hold: told, lines } = await hold({ NOSUCH: 1, NUT: 2 });
  expect(lines).toMatchObject([
    { sku: "NOSUCH", passes: true, policy: "open" },
    { sku: "NUT", passes: true, reason: "available", policy: null },
  ]);
  expect([accepted, told, await held()]).toEqual([true, { held: false }, []]);
});
