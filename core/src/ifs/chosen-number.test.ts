import { afterEach, describe, expect, test } from "vitest";
import { type Answer as Fact, nothingProbed } from "../domain/capabilities.ts";
import type { OrderNo } from "../domain/ids.ts";
import { createOrders } from "./orders.ts";
import { aDraft } from "./testing/draft.ts";
import { chargeRow, lineRow, orderRow } from "./testing/order-rows.ts";
import { type Answer, type Asked, oracle, startTenant, type Tenant } from "./testing/tenant.ts";

let tenant: Tenant | undefined;
afterEach(() => tenant?.close());

const service = "CustomerOrderHandling.svc";
const set = `${service}/CustomerOrderSet`;
const [FIRST, SECOND] = ["CT0000000001", "CT0000000002"] as [OrderNo, OrderNo];
const draft = () => {
  const { header, ...rest } = aDraft();
  return { ...rest, header: { ...header, orderNos: [FIRST, SECOND] } };
};
const exists: Answer = {
  status: 500,
  json: oracle("ORA-20112: CustomerOrder.FND_RECORD_EXIST: The Customer Order object already exists."),
};

type Taken = Readonly<Record<string, string>>;

const numberSent = (body: string): string | undefined => (JSON.parse(body) as { OrderNo?: string }).OrderNo;

/** Rows are created under the number that was asked for. */
function row({ path, body }: Asked): unknown {
  const OrderNo = numberSent(body);
  if (path.endsWith("OrderLinesArray")) return lineRow(body.includes('"BOX"') ? 1 : 2, { OrderNo });
  return path.endsWith("ChargeArray") ? chargeRow({ OrderNo }) : { OrderNo, Addr1: "Ada" };
}

/** The header of a number that another order has, where its reference is known. */
function shown({ path }: Asked, taken: Taken): Answer {
  const [, orderNo = ""] = /CustomerOrderSet\(OrderNo='([^']*)'\)$/.exec(path) ?? [];
  if (orderNo === "") return { json: { value: [] } };
  const ref = taken[orderNo] ?? "";
  return ref === "" ? { status: 404 } : { json: orderRow({ OrderNo: orderNo, ExternalRef: ref }) };
}

/** IFS where the given numbers are taken, with the reference of the order that has them; empty: an order that is not visible. */
const ifs =
  ({ taken = {}, refusal = exists }: { taken?: Taken; refusal?: Answer }) =>
  (asked: Asked): Answer => {
    if (asked.method === "GET") return shown(asked, taken);
    if (asked.path !== set) return { status: 201, json: row(asked) };
    const OrderNo = numberSent(asked.body) ?? "A1";
    return OrderNo in taken ? refusal : { status: 201, json: orderRow({ OrderNo }) };
  };

async function created(answer: (asked: Asked) => Answer, orderNoChosen: Fact = "yes") {
  tenant = await startTenant(answer);
  const capabilities = { ...nothingProbed, answers: { ...nothingProbed.answers, orderNoChosen } };
  const client = tenant.client({
    ifs: { changeSets: "never", binding: { baseAmounts: { mode: "never" } } },
    capabilities,
  });
  const orders = createOrders(client);
  const outcome = await orders.create(draft(), 5000).then(
    ({ order }) => order.orderNo as string,
    (error: Error) => `${error.constructor.name}: ${error.message}`,
  );
  const numbers = tenant.asked
    .filter(({ method, path }) => method === "POST" && path === set)
    .map(({ body }) => (JSON.parse(body) as { OrderNo?: string }).OrderNo ?? "none");
  return { outcome, numbers, orders };
}

describe("an order number of our own", () => {
  test("is sent where the write probe has shown that IFS takes it", async () => {
    expect(await created(ifs({}))).toMatchObject({ outcome: FIRST, numbers: [FIRST] });
  });

  test.each<Fact>(["no", "unknown"])("is not sent where the probe's answer is %s", async (answer) => {
    expect(await created(ifs({}), answer)).toMatchObject({ outcome: "A1", numbers: ["none"] });
  });

  test("that our own order has means that it exists", async () => {
    const { outcome, numbers } = await created(ifs({ taken: { [FIRST]: "order-1" } }));
    expect([outcome, numbers]).toEqual([`OrderExistsError: IFS has order ${FIRST} already`, [FIRST]]);
  });

  test("that another order has is followed by the next", async () => {
    const { outcome, numbers } = await created(ifs({ taken: { [FIRST]: "order-of-another" } }));
    expect([outcome, numbers]).toEqual([SECOND, [FIRST, SECOND]]);
  });

  test("that all have leaves the choice to IFS", async () => {
    const { outcome, numbers } = await created(ifs({ taken: { [FIRST]: "x", [SECOND]: "y" } }));
    expect([outcome, numbers]).toEqual(["A1", [FIRST, SECOND, "none"]]);
  });

  test("that exists and cannot be seen leaves doubt, and never leads to a second create", async () => {
    const { outcome, numbers } = await created(ifs({ taken: { [FIRST]: "" } }));
    expect([outcome, numbers]).toEqual([
      `UnknownOutcomeError: IFS says that order ${FIRST} exists, and it is not visible`,
      [FIRST],
    ]);
  });

  test.each<[string, Answer]>([
    [
      "the database's own words",
      { status: 500, json: oracle("ORA-00001: unique constraint (IFSAPP.CUSTOMER_ORDER_PK) violated") },
    ],
    ["a conflict", { status: 409, json: { error: { code: "CONFLICT", message: "The object already exists." } } }],
    [
      "another language",
      { status: 500, json: oracle("ORA-20112: CustomerOrder.FND_RECORD_EXIST: Kundenauftrag besteht bereits.") },
    ],
  ])("is understood as taken in %s", async (_, refusal) => {
    const { outcome, numbers } = await created(ifs({ taken: { [FIRST]: "order-1" }, refusal }));
    expect([outcome, numbers]).toEqual([`OrderExistsError: IFS has order ${FIRST} already`, [FIRST]]);
  });

  test("is given up for good where the tenant refuses it after all", async () => {
    const refusal: Answer = {
      status: 500,
      json: oracle(
        "ORA-20110: CustomerOrder.INSORDERNO: Field [ORDER_NO] in Customer Order may not be specified for new objects.",
      ),
    };
    const { outcome, numbers, orders } = await created(ifs({ taken: { [FIRST]: "", [SECOND]: "" }, refusal }));
    expect([outcome, numbers]).toEqual(["A1", [FIRST, "none"]]);
    expect((await orders.create(draft(), 5000)).order.orderNo).toBe("A1");
  });

  test("has nothing to do with any other refusal, nor with a row that exists", async () => {
    const refusal = (text: string): Answer => ({ status: 500, json: oracle(text) });
    const blocked = refusal("ORA-20110: CustomerOrder.CREDIT: Customer is blocked.");
    expect((await created(ifs({ taken: { [FIRST]: "" }, refusal: blocked }))).outcome).toBe(
      "RefusedError: Customer is blocked.",
    );
    await tenant?.close();
    const row = refusal(
      "ORA-20112: CustomerOrderLine.FND_RECORD_EXIST: The Customer Order Line object already exists.",
    );
    expect((await created(ifs({ taken: { [FIRST]: "" }, refusal: row }))).outcome).toMatch(/^RefusedError/);
  });
});
