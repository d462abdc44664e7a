import { inProcessFetch, type Origin } from "../kernel/in-process-fetch.ts";
import { startShell } from "../kernel/shell.ts";
import { type Handler, seededRandom } from "../kernel/types.ts";
import { createPushHub, type PushHub } from "../pubsub/push-hub.ts";
import { SHOP_PROJECT_KEY, type ShopSeedOptions, seedShop } from "../seed/commercetools-shop.ts";
import { type Api, ApiRefusal, createApi, type Json } from "./api-caller.ts";
import { createExtensionCaller } from "./extension-calls.ts";
import { type CommercetoolsModel, createCommercetoolsModel } from "./model.ts";
import type { CommercetoolsSettings } from "./settings.ts";
import { fillCart, type PlaceOrderOptions, placeOrder } from "./shopper.ts";
import { startCommercetools } from "./start.ts";

/** The conformance suite runs on the model itself and on the served one. */
export const FORMS = ["in-process", "http"] as const;
export type Form = (typeof FORMS)[number];

export type TestShop = {
  admin: Api;
  connector: Api;
  as(clientId: string, clientSecret: string): Api;
  fetch: typeof fetch;
  url: string;
  model: CommercetoolsModel;
  push: PushHub;
  /** A clock that stands still until it is moved. */
  clock: { now(): number; advance(ms: number): void };
  /** Serves another application (an Extension, an event application); returns its URL. */
  serve(handler: Handler): Promise<string>;
  order(options: Partial<PlaceOrderOptions> & Pick<PlaceOrderOptions, "lines">): Promise<Json>;
  cart(options: Partial<PlaceOrderOptions> & Pick<PlaceOrderOptions, "lines">): Promise<Json>;
  stock(sku: string, quantityOnStock: number, extra?: Json): Promise<Json>;
  price(sku: string, centAmount: number, extra?: Json): Promise<Json>;
  close(): Promise<void>;
};

export const START = Date.parse("2026-03-02T08:00:00.000Z");

export async function openShop(
  form: Form,
  settings: Partial<CommercetoolsSettings> = {},
  seed: ShopSeedOptions = {},
): Promise<TestShop> {
  let now = START;
  const clock = {
    now: () => now,
    advance(ms: number) {
      now += ms;
    },
  };
  const random = seededRandom(42);
  const origins: Record<string, Origin> = {};
  const closers: (() => Promise<void>)[] = [];
  const local = inProcessFetch(origins);
  const send = form === "http" ? fetch : local;
  const pushOptions = { minBackoffMs: 5, maxBackoffMs: 20, ackDeadlineMs: 80, fetch: send };

  const open = async () => {
    if (form === "http") {
      const running = await startCommercetools({
        port: 0,
        clock,
        random,
        settings,
        push: pushOptions,
        seed: (model) => seedShop(model, seed),
      });
      closers.push(running.close);
      return { url: running.url, model: running.model, push: running.push };
    }
    const push = createPushHub({ ...pushOptions, clock, random });
    const callExtension = createExtensionCaller({ fetch: send });
    const model = createCommercetoolsModel({
      clock,
      random,
      projectKey: SHOP_PROJECT_KEY,
      settings,
      deliver: push.deliver,
      callExtension,
    });
    await seedShop(model, seed);
    const url = "http://commercetools.test";
    origins[url] = { handler: model.handle };
    closers.push(async () => push.close());
    return { url, model, push };
  };
  const { url, model, push } = await open();

  const as = (clientId: string, clientSecret: string) =>
    createApi({ url, projectKey: SHOP_PROJECT_KEY, clientId, clientSecret, fetch: send });
  const admin = as("admin", "sandbox-secret");
  const shopping = {
    url,
    projectKey: SHOP_PROJECT_KEY,
    fetch: send,
    country: "DE",
    currency: "EUR",
    customerEmail: "shopper@shopper.example",
    shippingAddress: { country: "DE" },
  };

  const serve = async (handler: Handler): Promise<string> => {
    if (form === "http") {
      const shell = await startShell({ port: 0, handler });
      closers.push(shell.close);
      return `${shell.url}/hook`;
    }
    const origin = `http://app-${Object.keys(origins).length}.test`;
    origins[origin] = { handler };
    return `${origin}/hook`;
  };

  return {
    admin,
    connector: as("connector", "sandbox-secret"),
    as,
    fetch: send,
    url,
    model,
    push,
    clock,
    serve,
    order: (options) => placeOrder({ ...shopping, ...options }),
    cart: (options) => fillCart({ ...shopping, ...options }),
    stock: (sku, quantityOnStock, extra = {}) => admin.post("/inventory", { sku, quantityOnStock, ...extra }),
    price: (sku, centAmount, extra = {}) =>
      admin.post("/standalone-prices", { sku, value: { currencyCode: "EUR", centAmount }, ...extra }),
    async close() {
      for (const close of closers) await close();
    },
  };
}

/** The first error of a refusal with its status; fails when the call succeeds. */
export async function refusal(call: Promise<unknown>): Promise<Json> {
  try {
    await call;
  } catch (error) {
    if (!(error instanceof ApiRefusal)) throw error;
    const [first] = (error.body as { errors: Json[] }).errors;
    return { status: error.status, ...first };
  }
  throw new Error("the call was expected to be refused");
}

/** Only these fields of an object, for whole-value comparison. */
export function pick(value: unknown, ...fields: string[]): Json {
  const source = value as Json;
  return Object.fromEntries(fields.filter((field) => field in source).map((field) => [field, source[field]]));
}

export function centsOf(money: unknown): number {
  return (money as { centAmount: number }).centAmount;
}

export function results(page: Json): Json[] {
  return page.results as Json[];
}

type Taxed = {
  totalNet: Json;
  totalGross: Json;
  totalTax: Json;
  taxPortions: { rate: number; name: string; amount: Json }[];
};

/** Net, gross, tax and portions of a taxed price, in cents. */
export function figures(taxed: unknown) {
  const { totalNet, totalGross, totalTax, taxPortions } = taxed as Taxed;
  return {
    net: centsOf(totalNet),
    gross: centsOf(totalGross),
    tax: centsOf(totalTax),
    portions: taxPortions.map((portion) => [portion.rate, centsOf(portion.amount)]),
  };
}
