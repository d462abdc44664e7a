import { expect, test } from "vitest";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform } from "../ct/testing/platform.ts";
import { TransientError } from "../domain/failure.ts";
import { createConfigurationWatch } from "./configuration-watch.ts";
import type { Active } from "./connector.ts";

test("an unusable configuration is an exception until a usable one is there; an outage is none", async () => {
  const store = createStore(clientOf(createPlatform()).ct, { now: () => Date.parse("2026-11-02T10:00:00Z") });
  const logger = { info: () => {}, warn: () => {}, error: () => {} };
  let next: () => Promise<Active> = async () => Promise.reject(new TransientError("commercetools is down"));
  const active = createConfigurationWatch({ active: () => next(), store, logger });
  const open = async () => (await store.exceptions.list(10)).rows.map(({ code, message }) => [code, message]);

  await expect(active()).rejects.toThrow("commercetools is down");
  expect(await open()).toEqual([]);

  next = async () => Promise.reject(new RangeError('ifs.binding.ordr: unknown object "ordr"'));
  await expect(active()).rejects.toThrow("ordr");
  expect(await open()).toEqual([
    [
      "configurationUnusable",
      'The active configuration cannot be used, so nothing runs: ifs.binding.ordr: unknown object "ordr"',
    ],
  ]);

  const usable = { version: 2 } as Active;
  next = async () => usable;
  expect(await active()).toBe(usable);
  expect(await open()).toEqual([]);
});
