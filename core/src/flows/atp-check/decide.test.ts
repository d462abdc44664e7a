import { describe, expect, it } from "vitest";
import { atpDoorsSchema } from "../../domain/atp-door-config.ts";
import type { Sku } from "../../domain/ids.ts";
import {
  type Demand,
  type IfsAnswer,
  judgeAnswer,
  lookAtShop,
  toDecision,
  toDemands,
  withAge,
  withExpected,
} from "./decide.ts";
import { type AvailabilityRequest, parseExtension, parseQuestion, type RequestLine } from "./parse.ts";
import { toExtensionResponse } from "./respond.ts";
import type { ShopStock } from "./shop-stock.ts";

const line = (ref: string, quantity: number, given: Partial<RequestLine> = {}): RequestLine => ({
  ref,
  sku: "BOLT" as Sku,
  quantity,
  supplyChannel: { by: "key", value: "web" },
  ownReserved: 0,
  ...given,
});
const request = (...lines: RequestLine[]): AvailabilityRequest => ({ purpose: "order", lines });
const keyOf = ({ supplyChannel }: RequestLine) => supplyChannel?.value;
const demandOf = (given: Partial<Demand> = {}): Demand => ({
  id: "d",
  sku: "BOLT" as Sku,
  supplyChannel: "web",
  requested: 3,
  ownReserved: 0,
  lines: [],
  ...given,
});

describe("toDemands", () => {
  it("adds up lines of one SKU and channel, and only those", () => {
    const lines = [
      line("a", 2),
      line("b", 3, { ownReserved: 1 }),
      line("c", 1, { supplyChannel: undefined }),
      line("d", 1, { sku: "NUT" as Sku }),
    ];
    expect(
      toDemands(request(...lines), keyOf).map(({ sku, supplyChannel, requested, ownReserved }) => ({
        sku,
        supplyChannel,
        requested,
        ownReserved,
      })),
    ).toEqual([
      { sku: "BOLT", supplyChannel: "web", requested: 5, ownReserved: 1 },
      { sku: "BOLT", supplyChannel: undefined, requested: 1, ownReserved: 0 },
      { sku: "NUT", supplyChannel: "web", requested: 1, ownReserved: 0 },
    ]);
  });
});

describe("withExpected", () => {
  const now = Date.parse("2026-03-01T12:00:00Z");
  const stock = (expectedDelivery?: string): ShopStock => ({
    ...{ quantityOnStock: 1, availableQuantity: 1 },
    ...(expectedDelivery && { expectedDelivery }),
  });
  const judged = (available: number) =>
    judgeAnswer(demandOf(), stock(), { kind: "target", target: available }, { threshold: 0, failPolicy: "open" });

  it.each([
    ["not all of it", 1, "2026-03-05T00:00:00.000Z", "2026-03-05"],
    ["nothing of it", 0, "2026-03-05T00:00:00.000Z", "2026-03-05"],
    ["all of it", 3, "2026-03-05T00:00:00.000Z", undefined],
    ["a day that has passed", 0, "2026-02-28T00:00:00.000Z", undefined],
    ["no day", 0, undefined, undefined],
  ])("%s", (_name, available, expectedDelivery, earliest) => {
    expect(withExpected(judged(available), stock(expectedDelivery), now).earliestDate).toBe(earliest);
  });
});

describe("lookAtShop", () => {
  const look = (stock: ShopStock | undefined, given: Partial<Demand> = {}) => {
    const { settled, toAsk } = lookAtShop([demandOf(given)], () => stock, {
      untracked: new Set(["SERVICE"]),
      mayBackOrder: ({ sku }) => sku === "LATER",
      isHeld: ({ sku }) => sku === "HELD",
      termsOf: () => ({ threshold: 10, failPolicy: "open" }),
    });
    return toAsk.length > 0 ? "ask" : settled.get("d");
  };
  const confirmed = (available: number | null, reason: string) => ({
    outcome: "confirm",
    source: "shop",
    available,
    reason,
    policy: null,
    passes: true,
  });
  it.each<[string, ShopStock | undefined, Partial<Demand>, unknown]>([
    [
      "exactly the threshold stays",
      { quantityOnStock: 13, availableQuantity: 13 },
      {},
      confirmed(13, "aboveThreshold"),
    ],
    ["one less is asked about", { quantityOnStock: 12, availableQuantity: 12 }, {}, "ask"],
    ["reservations of others count", { quantityOnStock: 20, availableQuantity: 12 }, {}, "ask"],
    [
      "the own reservation is added back",
      { quantityOnStock: 13, availableQuantity: 10 },
      { ownReserved: 3 },
      confirmed(13, "aboveThreshold"),
    ],
    ["no entry: asked", undefined, {}, "ask"],
    [
      "may be back-ordered: never asked",
      { quantityOnStock: 0, availableQuantity: 0 },
      { sku: "LATER" as Sku },
      confirmed(0, "backOrder"),
    ],
    ["untracked: never asked", undefined, { sku: "SERVICE" as Sku }, confirmed(null, "untracked")],
  ])("%s", (_, stock, given, expected) => {
    expect(look(stock, given)).toEqual(expected);
  });
});

describe("judgeAnswer", () => {
  const target = (units: number): IfsAnswer => ({ kind: "target", target: units });
  it.each<[string, Partial<Demand>, ShopStock | undefined, IfsAnswer, "open" | "closed", unknown[]]>([
    ["enough", {}, undefined, target(3), "closed", ["confirm", "ifs", 3, "available", null, true]],
    ["some", {}, undefined, target(2), "open", ["partial", "ifs", 2, "partlyAvailable", null, false]],
    ["none", {}, undefined, target(0), "open", ["refuse", "ifs", 0, "outOfStock", null, false]],
    [
      "what others reserved in carts is theirs",
      {},
      { quantityOnStock: 5, availableQuantity: 3 },
      target(4),
      "open",
      ["partial", "ifs", 2, "partlyAvailable", null, false],
    ],
    [
      "what this cart reserved is its own",
      { ownReserved: 2 },
      { quantityOnStock: 5, availableQuantity: 3 },
      target(4),
      "open",
      ["confirm", "ifs", 4, "available", null, true],
    ],
    [
      "a part without stock",
      {},
      undefined,
      { kind: "notStocked" },
      "closed",
      ["confirm", "ifs", null, "notStocked", null, true],
    ],
    [
      "no answer, open",
      {},
      undefined,
      { kind: "none", reason: "deadline" },
      "open",
      ["unknown", "policy", null, "deadline", "open", true],
    ],
    [
      "no answer, closed",
      {},
      undefined,
      { kind: "none", reason: "breakerOpen" },
      "closed",
      ["unknown", "policy", null, "breakerOpen", "closed", false],
    ],
  ])("%s", (_, given, stock, answer, failPolicy, expected) => {
    const verdict = judgeAnswer(demandOf(given), stock, answer, { threshold: 10, failPolicy });
    const { outcome, source, available, reason, policy, passes } = verdict;
    expect([outcome, source, available, reason, policy, passes]).toEqual(expected);
  });
});

describe("the answer to commercetools", () => {
  const words = atpDoorsSchema.parse({});
  const decisionOf = (answers: Record<string, IfsAnswer>) => {
    const asked = request(line("l1", 2), line("l2", 2), line("l3", 1, { sku: "NUT" as Sku }));
    const demands = toDemands(asked, keyOf);
    const terms = { threshold: 0, failPolicy: "closed" } as const;
    const verdicts = demands.map((demand) => {
      const answer = answers[demand.sku] ?? { kind: "target", target: 99 };
      return [demand.id, withAge(judgeAnswer(demand, undefined, answer, terms), 1040)] as const;
    });
    return toDecision(asked, demands, new Map(verdicts), []);
  };

  it("is empty when everything can be had", () => {
    expect(toExtensionResponse(decisionOf({}), words)).toEqual({ status: 200, body: {} });
  });

  it("names SKU, pieces asked for, pieces there, and why, once per SKU", () => {
    const decision = decisionOf({
      BOLT: { kind: "target", target: 3, readAt: 1000 },
      NUT: { kind: "none", reason: "deadline" },
    });
    expect(decision.accepted).toBe(false);
    expect(toExtensionResponse(decision, words)).toEqual({
      status: 400,
      body: {
        errors: [
          {
            code: "InvalidInput",
            message: "Only 3 of 4 pieces of BOLT are available.",
            localizedMessage: {
              en: "Only 3 of 4 pieces of BOLT are available.",
              de: "Von BOLT sind nur 3 von 4 Stück verfügbar.",
            },
            extensionExtraInfo: {
              sku: "BOLT",
              supplyChannel: "web",
              requested: 4,
              available: 3,
              reason: "partlyAvailable",
              source: "ifs",
              ageMs: 40,
              earliestDate: null,
              lineItemIds: ["l1", "l2"],
            },
          },
          {
            code: "InvalidInput",
            message: "The availability of NUT could not be checked. Please try again later.",
            localizedMessage: {
              en: "The availability of NUT could not be checked. Please try again later.",
              de: "Die Verfügbarkeit von NUT konnte nicht geprüft werden. Bitte versuchen Sie es später erneut.",
            },
            extensionExtraInfo: {
              sku: "NUT",
              supplyChannel: "web",
              requested: 1,
              available: null,
              reason: "deadline",
              source: "policy",
              ageMs: null,
              earliestDate: null,
              lineItemIds: ["l3"],
            },
          },
        ],
      },
    });
  });
});

describe("parsing", () => {
  it("reads a question", () => {
    expect(
      parseQuestion({
        lines: [
          { sku: "BOLT", quantity: 2, supplyChannel: "web" },
          { id: "x", sku: "NUT", quantity: 1 },
        ],
      }),
    ).toEqual({
      ok: true,
      value: {
        purpose: "question",
        lines: [line("0", 2), line("x", 1, { sku: "NUT" as Sku, supplyChannel: undefined })],
      },
    });
  });

  const order = (...lineItems: unknown[]) => ({
    action: "Create",
    resource: { typeId: "order", id: "o", obj: { lineItems } },
  });
  it("reads an order that is about to be created, with what its cart holds", () => {
    const body = order(
      { id: "l1", quantity: 2, variant: { id: 1, sku: "BOLT" }, supplyChannel: { typeId: "channel", id: "c" } },
      { id: "l2", quantity: 3, variant: { sku: "BOLT" }, reservation: { typeId: "reservation", id: "r" } },
      {
        id: "l3",
        quantity: 3,
        variant: { sku: "BOLT" },
        reservation: { typeId: "reservation", id: "r", obj: { quantity: 1 } },
      },
      { id: "l4", quantity: 1, variant: {} },
    );
    expect(parseExtension(body)).toEqual({
      ok: true,
      value: {
        purpose: "order",
        order: "o",
        lines: [
          line("l1", 2, { supplyChannel: { by: "id", value: "c" } }),
          line("l2", 3, { supplyChannel: undefined, ownReserved: 3 }),
          line("l3", 3, { supplyChannel: undefined, ownReserved: 1 }),
        ],
      },
    });
  });

  it.each<[string, unknown, string]>([
    ["no body", undefined, "body"],
    ["no lines", { lines: [] }, "lines"],
    ["501 lines", { lines: Array.from({ length: 501 }, () => ({ sku: "B", quantity: 1 })) }, "lines"],
    ["nothing of it", { lines: [{ sku: "B", quantity: 0 }] }, "lines.0.quantity"],
    ["half of it", { lines: [{ sku: "B", quantity: 1.5 }] }, "lines.0.quantity"],
    ["more than anybody has", { lines: [{ sku: "B", quantity: 1e12 }] }, "lines.0.quantity"],
    ["a claimed reservation", { lines: [{ sku: "B", quantity: 1, ownReserved: 9 }] }, "lines.0"],
  ])("refuses a question with %s", (_, body, field) => {
    const parsed = parseQuestion(body);
    expect(parsed.ok ? "accepted" : [parsed.error.code, parsed.error.field]).toEqual(["invalidInput", field]);
  });

  it("refuses what is not the creation of an order", () => {
    const parsed = parseExtension({ ...order(), action: "Update" });
    expect(parsed.ok ? "accepted" : parsed.error.field).toBe("action");
  });
});
