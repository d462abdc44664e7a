/** Payments that do not fit their order: each mismatch planted at the shop's payments, shown or held, and gone with its cause. */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { configurationOf, type Document, installConnector } from "./install.ts";
import { buy, germany, openExceptions, orderById, orderInIfs, ordersInIfs, type Wish } from "./people.ts";
import { openWorld, type World } from "./world.ts";

const wish: Wish = { lines: [{ sku: "BAT.12V.2AH", quantity: 1, externalPrice: 4990 }], inventoryMode: "None" };
const card = { interfaceId: "psp-1", method: "CARD" };

const changesOf = (world: World, policy: string): Document => {
  const { routes } = configurationOf(world) as { routes: object[] };
  return {
    stock: { pools: [] },
    prices: { lists: [] },
    orders: { payments: { missing: policy, amount: policy, currency: policy, reversed: policy } },
    // The method of the last payment decides about the payment terms, where it is one that IFS knows.
    routes: routes.map((route) => ({
      ...route,
      mapping: {
        header: {
          payTermId: { expression: 'order.payments.exists(p, p.method == "TERM99") ? "99" : "PREPAID"' },
        },
        line: {},
        charge: {},
      },
    })),
  };
};

type PaymentDoc = { readonly id: string; readonly version: number };

describe.each(["hold", "show"])("%s", (policy) => {
  let world: World;
  beforeAll(async () => {
    world = await openWorld();
    await installConnector(world, changesOf(world, policy));
  });
  afterAll(() => world?.close());

  const ordered = async (payment?: Wish["payment"]): Promise<{ id: string; total: number }> => {
    const order = await world.drive(buy(world, germany, payment ? { ...wish, payment } : wish));
    await world.run(15_000);
    const id = String(order.id);
    return { id, total: (await orderById(world, id)).taxedPrice.totalGross.centAmount };
  };
  const paymentOf = async (orderId: string): Promise<PaymentDoc> => {
    const order = await world.drive(world.shop.get(`/orders/${orderId}`));
    const { payments = [] } = (order.paymentInfo ?? {}) as { payments?: { id: string }[] };
    return (await world.drive(world.shop.get(`/payments/${payments.at(-1)?.id}`))) as unknown as PaymentDoc;
  };
  const change = async (orderId: string, ...actions: object[]): Promise<void> => {
    const { id, version } = await paymentOf(orderId);
    await world.drive(world.shop.post(`/payments/${id}`, { version, actions }));
    await world.run(15_000);
  };
  const transaction = (type: string, centAmount: number, currencyCode = "EUR") => ({
    action: "addTransaction",
    transaction: { type, state: "Success", amount: { currencyCode, centAmount } },
  });
  const addPayment = async (orderId: string, centAmount: number, currencyCode: string): Promise<void> => {
    const amount = { currencyCode, centAmount };
    const payment = await world.drive(
      world.shop.post("/payments", {
        amountPlanned: amount,
        paymentMethodInfo: card,
        transactions: [{ type: "Charge", state: "Success", amount }],
      }),
    );
    const { version } = await orderById(world, orderId);
    const actions = [{ action: "addPayment", payment: { typeId: "payment", id: payment.id } }];
    await world.drive(world.shop.post(`/orders/${orderId}`, { version, actions }));
    await world.run(15_000);
  };
  const seen = async (id: string): Promise<{ inIfs: number; shown: string[] }> => ({
    inIfs: ordersInIfs(world, id).length,
    shown: (await openExceptions(world)).filter(({ recordId }) => recordId === id).map(({ code }) => code),
  });
  const mismatched = { inIfs: policy === "hold" ? 0 : 1, shown: ["paymentMismatch"] };
  const well = { inIfs: 1, shown: [] };

  test("missing, then added", async () => {
    const { id, total } = await ordered();
    expect(await seen(id)).toEqual(mismatched);
    await addPayment(id, total, "EUR");
    expect(await seen(id)).toEqual(well);
  });

  test("another amount, then the rest", async () => {
    const { id, total } = await ordered({ ...card, amount: 4000 });
    expect(await seen(id)).toEqual(mismatched);
    await change(id, transaction("Charge", total));
    expect(await seen(id)).toEqual(well);
  });

  test("another currency, then the right one", async () => {
    const { id, total } = await ordered();
    await addPayment(id, total, "CHF");
    expect(await seen(id)).toEqual(mismatched);
    expect((await openExceptions(world)).find(({ recordId }) => recordId === id)?.message).toContain(
      "is in CHF, and the order in EUR",
    );
    const { payments } = ((await world.drive(world.shop.get(`/orders/${id}`))).paymentInfo ?? {}) as {
      payments: { id: string }[];
    };
    const { version } = await orderById(world, id);
    const removal = { action: "removePayment", payment: { typeId: "payment", id: payments[0]?.id } };
    await world.drive(world.shop.post(`/orders/${id}`, { version, actions: [removal] }));
    await addPayment(id, total, "EUR");
    expect(await seen(id)).toEqual(well);
  });

  test("paid, and charged back after the export", async () => {
    const { id, total } = await ordered(card);
    expect(await seen(id)).toEqual(well);
    await change(id, transaction("Chargeback", total));
    expect(await seen(id)).toEqual({ inIfs: 1, shown: ["paymentMismatch"] });
    // Two ticks of the sweep change nothing about the IFS order.
    await world.tick();
    await world.tick();
    expect([await seen(id), orderInIfs(world, ordersInIfs(world, id)[0] ?? "").state]).toEqual([
      { inIfs: 1, shown: ["paymentMismatch"] },
      "Released",
    ]);
  });

  test("a payment method that IFS does not take, then one that it does", async () => {
    const { id } = await ordered({ interfaceId: "psp-9", method: "TERM99" });
    expect(await seen(id)).toEqual({ inIfs: 0, shown: ["paymentMismatch"] });
    const row = (await openExceptions(world)).find(({ recordId }) => recordId === id);
    expect([row?.owner, row?.message]).toEqual([
      "ifsAdministrator",
      expect.stringContaining(
        'Payment term "99" does not exist. What it names (payTermId) carries what the mapping reads',
      ),
    ]);
    await change(
      id,
      { action: "setMethodInfoMethod", method: "CARD" },
      {
        action: "addTransaction",
        transaction: { type: "Charge", state: "Pending", amount: { currencyCode: "EUR", centAmount: 1 } },
      },
    );
    expect(await seen(id)).toEqual(well);
  });
});
