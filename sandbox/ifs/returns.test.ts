import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Bench, forms, messageOf } from "./testing/harness.ts";
import { accepted, lineRows, placeOrder, stockByPlace, withoutTag } from "./testing/orders.ts";

const RETURNS = "ReturnMaterialHandling.svc/ReturnMaterialSet";
const boxes = { catalogNo: "HB-M5X20-B12", partNo: "HB-M5X20", unit: "BOX", qty: 2, factor: 12, due: 24, price: 3.79 };

describe.each(forms)("IFS returns $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterAll(() => bench.close());

  const header = { Contract: "101", CustomerNo: "WEB-DE", CurrencyCode: "EUR", ReturnApproverId: "WEBSHOP" };
  const line = (OrderNo: string, QtyToReturn: number) => ({
    OrderNo,
    LineNo: "1",
    RelNo: "1",
    LineItemNo: 0,
    QtyToReturn,
    ReturnReasonCode: "WRONG",
  });
  const open2 = async (body: Record<string, unknown> = header) =>
    Number(accepted(await bench.ask("POST", RETURNS, { body })).json.RmaNo);
  const addLine = (rmaNo: number, body: unknown) =>
    bench.ask("POST", `${RETURNS}(RmaNo=${rmaNo})/ReturnMaterialLineArray`, { body });
  const release = (rmaNo: number) =>
    bench.ask("POST", `${RETURNS}(RmaNo=${rmaNo})/IfsApp.ReturnMaterialHandling.ReturnMaterial_Release`, {
      body: {},
      headers: { "if-match": "*" },
    });

  test("half of it back into stock, half scrapped, then credited to the cent", async () => {
    const orderNo = await placeOrder(bench, { lines: [boxes] });
    accepted(await bench.clerk("ship", { orderNo }));
    accepted(await bench.clerk("invoice", { orderNo }));
    const rmaNo = await open2();
    accepted(await addLine(rmaNo, line(orderNo, 2)));
    accepted(await release(rmaNo));
    const before = await stockByPlace(bench, "101", "HB-M5X20");
    const half = accepted(await bench.clerk("return-receive", { rmaNo, lines: { "1": "1" } }));
    const after = await stockByPlace(bench, "101", "HB-M5X20");
    const whole = accepted(await bench.clerk("return-receive", { rmaNo, scrap: true }));
    const credit = accepted(await bench.clerk("return-credit", { rmaNo }));
    expect([half.json.state, whole.json.state, credit.json.state, credit.json.amount]).toEqual([
      "PartiallyReceived",
      "Received",
      "ReturnCompleted",
      "-9.02",
    ]);
    expect(after).toEqual({ ...before, "PICK-01": (before["PICK-01"] ?? 0) + 12 });
    expect(await stockByPlace(bench, "101", "HB-M5X20")).toEqual(after);
    expect(await lineRows(bench, orderNo, "QtyReturned")).toEqual([{ QtyReturned: 24 }]);
    const lines = await bench.ask(
      "GET",
      `ReturnMaterialHandling.svc/ReturnMaterialLineSet?$select=QtyToReturn,Objstate,CatalogNo&$filter=RmaNo eq ${rmaNo}`,
    );
    expect(lines.rows.map(withoutTag)).toEqual([
      { QtyToReturn: 2, Objstate: "ReturnCompleted", CatalogNo: "HB-M5X20-B12" },
    ]);
  });

  test("what comes back in parts is credited in parts, which add up to the whole", async () => {
    const orderNo = await placeOrder(bench, { lines: [{ catalogNo: "HB-M5X20", qty: 3, price: 0.333 }] });
    accepted(await bench.clerk("ship", { orderNo }));
    const invoiced = accepted(await bench.clerk("invoice", { orderNo }));
    const rmaNo = await open2();
    accepted(await addLine(rmaNo, line(orderNo, 3)));
    accepted(await release(rmaNo));
    const credits: unknown[] = [];
    for (let piece = 0; piece < 3; piece += 1) {
      accepted(await bench.clerk("return-receive", { rmaNo, lines: { "1": "1" } }));
      const credit = accepted(await bench.clerk("return-credit", { rmaNo }));
      credits.push([credit.json.amount, credit.json.state]);
    }
    const again = await bench.clerk("return-credit", { rmaNo });
    // 1 of 0.333: 0.33 + 0.06; 2: 0.67 + 0.13; 3: 1.00 + 0.19.
    expect(credits).toEqual([
      ["-0.39", "PartiallyReceived"],
      ["-0.41", "PartiallyReceived"],
      ["-0.39", "ReturnCompleted"],
    ]);
    expect([invoiced.json.totalGross, again.json.message]).toEqual(["1.19", `Return ${rmaNo} has nothing to credit.`]);
  });

  test("only what was delivered, of the same customer, can come back", async () => {
    const planned = await placeOrder(bench, { lines: [boxes] });
    const shipped = await placeOrder(bench, { lines: [boxes] });
    accepted(await bench.clerk("ship", { orderNo: shipped }));
    const rmaNo = await open2();
    const other = await open2({ ...header, CustomerNo: "10001" });
    const texts = [
      await addLine(rmaNo, line(planned, 1)),
      await addLine(rmaNo, line(shipped, 3)),
      await addLine(other, line(shipped, 1)),
      await addLine(rmaNo, { ...line(shipped, 1), ReturnReasonCode: "NOPE" }),
      await release(rmaNo),
    ].map((answer) => messageOf(answer).replace(/^ORA-20110: /, ""));
    expect(texts).toEqual([
      `ReturnMaterialLine.INVALID_ORDER_STATE: Order ${planned} is Planned.`,
      "ReturnMaterialLine.QTYTOOMUCH: At most 2 of the line can be returned.",
      "ReturnMaterialLine.INVALID_ORDER: The order line must be of the return's customer, site and currency.",
      'ReturnMaterialLine.NOREASON: Return reason "NOPE" does not exist.',
      `ReturnMaterial.NOLINES: Return ${rmaNo} has no lines.`,
    ]);
  });
});
