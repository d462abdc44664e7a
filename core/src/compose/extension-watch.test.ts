import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { extensionKey, isParked } from "../ct/resources-extension.ts";
import { createStore } from "../ct/store.ts";
import { clientOf, createPlatform } from "../ct/testing/platform.ts";
import { connectorConfigSchema } from "../domain/config.ts";
import { flowNames } from "../domain/records.ts";
import { trackExceptions } from "../flows/exception-tracker.ts";
import { systemClock } from "../runtime/clock.ts";
import { watchAsInstalled, watchExtension } from "./extension-watch.ts";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

const configOf = (extension: "off" | "armed", atp: object = {}) =>
  connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z" },
    routes: [
      { name: "all", company: "10", site: "101", orderType: "WEB", coordinator: "C", customerNo: "W", addressNo: "1" },
    ],
    sites: [{ site: "101", company: "10", timeZone: "Europe/Berlin" }],
    atp: { extension, ...atp },
  });

const SECRET = "not-a-secret-of-anybody";
type Answer = { readonly status: number; readonly afterMs?: number };

/** A project with the Extension, and a service whose answers are given for each look. */
async function project() {
  const knobs = { answer: { status: 200 } as Answer };
  let elapsed = 0;
  const server = createServer((_request, response) => {
    elapsed += knobs.answer.afterMs ?? 1;
    response.statusCode = knobs.answer.status;
    response.end("{}");
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/service`;
  const platform = createPlatform();
  const { ct } = clientOf(platform);
  const clock = { ...systemClock, monotonic: () => elapsed };
  const store = createStore(ct, clock);
  await store.serviceUrl.write(url);
  const install = async () => {
    const body = {
      key: extensionKey,
      destination: {
        type: "HTTP" as const,
        url: `${url}/extension`,
        authentication: { type: "AuthorizationHeader" as const, headerValue: SECRET },
      },
      triggers: configOf("armed").atp.extensionTriggers.map((trigger) => ({
        ...trigger,
        actions: [...trigger.actions],
      })),
      timeoutInMs: 2000,
    };
    await ct.root.extensions().post({ body }).execute();
  };
  await install();
  const logged: string[] = [];
  const log = (_fields: object, event: string) => logged.push(event);
  const logger = { info: log, warn: log, error: log };
  const state = async () => {
    const [found] = (await ct.root.extensions().get().execute()).body.results;
    return found === undefined ? "absent" : isParked(found) ? "parked" : "armed";
  };
  /** One tick, of a process that has seen nothing of the others. */
  const tick = async (answer: Answer | undefined, atp: object = {}, extension: "off" | "armed" = "armed") => {
    if (answer) knobs.answer = answer;
    await watchExtension({ ct, store, clock, logger }, { config: configOf(extension, atp) });
    return state();
  };
  /** A tick that has no configuration. */
  const blindTick = async (answer: Answer) => {
    knobs.answer = answer;
    await watchAsInstalled({ ct, store, clock, logger });
    return state();
  };
  const ticks = async (count: number, answer: Answer) => {
    const states: string[] = [];
    for (let nth = 0; nth < count; nth += 1) states.push(await tick(answer));
    return states;
  };
  const told = async () => (await store.exceptions.list(10)).rows.map(({ code, message }) => `${code}: ${message}`);
  const stored = () => [...(platform.tables.get("extensions")?.values() ?? [])][0];
  return { tick, blindTick, ticks, told, store, state, stored, ct, logged, writes: platform.writes };
}

const gone: Answer = { status: 503 };
const good: Answer = { status: 200 };

test("three ticks in a row without an answer park it, two do not, and people are told", async () => {
  const { ticks, told, logged } = await project();
  expect(await ticks(2, gone)).toEqual(["armed", "armed"]);
  expect(await ticks(1, good)).toEqual(["armed"]);
  expect(await ticks(2, gone)).toEqual(["armed", "armed"]);
  expect(await told()).toEqual([]);
  expect(await ticks(1, gone)).toEqual(["parked"]);
  expect(await told()).toEqual([expect.stringMatching(/^checkoutGuardOff: .*status 503.*unchecked/)]);
  expect(logged).toEqual(["checkout-guard-off"]);
});

test("ten good answers in a row arm it again, with the secret that only the deployment knew; nine do not", async () => {
  const { ticks, told, stored } = await project();
  const before = stored();
  await ticks(3, gone);
  expect((await ticks(9, good)).at(-1)).toBe("parked");
  expect((await ticks(1, gone)).at(-1)).toBe("parked");
  expect((await ticks(9, good)).at(-1)).toBe("parked");
  expect(await told()).toHaveLength(1);
  expect(await ticks(1, good)).toEqual(["armed"]);
  expect(await told()).toEqual([]);
  expect(stored()).toMatchObject({ destination: before?.destination, triggers: before?.triggers, timeoutInMs: 2000 });
});

test("an answer that takes half of the time-out is not good, and no reason to park either", async () => {
  const { ticks } = await project();
  expect(await ticks(4, { status: 200, afterMs: 1000 })).toEqual(["armed", "armed", "armed", "armed"]);
  await ticks(3, gone);
  await ticks(9, { status: 200, afterMs: 999 });
  expect(await ticks(1, { status: 200, afterMs: 1000 })).toEqual(["parked"]);
  expect((await ticks(10, { status: 200, afterMs: 999 })).at(-1)).toBe("armed");
});

test("parked, it holds for no resource, and asks nothing of a field but whether it is there", async () => {
  const { ticks, stored } = await project();
  await ticks(3, gone);
  expect(stored()).toMatchObject({
    triggers: [{ condition: "lineItems is defined and lineItems is not defined" }],
  });
});

test("while all is well a tick writes nothing", async () => {
  const { ticks, writes } = await project();
  await ticks(1, good);
  const before = writes();
  await ticks(5, good);
  expect(writes() - before).toBe(0);
});

test("another time-out, trigger or condition counts with the next tick, parked or not", async () => {
  const { tick, ticks, stored } = await project();
  const condition = 'custom is defined and custom(fields(check = "now"))';
  const cart = { resourceTypeId: "cart", actions: ["Update"], condition };
  await tick(good, { extensionTimeoutMs: 3000, extensionTriggers: [{ resourceTypeId: "order" }, cart] });
  expect(stored()).toMatchObject({ timeoutInMs: 3000, triggers: [{ resourceTypeId: "order" }, cart] });
  await ticks(3, gone);
  expect(await tick(good, { extensionTimeoutMs: 4000 })).toBe("parked");
  expect(stored()).toMatchObject({ timeoutInMs: 4000 });
});

test("where it is not installed people are told to deploy, and where nobody wants it it is taken away", async () => {
  const { tick, told, ticks } = await project();
  await ticks(3, gone);
  expect(await tick(good, {}, "off")).toBe("absent");
  expect(await told()).toEqual([]);
  expect(await tick(good)).toBe("absent");
  expect(await told()).toEqual([expect.stringMatching(/^checkoutGuardOff: .*not installed/)]);
  await tick(good, {}, "off");
  expect(await told()).toEqual([]);
});

test("two ticks at the same moment count what they see, and neither fails", async () => {
  const { tick, state } = await project();
  await Promise.all([tick(gone), tick(gone)]);
  await Promise.all([tick(gone), tick(gone)]);
  expect(await state()).not.toBe("absent");
});

test("without a configuration it is parked as it is after the same three looks, and armed by none", async () => {
  const { tick, blindTick, ticks, told, stored } = await project();
  const before = stored();
  expect([await tick(gone), await blindTick(gone), await blindTick(gone)]).toEqual(["armed", "armed", "parked"]);
  expect(await told()).toEqual([expect.stringMatching(/^checkoutGuardOff: .*status 503.*unchecked/)]);
  expect(stored()).toMatchObject({ destination: before?.destination, timeoutInMs: 2000 });
  for (let nth = 0; nth < 12; nth += 1) expect(await blindTick(good)).toBe("parked");
  expect(await told()).toEqual([expect.stringMatching(/it answers again, 12 good answers/)]);
  // Its triggers are the configuration's: with one again, the answers so far count.
  expect(await ticks(1, good)).toEqual(["armed"]);
  expect(stored()).toMatchObject({ triggers: before?.triggers });
  expect(await told()).toEqual([]);
});

test("without a configuration an Extension that answers is left as it is, and one that is not there is not missed", async () => {
  const { tick, blindTick, told, writes } = await project();
  await blindTick(good);
  const before = writes();
  for (let nth = 0; nth < 3; nth += 1) expect(await blindTick({ status: 200, afterMs: 1500 })).toBe("armed");
  expect(writes()).toBe(before);
  await tick(good, {}, "off");
  expect(await blindTick(gone)).toBe("absent");
  expect(await told()).toEqual([]);
});

test("no run of a flow closes the message of the guard", async () => {
  const { ticks, store } = await project();
  await ticks(3, gone);
  for (const flow of flowNames) {
    const tracker = await trackExceptions(store.exceptions, { flow, now: Date.now() });
    await tracker.settle({ complete: true });
  }
  expect((await store.exceptions.list(10)).total).toBe(1);
});
