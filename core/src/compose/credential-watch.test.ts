import { expect, test } from "vitest";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform } from "../ct/testing/platform.ts";
import { AuthenticationError } from "../domain/failure.ts";
import { watchCredential } from "./credential-watch.ts";
import type { FlowOutcome } from "./tick.ts";

const NOW = Date.parse("2026-11-02T10:00:00Z");
const pause = { since: NOW, until: NOW + 30_000, reason: "IFS token endpoint refuses the credential (HTTP 401)" };
const paused: FlowOutcome = {
  flow: "stock-sync",
  kind: "paused",
  error: new AuthenticationError("ifs", "refused", { pausedUntil: "2026-11-02T10:00:30.000Z" }),
};

test("one exception and one alarm while the credential is refused, until a flow runs through", async () => {
  const store = createStore(clientOf(createPlatform()).ct, { now: () => NOW });
  const alarms: unknown[] = [];
  const logger = { info: () => {}, warn: () => {}, error: (fields: object) => alarms.push(fields) };
  const deps = { store, logger };
  const open = async () => (await store.exceptions.list(10)).rows.map(({ code, message }) => [code, message]);
  const said = [
    [
      "credentialRefused",
      "Everything that needs IFS is paused since 2026-11-02T10:00:00.000Z: IFS token endpoint refuses the credential (HTTP 401).",
    ],
  ];

  await watchCredential(deps, pause, [paused, { ...paused, flow: "price-sync" }]);
  await watchCredential(deps, pause, [paused]);
  expect(await open()).toEqual(said);
  expect(alarms).toEqual([
    { alert: true, ...pause },
    { alert: true, ...pause },
  ]);

  // A process that has just begun knows of no pause, and a tick without a flow proves nothing.
  await watchCredential(deps, undefined, [{ flow: "stock-sync", kind: "notDue" }]);
  expect(await open()).toEqual(said);

  const summary = { processed: 0, changed: 0, failed: 0 };
  await watchCredential(deps, undefined, [{ flow: "stock-sync", kind: "succeeded", summary }]);
  expect(await open()).toEqual([]);
});
