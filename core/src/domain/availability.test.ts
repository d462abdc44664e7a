import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  type AvailabilityRules,
  availabilityOf,
  divideAmongChannels,
  exclusionOf,
  explain,
  ONE_TO_ONE,
  openQuantity,
  type PoolFigure,
  poolFigure,
  toInventoryUnits,
  toSalesUnits,
  unitFactor,
} from "./availability.ts";
import { decimal, ZERO } from "./decimal.ts";
import type { Contract, OrderNo, PartNo } from "./ids.ts";
import type { IfsDemandLine, IfsStockRow } from "./ifs-records.ts";
import { stockSchema } from "./stock-config.ts";

const S1 = "S1" as Contract;
const BOLT = "BOLT" as PartNo;
const rules: AvailabilityRules = { ...stockSchema.parse({}), blockedAvailabilityControls: ["QC"] };
const pool = { name: "main", site: "S1", warehouses: [], locations: [], rules: {} };
const TODAY = "2026-08-01";

const row = (given: Partial<IfsStockRow> = {}): IfsStockRow => ({
  contract: S1,
  partNo: BOLT,
  locationNo: "A-1",
  warehouse: "W1",
  locationType: "PICKING",
  qtyOnhand: decimal(10),
  qtyReserved: ZERO,
  frozen: false,
  availabilityControlId: null,
  partOwnership: "COMPANY OWNED",
  projectId: null,
  expirationDate: null,
  lastActivityDate: null,
  ...given,
});

const demandLine = (given: Partial<IfsDemandLine> = {}): IfsDemandLine => ({
  orderNo: "P1" as OrderNo,
  lineNo: "1",
  relNo: "1",
  lineItemNo: "0",
  lineRef: null,
  contract: S1,
  partNo: BOLT,
  state: "Released",
  revisedQtyDue: decimal(4),
  qtyAssigned: ZERO,
  qtyShipped: ZERO,
  qtyShipdiff: ZERO,
  ...given,
});

const figureOf = (rows: IfsStockRow[], demand: IfsDemandLine[] = [], warehouses: string[] = []) =>
  poolFigure({ ...pool, warehouses }, BOLT, { rows, demand, rules, localDate: TODAY });

describe("which stock rows can be sold", () => {
  it.each<[string, Partial<IfsStockRow>, string[], ReturnType<typeof exclusionOf>]>([
    ["a picking location", {}, [], undefined],
    ["a row without location type", { locationType: null }, [], undefined],
    ["an arrival location", { locationType: "ARRIVAL" }, [], "locationType"],
    ["picked goods in a shipment location", { locationType: "SHIPMENT" }, [], "locationType"],
    ["frozen", { frozen: true }, [], "frozen"],
    ["consignment stock", { partOwnership: "CONSIGNMENT" }, [], undefined],
    ["stock of a customer", { partOwnership: "CUSTOMER OWNED" }, [], "ownership"],
    ["a blocking control", { availabilityControlId: "QC" }, [], "blocked"],
    ["another control", { availabilityControlId: "OK" }, [], undefined],
    ["project stock", { projectId: "P-7" }, [], "project"],
    ["no project in IFS's own spelling", { projectId: "*" }, [], undefined],
    ["a lot on its last day", { expirationDate: TODAY }, [], undefined],
    ["a lot the day after", { expirationDate: "2026-07-31" }, [], "expired"],
    ["one of the pool's warehouses", {}, ["W1", "W2"], undefined],
    ["another warehouse", { warehouse: "W9" }, ["W1", "W2"], "otherWarehouse"],
    ["no warehouse where the pool names some", { warehouse: null }, ["W1"], "otherWarehouse"],
    ["several reasons: the first counts", { frozen: true, locationType: "QA" }, [], "locationType"],
  ])("%s", (_, given, warehouses, expected) => {
    expect(exclusionOf(row(given), { warehouses, locations: [] }, { rules, localDate: TODAY })).toBe(expected);
  });
});

describe("open demand of a line", () => {
  it.each<[string, Partial<IfsDemandLine>, string]>([
    ["nothing reserved", {}, "4"],
    ["partly reserved", { qtyAssigned: decimal("1.5") }, "2.5"],
    ["partly shipped", { qtyShipped: decimal(3) }, "1"],
    ["short delivery accepted", { qtyShipdiff: decimal(-1) }, "3"],
    ["over-delivered gives nothing back", { qtyShipped: decimal(6) }, "0"],
    ["a state that does not count", { state: "Delivered" }, "0"],
    ["a state that nobody knows", { state: "unknown:Odd" }, "0"],
    ["a blocked order still wants its goods", { state: "Blocked" }, "4"],
  ])("%s", (_, given, expected) => {
    expect(openQuantity(demandLine(given), rules)).toBe(expected);
  });
});

describe("poolFigure", () => {
  it("sums the rows that can be sold and names the others by reason", () => {
    const rows = [
      row({ qtyOnhand: decimal("20.5"), qtyReserved: decimal(5) }),
      row({ qtyOnhand: decimal(7), frozen: true, qtyReserved: decimal(2) }),
      row({ qtyOnhand: decimal(3), frozen: true }),
      row({ qtyOnhand: decimal(4), locationType: "QA" }),
      row({ qtyOnhand: decimal(0), projectId: "P-7" }),
    ];
    const demand = [demandLine(), demandLine({ lineNo: "2", qtyShipped: decimal(9) })];
    expect(figureOf(rows, demand)).toEqual({
      pool: "main",
      contract: "S1",
      partNo: "BOLT",
      onHand: "20.5",
      reserved: "5",
      excluded: { frozen: "10", locationType: "4" },
      demand: "4",
    });
  });

  describe("with goods on their way", () => {
    const rows = [
      row({ qtyOnhand: decimal(5), qtyInTransit: decimal(3) }),
      row({ qtyOnhand: decimal(0), qtyInTransit: decimal(2) }),
      row({ qtyOnhand: decimal(0), qtyInTransit: decimal(40), frozen: true }),
    ];
    const told = (figure: PoolFigure) =>
      availabilityOf(figure, [channel("web")], { inFlight: ZERO, factor: ONE_TO_ONE }).map((one) => [
        one.target,
        explain(one),
      ]);

    it("leaves them out, and says so", () => {
      expect(figureOf(rows).excluded).toEqual({ inTransit: "5" });
      expect(told(figureOf(rows))).toEqual([[5, "on hand 5: 5; not counted: inTransit 5"]]);
    });

    it("counts those that come to rows that can be sold, where the pool's rules say so", () => {
      const figure = poolFigure({ ...pool, rules: { inTransit: "count" } }, "BOLT" as PartNo, {
        ...{ rows, demand: [], rules, localDate: "2026-08-01" },
      });
      expect([figure.inTransit, figure.excluded.inTransit]).toEqual(["5", undefined]);
      expect(told(figure)).toEqual([[10, "on hand 5, in transit 5: 10"]]);
    });
  });

  it("refuses records of another part or site instead of adding them", () => {
    expect(() => figureOf([row({ partNo: "NUT" as PartNo })])).toThrow("a record of S1/NUT is no part of S1/BOLT");
    expect(() => figureOf([], [demandLine({ contract: "S2" as Contract })])).toThrow("S2/BOLT");
  });
});

describe("units", () => {
  const box = { factor: decimal(12), inverted: decimal(1) };
  const third = { factor: decimal(1), inverted: decimal(3) };
  it("whole boxes only, exact thirds, nothing out of a negative quantity", () => {
    expect([toSalesUnits(decimal(35), box), toSalesUnits(decimal(36), box), toSalesUnits(decimal(-36), box)]).toEqual([
      2, 3, 0,
    ]);
    expect([toInventoryUnits(3, box), toInventoryUnits(3, third), toSalesUnits(decimal(2), third)]).toEqual([
      "36",
      "1",
      6,
    ]);
  });
  it("refuses a factor that can't count", () => {
    const parts = (conv: number, inverted: number) => ({
      convFactor: decimal(conv),
      invertedConvFactor: decimal(inverted),
    });
    expect(unitFactor(parts(12, 1), { sellBySalesUnit: true })).toEqual(box);
    expect(unitFactor(parts(0, 1), { sellBySalesUnit: true })).toBeUndefined();
    expect(unitFactor(parts(12, -1), { sellBySalesUnit: true })).toBeUndefined();
    expect(unitFactor(parts(12, 1), { sellBySalesUnit: false })).toEqual({ factor: "1", inverted: "1" });
  });
});

const channel = (supplyChannel: string, share = 1, buffer = 0, bufferShare = 0) => ({
  supplyChannel,
  share,
  buffer,
  bufferShare,
  bufferClass: undefined,
});

describe("what falls to a channel", () => {
  it.each<[string, number, ReturnType<typeof channel>[], number[]]>([
    ["one channel has it all", 7, [channel("a")], [7]],
    ["the buffer comes off, not below zero", 2, [channel("a", 1, 5)], [0]],
    ["declared parts", 10, [channel("a", 0.7), channel("b", 0.3)], [7, 3]],
    ["parts that leave something over", 10, [channel("a", 0.5), channel("b", 0.25)], [5, 2]],
    ["parts above 1 are scaled down", 10, [channel("a"), channel("b")], [5, 5]],
    ["the last piece is somebody's", 1, [channel("a"), channel("b")], [0, 1]],
    ["exact thirds", 9, [channel("a"), channel("b"), channel("c")], [3, 3, 3]],
    ["a buffer per channel", 10, [channel("a", 0.5, 2), channel("b", 0.5, 1)], [3, 4]],
    ["a buffer as a part, what is left rounded down", 19, [channel("a", 1, 0, 0.1)], [17]],
    ["an exact part", 20, [channel("a", 1, 0, 0.05)], [19]],
    ["of units and part the larger", 20, [channel("a", 0.5, 2, 0.1), channel("b", 0.5, 2, 0.5)], [8, 5]],
    ["the whole as buffer", 20, [channel("a", 1, 0, 1)], [0]],
  ])("%s", (_, units, channels, expected) => {
    expect(divideAmongChannels(units, channels).map(({ target }) => target)).toEqual(expected);
  });

  it("never gives out more than there is, whatever is configured", () => {
    const share = fc.integer({ min: 0, max: 100 }).map((percent) => percent / 100);
    const bufferClass = fc.constantFrom(undefined, "spare parts");
    const anyChannel = fc.record({
      supplyChannel: fc.string(),
      share,
      buffer: fc.nat(5),
      bufferShare: share,
      bufferClass,
    });
    fc.assert(
      fc.property(fc.nat(1_000_000), fc.array(anyChannel, { minLength: 1, maxLength: 6 }), (units, channels) => {
        const targets = divideAmongChannels(units, channels);
        const given = targets.reduce((sum, { share }) => sum + share, 0);
        expect(given).toBeLessThanOrEqual(units);
        expect(targets.every(({ target, share }) => target >= 0 && target <= share)).toBe(true);
        if (channels.reduce((sum, each) => sum + Math.round(each.share * 100), 0) >= 100) expect(given).toBe(units);
      }),
    );
  });
});

describe("availabilityOf", () => {
  const one = { factor: decimal(1), inverted: decimal(1) };
  it("shows every term of the figure, and the text adds up to the number", () => {
    const figure = figureOf(
      [row({ qtyOnhand: decimal(50), qtyReserved: decimal(5) }), row({ frozen: true })],
      [demandLine()],
    );
    const sold = { inFlight: decimal(3), factor: { factor: decimal(12), inverted: decimal(1) } };
    const [web] = availabilityOf(figure, [channel("web", 1, 1)], sold);
    expect(web).toEqual({
      ...figure,
      inFlight: "3",
      factor: sold.factor,
      raw: "38",
      units: 3,
      supplyChannel: "web",
      share: 3,
      buffer: 1,
      target: 2,
    });
    expect(web && explain(web)).toBe(
      "on hand 50, reserved 5, demand 4, in flight 3: 38; not counted: frozen 10; 12 per sales unit: 3; buffer 1: 2",
    );
  });

  it("keeps a negative figure and shows zero", () => {
    const [web] = availabilityOf(figureOf([row({ qtyOnhand: decimal(1) })], [demandLine()]), [channel("web")], {
      inFlight: ZERO,
      factor: one,
    });
    expect(web && [web.raw, web.units, web.target, explain(web)]).toEqual(["-3", 0, 0, "on hand 1, demand 4: -3"]);
  });

  it("falls, or stays, when anything is sold, reserved or demanded in addition", () => {
    const quantity = fc.integer({ min: 0, max: 500 });
    fc.assert(
      fc.property(
        quantity,
        quantity,
        quantity,
        fc.integer({ min: 1, max: 12 }),
        quantity,
        (hand, sold, due, conv, more) => {
          const factor = { factor: decimal(conv), inverted: decimal(1) };
          const at = (inFlight: number, demand: number, reserved: number) =>
            availabilityOf(
              figureOf(
                [row({ qtyOnhand: decimal(hand), qtyReserved: decimal(reserved) })],
                [demandLine({ revisedQtyDue: decimal(demand) })],
              ),
              [channel("web")],
              { inFlight: decimal(inFlight), factor },
            )[0]?.target ?? Number.NaN;
          const before = at(sold, due, 0);
          expect(before).toBe(Math.max(0, Math.floor((hand - sold - due) / conv)));
          expect(
            [at(sold + more, due, 0), at(sold, due + more, 0), at(sold, due, more)].every((x) => x <= before),
          ).toBe(true);
        },
      ),
    );
  });
});
