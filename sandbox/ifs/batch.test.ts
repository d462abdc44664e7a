import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import type { Item, Part } from "../conformance/multipart.ts";
import { defaultSettings } from "./settings.ts";
import { sendBatch } from "./testing/batches.ts";
import { type Bench, codeOf, forms, messageOf } from "./testing/harness.ts";
import {
  accepted,
  chargeBody,
  headerBody,
  headerRow,
  type LineWish,
  lineBody,
  lineRows,
  ORDERS,
  totals,
} from "./testing/orders.ts";

const bolt: LineWish = { catalogNo: "HB-M5X20", qty: 3, price: 9.5 };

const header = (ExternalRef: string, extra: Record<string, unknown> = {}): Part => ({
  id: "1",
  method: "POST",
  url: "CustomerOrderSet",
  body: headerBody({ ExternalRef, ...extra }),
});
const line = (id: string, wish: LineWish = bolt): Part => ({
  id,
  method: "POST",
  url: "$1/OrderLinesArray",
  body: lineBody(wish),
});
const freight: Part = {
  id: "8",
  method: "POST",
  url: "$1/CustomerOrderChargeArray",
  body: chargeBody("FREIGHT", 4.95),
};
const releasing: Part = {
  id: "9",
  method: "POST",
  url: "$1/IfsApp.CustomerOrderHandling.CustomerOrder_Release",
  body: {},
  headers: { "If-Match": "$1" },
};

describe.each(forms)("IFS $batch $form", ({ open }) => {
  let bench: Bench;
  beforeAll(async () => {
    bench = await open();
  });
  afterEach(() => {
    bench.model.changeSettings(defaultSettings);
  });
  afterAll(() => bench.close());

  const found = async (ref: string) =>
    (await bench.ask("GET", `${ORDERS}?$select=OrderNo,Objstate&$filter=ExternalRef eq '${ref}'`)).rows.map(
      (row) => row.Objstate,
    );
  const statuses = async (items: Item[], options?: { goOn?: boolean }) =>
    (await sendBatch(bench, items, options)).pieces.map((piece) => [piece.status, piece.contentId]);

  test("one change set makes the whole order, its children found by $1, and may release it", async () => {
    const { answer, pieces } = await sendBatch(bench, [[header("whole"), line("2"), line("3"), freight, releasing]]);
    const orderNo = String(pieces[0]?.json.OrderNo);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([
      200,
      expect.stringMatching(/^multipart\/mixed; boundary=batchresponse_\d+$/),
    ]);
    expect(pieces.map((piece) => [piece.status, piece.contentId])).toEqual([
      [201, "1"],
      [201, "2"],
      [201, "3"],
      [201, "8"],
      [204, "9"],
    ]);
    expect(await headerRow(bench, orderNo, "Objstate,ExternalRef")).toEqual({
      Objstate: "Released",
      ExternalRef: "whole",
    });
    expect((await lineRows(bench, orderNo, "LineNo")).map((row) => row.LineNo)).toEqual(["1", "2"]);
    expect((await totals(bench, orderNo)).TotalGrossInclChrgCurr).toBe(73.73);
  });

  test("one refused line leaves nothing of the order, and one error stands for the set", async () => {
    const { pieces } = await sendBatch(bench, [
      [header("broken"), line("2"), line("3", { ...bolt, catalogNo: "NOPE" })],
    ]);
    expect(pieces.map((piece) => [piece.status, piece.contentId])).toEqual([[400, "3"]]);
    expect(pieces[0]?.json.error).toMatchObject({
      details: [{ message: 'ORA-20110: CustomerOrderLine.NOSALESPART: Sales part "NOPE" does not exist on site 101.' }],
    });
    expect(await found("broken")).toEqual([]);
  });

  test("stock reserved by an order that then fails is given back", async () => {
    const sellable = async () => accepted(await bench.clerk("stock", { part: "HB-M5X20", site: "101" })).json;
    const before = await sellable();
    const cancel: Part = {
      id: "7",
      method: "POST",
      url: "$1/IfsApp.CustomerOrderHandling.CustomerOrder_Cancel",
      body: {},
      headers: { "If-Match": "*" },
    };
    expect(await statuses([[header("undone", { OrderId: "AUTO" }), line("2"), releasing, cancel]])).toEqual([
      [400, "7"],
    ]);
    expect(await sellable()).toEqual(before);
  });

  test("a failed set ends the batch, unless it may go on", async () => {
    const read: Part = { method: "GET", url: "CustomerOrderSet?$top=1&$select=OrderNo" };
    const bad: Item = [header("stops", { CustomerNo: "NOBODY" })];
    expect(await statuses([read, bad, read])).toEqual([
      [200, undefined],
      [400, "1"],
    ]);
    expect(await statuses([bad, [header("goes on")], read], { goOn: true })).toEqual([
      [400, "1"],
      [201, "1"],
      [200, undefined],
    ]);
    expect(await found("goes on")).toEqual(["Planned"]);
  });

  test("a read, an unknown reference or another projection's set inside a change set are refused", async () => {
    const read: Part = { id: "2", method: "GET", url: "CustomerOrderSet" };
    const lost: Part = { ...line("2"), url: "$5/OrderLinesArray" };
    const foreign: Part = { id: "2", method: "POST", url: "CustomerInfoSet", body: {} };
    expect(await statuses([[header("r1"), read]])).toEqual([[400, "2"]]);
    expect(await statuses([[header("r2"), lost]])).toEqual([[400, "2"]]);
    expect(await statuses([[header("r3"), foreign]])).toEqual([[404, "2"]]);
    expect([await found("r1"), await found("r2"), await found("r3")]).toEqual([[], [], []]);
  });

  test("URLs of parts may be absolute or carry the service's path", async () => {
    const path =
      "/main/ifsapplications/projection/v1/CustomerOrderHandling.svc/CustomerOrderSet?$top=1&$select=OrderNo";
    expect(
      await statuses([
        { method: "GET", url: path },
        { method: "GET", url: `http://anywhere.example${path}` },
      ]),
    ).toEqual([
      [200, undefined],
      [200, undefined],
    ]);
  });

  test("bad framing is a plain error of the whole batch", async () => {
    const ask = (body: string, type: string) =>
      bench.ask("POST", "CustomerOrderHandling.svc/$batch", { body, headers: { "content-type": type } });
    const answers = [await ask("--b\r\nhello", "multipart/mixed; boundary=b"), await ask("{}", "application/json")];
    expect(answers.map((answer) => [answer.status, codeOf(answer)])).toEqual(
      Array(2).fill([400, "ODP_BATCH_MALFORMED"]),
    );
    const unauthorized = await bench.ask("POST", "CustomerOrderHandling.svc/$batch", { as: null, body: "x" });
    expect([unauthorized.status, messageOf(unauthorized)]).toEqual([401, "Authentication failed."]);
  });

  test("texts with line breaks, umlauts and dashes arrive as they are", async () => {
    const note = "Zeile 1\r\n--b--\r\nGröße: ½\n--cs0";
    const { pieces } = await sendBatch(bench, [[header("text", { NoteText: note })]]);
    expect(pieces[0]?.json.NoteText).toBe(note);
  });

  describe("switches", () => {
    test("change sets refused", async () => {
      bench.model.changeSettings({ changeSets: "refuse" });
      expect((await statuses([[header("refused")]])).map(([status]) => status)).toEqual([501]);
      expect(await found("refused")).toEqual([]);
    });

    test("a gateway that only pretends leaves half an order", async () => {
      bench.model.changeSettings({ changeSets: "nonAtomic" });
      const items = [[header("half"), line("2", { ...bolt, catalogNo: "NOPE" }), line("3")]];
      expect(await statuses(items)).toEqual([
        [201, "1"],
        [400, "2"],
        [201, "3"],
      ]);
      expect(await found("half")).toEqual(["Planned"]);
    });

    test("errors per request, without Content-ID, with another status", async () => {
      bench.model.changeSettings({
        changeSetFailureForm: "perRequest",
        contentIdEcho: false,
        batchBusinessErrorStatus: 500,
      });
      expect(await statuses([[header("per"), line("2", { ...bolt, qty: 0 })]])).toEqual([
        [500, undefined],
        [500, undefined],
      ]);
    });

    test("keys that must be sent, release not in the set, a header moved by its lines, a limit of parts", async () => {
      bench.model.changeSettings({ childKeysOptional: false });
      expect(await statuses([[header("keys"), line("2")]])).toEqual([[400, "2"]]);
      bench.model.changeSettings({ ...defaultSettings, releaseInChangeSet: "refuse" });
      expect(await statuses([[header("norelease"), line("2"), releasing]])).toEqual([[400, "9"]]);
      bench.model.changeSettings({ ...defaultSettings, lineInsertTouchesHeader: true });
      expect(await statuses([[header("moved"), line("2"), releasing]])).toEqual([[412, "9"]]);
      bench.model.changeSettings({ ...defaultSettings, maxBatchParts: 2 });
      const { answer } = await sendBatch(bench, [[header("limit"), line("2"), line("3")]]);
      expect([answer.status, codeOf(answer)]).toEqual([400, "ODP_BATCH_TOO_LARGE"]);
    });

    test("a read behind a change set sees what that committed; a tenant may refuse it", async () => {
      const read: Part = { method: "GET", url: "CustomerOrderSet?$filter=ExternalRef%20eq%20'behind'" };
      expect(await statuses([[header("behind")], read])).toEqual([
        [201, "1"],
        [200, undefined],
      ]);
      bench.model.changeSettings({ ...defaultSettings, readsInBatch: "refuse" });
      const { answer } = await sendBatch(bench, [[header("neither")], read]);
      expect([answer.status, codeOf(answer), await found("neither")]).toEqual([400, "ODP_BATCH_MALFORMED", []]);
    });
  });
});
