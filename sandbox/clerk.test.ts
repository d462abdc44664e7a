import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { runCli } from "./clerk.ts";
import { type IfsServer, startIfs } from "./ifs/server.ts";
import { seededRandom } from "./kernel/types.ts";

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
    expect(await run("ship")).toEqual({
      code: 2,
      text: "Use it like this: ship <OrderNo> [line=quantity …] [tracking=<number>] [carrier=<id>]",
    });
    expect((await run("dance")).code).toBe(2);
    expect((await run("help")).text).toContain("receive <part> <quantity> [site] [location]");
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
