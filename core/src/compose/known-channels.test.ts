import { expect, test } from "vitest";
import type { CtClient } from "../ct/client.ts";
import { knownChannelKeys } from "./known-channels.ts";

/** A shop with one channel, and how often it was asked. */
function shop() {
  const asked: unknown[] = [];
  const answer = async () => ({ body: { results: [{ id: "c1", key: "munich" }] } });
  const get = ({ queryArgs }: { queryArgs: Record<string, unknown> }) => {
    asked.push(queryArgs["var.values"]);
    return { execute: answer };
  };
  return { asked, ct: { root: { channels: () => ({ get }) } } as unknown as CtClient };
}

test("a channel is asked for once an hour, however many orders carry it", async () => {
  const { ct, asked } = shop();
  let now = 1;
  const keys = (ids: readonly string[]) => knownChannelKeys(ct, () => now)(ids);
  expect([...(await keys(["c1"]))]).toEqual([["c1", "munich"]]);
  now = 3_000_000;
  expect([...(await keys(["c1"]))]).toEqual([["c1", "munich"]]);
  expect(asked).toEqual([["c1"]]);
  now = 3_600_002;
  await keys(["c1"]);
  expect(asked).toHaveLength(2);
});

test("what has no key is left out, and asked for again", async () => {
  const { ct, asked } = shop();
  const keys = knownChannelKeys(ct, () => 1);
  expect([...(await keys(["c1", "c2"]))]).toEqual([["c1", "munich"]]);
  await keys(["c1", "c2"]);
  expect(asked).toEqual([["c1", "c2"], ["c2"]]);
});
