import type { Extension } from "@commercetools/platform-sdk";
import { describe, expect, test } from "vitest";
import { HOLD_SHARDS } from "../domain/stock-hold.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { createDocuments } from "./documents.ts";
import type { Installed } from "./installed.ts";
import { installCheckout, installJobs, installOrders } from "./resources.ts";
import { normalizeServiceUrl } from "./resources-documents.ts";
import { extensionKey, isParked } from "./resources-extension.ts";
import { destinationOf, type SubscriptionEnvironment, subscribedMessages } from "./resources-subscription.ts";
import { createStore } from "./store.ts";
import { exampleConfig } from "./testing/config.ts";
import { clientOf, createPlatform, type Platform } from "./testing/platform.ts";

const pubsub: SubscriptionEnvironment = {
  CONNECT_SUBSCRIPTION_DESTINATION: "GoogleCloudPubSub",
  CONNECT_GCP_PROJECT_ID: "connect-project",
  CONNECT_GCP_TOPIC_NAME: "topic-1",
};
const sns: SubscriptionEnvironment = {
  CONNECT_SUBSCRIPTION_DESTINATION: "SNS",
  CONNECT_AWS_TOPIC_ARN: "arn:aws:sns:eu-central-1:1:topic-1",
};

/** Each reading of the monotonic clock is `stepMs` later: one probe takes that long. */
/** Time passes while the service is asked. */
function clockWith(answerMs: number): Clock & { answered(): void } {
  let elapsed = 0;
  return {
    answered: () => {
      elapsed += answerMs;
    },
    now: () => Date.parse("2026-08-01T08:00:00.000Z"),
    monotonic: () => elapsed,
    after: systemClock.after,
    sleep: async () => {},
  };
}

const checkIfs = async () => "read 1 site";
const done = (lines: readonly Installed[]) => lines.map((line) => `${line.done} ${line.resource}`);

type Change = Partial<Parameters<typeof installCheckout>[1]> & { readonly answerMs?: number };

function checkout(platform: Platform, { answerMs = 40, ...change }: Change = {}) {
  const probes: string[] = [];
  const clock = clockWith(answerMs);
  const { ct } = clientOf(platform);
  const run = () =>
    installCheckout(ct, {
      checkIfs,
      clock,
      serviceUrl: "https://service.test/",
      extensionHeader: "sandbox-extension-secret",
      extensionPath: "/extensions/order",
      fetch: async (url) => {
        probes.push(url);
        clock.answered();
        return new Response("{}");
      },
      ...change,
    });
  return { run, probes, ct, config: createStore(ct, clockWith(1)).config };
}

describe("event-app", () => {
  test("creates what is missing; the second deployment writes nothing", async () => {
    const platform = createPlatform();
    const { ct } = clientOf(platform);
    const options = { checkIfs, clock: clockWith(1) };
    expect(done(await installOrders(ct, pubsub, options))).toEqual([
      "created channel ifs-link",
      "created channel ifs-claim",
      "created channel ifs-return",
      "created documents ifs-connector-config",
      "created documents ifs-connector-budget",
      "created first activation",
      "created subscription ifs-connector-orders",
      "unchanged IFS credentials",
    ]);
    const before = platform.writes();
    expect(done(await installOrders(ct, pubsub, options))).toEqual([
      "unchanged channel ifs-link",
      "unchanged channel ifs-claim",
      "unchanged channel ifs-return",
      "unchanged documents ifs-connector-config",
      "unchanged documents ifs-connector-budget",
      "unchanged first activation",
      "unchanged subscription ifs-connector-orders",
      "unchanged IFS credentials",
    ]);
    expect(platform.writes() - before).toBe(0);
  });

  test("adds a missing role and keeps the others", async () => {
    const platform = createPlatform();
    platform.seed("channels", { key: "ifs-link", roles: ["InventorySupply"], name: { en: "Ours" } });
    const { ct } = clientOf(platform);
    const [link] = await installOrders(ct, pubsub, { checkIfs });
    expect(link).toEqual({ resource: "channel ifs-link", done: "updated", detail: "added roles OrderExport" });
    const [channel] = [...(platform.tables.get("channels")?.values() ?? [])];
    expect([channel?.roles, channel?.name, channel?.version]).toEqual([
      ["InventorySupply", "OrderExport"],
      { en: "Ours" },
      2,
    ]);
  });

  test("a subscription moves to a new destination and to the present messages in place", async () => {
    const platform = createPlatform();
    const { ct } = clientOf(platform);
    const seeded = platform.seed("subscriptions", {
      key: "ifs-connector-orders",
      destination: destinationOf(sns),
      messages: [{ resourceTypeId: "order", types: ["OrderCreated"] }],
      changes: [{ resourceTypeId: "order" }],
      status: "ConfigurationError",
    });
    const lines = await installOrders(ct, pubsub, { checkIfs });
    expect(lines.at(-2)).toEqual({
      resource: "subscription ifs-connector-orders",
      done: "updated",
      detail: "changeDestination, setMessages, setChanges; was ConfigurationError",
    });
    const [subscription] = [...(platform.tables.get("subscriptions")?.values() ?? [])];
    expect([subscription?.id, subscription?.destination, subscription?.messages, subscription?.changes]).toEqual([
      seeded.id,
      { type: "GoogleCloudPubSub", projectId: "connect-project", topic: "topic-1" },
      subscribedMessages,
      [],
    ]);
  });

  test("SNS is told to authenticate by IAM", () => {
    expect(destinationOf(sns)).toEqual({
      type: "SNS",
      topicArn: "arn:aws:sns:eu-central-1:1:topic-1",
      authenticationMode: "IAM",
    });
  });

  test("no order is missed: all three creation messages are subscribed", () => {
    const [orders] = subscribedMessages;
    expect(orders?.types).toEqual(
      expect.arrayContaining(["OrderCreated", "OrderCreatedFromRecurringOrder", "OrderImported", "OrderEditApplied"]),
    );
  });

  test("what the connector writes on customers is no news to it", () => {
    const types = subscribedMessages.flatMap((messages) => messages.types ?? []);
    expect(types.filter((type) => type.includes("ExternalId"))).toEqual([]);
    expect(subscribedMessages.map(({ resourceTypeId }) => resourceTypeId)).toEqual([
      "order",
      "payment",
      "customer",
      "business-unit",
    ]);
  });

  test("with IFS refusing us, the resources exist and the script fails", async () => {
    const platform = createPlatform();
    const { ct } = clientOf(platform);
    const refused = installOrders(ct, pubsub, {
      checkIfs: () => Promise.reject(new Error("IFS does not accept the client")),
    });
    await expect(refused).rejects.toThrow("IFS does not accept the client");
    expect(platform.tables.get("subscriptions")?.size).toBe(1);
  });

  test("three scripts side by side end with one of each", async () => {
    const platform = createPlatform();
    const { ct } = clientOf(platform);
    const options = { checkIfs, clock: clockWith(1) };
    await Promise.all([installOrders(ct, pubsub, options), installJobs(ct, options), installJobs(ct, options)]);
    expect(["channels", "types", "subscriptions"].map((name) => platform.tables.get(name)?.size)).toEqual([3, 1, 1]);
    const before = platform.writes();
    await installJobs(ct, options);
    expect(platform.writes() - before).toBe(0);
  });
});

describe("job-app", () => {
  test("adds its fields to a Type of the merchant and leaves his alone", async () => {
    const platform = createPlatform();
    const own = { name: "giftMessage", type: { name: "String" }, label: { en: "Gift" }, required: false };
    platform.seed("types", { key: "ifs-order", resourceTypeIds: ["order"], fieldDefinitions: [own] });
    const { ct } = clientOf(platform);
    const lines = await installJobs(ct, { checkIfs });
    expect(lines.find(({ resource }) => resource === "type ifs-order")).toEqual({
      resource: "type ifs-order",
      done: "updated",
      detail: "added fields ifsOrderNo, ifsOrderState, ifsBlockedReason, ifsInvoiceNumbers",
    });
    const types = [...(platform.tables.get("types")?.values() ?? [])];
    const fields = types.find(({ key }) => key === "ifs-order")?.fieldDefinitions as { name: string }[];
    expect(fields.map(({ name }) => name)).toEqual([
      "giftMessage",
      "ifsOrderNo",
      "ifsOrderState",
      "ifsBlockedReason",
      "ifsInvoiceNumbers",
    ]);
    expect(fields[0]).toEqual(own);
  });

  test("a field of the same name and another type stops the installation with the way out", async () => {
    const platform = createPlatform();
    const number = { name: "ifsOrderNo", type: { name: "Number" }, label: { en: "No" }, required: false };
    platform.seed("types", { key: "ifs-order", resourceTypeIds: ["order"], fieldDefinitions: [number] });
    const { ct } = clientOf(platform);
    await expect(installJobs(ct, { checkIfs })).rejects.toThrow(
      'field "ifsOrderNo" of type "ifs-order" is Number, the connector needs String: give the existing type another key (action changeKey), then deploy again',
    );
  });

  test("a Type for other resources stops the installation with the way out", async () => {
    const platform = createPlatform();
    platform.seed("types", { key: "ifs-order", resourceTypeIds: ["customer"], fieldDefinitions: [] });
    const { ct } = clientOf(platform);
    await expect(installJobs(ct, { checkIfs })).rejects.toThrow(
      `type "ifs-order" exists for customer and can't be extended to order`,
    );
  });

  test("a lease that is held survives a deployment", async () => {
    const platform = createPlatform();
    const { ct } = clientOf(platform);
    await installJobs(ct, { checkIfs });
    const { leases } = createStore(ct, { now: () => 1000 });
    const held = await leases.acquire("stock-sync", "run-1", 60_000);
    await installJobs(ct, { checkIfs });
    expect(await leases.renew(held ?? fail(), 60_000)).toEqual({
      name: "stock-sync",
      owner: "run-1",
      version: 3,
      expiresAt: 61_000,
      fence: 2,
    });
  });
});

const fail = (): never => {
  throw new Error("expected a lease");
};

describe("service-app", () => {
  const extensionOf = (platform: Platform) => [...(platform.tables.get("extensions")?.values() ?? [])];
  const parked = (platform: Platform) =>
    extensionOf(platform).map((one) => isParked({ triggers: one.triggers as Extension["triggers"] }));
  const line = (lines: readonly Installed[]) => lines.find(({ resource }) => resource === `extension ${extensionKey}`);
  const armed = { ...exampleConfig(), atp: { ...exampleConfig().atp, extension: "armed" as const } };

  test("without configuration there is no Extension and no probe", async () => {
    const platform = createPlatform();
    const { run, probes } = checkout(platform);
    expect(done(await run())).toEqual([
      "created documents ifs-connector-config",
      "created documents ifs-connector-budget",
      "created documents ifs-connector-holds",
      "created documents ifs-connector-caller-carts",
      "created service URL",
      `unchanged extension ${extensionKey}`,
      "unchanged IFS credentials",
    ]);
    expect([probes, extensionOf(platform)]).toEqual([[], []]);
    expect(platform.tables.get("custom-objects/ifs-connector-holds")?.size).toBe(HOLD_SHARDS);
    expect(platform.tables.get("custom-objects/ifs-connector-caller-carts")?.size).toBe(16);
    const before = platform.writes();
    expect(done(await run()).filter((text) => !text.startsWith("unchanged"))).toEqual([]);
    expect(platform.writes() - before).toBe(0);
  });

  test("armed and fast: created once, then unchanged", async () => {
    const platform = createPlatform();
    const { run, probes, config } = checkout(platform);
    await config.push(armed);
    expect(line(await run())).toEqual({
      resource: `extension ${extensionKey}`,
      done: "created",
      detail: "https://service.test/service/extensions/order",
    });
    expect(probes).toEqual(Array.from({ length: 3 }, () => "https://service.test/service/health"));
    const [extension] = extensionOf(platform);
    expect([extension?.key, extension?.destination, extension?.triggers, extension?.timeoutInMs]).toEqual([
      extensionKey,
      {
        type: "HTTP",
        url: "https://service.test/service/extensions/order",
        authentication: { type: "AuthorizationHeader", headerValue: "sandbox-extension-secret" },
      },
      [
        {
          resourceTypeId: "order",
          actions: ["Create"],
          condition: "lineItems is defined and lineItems is not empty",
        },
      ],
      2000,
    ]);
    const before = platform.writes();
    expect(line(await run())?.done).toBe("unchanged");
    expect(platform.writes() - before).toBe(0);
  });

  test("a new secret reaches the platform although it never shows the old one, and is stored nowhere", async () => {
    const platform = createPlatform();
    await checkout(platform).config.push(armed);
    await checkout(platform).run();
    const { run } = checkout(platform, { extensionHeader: "sandbox-second-secret" });
    expect(line(await run())).toEqual({
      resource: `extension ${extensionKey}`,
      done: "updated",
      detail: "changeDestination",
    });
    expect(line(await run())?.done).toBe("unchanged");
    const documents = await createDocuments(clientOf(platform).ct).list("ifs-connector-config", { limit: 100 });
    expect(JSON.stringify(documents)).not.toContain("sandbox-second-secret");
  });

  test.each([
    [999, "unchanged"],
    [1000, "updated"],
  ])("half of the time-out is the limit: answered in %i ms, an armed Extension is %s", async (answerMs, outcome) => {
    const platform = createPlatform();
    const { run, config } = checkout(platform);
    await config.push(armed);
    await run();
    expect(line(await checkout(platform, { answerMs }).run())?.done).toBe(outcome);
  });

  test("too slow: an armed Extension is parked, and armed by the next deployment that finds the service fast enough", async () => {
    const platform = createPlatform();
    const { run, config } = checkout(platform);
    await config.push(armed);
    await run();
    const slow = await checkout(platform, { answerMs: 1000 }).run();
    expect(line(slow)).toEqual({
      resource: `extension ${extensionKey}`,
      done: "updated",
      detail:
        "not armed: the service answered its public URL in 1000 ms, allowed are 1000 ms. job-app arms it once it answers in time",
    });
    expect(parked(platform)).toEqual([true]);
    expect(line(await run())).toMatchObject({ done: "updated", detail: "changeTriggers" });
    expect(parked(platform)).toEqual([false]);
  });

  test("not answering: the Extension is installed parked, with its secret, so that nobody has to deploy again", async () => {
    const platform = createPlatform();
    const { config } = checkout(platform);
    await config.push(armed);
    const silentService = await checkout(platform, { fetch: async () => new Response("", { status: 503 }) }).run();
    expect(line(silentService)).toEqual({
      resource: `extension ${extensionKey}`,
      done: "created",
      detail:
        "not armed: the service did not answer its public URL: GET https://service.test/service/health: status 503. job-app arms it once it answers in time",
    });
    expect(parked(platform)).toEqual([true]);
    expect(JSON.stringify(extensionOf(platform)[0]?.destination)).toContain("sandbox-extension-secret");
  });

  test("switched off: an armed Extension is removed", async () => {
    const platform = createPlatform();
    const { run, config } = checkout(platform);
    await config.push(armed);
    await run();
    await config.push(exampleConfig());
    expect(line(await run())).toEqual({
      resource: `extension ${extensionKey}`,
      done: "removed",
      detail: "the configuration does not arm it",
    });
  });

  test.each([
    ["https://host", "https://host/service"],
    ["https://host/", "https://host/service"],
    ["https://host/service", "https://host/service"],
    ["https://host/service//", "https://host/service"],
    ["https://host/x/service/", "https://host/x/service"],
  ])("service URL %s -> %s", (given, expected) => {
    expect(normalizeServiceUrl(given)).toBe(expected);
  });
});
