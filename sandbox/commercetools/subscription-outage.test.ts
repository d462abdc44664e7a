import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { seededRandom } from "../kernel/types.ts";
import { SHOP_PROJECT_KEY, seedShop } from "../seed/commercetools-shop.ts";
import type { Json } from "./api-caller.ts";
import { createCommercetoolsModel } from "./model.ts";
import { openShop, refusal, START, type TestShop } from "./test-shop.ts";

const lines = [{ sku: "HB-M5X20", quantity: 1, externalPrice: 1000 }];
const HOUR = 3_600_000;

describe("a subscription whose queue has trouble", () => {
  let shop: TestShop;
  const topic = "orders";
  const messages = [{ resourceTypeId: "order", types: ["OrderCreated"] }];
  const destination = { type: "GoogleCloudPubSub", projectId: "sandbox", topic };
  const place = async () => (await shop.order({ lines, inventoryMode: "None" })).id;
  const queued = (name = topic) =>
    shop.push
      .topic(name)
      .undelivered()
      .map((one) => one.payload as Json)
      .filter((one) => one.notificationType === "Message")
      .map((one) => (one.resource as Json).id);
  const setStatus = (status: string) => shop.model.setSubscriptionStatus({ key: "sub", status });
  const status = async () => (await shop.connector.get("/subscriptions/key=sub")).status;

  beforeEach(async () => {
    shop = await openShop("in-process");
    await shop.connector.post("/subscriptions", { key: "sub", destination, messages });
  });

  it("keeps what happens and sends it in order once it is healthy", async () => {
    setStatus("TemporaryError");
    const orders = [await place(), await place()];
    expect([queued(), await status()]).toEqual([[], "TemporaryError"]);
    shop.clock.advance(47 * HOUR);
    setStatus("Healthy");
    orders.push(await place());
    expect(queued()).toEqual(orders);
  });

  it("gives up what waited for longer than the setting says", async () => {
    setStatus("TemporaryError");
    await place();
    shop.clock.advance(24 * HOUR);
    const later = await place();
    shop.clock.advance(24 * HOUR);
    shop.model.settle();
    setStatus("Healthy");
    expect(queued()).toEqual([later]);
  });

  it("stops for good when a configuration error lasts", async () => {
    setStatus("ConfigurationError");
    await place();
    shop.clock.advance(24 * HOUR - 1);
    expect(await status()).toBe("ConfigurationError");
    shop.clock.advance(1);
    expect(await status()).toBe("ConfigurationErrorDeliveryStopped");
    setStatus("Healthy");
    expect(queued()).toEqual([]);
  });

  it("is healthy again with a destination that takes the test notification, unless it was suspended", async () => {
    const move = (version: number) =>
      shop.connector.post("/subscriptions/key=sub", {
        version,
        actions: [{ action: "changeDestination", destination: { ...destination, topic: `moved-${version}` } }],
      });
    setStatus("ConfigurationError");
    const waiting = await place();
    expect(await move(1)).toMatchObject({ version: 2, status: "Healthy" });
    expect([queued("moved-1"), queued()]).toEqual([[waiting], []]);
    setStatus("ManuallySuspended");
    expect(await move(2)).toMatchObject({ version: 3, status: "ManuallySuspended" });
  });

  it("acts on changes and deletions after the delay, on the former configuration until then", async () => {
    shop.model.changeSettings({ subscriptionDelayMs: 60_000 });
    shop.clock.advance(60_000);
    await shop.connector.post("/subscriptions/key=sub", {
      version: 1,
      actions: [{ action: "setMessages", messages: [{ resourceTypeId: "payment" }] }],
    });
    const before = await place();
    shop.clock.advance(60_000);
    await place();
    expect(queued()).toEqual([before]);
    await shop.connector.post("/subscriptions/key=sub", { version: 2, actions: [{ action: "setMessages", messages }] });
    shop.clock.advance(60_000);
    await shop.connector.delete("/subscriptions/key=sub", { version: "3" });
    const deleted = await place();
    shop.clock.advance(60_000);
    await place();
    expect(queued()).toEqual([before, deleted]);
  });

  it("takes only resources that have messages or changes to tell of", async () => {
    const draft = (extra: Json) => shop.connector.post("/subscriptions", { key: "other", destination, ...extra });
    const cart = [{ resourceTypeId: "cart" }];
    expect(await refusal(draft({ messages: cart }))).toMatchObject({ code: "InvalidField", invalidValue: "cart" });
    expect(await draft({ changes: cart })).toMatchObject({ changes: cart });
  });

  it("measures the payload in bytes", async () => {
    shop.model.changeSettings({ notificationLimitBytes: 10_000 });
    const umlauts = "ü".repeat(4_000);
    await shop.order({ lines, inventoryMode: "None", purchaseOrderNumber: umlauts });
    const [payload] = shop.push
      .topic(topic)
      .undelivered()
      .map((one) => one.payload as Json)
      .filter((one) => one.notificationType === "Message");
    expect(JSON.stringify(payload).length < 10_000 && payload).toMatchObject({
      payloadNotIncluded: { payloadType: "OrderCreated" },
    });
  });
});

describe("a queue that refuses", () => {
  let refusing = false;
  const taken: Json[] = [];
  const model = createCommercetoolsModel({
    clock: { now: () => START },
    random: seededRandom(1),
    projectKey: SHOP_PROJECT_KEY,
    deliver({ payload }) {
      if (refusing) throw new Error("queue is full");
      taken.push(payload);
    },
  });
  beforeAll(() => seedShop(model));
  afterAll(() => {
    refusing = false;
  });

  it("gets everything later, and nothing twice", async () => {
    const { token, call } = await admin(model);
    await call(token, "POST", "/subscriptions", {
      key: "sub",
      destination: { type: "SNS", topicArn: "arn" },
      changes: [{ resourceTypeId: "channel" }],
    });
    taken.length = 0;
    refusing = true;
    for (const key of ["one", "two"]) await call(token, "POST", "/channels", { key, roles: ["OrderExport"] });
    expect((await call(token, "GET", "/subscriptions/key=sub")).status).toBe("TemporaryError");
    refusing = false;
    expect((await call(token, "GET", "/subscriptions/key=sub")).status).toBe("Healthy");
    expect(taken.map((one) => (one.resourceUserProvidedIdentifiers as Json).key)).toEqual(["one", "two"]);
  });
});

async function admin(model: ReturnType<typeof createCommercetoolsModel>) {
  const send = async (method: string, path: string, authorization: string, body: string) => {
    const headers = { authorization };
    const answer = await model.handle({ method, path, headers, body: Buffer.from(body) });
    return JSON.parse(String(answer.body)) as Json;
  };
  const basic = `Basic ${Buffer.from("admin:sandbox-secret").toString("base64")}`;
  const { access_token: token } = await send("POST", "/oauth/token", basic, "grant_type=client_credentials");
  const call = (bearer: unknown, method: string, path: string, body: Json = {}) =>
    send(method, `/${SHOP_PROJECT_KEY}${path}`, `Bearer ${bearer}`, JSON.stringify(body));
  return { token, call };
}
