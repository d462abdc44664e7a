/** Payments that do not fit their order: each kind, each policy, and how it ends. */
import { describe, expect, test } from "vitest";
import { RefusedError } from "../../domain/failure.ts";
import { paymentsSchema } from "../../domain/payment-config.ts";
import { dryRun } from "./dry-run.ts";
import { judgePayments } from "./payments.ts";
import { sweepOrders } from "./sweep.ts";
import { configWith } from "./testing/config.ts";
import { claimOf, codes, ID, MINUTE, once, run, worldWith } from "./testing/export.ts";
import { eur, netOrder } from "./testing/orders.ts";
import { infoOf, itemOf } from "./testing/returned.ts";
import type { World } from "./testing/world.ts";

type Transaction = { readonly type: string; readonly state?: string; readonly amount: object };
const done = (type: string, amount: number | object, state = "Success"): Transaction => ({
  type,
  state,
  amount: typeof amount === "number" ? eur(amount) : amount,
});
const chf = (centAmount: number) => ({ ...eur(centAmount), currencyCode: "CHF" });
const payment = (transactions: readonly Transaction[], fields: object = {}) => ({
  typeId: "payment",
  id: "pay-1",
  obj: {
    interfaceId: "psp-1",
    amountPlanned: eur(9324),
    paymentMethodInfo: { paymentInterface: "psp", method: "CARD" },
    transactions,
    ...fields,
  },
});
const paidBy = (...payments: object[]) => ({ paymentInfo: { payments } });
/** The order costs 93.24 EUR. */
const paid = paidBy(payment([done("Authorization", 9324), done("Charge", 9324)]));

const all = (policy: string, fields: object = {}) => ({
  missing: policy,
  amount: policy,
  currency: policy,
  reversed: policy,
  ...fields,
});

describe("what is a mismatch", () => {
  const judged = (fields: object, rule: object = {}): string[] =>
    judgePayments(netOrder(fields), paymentsSchema.parse(all("show", rule))).map(
      ({ kind, message }) => `${kind}: ${message}`,
    );

  test.each<[string, object, object]>([
    ["charged", {}, paid],
    ["authorized alone", {}, paidBy(payment([done("Authorization", 9324)]))],
    [
      "two payments together",
      {},
      paidBy(payment([done("Charge", 9000)]), payment([done("Charge", 324)], { interfaceId: "gift" })),
    ],
    [
      "a failed try before",
      {},
      paidBy(payment([done("Authorization", chf(9324), "Failure")]), payment([done("Charge", 9324)])),
    ],
    ["charged in part of what is authorized", {}, paidBy(payment([done("Authorization", 9324), done("Charge", 4000)]))],
    [
      "an invoice, on account",
      { onAccount: ["INVOICE"] },
      paidBy(payment([], { paymentMethodInfo: { method: "INVOICE" } })),
    ],
    ["what is planned, where that counts", { counts: "planned" }, paidBy(payment([]))],
    ["nothing to pay", {}, { totalPrice: eur(0), taxedPrice: undefined }],
    [
      "refunded after a return",
      {},
      { ...paidBy(payment([done("Charge", 9324), done("Refund", 7136)])), returnInfo: [infoOf(itemOf("r-1"))] },
    ],
    ["refunded what an edit made cheaper", {}, paidBy(payment([done("Charge", 10000), done("Refund", 676)]))],
    ["cancelled", {}, { orderState: "Cancelled" }],
    [
      "with digits of a high precision",
      {},
      paidBy(
        payment([
          done("Charge", {
            type: "highPrecision",
            currencyCode: "EUR",
            preciseAmount: 932400,
            fractionDigits: 4,
            centAmount: 9324,
          }),
        ]),
      ),
    ],
  ])("none: %s", (_, rule, fields) => {
    expect(judged(fields, rule)).toEqual([]);
  });

  test.each<[string, object, object, string[]]>([
    ["no payment", {}, {}, ["missing: nothing of its 93.24 EUR is covered (it has no payment)"]],
    [
      "a payment that failed",
      {},
      paidBy(payment([done("Authorization", 9324, "Failure")])),
      ["missing: nothing of its 93.24 EUR is covered (psp CARD psp-1: Authorization Failure)"],
    ],
    [
      "an authorization that was given up",
      {},
      paidBy(payment([done("Authorization", 9324), done("CancelAuthorization", 9324)])),
      [
        "missing: nothing of its 93.24 EUR is covered (psp CARD psp-1: Authorization Success, CancelAuthorization Success)",
      ],
    ],
    [
      "only authorized, where charges count",
      { counts: "charged" },
      paidBy(payment([done("Authorization", 9324)])),
      ["missing: nothing of its 93.24 EUR is covered (psp CARD psp-1: Authorization Success)"],
    ],
    [
      "a payment that was deleted",
      {},
      paidBy({ typeId: "payment", id: "pay-9" }),
      ["missing: nothing of its 93.24 EUR is covered (payment pay-9 cannot be read)"],
    ],
    [
      "a cent too little",
      {},
      paidBy(payment([done("Charge", 9323)])),
      ["amount: its payments cover 93.23 EUR, and its total is 93.24 EUR"],
    ],
    [
      "a cent too much",
      {},
      paidBy(payment([done("Charge", 9325)])),
      ["amount: its payments cover 93.25 EUR, and its total is 93.24 EUR"],
    ],
    [
      "another currency",
      {},
      paidBy(payment([done("Charge", chf(9324))])),
      ["currency: payment psp CARD psp-1 is in CHF, and the order in EUR"],
    ],
    [
      "a refund without a return",
      {},
      paidBy(payment([done("Charge", 9324), done("Refund", 1000)])),
      ["reversed: 10.00 EUR were refunded without a return"],
    ],
    [
      "a chargeback, returned or not",
      {},
      { ...paidBy(payment([done("Charge", 9324), done("Chargeback", 9324)])), returnInfo: [infoOf(itemOf("r-1"))] },
      ["reversed: 93.24 EUR were charged back"],
    ],
  ])("%s", (_, rule, fields, said) => {
    expect(judged(fields, rule)).toEqual(said);
  });

  test("each kind has a policy of its own", () => {
    const short = paidBy(payment([done("Charge", 9324), done("Chargeback", 9324)]), payment([done("Charge", chf(1))]));
    expect(judged(short).map((one) => one.split(":")[0])).toEqual(["currency", "reversed"]);
    expect(judged(short, { currency: "ignore" }).map((one) => one.split(":")[0])).toEqual(["reversed"]);
    expect(judged(short, all("ignore"))).toEqual([]);
  });
});

const worldWhere = (payments: object, fields: object = {}, route: object = {}): World =>
  worldWith(netOrder(fields), { config: configWith({ orders: { payments }, route }) });
const shownOf = (world: World) =>
  [...world.exceptions.values()].map(({ code, ifsOrderNo, recordId, owner }) => [code, ifsOrderNo, recordId, owner]);

describe("by default", () => {
  test("an order without payment is exported, and nothing is said", async () => {
    const world = worldWith();
    expect([(await run(world)).kind, codes(world)]).toEqual(["linked", []]);
  });
});

const mismatches: [string, object][] = [
  ["a missing payment", {}],
  ["another amount", paidBy(payment([done("Charge", 9000)]))],
  ["another currency", paidBy(payment([done("Charge", chf(9324))]))],
  ["money that went back", paidBy(payment([done("Charge", 9324), done("Refund", 9324)]))],
];

describe("hold", () => {
  test.each(mismatches)(
    "%s: nothing is sent before the payment fits, then the order leaves once",
    async (_, fields) => {
      const world = worldWhere(all("hold"), fields);
      expect([(await run(world)).kind, world.state.creates, shownOf(world)]).toEqual([
        "rejected",
        0,
        [["paymentMismatch", undefined, ID, "operator"]],
      ]);
      expect([(await run(world)).kind, world.state.creates]).toEqual(["rejected", 0]);
      world.editOrder(ID, paid);
      expect([(await run(world)).kind, world.state.creates, codes(world)]).toEqual(["linked", 1, []]);
    },
  );

  test("an order whose create is in doubt is looked for, completed and shown beside", async () => {
    const world = worldWhere(all("hold"), paid);
    const lost = once("ifs.create", "after", () => new RefusedError("ifs", "ORA-20110", 500, "said after the commit"));
    expect([(await run(world, "event", lost)).kind, world.documents.size]).toEqual(["rejected", 1]);
    world.editOrder(ID, paidBy(payment([done("Charge", 9000)])));
    expect([(await run(world)).kind, world.documents.size, shownOf(world)]).toEqual([
      "linked",
      1,
      [["paymentMismatch", "P1000", ID, "operator"]],
    ]);
  });

  test("a doubt that ends with nothing in IFS holds it after all", async () => {
    const world = worldWhere(all("hold"), paid);
    const refusal = once("ifs.create", "before", () => new RefusedError("ifs", "ORA-20110", 500, "no"));
    await run(world, "event", refusal);
    world.editOrder(ID, paidBy());
    expect([(await run(world)).kind, world.state.creates, codes(world)]).toEqual(["rejected", 0, ["paymentMismatch"]]);
  });

  test("the dry run says so, and leaves an order alone that is in IFS", async () => {
    const world = worldWhere(all("hold"));
    const dry = () => dryRun(world.worker(), world.orders.get(ID) ?? { id: ID });
    expect(await dry()).toMatchObject({ next: "refused", rejection: { code: "paymentMismatch" } });
    world.editOrder(ID, paid);
    await run(world);
    world.editOrder(ID, paidBy());
    expect(await dry()).toMatchObject({ next: "nothing: it is IFS order P1000", route: "web shop" });
  });

  test("a route says otherwise for its orders", async () => {
    const invoice = worldWhere(all("hold"), {}, { payments: { missing: "ignore" } });
    expect([(await run(invoice)).kind, codes(invoice)]).toEqual(["linked", []]);
    const card = worldWhere({}, {}, { payments: { missing: "hold" } });
    expect([(await run(card)).kind, codes(card)]).toEqual(["rejected", ["paymentMismatch"]]);
  });
});

describe("show", () => {
  test.each(mismatches)("%s: the order leaves, and its own row closes when the payment fits", async (_, fields) => {
    const world = worldWhere(all("show"), fields);
    expect([(await run(world)).kind, shownOf(world)]).toEqual([
      "linked",
      [["paymentMismatch", "P1000", ID, "operator"]],
    ]);
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", ["paymentMismatch"]]);
    const { version } = world.orders.get(ID) ?? {};
    world.editOrder(ID, paid);
    expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", []]);
    // Nothing of it is written on the order.
    expect(world.orders.get(ID)?.version).toBe((version ?? 0) + 1);
  });

  test("a chargeback after the export is shown, whether the policy is to show or to hold", async () => {
    for (const policy of ["show", "hold"]) {
      const world = worldWhere(all(policy), paid);
      await run(world);
      world.editOrder(ID, paidBy(payment([done("Charge", 9324), done("Chargeback", 9324)])));
      expect([(await run(world)).kind, codes(world)]).toEqual(["unchanged", ["paymentMismatch"]]);
    }
  });

  test("stands beside an edit that waits for a person", async () => {
    const world = worldWhere(all("show"), {});
    await run(world);
    world.editOrder(ID, { totalPrice: eur(7000) });
    await run(world);
    expect(codes(world).toSorted()).toEqual(["heldForReview", "paymentMismatch"]);
  });

  test("closes by the sweep where the event was lost, and where the rule was taken back", async () => {
    // An order that changed a moment ago is of the window; the round over what is shown has it once that has passed.
    const swept = async (world: World) => {
      for (let rounds = 0; rounds < 3; rounds += 1) {
        await sweepOrders(world.worker(), world.clock.at);
        world.advance(30 * MINUTE);
      }
    };
    const cured = worldWhere(all("show"), {});
    await run(cured);
    cured.editOrder(ID, paid);
    await swept(cured);
    expect(codes(cured)).toEqual([]);

    const off = worldWhere(all("show"), {});
    await run(off);
    off.state.config = configWith();
    off.state.configVersion += 1;
    await swept(off);
    expect(codes(off)).toEqual([]);
  });

  test("a paid order costs the sweep no request to the inbox", async () => {
    const world = worldWhere(all("show"), paid);
    await run(world);
    const effects: string[] = [];
    await run(world, "sweep", (name, phase) => void (phase === "before" && effects.push(name)));
    expect(effects).toEqual(["orders.get"]);
  });

  test("ends with the order's deletion, and with its cancellation", async () => {
    const deleted = worldWhere(all("show"), {});
    await run(deleted);
    deleted.orders.delete(ID);
    deleted.setState("P1000", "Cancelled");
    await run(deleted, "person");
    expect(codes(deleted)).toEqual([]);
    const cancelled = worldWhere(all("show"), {});
    await run(cancelled);
    cancelled.editOrder(ID, { orderState: "Cancelled" });
    expect([(await run(cancelled)).kind, codes(cancelled)]).toEqual(["cancelled", []]);
  });
});

describe("what IFS refuses of a payment", () => {
  const mapping = {
    header: {
      Cf_Pay_Ref: { expression: 'order.payments.map(p, p.interfaceId).join(" ")' },
      Cf_Shop: { field: "order.store" },
    },
    line: {},
    charge: {},
  };
  const saying = (text: string) => once("ifs.create", "before", () => new RefusedError("ifs", "ORA-20110", 500, text));

  test("is of this class where IFS names a field that carries payments", async () => {
    const world = worldWhere({}, paid, { mapping });
    await run(world, "event", saying("ORA-20110: CustomerOrder.ERROR: [CF$_PAY_REF] is not a known receipt."));
    const [row] = [...world.exceptions.values()];
    expect([row?.code, row?.owner, row?.message]).toEqual([
      "paymentMismatch",
      "ifsAdministrator",
      "IFS refused the order: ORA-20110: CustomerOrder.ERROR: [CF$_PAY_REF] is not a known receipt. What it names (Cf_Pay_Ref) carries what the mapping reads of the order's payments.",
    ]);
    // Something was sent: it is looked for before it is sent again.
    expect([claimOf(world).phase, claimOf(world).posted]).toEqual([
      "rejected",
      expect.stringMatching(/^[0-9a-f]{16,}$/),
    ]);
    const asked: string[] = [];
    expect((await run(world, "event", (name, phase) => void (phase === "before" && asked.push(name)))).kind).toBe(
      "linked",
    );
    expect([
      asked.indexOf("ifs.find") >= 0,
      asked.indexOf("ifs.find") < asked.indexOf("ifs.create"),
      codes(world),
    ]).toEqual([true, true, []]);
  });

  test("is told by the name of IFS's error as well", async () => {
    const terms = {
      header: { payTermId: { expression: 'order.payments.map(p, p.method).join(" ")' } },
      line: {},
      charge: {},
    };
    const world = worldWhere({}, paid, { mapping: terms });
    const code = "ORA-20110 CustomerOrder.NOPAYTERMID";
    const refusal = once("ifs.create", "before", () => new RefusedError("ifs", code, 500, 'Term "CARD" is unknown.'));
    await run(world, "event", refusal);
    expect(codes(world)).toEqual(["paymentMismatch"]);
  });

  test("is what it was otherwise", async () => {
    for (const text of [
      "ORA-20110: CustomerOrder.ERROR: [CF$_SHOP] is unknown.",
      "ORA-20110: the customer is closed.",
    ]) {
      const world = worldWhere({}, paid, { mapping });
      await run(world, "event", saying(text));
      expect(codes(world)).toEqual(["ifsRefused"]);
    }
  });
});
