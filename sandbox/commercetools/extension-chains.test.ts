import { beforeEach, describe, expect, it } from "vitest";
import { json } from "../kernel/types.ts";
import type { Json } from "./api-caller.ts";
import type { CommercetoolsSettings } from "./settings.ts";
import { openShop, refusal, type TestShop } from "./test-shop.ts";

const lines = [{ sku: "HB-M5X20", quantity: 1, externalPrice: 1000 }];

describe("extensions that depend on each other", () => {
  let shop: TestShop;
  let asked: string[];
  let url: string;

  beforeEach(async () => {
    shop = await openShop("in-process");
    asked = [];
    url = await shop.serve(async (request) => {
      asked.push(String(request.headers.authorization));
      return json(200, {});
    });
  });

  const extend = (key: string, ...dependencies: string[]) =>
    shop.connector.post("/extensions", {
      key,
      destination: { type: "HTTP", url, authentication: { type: "AuthorizationHeader", headerValue: key } },
      triggers: [{ resourceTypeId: "order", actions: ["Create"] }],
      dependencies: dependencies.map((one) => ({ typeId: "extension", key: one })),
    });
  const update = (key: string, version: number, ...actions: Json[]) =>
    shop.connector.post(`/extensions/key=${key}`, { version, actions });
  const place = () => shop.order({ lines, inventoryMode: "None" });

  it("run after what they depend on, whatever the order of their creation", async () => {
    await extend("last");
    await extend("middle");
    await extend("first");
    const on = (key: string) => ({ action: "setDependencies", dependencies: [{ typeId: "extension", key }] });
    await update("last", 1, on("middle"));
    await update("middle", 1, on("first"));
    await place();
    expect(asked).toEqual(["first", "middle", "last"]);
    expect(await refusal(update("first", 1, on("last")))).toMatchObject({ code: "CircularDependency" });
    expect(await refusal(extend("too-deep", "last"))).toMatchObject({ code: "ExtensionChainTooDeep" });
    await extend("beside", "first");
    const drop = shop.connector.delete("/extensions/key=first", { version: "1" });
    expect(await refusal(drop)).toMatchObject({ code: "ExtensionDependencyExists" });
  });

  it("keep their former form until a change acts", async () => {
    await extend("gate");
    shop.model.changeSettings({ extensionDelayMs: 60_000 });
    await place();
    expect(asked).toEqual([]);
    shop.clock.advance(60_000);
    await place();
    expect(asked).toEqual(["gate"]);
    const authentication = { type: "AuthorizationHeader", headerValue: "rotated" };
    await update("gate", 1, { action: "changeDestination", destination: { type: "HTTP", url, authentication } });
    await place();
    shop.clock.advance(60_000);
    await place();
    await shop.connector.delete("/extensions/key=gate", { version: "2" });
    await place();
    shop.clock.advance(60_000);
    await place();
    expect(asked).toEqual(["gate", "gate", "rotated", "rotated"]);
  });
});

describe("the order that an Extension is asked about", () => {
  const askedAndMade = async (settings: Partial<CommercetoolsSettings>) => {
    const shop = await openShop("in-process", settings);
    const asked: Json[] = [];
    const url = await shop.serve(async ({ body }) => {
      asked.push((JSON.parse(body.toString("utf8")) as { resource: Json }).resource);
      return json(200, {});
    });
    await shop.connector.post("/extensions", {
      key: "gate",
      destination: { type: "HTTP", url },
      triggers: [{ resourceTypeId: "order", actions: ["Create"] }],
    });
    const made = await shop.order({ lines, inventoryMode: "None" });
    const [{ id, obj } = {}] = asked as { id?: string; obj?: { id: string; cart: { id: string } } }[];
    const cart = (made.cart as { id: string }).id;
    return { told: [id === made.id, obj?.id === made.id, id === obj?.id, obj?.cart.id === cart] };
  };

  it("has its cart and, by a setting, the id that the order will have or another one", async () => {
    expect(await askedAndMade({})).toEqual({ told: [true, true, true, true] });
    expect(await askedAndMade({ extensionOrderId: "provisional" })).toEqual({ told: [false, false, true, true] });
  });
});
