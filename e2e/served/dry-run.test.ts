/** The dry run between both served models: what would be sent is what is sent, and neither model sees a write. */
import { afterAll, beforeAll, expect, test } from "vitest";
import { createConnector } from "../../core/src/compose/connector.ts";
import { dryRunOrders, traceless } from "../../core/src/compose/dry-run.ts";
import { runDryRunCommand } from "../../core/src/compose/dry-run-command.ts";
import { explainSku, previewAllStock } from "../../core/src/compose/stock-look.ts";
import { connectorConfigSchema } from "../../core/src/domain/config.ts";
import type { Sku } from "../../core/src/domain/ids.ts";
import type { DryRun } from "../../core/src/flows/order-export/dry-run.ts";
import { createApi } from "../../sandbox/commercetools/api-caller.ts";
import { access, declaredScopes, ifs, SECRET, shop } from "./doctor-fixture.ts";
import { type OrderBench, openOrderBench, PART } from "./order-fixture.ts";

let bench: OrderBench;
beforeAll(async () => {
  bench = await openOrderBench();
  shop.model.auth.addClient({ id: "reader", secret: SECRET, scopes: declaredScopes });
});
afterAll(() => bench.close());

const silent = { info: () => {}, warn: () => {}, error: () => {} };
const ifsWrites = async (): Promise<[string, number][]> => {
  const counters = (await (await fetch(`${ifs.url}/sandbox/state/counters`)).json()) as Record<string, number>;
  return Object.entries(counters).filter(([request]) => !request.startsWith("GET "));
};

function openReader() {
  const reader = createConnector({
    app: "test",
    settings: { ...bench.connector.settings, CTP_CLIENT_ID: "reader" },
    budget: traceless(silent),
    logger: silent,
  });
  reader.budget.start();
  return reader;
}

/** `orders`: settings over those of the active configuration. */
async function run(
  args: string[],
  orders: object = {},
): Promise<{ status: number; lines: string[]; results: DryRun[] }> {
  const reader = openReader();
  const lines: string[] = [];
  const results: DryRun[] = [];
  const status = await runDryRunCommand(args, {
    print: (line) => void lines.push(line),
    complain: (line) => void lines.push(line),
    orders: async (last, report) => {
      const active = await reader.active();
      const config = connectorConfigSchema.parse({
        ...active.config,
        orders: { ...active.config.orders, ...orders },
      });
      await dryRunOrders(
        reader,
        { ...active, config },
        {
          last,
          report: (result) => {
            results.push(result);
            report(result);
          },
        },
      );
    },
    stock: async (report) => previewAllStock(reader, await reader.active(), report),
  });
  await reader.budget.stop();
  return { status, lines, results };
}

/** GraphQL that only asks is a read. */
const isRead = ({ method, path, body }: { method: string; path: string; body?: unknown }): boolean =>
  method === "GET" || (path.endsWith("/graphql") && String(body).startsWith('{"query":"query '));

test("the last orders are shown as they would be sent or refused, and nothing is written to either system", async () => {
  const good = await bench.buy({ orderNumber: "DRY-1" });
  await bench.buy({ orderNumber: "DRY-2", country: "SE", currency: "EUR" });
  const before = await ifsWrites();
  shop.model.journal.length = 0;

  const { status, results, lines } = await run(["orders", "--last", "2", "--json"]);

  const asked = shop.model.journal.filter(({ clientId }) => clientId === "reader");
  expect(asked.length).toBeGreaterThan(0);
  expect([asked.filter((call) => !isRead(call)), await ifsWrites()]).toEqual([[], before]);
  expect(status).toBe(results.some(({ rejection }) => rejection) ? 1 : 0);
  const dry = results.find(({ label }) => label === "DRY-1");
  expect(dry).toMatchObject({
    orderId: good,
    next: "creates it",
    route: "Germany",
    totals: { shop: dry?.totals?.ifs },
  });
  expect(JSON.parse(lines.at(-1) ?? "")).toMatchObject({ orders: 2 });

  const outcome = await bench.event(good);
  expect(outcome.kind).toBe("linked");
  const [document] = await bench.active.ifs.orders.documents([(outcome as { orderNo: string }).orderNo as never]);
  expect(document?.lines.map(({ catalogNo, buyQtyDue }) => [catalogNo, buyQtyDue])).toEqual(
    dry?.draft?.lines.map(({ catalogNo, buyQtyDue }) => [catalogNo, buyQtyDue]),
  );
});

test("an order with a return shows its RMA, and neither model sees a write", async () => {
  const id = await bench.buy({ orderNumber: "DRY-R" });
  const outcome = await bench.event(id);
  expect(outcome.kind).toBe("linked");
  const { orderNo } = outcome as { orderNo: string };
  ifs.model.clerk("ship", { orderNo });
  const api = createApi({ url: shop.url, projectKey: access().projectKey, clientId: "admin", clientSecret: SECRET });
  const order = await api.get(`/orders/${id}`);
  const [line] = order.lineItems as { id: string }[];
  const item = { lineItemId: line?.id, quantity: 1, shipmentState: "Returned", comment: "broken" };
  await api.post(`/orders/${id}`, { version: order.version, actions: [{ action: "addReturnInfo", items: [item] }] });
  const before = await ifsWrites();
  shop.model.journal.length = 0;

  const returns = { mode: "create", reasons: { codes: { broken: "DEFECT" } } };
  const { results, lines, status } = await run(["orders", "--last", "1"], { afterExport: { returns } });

  const asked = shop.model.journal.filter(({ clientId }) => clientId === "reader");
  expect([asked.filter((call) => !isRead(call)), await ifsWrites()]).toEqual([[], before]);
  expect([status, results[0]?.returns?.policy, results[0]?.returns?.refusals]).toEqual([0, "create", []]);
  expect(results[0]?.returns?.returns.map(({ what, next, draft }) => [what, next, draft?.lines.length])).toEqual([
    [`1 of ${PART}`, "creates an RMA", 1],
  ]);
  expect(lines).toContain("  returns: create, by orders.afterExport.returns.mode");
  expect(lines).toContain(`    line 1/1 of ${orderNo}: 1, reason DEFECT`);
  expect(JSON.parse(lines.at(-1) ?? "")).toEqual({
    orders: 1,
    expressed: 1,
    former: 0,
    refused: 0,
    returns: 1,
    returnsRefused: 0,
  });

  const none = { mode: "create", reasons: {} };
  const refused = await run(["orders", "--last", "1"], { afterExport: { returns: none } });
  expect([refused.status, refused.lines.some((text) => text.includes("refused (mappingFailed)"))]).toEqual([1, true]);
  const asks = await run(["orders", "--last", "1"], { afterExport: { returns: { mode: "ask" } } });
  expect([asks.status, asks.results[0]?.returns?.refusals.length]).toEqual([0, 1]);
});

test("in words: a refused order with its cure, a sent one with its number; wrong arguments are refused", async () => {
  await bench.buy({ orderNumber: "DRY-3", lines: [{ sku: "BAT.12V.4AH", quantity: 1, externalPrice: 500 }] });
  const { lines } = await run(["orders", "--last", "3"]);
  expect(lines.some((line) => line.startsWith("DRY-3 "))).toBe(true);
  expect(lines.some((line) => /^DRY-R .*: nothing: it is IFS order /.test(line))).toBe(true);
  expect(lines.at(-2)).toMatch(/^3 orders: .*Nothing was written\.$/);
  expect((await run(["orders", "--last", "0"])).status).toBe(2);
  expect((await run(["stock", "--last", "5"])).status).toBe(2);
});

test("the plan for all stock, and the derivation of one SKU, without a write to either system", async () => {
  const before = await ifsWrites();
  shop.model.journal.length = 0;
  const { lines } = await run(["stock", "--json"]);
  const reader = openReader();
  const explanation = await explainSku(reader, await reader.active(), PART as Sku);
  await reader.budget.stop();
  const asked = shop.model.journal.filter(({ clientId }) => clientId === "reader");
  expect([asked.filter((call) => !isRead(call)), await ifsWrites()]).toEqual([[], before]);

  const changes = lines
    .filter((line) => line.startsWith("{"))
    .map((line) => (JSON.parse(line) as { change?: { record: string; to: number; cause: string } }).change)
    .filter((change) => change?.record.startsWith(`${PART} @ `));
  const channels = explanation.sites.flatMap((site) => site.channels);
  expect(channels.length).toBeGreaterThan(0);
  expect(changes).toMatchObject(
    channels.flatMap(({ supplyChannel, next }) => (next ? [{ record: `${PART} @ ${supplyChannel}`, ...next }] : [])),
  );
  for (const { target, next, entry } of channels) expect(next?.to ?? entry?.quantityOnStock).toBe(target);
});
