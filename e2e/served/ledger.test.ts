/** The completeness ledger between both served models: orders that the connector exported, and every fault planted by hand. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { ledgerDeps } from "../../core/src/compose/ledger.ts";
import { runLedgerCommand } from "../../core/src/compose/ledger-command.ts";
import type { Finding } from "../../core/src/flows/reconcile/finding.ts";
import { reconcile } from "../../core/src/flows/reconcile/run.ts";
import { systemClock } from "../../core/src/runtime/clock.ts";
import { clientToken } from "../../scripts/platforms.ts";
import { admin, connection, ifs, SECRET, sandbox } from "./doctor-fixture.ts";
import { type OrderBench, openOrderBench } from "./order-fixture.ts";

let bench: OrderBench;
beforeAll(async () => {
  bench = await openOrderBench();
});
afterAll(() => bench.close());

async function exported(): Promise<{ id: string; orderNo: string }> {
  const id = await bench.buy();
  const outcome = await bench.event(id);
  if (outcome.kind !== "linked") throw new Error(JSON.stringify(outcome));
  return { id, orderNo: outcome.orderNo };
}

/** As a clerk at IFS's own address: reads the row for its tag, then changes it. */
async function change(path: string, body: object): Promise<void> {
  const token = await clientToken(connection().tokenUrl, "ctconnector", SECRET, "openid microprofile-jwt");
  const url = `${ifs.url}/main/ifsapplications/projection/v1/CustomerOrderHandling.svc/${path}`;
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const row = (await (await fetch(url, { headers })).json()) as { "@odata.etag": string };
  const answer = await fetch(url, {
    method: "PATCH",
    headers: { ...headers, "if-match": row["@odata.etag"] },
    body: JSON.stringify(body),
  });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
}

const lineOf = (orderNo: string) => `CustomerOrderLineSet(OrderNo='${orderNo}',LineNo='1',RelNo='1',LineItemNo=0)`;

/** An hour from now, when nothing is recent any more. */
const later = { ...systemClock, now: () => Date.now() + 3_600_000 };

async function ledger() {
  const period = { from: "2026-01-01T00:00:00.000Z", to: new Date(later.now()).toISOString() };
  const findings: Finding[] = [];
  const { ct, store } = bench.connector;
  const deps = ledgerDeps({ ct, store, clock: later }, bench.active);
  const { counts } = await reconcile(deps, period, { report: (one) => void findings.push(one) });
  return { counts, findings: findings.map(({ kind, orderId, reason }) => [kind, orderId, reason?.kind ?? null]) };
}

test("orders that the connector exported agree, and each planted fault is found", async () => {
  const well = await exported();
  expect(await ledger()).toMatchObject({ counts: { orders: 1, linkedOnce: 1, unexplained: 0 }, findings: [] });

  const lost = await bench.buy();
  const double = await exported();
  const twin = await exported();
  await change(`CustomerOrderSet(OrderNo='${twin.orderNo}')`, { ExternalRef: double.id });
  const quantity = await exported();
  await change(lineOf(quantity.orderNo), { BuyQtyDue: 3 });
  const cent = await exported();
  const price = await priceOf(cent.orderNo);
  await change(lineOf(cent.orderNo), { SaleUnitPrice: price + 0.01 });
  const cancelled = await exported();
  await sandbox("clerk/cancel", { orderNo: cancelled.orderNo });
  const deleted = await exported();
  const order = await admin.get(`/orders/${deleted.id}`);
  await admin.delete(`/orders/${deleted.id}?version=${String(order.version)}`);
  const unlinked = await bench.buy();
  await change(`CustomerOrderSet(OrderNo='${(await exported()).orderNo}')`, { ExternalRef: unlinked });

  const { counts, findings } = await ledger();
  const of = (id: string) => findings.filter(([, orderId]) => orderId === id);
  expect(of(well.id)).toEqual([]);
  expect(of(lost)).toEqual([["missing", lost, null]]);
  expect(of(double.id)).toEqual([["double", double.id, null]]);
  expect(of(twin.id)).toEqual([["linkNotFound", twin.id, null]]);
  expect(of(quantity.id)).toEqual([
    ["differentTotal", quantity.id, null],
    ["differentQuantities", quantity.id, null],
  ]);
  expect(of(cent.id)).toEqual([["differentTotal", cent.id, null]]);
  expect(of(cancelled.id)).toEqual([["cancelledOnOneSide", cancelled.id, null]]);
  expect(of(deleted.id)).toEqual([["orphan", deleted.id, null]]);
  expect(of(unlinked)).toEqual([["notLinked", unlinked, null]]);
  expect(counts.unexplained).toBe(findings.length);
  const open = await bench.connector.store.exceptions.byCode("ifsDuplicate", 10);
  expect(open.map(({ recordId }) => recordId)).toEqual([double.id]);
});

test("the command prints the counts last, and fails while something is unexplained", async () => {
  const lines: string[] = [];
  const status = await runLedgerCommand(["--from", "2026-01-01", "--to", "2100-01-01", "--json"], {
    print: (line) => void lines.push(line),
    progress: () => {},
    ledger: (period, report, progress) =>
      reconcile(ledgerDeps(bench.connector, bench.active), period, { report, progress }),
  });
  const last = JSON.parse(lines.at(-1) ?? "") as { orders: number; unexplained: number; findings: { double: number } };
  expect([status, last.findings.double, lines.length > 1]).toEqual([1, 1, true]);
});

async function priceOf(orderNo: string): Promise<number> {
  const documents = await bench.active.ifs.orders.documents([orderNo as never]);
  return Number(documents[0]?.lines[0]?.netAmountCurr) / 2;
}
