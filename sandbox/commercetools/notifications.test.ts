import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SandboxRequest } from "../kernel/types.ts";
import { json } from "../kernel/types.ts";
import type { Json } from "./api-caller.ts";
import { FORMS, openShop, pick, refusal, results, type TestShop } from "./test-shop.ts";

const lines = [{ sku: "HB-M5X20", quantity: 1, externalPrice: 1000 }];
const never = () => new Promise<never>(() => undefined);

describe.each(FORMS)("subscriptions (%s)", (form) => {
  let shop: TestShop;
  let seen: Json[];
  let answers: (number | "never")[];
  let endpoint: string;

  beforeAll(async () => {
    shop = await openShop(form);
    endpoint = await shop.serve(async (request) => {
      const { message } = JSON.parse(request.body.toString("utf8")) as { message: { data: string } };
      seen.push(JSON.parse(Buffer.from(message.data, "base64").toString("utf8")) as Json);
      const answer = answers.shift() ?? 204;
      return answer === "never" ? never() : json(answer, {});
    });
  });
  afterAll(() => shop.close());
  beforeEach(() => {
    seen = [];
    answers = [];
  });

  const subscribe = (key: string, extra: Json) => {
    shop.push.setEndpoint({ topic: key, url: endpoint });
    const destination = { type: "GoogleCloudPubSub", projectId: "sandbox", topic: key };
    return shop.connector.post("/subscriptions", { key, destination, ...extra });
  };
  const unsubscribe = async (subscription: Json) => {
    const now = await shop.connector.get(`/subscriptions/${subscription.id}`);
    await shop.connector.delete(`/subscriptions/${subscription.id}`, { version: String(now.version) });
  };
  const place = () => shop.order({ lines, inventoryMode: "None" });

  it("sends a test notification, then the messages asked for, whole", async () => {
    const subscription = await subscribe("chosen-types", {
      messages: [{ resourceTypeId: "order", types: ["OrderCreated", "OrderStateChanged"] }],
    });
    await shop.push.idle();
    expect(seen).toEqual([
      {
        notificationType: "ResourceCreated",
        projectKey: "sandbox-shop",
        resource: { typeId: "subscription", id: subscription.id },
        resourceUserProvidedIdentifiers: { key: "chosen-types" },
        version: 1,
        modifiedAt: new Date(shop.clock.now()).toISOString(),
      },
    ]);
    seen = [];
    const order = await place();
    await shop.admin.post(`/orders/${order.id}`, {
      version: 1,
      actions: [
        { action: "changeShipmentState", shipmentState: "Ready" },
        { action: "changeOrderState", orderState: "Complete" },
      ],
    });
    await shop.push.idle();
    expect(seen.map((one) => [one.type, one.sequenceNumber, one.resourceVersion])).toEqual([
      ["OrderCreated", 1, 1],
      ["OrderStateChanged", 3, 2],
    ]);
    const [stored] = results(
      await shop.connector.get("/messages", {
        where: 'type = "OrderStateChanged" and resource(id = :id)',
        "var.id": String(order.id),
      }),
    );
    expect(seen[1]).toEqual({ notificationType: "Message", projectKey: "sandbox-shop", ...stored });
    expect(await shop.connector.get(`/messages/${stored?.id}`)).toEqual(stored);
    await unsubscribe(subscription);
  });

  it("announces changes, of carts only their creation", async () => {
    const subscription = await subscribe("changes", {
      changes: [{ resourceTypeId: "channel" }, { resourceTypeId: "cart" }, { resourceTypeId: "key-value-document" }],
    });
    await shop.push.idle();
    seen = [];
    const channel = await shop.connector.post("/channels", { key: "announced" });
    await shop.connector.post(`/channels/${channel.id}`, {
      version: 1,
      actions: [{ action: "setRoles", roles: ["Primary"] }],
    });
    await shop.connector.delete(`/channels/${channel.id}`, { version: "2" });
    const cart = await shop.cart({ lines });
    await shop.admin.post(`/carts/${cart.id}`, { version: 1, actions: [{ action: "setLocale", locale: "de" }] });
    await shop.connector.post("/custom-objects", { container: "c1", key: "k1", value: 1 });
    await shop.push.idle();
    const fields = ["notificationType", "resource", "version", "oldVersion", "resourceUserProvidedIdentifiers"];
    const resource = { typeId: "channel", id: channel.id };
    const identifiers = { resourceUserProvidedIdentifiers: { key: "announced" } };
    expect(seen.slice(0, 4).map((one) => pick(one, ...fields))).toEqual([
      { notificationType: "ResourceCreated", resource, version: 1, ...identifiers },
      { notificationType: "ResourceUpdated", resource, version: 2, oldVersion: 1, ...identifiers },
      { notificationType: "ResourceDeleted", resource, version: 2, ...identifiers },
      { notificationType: "ResourceCreated", resource: { typeId: "cart", id: cart.id }, version: 1 },
    ]);
    expect(seen[4]?.resourceUserProvidedIdentifiers).toEqual({ containerAndKey: { container: "c1", key: "k1" } });
    expect(seen.length).toBe(5);
    await unsubscribe(subscription);
  });

  it("delivers again after a refusal and after a missed deadline", async () => {
    const subscription = await subscribe("stubborn", {
      messages: [{ resourceTypeId: "order", types: ["OrderCreated"] }],
    });
    await shop.push.idle();
    seen = [];
    answers = [503, "never", 400, 204];
    const order = await place();
    await shop.push.idle();
    expect(seen.map((one) => pick(one, "type", "resource"))).toEqual(
      Array(4).fill({ type: "OrderCreated", resource: { typeId: "order", id: order.id } }),
    );
    expect(shop.push.state().stubborn).toMatchObject({
      endpoint,
      counters: { published: 2, acknowledged: 2, refused: 2, deadlineExceeded: 1 },
      undelivered: [],
    });
    await unsubscribe(subscription);
  });

  it("leaves large payloads out", async () => {
    shop.model.changeSettings({ notificationLimitBytes: 500 });
    const subscription = await subscribe("large", { messages: [{ resourceTypeId: "order" }] });
    await shop.push.idle();
    seen = [];
    await place();
    await shop.push.idle();
    expect(seen.map((one) => [one.payloadNotIncluded, "order" in one, one.sequenceNumber])).toEqual([
      [{ reason: "The payload is larger than the limit of the queue.", payloadType: "OrderCreated" }, false, 1],
    ]);
    shop.model.changeSettings({ notificationLimitBytes: 262_144 });
    await unsubscribe(subscription);
  });

  it("changes what is sent and where, and limits their number", async () => {
    const subscription = await subscribe("moved", { messages: [{ resourceTypeId: "order" }] });
    shop.push.setEndpoint({ topic: "moved-2", url: endpoint });
    const changed = await shop.connector.post(`/subscriptions/key=moved`, {
      version: 1,
      actions: [
        { action: "changeDestination", destination: { type: "SNS", topicArn: "moved-2", authenticationMode: "IAM" } },
        { action: "setMessages", messages: [] },
        { action: "setChanges", changes: [{ resourceTypeId: "order" }] },
        { action: "setKey", key: "moved-now" },
      ],
    });
    expect(pick(changed, "version", "key", "messages", "changes")).toEqual({
      version: 2,
      key: "moved-now",
      messages: [],
      changes: [{ resourceTypeId: "order" }],
    });
    await shop.push.idle();
    seen = [];
    await place();
    await shop.push.idle();
    expect(seen.map((one) => [one.notificationType, (one.resource as Json).typeId])).toEqual([
      ["ResourceCreated", "order"],
    ]);
    const bad = subscribe("bad-destination", {
      destination: { type: "Pigeon" },
      messages: [{ resourceTypeId: "order" }],
    });
    expect(await refusal(bad)).toMatchObject({ code: "InvalidField" });
    const silent = subscribe("nothing-asked", {});
    expect(await refusal(silent)).toMatchObject({ code: "RequiredField" });
    await unsubscribe(subscription);
  });

  it("sends and keeps nothing while delivery is stopped", async () => {
    const subscription = await subscribe("stopped", { messages: [{ resourceTypeId: "order" }] });
    await shop.push.idle();
    seen = [];
    shop.model.setSubscriptionStatus({ key: "stopped", status: "ConfigurationErrorDeliveryStopped" });
    await place();
    expect((await shop.connector.get("/subscriptions/key=stopped")).status).toBe("ConfigurationErrorDeliveryStopped");
    shop.model.setSubscriptionStatus({ key: "stopped", status: "Healthy" });
    const order = await place();
    await shop.push.idle();
    expect(seen.map((one) => (one.resource as Json).id)).toEqual([order.id]);
    await unsubscribe(subscription);
  });

  it("keeps messages as long as the project says, and none while querying is off", async () => {
    const order = await place();
    const count = async () =>
      (await shop.connector.get("/messages", { where: "resource(id = :id)", "var.id": String(order.id) })).total;
    const configure = async (enabled: boolean) => {
      const { version } = await shop.admin.get("");
      const messagesConfiguration = { enabled, deleteDaysAfterCreation: 15 };
      await shop.admin.post("", {
        version,
        actions: [{ action: "changeMessagesConfiguration", messagesConfiguration }],
      });
    };
    expect(await count()).toBe(1);
    await configure(false);
    await shop.admin.post(`/orders/${order.id}`, {
      version: 1,
      actions: [{ action: "changeOrderState", orderState: "Confirmed" }],
    });
    expect(await count()).toBe(1);
    await configure(true);
    shop.clock.advance(15 * 86_400_000);
    expect(await count()).toBe(1);
    shop.clock.advance(1);
    expect(await count()).toBe(0);
    expect((await shop.admin.request("POST", "/messages", {})).status).toBe(405);
  });
});

describe.each(FORMS)("extensions (%s)", (form) => {
  let shop: TestShop;
  let url: string;
  let asked: SandboxRequest[];
  let answer: () => ReturnType<Parameters<TestShop["serve"]>[0]>;

  beforeAll(async () => {
    shop = await openShop(form);
    url = await shop.serve(async (request) => {
      asked.push(request);
      return answer();
    });
  });
  afterAll(() => shop.close());
  beforeEach(() => {
    asked = [];
    answer = async () => json(200, {});
  });

  const extend = (key: string, extra: Json = {}) =>
    shop.connector.post("/extensions", {
      key,
      destination: {
        type: "HTTP",
        url,
        authentication: { type: "AuthorizationHeader", headerValue: "Bearer sandbox" },
      },
      triggers: [{ resourceTypeId: "order", actions: ["Create"] }],
      timeoutInMs: 150,
      ...extra,
    });
  const drop = (extension: Json) =>
    shop.connector.delete(`/extensions/${extension.id}`, { version: String(extension.version) });
  const place = (orderNumber?: string) =>
    shop.order({ lines, inventoryMode: "None", ...(orderNumber ? { orderNumber } : {}) });

  it("shows the order before it exists, with its secret, and masks the secret", async () => {
    const extension = await extend("seeing");
    expect((extension.destination as Json).authentication).toEqual({
      type: "AuthorizationHeader",
      headerValue: "****dbox",
    });
    let stored: Json | undefined;
    answer = async () => {
      stored = await shop.admin.find("/orders/order-number=GATED-1");
      return json(200, {});
    };
    const order = await place("GATED-1");
    expect(stored).toBeUndefined();
    expect(asked.length).toBe(1);
    expect(pick(asked[0]?.headers, "authorization", "content-type")).toEqual({
      authorization: "Bearer sandbox",
      "content-type": "application/json",
    });
    const input = JSON.parse(String(asked[0]?.body)) as {
      action: string;
      resource: { typeId: string; id: string; obj: Json };
    };
    expect([input.action, input.resource.typeId, input.resource.id]).toEqual(["Create", "order", order.id]);
    expect(pick(input.resource.obj, "orderNumber", "totalPrice", "lineItems")).toEqual(
      pick(order, "orderNumber", "totalPrice", "lineItems"),
    );
    await drop(extension);
  });

  it("applies the update actions it is given, and refuses those it cannot apply", async () => {
    const extension = await extend("acting");
    answer = async () => json(200, { actions: [{ action: "setPurchaseOrderNumber", purchaseOrderNumber: "PO-7" }] });
    const order = await place();
    expect(pick(order, "purchaseOrderNumber", "version")).toEqual({ purchaseOrderNumber: "PO-7", version: 1 });
    answer = async () => json(200, { actions: [{ action: "nonsense" }] });
    expect(await refusal(place())).toMatchObject({ status: 400, code: "ExtensionUpdateActionsFailed" });
    await drop(extension);
  });

  it("fails the request with the Extension's own errors, and nothing is stored", async () => {
    const extension = await extend("refusing");
    const extensionExtraInfo = { sku: "HB-M5X20", available: 0 };
    answer = async () =>
      json(400, { errors: [{ code: "InvalidInput", message: "Not available", extensionExtraInfo }] });
    expect(await refusal(place("REFUSED"))).toEqual({
      status: 400,
      code: "InvalidInput",
      message: "Not available",
      extensionExtraInfo,
      errorByExtension: { id: extension.id, key: "refusing" },
    });
    expect(await shop.admin.find("/orders/order-number=REFUSED")).toBeUndefined();
    await drop(extension);
  });

  it.each([
    ["no answer in time", never, 504, "ExtensionNoResponse"],
    ["a 500", async () => json(500, { oh: "no" }), 502, "ExtensionBadResponse"],
    ["a 204", async () => ({ status: 204, headers: {}, body: "" }), 502, "ExtensionBadResponse"],
    ["what is not JSON", async () => ({ status: 200, headers: {}, body: "<html>" }), 502, "ExtensionBadResponse"],
    ["a 400 without errors", async () => json(400, {}), 502, "ExtensionBadResponse"],
  ])("fails on %s", async (_name, reply, status, code) => {
    const extension = await extend("failing");
    answer = reply;
    const started = Date.now();
    expect(await refusal(place())).toMatchObject({ status, code, extensionId: extension.id, extensionKey: "failing" });
    expect(Date.now() - started).toBeLessThan(2000);
    await drop(extension);
  });

  it("fails when nobody listens", async () => {
    const destination = { type: "HTTP", url: "http://127.0.0.1:9/nobody" };
    const extension = await extend("unreachable", { destination });
    expect(await refusal(place())).toMatchObject({ status: 504, code: "ExtensionNoResponse" });
    await drop(extension);
  });

  it("asks only where the condition holds, and fails where it cannot be evaluated", async () => {
    const trigger = (condition: string) => ({
      triggers: [{ resourceTypeId: "order", actions: ["Create"], condition }],
    });
    const other = await extend("condition", trigger('country = "SE"'));
    await place();
    expect(asked.length).toBe(0);
    await drop(other);
    const guarded = await extend("condition", trigger("custom is defined and custom(fields(x = 1))"));
    await place();
    expect(asked.length).toBe(0);
    await drop(guarded);
    const missing = await extend("condition", trigger('purchaseOrderNumber = "x"'));
    expect(await refusal(place())).toMatchObject({ code: "ExtensionPredicateEvaluationFailed" });
    await drop(missing);
    expect(await refusal(extend("condition", trigger("country =")))).toMatchObject({ code: "InvalidField" });
  });

  it("can see the old resource on updates, and its changes apply to carts as well", async () => {
    const extension = await extend("carts", {
      triggers: [{ resourceTypeId: "cart", actions: ["Update"] }],
      additionalContext: { includeOldResource: true },
    });
    const cart = await shop.cart({ lines });
    expect(asked.length).toBe(0);
    answer = async () => json(200, { actions: [{ action: "setLocale", locale: "sv" }] });
    const changed = await shop.admin.post(`/carts/${cart.id}`, {
      version: 1,
      actions: [{ action: "setKey", key: "cart-key" }],
    });
    expect(pick(changed, "version", "key", "locale")).toEqual({ version: 2, key: "cart-key", locale: "sv" });
    const input = JSON.parse(String(asked[0]?.body)) as { resource: { obj: Json }; oldResource: { obj: Json } };
    expect([input.resource.obj.key, "key" in input.oldResource.obj]).toEqual(["cart-key", false]);
    await drop(extension);
  });

  it("lets the request fail that was overtaken while the Extension was asked", async () => {
    const extension = await extend("slow", { triggers: [{ resourceTypeId: "cart", actions: ["Update"] }] });
    const cart = await shop.cart({ lines });
    const update = (locale: string) =>
      shop.admin.request("POST", `/carts/${cart.id}`, { version: 1, actions: [{ action: "setLocale", locale }] });
    const answers = await Promise.all([update("de"), update("sv"), update("en")]);
    expect(answers.map((one) => one.status).sort()).toEqual([200, 409, 409]);
    await drop(extension);
  });

  it("runs on order import only where the setting says so", async () => {
    const extension = await extend("import");
    const money = { currencyCode: "EUR", centAmount: 1 };
    const lineItems = [{ name: { en: "x" }, variant: { sku: "X" }, quantity: 1, price: { value: money } }];
    await shop.connector.post("/orders/import", { totalPrice: money, lineItems });
    expect(asked.length).toBe(0);
    shop.model.changeSettings({ extensionsOnOrderImport: true });
    await shop.connector.post("/orders/import", { totalPrice: money, lineItems });
    expect(asked.length).toBe(1);
    shop.model.changeSettings({ extensionsOnOrderImport: false });
    await drop(extension);
  });

  it("takes at most 25, up to 10 seconds, and not for stock", async () => {
    const made: Json[] = [];
    for (let n = 0; n < 25; n += 1) {
      const triggers = [{ resourceTypeId: "payment", actions: ["Create"] }];
      made.push(await extend(`many-${n}`, { triggers }));
    }
    expect(await refusal(extend("many-25"))).toMatchObject({ code: "MaxResourceLimitExceeded" });
    for (const one of made) await drop(one);
    expect(await refusal(extend("long", { timeoutInMs: 10_001 }))).toMatchObject({ code: "InvalidField" });
    const triggers = [{ resourceTypeId: "inventory-entry", actions: ["Create"] }];
    expect(await refusal(extend("stock", { triggers }))).toMatchObject({ code: "InvalidField" });
  });
});
