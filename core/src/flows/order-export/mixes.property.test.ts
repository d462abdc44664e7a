/** Random mixes of everything an order can hold, against IFS's arithmetic of the tests' own: equal to the minor unit, or refused. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { ConnectorConfig } from "../../domain/config.ts";
import type { IfsOrderDraft } from "../../domain/ifs-records.ts";
import { configWith, partOf } from "./testing/config.ts";
import { computed, computedOfEach } from "./testing/ifs-arithmetic.ts";
import { mappedOrder } from "./testing/mapped.ts";
import { type Mix, mixes, orderFrom } from "./testing/mixes.ts";

const RATES: Record<string, readonly bigint[]> = {
  T19: [19n],
  T7: [7n],
  T8: [8n],
  S8: [6n, 2n],
  ZERO: [0n],
  EXT: [0n],
  NONE: [0n],
};

type Setting = { readonly discountOnTotal: string; readonly lineDiscounts: string; readonly structure: boolean };
const settings: fc.Arbitrary<Setting> = fc.record({
  discountOnTotal: fc.constantFrom("charge", "lines"),
  lineDiscounts: fc.constantFrom("price", "percent"),
  structure: fc.boolean(),
});

/** Parsed once each. */
const known = new Map<string, ConnectorConfig>();
function configFor(setting: Setting, external: string, rounding = true): ConnectorConfig {
  const key = JSON.stringify([setting, external, rounding]);
  const config = known.get(key) ?? madeConfig(setting, external, rounding);
  known.set(key, config);
  return config;
}

const madeConfig = ({ structure, ...charges }: Setting, external: string, rounding: boolean) =>
  configWith({
    route: { severalAddresses: "oneTime" },
    charges: {
      ...charges,
      externalTax: "TAX",
      customLineItems: { "gift-*": "WRAP", tip: "TIP" },
      ...(rounding && { rounding: "ROUND" }),
    },
    tax: {
      rules: [
        { rate: 0.19, taxCode: "T19" },
        { rate: 0.07, taxCode: "T7" },
        structure ? { rate: 0.08, taxCalcStructure: "S8" } : { rate: 0.08, taxCode: "T8" },
        { rate: 0, taxCode: "ZERO" },
      ],
      external: { amounts: external, taxCode: "EXT" },
      untaxedCode: "NONE",
    },
  });

/** What IFS comes to, in minor units. */
function ifsTotal(draft: IfsOrderDraft, digits: number): bigint {
  const includesTax = draft.header.usePriceInclTax;
  const gross = (factors: readonly string[], code: string | undefined, structure: string | undefined): bigint => {
    const percents = RATES[structure ?? code ?? "ZERO"];
    if (!percents) throw new Error(`unknown tax ${structure ?? code}`);
    const amounts =
      structure && !includesTax
        ? computedOfEach(factors, percents, digits)
        : computed(
            factors,
            percents.reduce((sum, one) => sum + one, 0n),
            includesTax,
            digits,
          );
    return BigInt(amounts.gross.replace(".", ""));
  };
  const lines = draft.lines.map((line) => {
    const price = includesTax ? line.unitPriceInclTax : line.saleUnitPrice;
    const paid = String(1 - Number(line.discount) / 100);
    const factors = [line.buyQtyDue, line.priceConvFactor, price, ...(line.discount === "0" ? [] : [shortest(paid)])];
    return gross(factors, line.taxCode, line.taxCalcStructureId);
  });
  const charges = draft.charges.map((charge) => {
    const amount = includesTax ? charge.chargeAmountInclTax : charge.chargeAmount;
    return gross([charge.chargedQty, amount], charge.taxCode, charge.taxCalcStructureId);
  });
  return [...lines, ...charges].reduce((sum, one) => sum + one, 0n);
}

/** 0.30000000000000004 -> 0.3: percentages have four decimals at most. */
const shortest = (text: string): string => Number(text).toFixed(6);

function wantedTotal(order: Record<string, unknown>): bigint {
  const taxed = order.taxedPrice as { totalGross: { centAmount: number } } | undefined;
  return BigInt(taxed ? taxed.totalGross.centAmount : (order.totalPrice as { centAmount: number }).centAmount);
}

const free = { quantity: 1, price: 0, off: 0, rate: 0, deviation: 0, targets: 1 };
/** Twenty pieces of one line go three ways: 18 of them, and twice one. What each way costs, the connector divides. */
const divided: Mix = {
  currency: { code: "EUR", digits: 2 },
  gross: true,
  taxes: "LineItemLevel",
  lines: [{ ...free, quantity: 20, price: 3721, off: 8, targets: 3 }, free],
  customLines: [],
  shippings: [free, free, free],
  discountPercent: 0,
};

const ofCurrency = (code: string) => mixes.filter(({ currency }) => currency.code === code);
const outside = ({ taxes }: Mix): boolean => taxes === "External" || taxes === "ExternalAmount";

describe("random mixes", () => {
  test.each(["EUR", "JPY", "KWD"])(
    "in %s: what leaves comes to the order's total in IFS, what does not leave says why",
    (code) => {
      const counts = { left: 0, refused: 0 };
      const kinds = new Set<string>();
      fc.assert(
        fc.property(ofCurrency(code), settings, fc.constantFrom("compute", "charge"), (mix, setting, external) => {
          const order = orderFrom(mix);
          const result = mappedOrder(order, configFor(setting, external), [partOf("A-1")]);
          if (!result.ok) {
            counts.refused += 1;
            expect(["totalsDiffer", result.error.message]).toEqual([
              result.error.code,
              expect.stringMatching(/IFS|rounding/),
            ]);
            return;
          }
          counts.left += 1;
          kinds.add(`${mix.taxes} ${mix.shippings.length > 1} ${mix.gross}`);
          expect(ifsTotal(result.value.draft, mix.currency.digits)).toBe(wantedTotal(order));
        }),
        { numRuns: 300, seed: 11 },
      );
      // Every tax mode, in one shipment and several, net and gross.
      expect([kinds.size, counts.left > 250]).toEqual([20, true]);
    },
  );

  test("taxes as charges leave whatever an external service computed, and need no rounding", () => {
    fc.assert(
      fc.property(mixes.filter(outside), settings, (mix, setting) => {
        const order = orderFrom(mix);
        const result = mappedOrder(order, configFor(setting, "charge", false), [partOf("A-1")]);
        if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
        expect(ifsTotal(result.value.draft, mix.currency.digits)).toBe(wantedTotal(order));
      }),
      { numRuns: 300 },
    );
  });

  test("without discounts on the total, orders of the platform's own taxes always leave where rounding is allowed", () => {
    const own = mixes.filter((mix) => !outside(mix) && mix.discountPercent === 0);
    fc.assert(
      fc.property(own, settings, (mix, setting) => {
        const order = orderFrom(mix);
        const result = mappedOrder(order, configFor({ ...setting, structure: false }, "compute"), [partOf("A-1")]);
        if (!result.ok) throw new Error(`${result.error.code}: ${result.error.message}`);
        expect(ifsTotal(result.value.draft, mix.currency.digits)).toBe(wantedTotal(order));
      }),
      {
        numRuns: 500,
        examples: [[divided, { discountOnTotal: "charge", lineDiscounts: "price", structure: false }]],
      },
    );
  });
});
