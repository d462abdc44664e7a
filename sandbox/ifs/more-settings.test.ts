import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { seededRandom } from "../kernel/types.ts";
import { createIfsModel } from "./model.ts";
import { defaultSettings, type IfsSettings } from "./settings.ts";
import { sendBatch } from "./testing/batches.ts";
import { type Bench, codeOf, forms, messageOf, NOW } from "./testing/harness.ts";
import {
  accepted,
  action,
  chargeBody,
  headerBody,
  headerRow,
  type LineWish,
  lineBody,
  lineRows,
  ORDERS,
  placeOrder,
  release,
  withoutTag,
} from "./testing/orders.ts";

const bolt: LineWish = { catalogNo: "HB-M5X20", qty: 1, price: 100 };
const stock = "InventoryPartInStockHandling.svc/InventoryPartInStockSet";
const star = { "if-match": "*" };

/** Switches of what a request may carry and how its answer looks. */
describe.each(forms)("IFS switches of requests $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterEach(() => {
    bench.model.changeSettings(defaultSettings);
  });
  afterAll(() => bench.close());

  const set = async (changes: Partial<IfsSettings>) => accepted(await bench.control("POST", "settings", changes));
  const path = (orderNo: string) => `${ORDERS}(OrderNo='${orderNo}')`;

  test("PATCH answers with the row or with nothing, an action with 204 or 200", async () => {
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    const patch = (NoteText: string) => bench.ask("PATCH", path(orderNo), { body: { NoteText }, headers: star });
    const row = await patch("a");
    await set({ patchAnswer: "empty", voidActionStatus: 200 });
    const empty = await patch("b");
    const released = await release(bench, orderNo);
    const now = await bench.ask("GET", `${path(orderNo)}?$select=NoteText`);
    expect([row.status, row.json.NoteText, empty.status, empty.text, now.json.NoteText]).toEqual([
      200,
      "a",
      204,
      "",
      "b",
    ]);
    expect(empty.headers.get("etag")).toMatch(/^W\/"/);
    expect([released.status, released.json]).toEqual([200, {}]);
  });

  test("what is not implemented under another status, outside and inside of a batch", async () => {
    const ask = async () => {
      const alone = await bench.ask("GET", `${ORDERS}?$search=bolt`);
      const { pieces } = await sendBatch(bench, [{ method: "GET", url: "CustomerOrderSet?$search=bolt" }]);
      return [alone.status, codeOf(alone), pieces[0]?.status];
    };
    const answers = [await ask()];
    for (const notImplementedStatus of [400, 500] as const) {
      await set({ notImplementedStatus });
      answers.push(await ask());
    }
    expect(answers).toEqual([
      [501, "ODP_NOT_IMPLEMENTED", 501],
      [400, "ODP_NOT_IMPLEMENTED", 400],
      [500, "ODP_NOT_IMPLEMENTED", 500],
    ]);
  });

  test("stale metadata that heals at the third call only", async () => {
    await set({ staleMetadataFailures: 2 });
    accepted(await bench.clerk("deploy", { projection: "SitesHandling" }));
    const call = async () => (await bench.ask("GET", "SitesHandling.svc/Reference_CompanySite?$top=1")).status;
    expect([await call(), await call(), await call()]).toEqual([500, 500, 200]);
    expect((await bench.clerk("deploy", { projection: "Nope" })).json.message).toBe("There is no projection Nope.");
  });

  test("a stale tag as a database error takes the status of business errors", async () => {
    await set({ stalePrecondition: "500-modified", businessErrorStatus: 400 });
    const orderNo = await placeOrder(bench, { lines: [] });
    const headers = { "if-match": 'W/"x"' };
    const stale = await bench.ask("PATCH", path(orderNo), { body: { NoteText: "x" }, headers });
    expect([stale.status, messageOf(stale)]).toEqual([
      400,
      "ORA-20114: FndRecord.FND_RECORD_MODIFIED: The object has been modified by another user.",
    ]);
  });

  test("bookkeeping in a body is refused or passed over; annotations always are passed over", async () => {
    const orderNo = await placeOrder(bench, { lines: [] });
    const send = (body: Record<string, unknown>) => bench.ask("PATCH", path(orderNo), { body, headers: star });
    const annotated = await send({ NoteText: "a", "@odata.etag": "x", "NoteText@odata.type": "#String" });
    const refused = await send({ NoteText: "b", Objstate: "Cancelled" });
    await set({ bookkeepingInBodies: "ignore" });
    const ignored = await send({ NoteText: "c", Objstate: "Cancelled", luname: "X", keyref: "X", Objgrants: "X" });
    expect([annotated.status, refused.status, messageOf(refused), ignored.status]).toEqual([
      200,
      400,
      "The property 'Objstate' may not be written.",
      200,
    ]);
    expect(await headerRow(bench, orderNo, "NoteText,Objstate")).toEqual({ NoteText: "c", Objstate: "Planned" });
  });

  test("an option with an encoded dollar is passed over, or heard", async () => {
    const orderNo = await placeOrder(bench, { lines: [] });
    const url = `CustomerOrderSet?%24filter=OrderNo%20eq%20'${orderNo}'&$select=OrderNo`;
    const counts = async () => {
      const alone = await bench.ask("GET", `CustomerOrderHandling.svc/${url}`);
      const { pieces } = await sendBatch(bench, [{ method: "GET", url }]);
      return [alone.rows, pieces[0]?.json.value].map((rows) => (rows as unknown[]).length === 1);
    };
    const passedOver = await counts();
    await set({ encodedOptionNames: "accept" });
    expect([passedOver, await counts()]).toEqual([
      [false, false],
      [true, true],
    ]);
  });

  test("a set that refuses $select is read without it", async () => {
    await set({ selectRefusedOn: ["CustomerOrderHandling/CustomerOrderSet"] });
    const orderNo = await placeOrder(bench, { lines: [] });
    const answers = [
      await bench.ask("GET", `${ORDERS}?$select=OrderNo`),
      await bench.ask("GET", `${path(orderNo)}?$select=OrderNo`),
      await bench.ask("GET", path(orderNo)),
      await bench.ask("GET", `${stock}?$select=PartNo&$top=1`),
    ];
    const refusal = "The query option '$select' cannot be used on 'CustomerOrderSet'.";
    expect(answers.map((answer) => [answer.status, messageOf(answer)])).toEqual([
      [400, refusal],
      [400, refusal],
      [200, ""],
      [200, ""],
    ]);
  });

  test("a list that names a certain value is refused, and passes without it", async () => {
    await set({ refusedFilterValues: ["HB-M5X20"] });
    const asked = (...parts: string[]) =>
      bench.ask(
        "GET",
        `${stock}?$select=PartNo&$top=1&$filter=${parts.map((part) => `PartNo eq '${part}'`).join(" or ")}`,
      );
    const answers = [await asked("A", "HB-M5X20"), await asked("HB-M5X20"), await asked("A", "HB-M5X2")];
    const refusal = "The value 'HB-M5X20', used in a query expression, is not accepted.";
    expect(answers.map((answer) => [answer.status, codeOf(answer), messageOf(answer)])).toEqual([
      [400, "ODP_MALFORMED_REQUEST", refusal],
      [400, "ODP_MALFORMED_REQUEST", refusal],
      [200, "", ""],
    ]);
  });

  test("defaults that are not there, and a reason that is not a parameter", async () => {
    await set({ defaultFunctions: false, cancelReasonParameter: false });
    const orderNo = await placeOrder(bench, { lines: [bolt] });
    const defaults = await bench.ask("GET", `${ORDERS}/IfsApp.CustomerOrderHandling.CustomerOrder_Default()`);
    const edmx = (await bench.ask("GET", "CustomerOrderHandling.svc/$metadata")).text;
    const inBody = await action(bench, orderNo, "CustomerOrder_Cancel", { CancelReason: "WEB" });
    const without = await action(bench, orderNo, "CustomerOrder_Cancel", {});
    await bench.ask("PATCH", path(orderNo), { body: { CancelReason: "WEB" }, headers: star });
    const after = await action(bench, orderNo, "CustomerOrder_Cancel", {});
    expect([defaults.status, edmx.includes("_Default"), inBody.status, without.status, after.status]).toEqual([
      404,
      false,
      400,
      500,
      204,
    ]);
    expect(await headerRow(bench, orderNo, "Objstate,CancelReason")).toEqual({
      Objstate: "Cancelled",
      CancelReason: "WEB",
    });
  });

  test("a key that is an enumeration member is qualified in the address of a new row, and leads back to it", async () => {
    const parent = "CustomerInfoSet(CustomerId='10001')/CustomerInfoAddresses(CustomerId='10001',AddressId='02')";
    const made = await bench.ask("POST", `CustomerHandling.svc/${parent}/AddressTypes`, {
      body: { AddressTypeCode: "Visit" },
    });
    const key = "(CustomerId='10001',AddressId='02',AddressTypeCode=IfsApp.CustomerHandling.AddressTypeCode'Visit')";
    const location = decodeURIComponent(made.headers.get("location") ?? "");
    const back = await bench.ask("GET", `CustomerHandling.svc/${parent}/AddressTypes${key}?$select=AddressTypeCode`);
    expect([made.status, location.endsWith(`/${parent}/AddressTypes${key}`)]).toEqual([201, true]);
    expect([back.status, back.json.AddressTypeCode]).toEqual([200, "Visit"]);
  });

  test("headers that must carry more, and customers without a number series", async () => {
    await set({ headerMandatory: ["LanguageCode"], customerNumberSeries: false });
    const refused = await bench.ask("POST", ORDERS, { body: headerBody() });
    const made = await bench.ask("POST", ORDERS, { body: headerBody({ LanguageCode: "de" }) });
    const card = { Name: "N", CreationDate: "2026-03-10", Country: "DE", DefaultLanguage: "de", PartyType: "Customer" };
    const create = (more: object) =>
      bench.ask("POST", "CustomerHandling.svc/CustomerInfoSet", { body: { ...card, DefaultDomain: true, ...more } });
    const nameless = await create({});
    const named = await create({ CustomerId: "OWN-1" });
    expect([messageOf(refused), made.status]).toEqual([
      "ORA-20110: CustomerOrder.NULLVALUE: Field [LANGUAGE_CODE] is mandatory for Customer Order and requires a value.",
      201,
    ]);
    expect([messageOf(nameless), named.json.CustomerId]).toEqual([
      "ORA-20110: CustomerInfo.NULLVALUE: Field [CUSTOMER_ID] is mandatory for Customer Info and requires a value.",
      "OWN-1",
    ]);
  });

  test("a caller's currency rate is computed again, refused or kept, on lines and charges", async () => {
    const add = async (extra: Record<string, unknown>) => {
      const orderNo = await placeOrder(bench, { header: { CurrencyCode: "SEK" }, lines: [] });
      const line = await bench.ask("POST", `${path(orderNo)}/OrderLinesArray`, { body: lineBody({ ...bolt, extra }) });
      const charge = await bench.ask("POST", `${path(orderNo)}/CustomerOrderChargeArray`, {
        body: chargeBody("FREIGHT", 50, extra.CurrencyRate === undefined ? {} : { CurrencyRate: extra.CurrencyRate }),
      });
      const texts = [line, charge].map((one) => messageOf(one).replace(/^ORA-20110: /, ""));
      const rows = await lineRows(bench, orderNo, "CurrencyRate,NetAmountBase");
      return [...texts, ...rows, charge.json.NetAmtBase];
    };
    const rateText = "CurrencyRate.RATEDIFF: The currency rate is 0.0879.";
    const basePrice = { BaseSaleUnitPrice: 8.79, BaseUnitPriceInclTax: 10.46 };
    expect(await add({})).toEqual(["", "", { CurrencyRate: 0.0879, NetAmountBase: 8.79 }, 4.4]);
    await set({ currencyRateMismatch: "refuse" });
    expect(await add({})).toEqual([rateText, rateText, undefined]);
    expect(await add({ CurrencyRate: 0.0879 })).toEqual([
      "CustomerOrderLine.BASEPRICE: The price in company currency is 8.79.",
      "",
      4.4,
    ]);
    expect(await add({ CurrencyRate: 0.0879, ...basePrice })).toEqual([
      "",
      "",
      { CurrencyRate: 0.0879, NetAmountBase: 8.79 },
      4.4,
    ]);
    await set({ currencyRateMismatch: "keep" });
    expect(await add({ CurrencyRate: 0.1 })).toEqual(["", "", { CurrencyRate: 0.1, NetAmountBase: 10 }, 5]);
  });

  test("times in filters may lack seconds, carry an offset, and must be times", async () => {
    const rows = async (literal: string) => {
      const answer = await bench.ask("GET", `${stock}?$select=LastActivityDate&$filter=LastActivityDate ge ${literal}`);
      return answer.status === 200 ? answer.rows.length : messageOf(answer);
    };
    const known = (await bench.ask("GET", `${stock}?$select=LastActivityDate&$orderby=LastActivityDate desc&$top=1`))
      .rows[0];
    const last = String(withoutTag(known ?? {}).LastActivityDate);
    const hour = last.slice(0, 16);
    const whole = await rows(last);
    const later = new Date(Date.parse(last) + 7_200_000).toISOString().slice(0, 19);
    expect([await rows(`${hour}Z`), await rows(`${later}%2B02:00`), await rows(`${later}Z`)]).toEqual([
      whole,
      whole,
      0,
    ]);
    expect(await rows("2026-13-01T00:00:00Z")).toBe("'2026-13-01T00:00:00Z' is no time.");
  });
});

test.each([
  { headerDefaults: "strict" },
  { headerMandatory: ["LanguageCode"] },
  { lineMandatory: ["NoteText"] },
  { currencyRateMismatch: "refuse" },
  { quantityMismatch: "keep" },
  { supplyFromStockMember: "FromStock" },
  { priceFreezeFreeMember: "NotFrozen" },
] satisfies Partial<IfsSettings>[])(
  "the company and its people's orders are there from the start with %j",
  (settings) => {
    const clock = { now: () => NOW };
    const model = createIfsModel({ clock, random: seededRandom(7), settings });
    const usual = createIfsModel({ clock, random: seededRandom(7) });
    const sold = model.clerk("sell", { part: "HB-M5X20", qty: "3", site: "101" });
    expect(sold).toEqual({ ...usual.clerk("sell", { part: "HB-M5X20", qty: "3", site: "101" }) });
  },
);
