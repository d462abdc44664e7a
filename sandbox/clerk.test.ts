import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { runCli } from "./clerk.ts";
import { type Api, createApi, type Json } from "./commercetools/api-caller.ts";
import { type RunningCommercetools, startCommercetools } from "./commercetools/start.ts";
import { type IfsServer, startIfs } from "./ifs/server.ts";
import { seededRandom } from "./kernel/types.ts";
import { SHOP_PROJECT_KEY, seedShop } from "./seed/commercetools-shop.ts";

describe("clerk's command line", () => {
  let server: IfsServer;
  beforeAll(async () => {
    const clock = { now: () => Date.parse("2026-03-10T09:30:00Z") };
    server = await startIfs({ port: 0, clock, random: seededRandom(7) });
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => server.close());

  async function run(...words: string[]) {
    vi.stubEnv("SANDBOX_IFS_URL", server.url);
    const printed: string[] = [];
    const code = await runCli(words, (text) => printed.push(text));
    return { code, text: printed.join("\n") };
  }

  test("sells, ships in parts with a tracking number, invoices and shows the order", async () => {
    const sold = await run("sell", "HB-M5X20", "3", "101");
    const orderNo = /orderNo: (\S+)/.exec(sold.text)?.[1] ?? "";
    const partly = await run("ship", orderNo, "1=1", "tracking=T-9", "carrier=SCHENKER");
    const rest = await run("ship", orderNo);
    const invoiced = await run("invoice", orderNo);
    expect([sold.code, partly.code, rest.code, invoiced.code]).toEqual([0, 0, 0, 0]);
    expect(partly.text).toContain("state: PartiallyDelivered");
    expect((await run("state", orderNo)).text).toBe(
      [
        `orderNo: ${orderNo}`,
        "state: Invoiced",
        "site: 101",
        "customerNo: 10001",
        "currency: EUR",
        "totalGross: 1.18",
        "lines:",
        "  - lineNo 1, catalogNo HB-M5X20, state Invoiced, quantity 3 PCS, reserved 0, picked 0, shipped 3, invoiced 3",
        "shipments:",
        "  - shipmentId 1001, state Completed, shippedAt 2026-03-10T10:30:00Z, trackingNumber T-9, carrier SCHENKER",
        "  - shipmentId 1002, state Completed, shippedAt 2026-03-10T10:30:00Z, trackingNumber SBX000001002, carrier DHL",
        "invoices:",
        "  - invoiceNo CD300001, amount 1.18, open 1.18",
      ].join("\n"),
    );
  });

  test("moves stock and prices", async () => {
    const before = /sellable: (\d+)/.exec((await run("stock", "BAT.18V.4AH", "101")).text)?.[1];
    const received = await run("receive", "BAT.18V.4AH", "5", "101");
    expect(received.text).toContain(`sellable: ${Number(before) + 5}`);
    expect((await run("price", "WEB-EUR", "BAT.18V.4AH", "99.5")).text).toContain("amount: 99.5");
  });

  test("refusals are in plain words, with exit codes", async () => {
    expect(await run("ship", "NOPE")).toEqual({ code: 1, text: "IFS refused: There is no order NOPE." });
    expect(await run("receive", "HB-M5X20", "many")).toEqual({
      code: 1,
      text: 'IFS refused: "qty" is a number, not "many".',
    });
    const useShip =
      "Use it like this: ship <OrderNo> [line=quantity …] [tracking=<number>] [carrier=<id>] [with=<OrderNo>,…]";
    for (const words of [[], ["H1", "1"], ["H1", "1="], ["H1", "traking=T"], ["H1", "1=1", "1=2"]]) {
      expect(await run("ship", ...words)).toEqual({ code: 2, text: useShip });
    }
    expect(await run("state", "H1", "H2")).toEqual({ code: 2, text: "Use it like this: state <OrderNo>" });
    const unknown = await run("toString");
    expect([unknown.code, unknown.text.split("\n")[0]]).toEqual([2, 'There is no command "toString".']);
  });

  test("help is for everything, or for one command", async () => {
    const all = await run("help");
    expect([all.code, all.text]).toEqual([0, (await run()).text]);
    expect(all.text.split("\n")).toContainEqual(
      expect.stringMatching(
        /^ {2}buy <SKU> <quantity> +a shopper from Germany orders in the shop, from Hamburg, paid by/,
      ),
    );
    expect(all.text).toContain("Exit codes: 0 done, 1 refused, 2 not understood, 3 no sandbox.");
    const one = { code: 0, text: "stock <part> [site]\n  shows what is in stock of a part" };
    expect([await run("help", "stock"), await run("stock", "--help")]).toEqual([one, one]);
  });

  test("lists the youngest orders, promises, blocks, freezes and takes a payment", async () => {
    const orderNo = /orderNo: (\S+)/.exec((await run("sell", "COF/ESP-250", "2", "101")).text)?.[1] ?? "";
    const listed = (await run("orders")).text.split("\n");
    expect([listed.length, listed.at(-1)]).toEqual([
      10,
      `orderNo ${orderNo}, state Reserved, site 101, customerNo 10001, total 8.9 EUR`,
    ]);
    expect((await run("promise", orderNo, "2026-05-31")).code).toBe(0);
    expect((await run("block", orderNo)).text).toContain("blockedReason: MANUAL");
    expect((await run("unblock", orderNo)).text).toContain("state: Reserved");
    await run("ship", orderNo);
    const invoiceNo = /invoiceNo (\S+),/.exec((await run("invoice", orderNo)).text)?.[1] ?? "";
    expect((await run("pay", invoiceNo)).text).toBe(`invoiceNo: ${invoiceNo}\nopenAmount: 0`);
    expect((await run("freeze", "BAT.18V.4AH", "101")).text).toContain("sellable: 0");
    expect((await run("unfreeze", "BAT.18V.4AH", "101")).text).not.toContain("sellable: 0");
    expect(await run("return-deny", "1")).toEqual({ code: 1, text: "IFS refused: There is no return 1." });
  });

  test("a sandbox that is not there is said so", async () => {
    vi.stubEnv("SANDBOX_IFS_URL", "http://127.0.0.1:9");
    const printed: string[] = [];
    const code = await runCli(["state", "X"], (text) => printed.push(text));
    expect([code, printed[0]]).toEqual([
      3,
      expect.stringContaining("The sandbox at http://127.0.0.1:9 does not answer"),
    ]);
  });
});

describe("a purchase from the command line", () => {
  const sku = "BAT.12V.2AH";
  let shop: RunningCommercetools;
  let admin: Api;
  beforeAll(async () => {
    shop = await startCommercetools({ port: 0, random: seededRandom(5), seed: seedShop });
    const credentials = { clientId: "admin", clientSecret: "sandbox-secret" };
    admin = createApi({ url: shop.url, projectKey: SHOP_PROJECT_KEY, ...credentials });
    await admin.post("/standalone-prices", { sku, value: { currencyCode: "EUR", centAmount: 1999 } });
    const supplyChannel = { typeId: "channel", key: "hamburg" };
    await admin.post("/inventory", { sku, quantityOnStock: 5, supplyChannel });
  });
  afterEach(() => vi.unstubAllEnvs());
  afterAll(() => shop.close());

  async function run(...words: string[]) {
    vi.stubEnv("SANDBOX_COMMERCETOOLS_URL", shop.url);
    const printed: string[] = [];
    const code = await runCli(words, (text) => printed.push(text));
    return { code, text: printed.join("\n") };
  }

  test("is an order in the shop: from Hamburg, counted off, by parcel", async () => {
    const bought = await run("buy", sku, "2");
    const [order = {}, ...more] = (await admin.get("/orders")).results as Json[];
    const [entry] = (await admin.get("/inventory")).results as Json[];
    const [line] = (order.lineItems ?? []) as Json[];
    // 2 x 19.99 and 4.90 for the parcel, each with 19 %: 47.58 (47.5762) and 5.83 (5.831).
    expect(bought).toEqual({
      code: 0,
      text: [
        `orderId: ${String(order.id)}`,
        `sku: ${sku}`,
        "quantity: 2",
        "total: 53.41 EUR",
        "Its order in IFS shows in: npm run sandbox -- orders",
      ].join("\n"),
    });
    expect([more, order.country, order.shippingInfo, line?.quantity, entry?.availableQuantity]).toEqual([
      [],
      "DE",
      expect.objectContaining({ shippingMethodName: "Standard parcel" }),
      2,
      3,
    ]);
  });

  test("is refused in the shop's words, and asks for a whole number", async () => {
    const refused = await run("buy", "NO-SUCH-SKU", "1");
    expect([refused.code, refused.text]).toEqual([1, expect.stringMatching(/^The shop refused: .*NO-SUCH-SKU/)]);
    for (const words of [[], [sku], [sku, "0"], [sku, "1.5"], [sku, "-1"], [sku, "many"], [sku, "1", "2"]]) {
      expect(await run("buy", ...words)).toEqual({ code: 2, text: "Use it like this: buy <SKU> <quantity>" });
    }
  });

  test("needs a shop that answers", async () => {
    vi.stubEnv("SANDBOX_IFS_URL", "http://127.0.0.1:9");
    const printed: string[] = [];
    expect(await runCli(["buy", sku, "1"], (text) => printed.push(text))).toBe(3);
    vi.stubEnv("SANDBOX_COMMERCETOOLS_URL", "http://127.0.0.1:9");
    expect(await runCli(["buy", sku, "1"], (text) => printed.push(text))).toBe(3);
    expect(printed).toEqual([
      "No sandbox is running: start it with `npm start`, or name it in SANDBOX_COMMERCETOOLS_URL.",
      expect.stringContaining("The sandbox at http://127.0.0.1:9 does not answer"),
    ]);
  });
});
