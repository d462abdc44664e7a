/**
 * The connector's whole job as a story: each step does something in one system and checks the outcome from both systems' own APIs.
 * Nothing here looks into the connector.
 */
import assert from "node:assert/strict";
import { request } from "node:http";
import { join } from "node:path";
import { placeOrder } from "../sandbox/commercetools/shopper.ts";
import {
  type Commercetools,
  clientToken,
  commercetools,
  eventually,
  type IfsCloud,
  ifsCloud,
  type Json,
} from "./platforms.ts";
import { run, seconds } from "./setup.ts";
import { appNames, PROJECT_KEY, type Stack } from "./stack.ts";

export type Step = { title: string; run: (world: StoryWorld) => Promise<string> };

export type StoryWorld = {
  readonly stack: Stack;
  readonly shop: Commercetools;
  readonly ifs: IfsCloud;
  /** The scheduler's minute: asks the job to run what is due. */
  tick(): Promise<void>;
  readonly memory: { order?: Json; orderNo?: string };
};

/** As an operator does it, with the same command; its last line. */
export async function pushConfiguration(stack: Stack, file: string): Promise<string> {
  const command = [join(stack.root, "scripts", "config.ts"), "push", file];
  const output = await run(process.execPath, command, stack.root, stack.env("job-app"));
  return output.trim().split("\n").at(-1) ?? "";
}

export const sandboxConfiguration = (stack: Stack): string => join(stack.root, "sandbox", "connector-config.yaml");

export function storyWorld(stack: Stack): StoryWorld {
  return {
    stack,
    shop: commercetools(stack.urls.commercetools, PROJECT_KEY),
    ifs: ifsCloud(stack.urls.ifs),
    async tick() {
      const response = await fetch(stack.urls.job, {
        method: "POST",
        body: "{}",
        signal: AbortSignal.timeout(120_000),
      });
      assert.equal(response.status, 200, `the job answered ${response.status}: ${await response.text()}`);
    },
    memory: {},
  };
}

/** A part that sells well, with plenty in Hamburg. */
const PLENTY = "BAT.12V.2AH";
/** Nobody buys this one in the shop: its stock moves for one reason only. */
const ON_THE_PHONE = "BAT.18V.2AH";
const CHANNEL = "hamburg";
const BOUGHT = 3;

export const shopper = {
  customerEmail: "shopper@example.com",
  country: "DE",
  currency: "EUR",
  shippingMethodKey: "standard",
  address: {
    firstName: "Kim",
    lastName: "Muster",
    streetName: "Hafenstraße",
    streetNumber: "5",
    postalCode: "20457",
    city: "Hamburg",
    country: "DE",
    email: "shopper@example.com",
  },
} as const;

const install: Step = {
  title: "the connector is installed twice in commercetools, as Connect deploys it",
  async run({ stack }) {
    const lines: string[] = [];
    for (const name of appNames) lines.push(...(await stack.script(name, "post-deploy")).trim().split("\n"));
    const created = lines.filter((line) => line.startsWith("created")).length;
    assert.ok(created > 0, "the first installation created nothing");
    for (const name of appNames) {
      const again = (await stack.script(name, "post-deploy")).trim().split("\n");
      const changed = again.filter((line) => !line.startsWith("unchanged"));
      assert.deepEqual(changed, [], `deploying ${name} again changed something`);
    }
    return `${created} resources created, the second deployment changed nothing`;
  },
};

const configure: Step = {
  title: "the configuration is pushed, the applications start",
  async run({ stack }) {
    const pushed = await pushConfiguration(stack, sandboxConfiguration(stack));
    const started = await Promise.all(appNames.map((name) => stack.startApp(name)));
    return `${pushed}; healthy after ${started.map((app) => `${app.name} ${Math.round(app.readyAfterMs)} ms`).join(", ")}`;
  },
};

const pricesIn: Step = {
  title: "prices and stock come from IFS",
  async run({ shop, ifs, tick }) {
    await tick();
    const list = await ifs.rows(
      "SalesPriceListHandling",
      `SalesPriceListPartSet?$filter=${encodeURIComponent(`PriceListNo eq 'WEB-EUR' and CatalogNo eq '${PLENTY}'`)}`,
    );
    const now = new Date().toISOString().slice(0, 10);
    const valid = list.filter(
      (row) => String(row.ValidFromDate) <= now && (row.ValidToDate === null || String(row.ValidToDate) >= now),
    );
    const base = valid.find((row) => Number(row.MinQuantity) <= 1);
    assert.ok(base, `IFS has no valid price of ${PLENTY}`);
    const price = await priceOf(shop, PLENTY, "EUR");
    assert.equal(price, Math.round(Number(base.SalesPrice) * 100), `price of ${PLENTY} in cents`);
    const entry = await entryOf(shop, PLENTY, CHANNEL);
    const sellable = await sellableInIfs(ifs, PLENTY);
    assert.equal(entry?.quantityOnStock, sellable, `stock of ${PLENTY} in ${CHANNEL}`);
    const prices = await shop.get<{ total: number }>("/standalone-prices?limit=1&withTotal=true");
    const entries = await shop.get<{ total: number }>("/inventory?limit=1&withTotal=true");
    return `${prices.total} prices and ${entries.total} stock entries; ${PLENTY}: ${(price / 100).toFixed(2)} EUR, ${sellable} to sell in Hamburg, as in IFS`;
  },
};

const ask: Step = {
  title: "the checkout asks whether it can promise",
  async run({ shop, ifs, stack }) {
    const entry = await entryOf(shop, PLENTY, CHANNEL);
    assert.ok(entry);
    const before = await ifsReads(stack);
    const plenty = await promise(stack, PLENTY, 1);
    const between = await ifsReads(stack);
    const most = await promise(stack, PLENTY, entry.quantityOnStock);
    const tooMuch = await promise(stack, PLENTY, entry.quantityOnStock + 1);
    const after = await ifsReads(stack);
    assert.equal(plenty.line.outcome, "confirm");
    assert.equal(between - before, 0, "IFS was asked although there is plenty");
    assert.equal(most.line.outcome, "confirm");
    assert.notEqual(tooMuch.line.outcome, "confirm");
    assert.equal(tooMuch.line.available, await sellableInIfs(ifs, PLENTY));
    assert.ok(after > between, "IFS was not asked below the threshold");
    return `1 of ${entry.quantityOnStock}: yes without asking IFS (${plenty.ms} ms); ${entry.quantityOnStock + 1}: no, IFS has ${tooMuch.line.available} (${tooMuch.ms} ms)`;
  },
};

const buy: Step = {
  title: "a shopper buys, the order appears in IFS",
  async run({ stack, shop, ifs, memory }) {
    const placedAt = performance.now();
    const order = (await placeOrder({
      url: stack.urls.commercetools,
      projectKey: PROJECT_KEY,
      lines: [{ sku: PLENTY, quantity: BOUGHT }],
      country: shopper.country,
      currency: shopper.currency,
      customerEmail: shopper.customerEmail,
      shippingAddress: shopper.address,
      billingAddress: shopper.address,
      shippingMethodKey: shopper.shippingMethodKey,
      supplyChannelKey: CHANNEL,
      inventoryMode: "ReserveOnOrder",
      payment: { interfaceId: "psp-4711", method: "card" },
      orderNumber: `W-${Date.now()}`,
    })) as unknown as Json;
    memory.order = order;
    const row = await eventually("the order in IFS", 20_000, async () => (await ordersInIfs(ifs, String(order.id)))[0]);
    const visibleMs = performance.now() - placedAt;
    const orderNo = String(row.OrderNo);
    memory.orderNo = orderNo;
    const linked = await eventually("the IFS order number on the commercetools order", 20_000, async () => {
      const fresh = await orderById(shop, String(order.id));
      return fresh.syncInfo.some((entry) => entry.externalId === orderNo) ? fresh : undefined;
    });
    const released = await eventually("the release", 10_000, async () => {
      const [current] = await ordersInIfs(ifs, linked.id);
      return current?.Objstate === "Released" ? current : undefined;
    });
    assert.equal(released.CustomerNo, "WEB-DE");
    const gross = await grossInIfs(ifs, orderNo);
    const cents = linked.taxedPrice.totalGross.centAmount;
    assert.equal(gross, cents, `total of ${orderNo} in cents`);
    assert.equal((await ordersInIfs(ifs, linked.id)).length, 1, "orders in IFS");
    return `${linked.orderNumber} is ${orderNo} in IFS after ${seconds(visibleMs)}; ${(cents / 100).toFixed(2)} EUR on both sides, to the cent`;
  },
};

const fulfil: Step = {
  title: "the warehouse reserves, ships and invoices in IFS",
  async run({ ifs, memory }) {
    const orderNo = String(memory.orderNo);
    await ifs.clerk("reserve", { orderNo });
    await ifs.clerk("ship", { orderNo, trackingNumber: "SBX-TRACK-1" });
    const invoiced = await ifs.clerk("invoice", { orderNo });
    const [row] = await ifs.rows(
      "CustomerOrderHandling",
      `CustomerOrderSet?$filter=${encodeURIComponent(`OrderNo eq '${orderNo}'`)}`,
    );
    assert.equal(row?.Objstate, "Invoiced");
    return `${orderNo}: reserved, shipped, invoice ${String(invoiced.invoiceNo)}`;
  },
};

const deliver: Step = {
  title: "the delivery with its tracking number appears on the commercetools order",
  async run({ shop, tick, memory }) {
    const order = await eventually("the delivery", 30_000, async () => {
      await tick();
      const fresh = await orderById(shop, String(memory.order?.id));
      return fresh.shippingInfo?.deliveries?.length ? fresh : undefined;
    });
    const deliveries = order.shippingInfo?.deliveries ?? [];
    assert.equal(deliveries.length, 1);
    const parcel = deliveries[0]?.parcels[0];
    assert.equal(parcel?.trackingData?.trackingId, "SBX-TRACK-1");
    assert.deepEqual(
      deliveries[0]?.items.map((item) => item.quantity),
      [BOUGHT],
    );
    assert.equal(order.shipmentState, "Shipped");
    return `delivery ${deliveries[0]?.key}: ${BOUGHT} pieces with ${parcel?.trackingData?.carrier} ${parcel?.trackingData?.trackingId}; order ${order.orderState}, ${order.shipmentState}`;
  },
};

const telephone: Step = {
  title: "a telephone sale in IFS lowers the stock in the shop",
  async run({ shop, ifs, tick }) {
    const before = await entryOf(shop, ON_THE_PHONE, CHANNEL);
    assert.ok(before);
    await ifs.clerk("sell", { site: "101", part: ON_THE_PHONE, qty: 2 });
    const wanted = await sellableInIfs(ifs, ON_THE_PHONE);
    assert.equal(wanted, before.quantityOnStock - 2);
    await eventually("the lower stock", 45_000, async () => {
      await tick();
      const entry = await entryOf(shop, ON_THE_PHONE, CHANNEL);
      return entry?.quantityOnStock === wanted ? entry : undefined;
    });
    return `${ON_THE_PHONE}: ${before.quantityOnStock} -> ${wanted}, as IFS computes it`;
  },
};

const reprice: Step = {
  title: "a new price in IFS becomes the price in the shop",
  async run({ shop, ifs, tick }) {
    const before = await priceOf(shop, PLENTY, "EUR");
    const cents = before + 100;
    await ifs.clerk("set-price", { priceList: "WEB-EUR", part: PLENTY, amount: (cents / 100).toFixed(2) });
    await eventually("the new price", 45_000, async () => {
      await tick();
      return (await priceOf(shop, PLENTY, "EUR")) === cents ? true : undefined;
    });
    return `${(before / 100).toFixed(2)} -> ${(cents / 100).toFixed(2)} EUR`;
  },
};

const merchantCenter: Step = {
  title: "the Merchant Center page shows it all",
  async run({ stack }) {
    const urls = stack.urls.merchantCenter;
    assert.ok(urls, "there is no Merchant Center in this stack");
    const overview = await overviewThroughGateway(stack, urls.gateway);
    const states = overview.flows.map((flow) => `${flow.flow} ${flow.state}`);
    for (const flow of overview.flows) assert.equal(flow.state, "ok", `flow ${flow.flow}: ${flow.message}`);
    // Of one part of the sandbox more is owed than there is: that is told for as long as it is so.
    const codes = overview.exceptions.map(({ code }) => code);
    assert.deepEqual(codes, ["availabilityNegative"], JSON.stringify(overview.exceptions));
    return `${states.join(", ")}; one open exception: more is owed of a part than there is; ${urls.page}`;
  },
};

/** After these the shop sells: installed, configured, and with the prices and the stock of IFS. */
export const opening: Step[] = [install, configure, pricesIn];

export const story: Step[] = [...opening, ask, buy, fulfil, deliver, telephone, reprice, merchantCenter];

// ---- what the steps read ----------------------------------------------------------------------------------------------

export type ShopOrder = {
  id: string;
  version: number;
  orderNumber?: string;
  orderState: string;
  shipmentState?: string;
  syncInfo: { externalId?: string; channel: { id: string } }[];
  taxedPrice: { totalGross: { centAmount: number } };
  shippingInfo?: {
    deliveries?: {
      key?: string;
      items: { quantity: number }[];
      parcels: { trackingData?: { trackingId?: string; carrier?: string } }[];
    }[];
  };
};

export const orderById = (shop: Commercetools, id: string): Promise<ShopOrder> => shop.get(`/orders/${id}`);

/** Orders that IFS holds for a commercetools order. */
export const ordersInIfs = (ifs: IfsCloud, orderId: string): Promise<Json[]> =>
  ifs.rows("CustomerOrderHandling", `CustomerOrderSet?$filter=${encodeURIComponent(`ExternalRef eq '${orderId}'`)}`);

/** Total of an IFS order with charges and tax, in cents, as IFS itself computes it. */
export async function grossInIfs(ifs: IfsCloud, orderNo: string): Promise<number> {
  const filter = encodeURIComponent(`OrderNo eq '${orderNo}'`);
  const [totals] = await ifs.rows("CustomerOrdersHandling", `CustomerOrderSet?$filter=${filter}`);
  return Math.round(Number(totals?.TotalGrossInclChrgCurr) * 100);
}

/** What IFS may still sell of a part in Hamburg, by its own rows: on hand less reserved, less open demand. */
export async function sellableInIfs(ifs: IfsCloud, part: string): Promise<number> {
  const ofPart = `Contract eq '101' and PartNo eq '${part}'`;
  const rows = await ifs.rows(
    "InventoryPartInStockHandling",
    `InventoryPartInStockSet?$filter=${encodeURIComponent(ofPart)}`,
  );
  const today = new Date().toISOString().slice(0, 10);
  let sellable = 0;
  for (const row of rows) {
    const usable =
      row.LocationTypeDb === "PICKING" &&
      row.FreezeFlagDb === false &&
      row.PartOwnershipDb === "COMPANY OWNED" &&
      (row.ExpirationDate === null || row.ExpirationDate === undefined || String(row.ExpirationDate) >= today);
    if (usable) sellable += Number(row.QtyOnhand) - Number(row.QtyReserved);
  }
  const lines = await ifs.rows("CustomerOrderHandling", `CustomerOrderLineSet?$filter=${encodeURIComponent(ofPart)}`);
  for (const line of lines) {
    if (["Delivered", "Invoiced", "Cancelled"].includes(String(line.Objstate))) continue;
    const open =
      Number(line.RevisedQtyDue) + Number(line.QtyShipdiff) - Number(line.QtyShipped) - Number(line.QtyAssigned);
    sellable -= Math.max(0, open);
  }
  return Math.max(0, sellable);
}

type Entry = { id: string; version: number; quantityOnStock: number; availableQuantity: number };

export async function entryOf(shop: Commercetools, sku: string, channelKey: string): Promise<Entry | undefined> {
  const channel = await shop.get<{ id: string }>(`/channels/key=${channelKey}`);
  const where = encodeURIComponent(`sku="${sku}" and supplyChannel(id="${channel.id}")`);
  return (await shop.get<{ results: Entry[] }>(`/inventory?where=${where}`)).results[0];
}

type Price = { value: { centAmount: number; currencyCode: string }; validFrom?: string; validUntil?: string };

/** The price that is valid now, in cents. */
export async function priceOf(shop: Commercetools, sku: string, currency: string): Promise<number> {
  const { results } = await shop.get<{ results: Price[] }>(
    `/standalone-prices?limit=100&where=${encodeURIComponent(`sku="${sku}"`)}`,
  );
  const now = new Date().toISOString();
  const valid = results.filter(
    (price) =>
      price.value.currencyCode === currency &&
      (price.validFrom ?? "") <= now &&
      (price.validUntil === undefined || price.validUntil > now),
  );
  assert.equal(valid.length, 1, `prices of ${sku} in ${currency} that are valid now`);
  return valid[0]?.value.centAmount ?? 0;
}

type Promised = { ms: number; line: { outcome: string; available?: number | null } };

/** Asks the service as a storefront does, with a token of the storefront's own client. */
async function promise(stack: Stack, sku: string, quantity: number): Promise<Promised> {
  const token = await clientToken(`${stack.urls.commercetools}/oauth/token`, "storefront", "sandbox-secret");
  const started = performance.now();
  const response = await fetch(`${stack.urls.service}/atp`, {
    method: "POST",
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify({ lines: [{ sku, quantity, supplyChannel: CHANNEL }] }),
    signal: AbortSignal.timeout(10_000),
  });
  const text = await response.text();
  assert.equal(response.status, 200, `the availability check answered ${response.status}: ${text}`);
  const { lines } = JSON.parse(text) as { lines: Promised["line"][] };
  const [line] = lines;
  assert.ok(line);
  return { ms: Math.round(performance.now() - started), line };
}

/** Reads that IFS has answered so far, whoever asked. */
async function ifsReads(stack: Stack): Promise<number> {
  const response = await fetch(`${stack.urls.ifs}/sandbox/state/counters`);
  const counters = (await response.json()) as Record<string, number> | { key: string; count: number }[];
  const entries: [string, number][] = Array.isArray(counters)
    ? counters.map(({ key, count }) => [key, count])
    : Object.entries(counters);
  return entries.filter(([key]) => key.includes("GET")).reduce((sum, [, count]) => sum + count, 0);
}

export type Overview = {
  flows: { flow: string; state: string; message: string | null }[];
  exceptionCount: number;
  exceptions: { code: string; recordId: string; recordLabel: string; message: string; action: string }[];
};

/** As the page does: through the Merchant Center's gateway, which signs for the signed-in user. */
export async function overviewThroughGateway(stack: Stack, gateway: string): Promise<Overview> {
  const { port } = new URL(gateway);
  // The gateway is a virtual host, and fetch does not let a caller name the host.
  const { status, text } = await get(`${gateway}/proxy/forward-to`, {
    host: `mc-api.localhost:${port}`,
    origin: `http://mc.localhost:${port}`,
    accept: "application/json",
    "accept-version": "v2",
    "x-project-key": PROJECT_KEY,
    "x-forward-to": `${stack.urls.service}/mc/overview`,
    "x-forward-to-audience-policy": "forward-url-full-path",
    "x-forward-to-claims": "permissions",
  });
  assert.equal(status, 200, `the gateway answered ${status}: ${text}`);
  return JSON.parse(text) as Overview;
}

function get(url: string, headers: Record<string, string>): Promise<{ status: number; text: string }> {
  return new Promise((done, fail) => {
    const call = request(url, { headers, timeout: 20_000 }, (response) => {
      let text = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        text += chunk;
      });
      response.on("end", () => done({ status: response.statusCode ?? 0, text }));
    });
    call.on("timeout", () => call.destroy(new Error("the gateway did not answer in 20 s")));
    call.on("error", fail);
    call.end();
  });
}
