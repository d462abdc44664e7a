/** Price list rows, lists and a small shop that takes prices as commercetools documents it. */
import type { StandalonePrice, StandalonePriceDraft, StandalonePriceUpdateAction } from "@commercetools/platform-sdk";
import { decimal } from "../../../domain/decimal.ts";
import { ConflictError, RefusedError } from "../../../domain/failure.ts";
import type { CatalogNo, Sku } from "../../../domain/ids.ts";
import type { IfsPriceListPart } from "../../../domain/ifs-records.ts";
import { listIdOf, type PriceList } from "../map.ts";
import type { PriceListConfig } from "../parse.ts";

export const aListConfig = (rest: Partial<PriceListConfig> = {}): PriceListConfig => ({
  priceListNo: "WEB",
  currency: "EUR",
  includesTax: false,
  timeZone: "Europe/Berlin",
  ...rest,
});

export function aList(rest: Partial<PriceList> = {}): PriceList {
  const config = aListConfig(rest);
  return { customerGroupId: undefined, channelId: undefined, ...config, listId: listIdOf(config), ...rest };
}

type RowInput = {
  list?: string;
  part?: string;
  min?: number | string;
  from?: string | null;
  to?: string | null;
  price?: string;
  gross?: string;
};

/** Part P1 at 10.00, gross 11.90, from 2026-01-01 on. */
export const aRow = (input: RowInput = {}): IfsPriceListPart => ({
  priceListNo: input.list ?? "WEB",
  catalogNo: (input.part ?? "P1") as CatalogNo,
  minQuantity: decimal(input.min ?? 0),
  validFromDate: input.from === undefined ? "2026-01-01" : input.from,
  validToDate: input.to ?? null,
  salesPrice: decimal(input.price ?? "10.00"),
  salesPriceInclTax: decimal(input.gross ?? "11.90"),
});

type Stored = { -readonly [K in keyof StandalonePrice]: StandalonePrice[K] };

const scope = (price: Pick<StandalonePrice, "sku" | "value" | "country" | "customerGroup" | "channel">) =>
  JSON.stringify([price.sku, price.value.currencyCode, price.country, price.customerGroup?.id, price.channel?.id]);
const bounds = ({ validFrom, validUntil }: Pick<StandalonePrice, "validFrom" | "validUntil">) => ({
  from: validFrom === undefined ? -Infinity : Date.parse(validFrom),
  until: validUntil === undefined ? Infinity : Date.parse(validUntil),
});

const refused = (code: string) => new RefusedError("commercetools", code, 400, `refused: ${code}`);

/** A price without validity never collides with one that has it. */
function overlaps(a: Stored, b: Stored): boolean {
  const unbounded = [a, b].filter((price) => !price.validFrom && !price.validUntil).length;
  const [left, right] = [bounds(a), bounds(b)];
  return scope(a) === scope(b) && unbounded !== 1 && left.from < right.until && right.from < left.until;
}

export type Shop = ReturnType<typeof aShop>;

/** Refuses overlapping validities of one scope and keys that are taken; `writes` notes what happened. */
export function aShop() {
  const prices = new Map<string, Stored>();
  const writes: string[] = [];
  let sequence = 0;

  const check = (candidate: Stored): void => {
    const { from, until } = bounds(candidate);
    if (until <= from) throw refused("InvalidInput");
    const others = [...prices.values()].filter(({ id }) => id !== candidate.id);
    if (candidate.key !== undefined && others.some(({ key }) => key === candidate.key)) throw refused("DuplicateField");
    if (others.some((other) => overlaps(other, candidate))) throw refused("OverlappingStandalonePriceValidity");
  };
  const cents = (value: { currencyCode: string; centAmount?: number }) => ({
    type: "centPrecision" as const,
    currencyCode: value.currencyCode,
    centAmount: value.centAmount ?? 0,
    fractionDigits: 2,
  });

  function create(draft: StandalonePriceDraft): StandalonePrice {
    sequence += 1;
    const price = {
      id: `price-${sequence}`,
      version: 1,
      createdAt: "",
      lastModifiedAt: "",
      active: true,
      ...draft,
      value: cents(draft.value),
      ...(draft.tiers && { tiers: draft.tiers.map((tier) => ({ ...tier, value: cents(tier.value) })) }),
    } as unknown as Stored;
    check(price);
    prices.set(price.id, price);
    writes.push(`create ${price.key}`);
    return price;
  }

  function update(ref: { id: string; version: number }, actions: StandalonePriceUpdateAction[]): StandalonePrice {
    const stored = prices.get(ref.id);
    if (!stored) throw new Error(`no price ${ref.id}`);
    if (stored.version !== ref.version) throw new ConflictError("version");
    const next: Stored = { ...stored, version: stored.version + 1 };
    for (const action of actions) applyAction(next, action);
    check(next);
    prices.set(next.id, next);
    writes.push(`update ${next.key} ${actions.map(({ action }) => action).join(",")}`);
    return next;
  }

  function applyAction(price: Stored, action: StandalonePriceUpdateAction): void {
    switch (action.action) {
      case "changeValue":
        price.value = cents(action.value);
        return;
      case "setPriceTiers":
        price.tiers = action.tiers.map((tier) => ({ ...tier, value: cents(tier.value) }));
        return;
      case "setValidFromAndUntil":
        price.validFrom = action.validFrom;
        price.validUntil = action.validUntil;
        return;
      default:
        throw new Error(`unexpected action ${action.action}`);
    }
  }

  return {
    prices,
    writes,
    create: async (draft: StandalonePriceDraft) => create(draft),
    update: async (ref: { id: string; version: number }, actions: StandalonePriceUpdateAction[]) =>
      update(ref, actions),
    bySkus: async (skus: readonly Sku[]) => [...prices.values()].filter(({ sku }) => skus.includes(sku as Sku)),
    /** What counts at an instant in the scope without country, group and channel: cents, or undefined. */
    priceAt: (sku: string, at: number): number | undefined => {
      const valid = [...prices.values()].filter((price) => {
        const { from, until } = bounds(price);
        return price.sku === sku && from <= at && at < until;
      });
      const [best] = valid.sort(
        (a, b) => Number(Boolean(b.validFrom ?? b.validUntil)) - Number(Boolean(a.validFrom ?? a.validUntil)),
      );
      return best?.value.centAmount;
    },
  };
}
