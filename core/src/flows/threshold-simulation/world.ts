/** What a simulation of thresholds is made of. Times are seconds since its begin; quantities are whole pieces. */

/** Numbers by chance, from one seed. */
export type Chance = {
  /** From 0, included, to 1, excluded. */
  uniform(): number;
  poisson(mean: number): number;
  /** Of mean 1; the smaller the shape, the more uneven. */
  gamma(shape: number): number;
  /** 0, 1, 2 and so on, of this mean. */
  geometric(mean: number): number;
};

/** A stream of its own for each name: what one candidate draws disturbs no other. */
export type Streams = (name: string) => Chance;

/** A SKU in a supply channel. */
export type Item = {
  readonly name: string;
  /** Average of the web shop's sales. */
  readonly webPerDay: number;
};

export type Checkout = {
  readonly at: number;
  readonly lines: readonly { readonly item: number; readonly quantity: number }[];
};

export type Demand = {
  readonly items: readonly Item[];
  /** By ascending time. */
  readonly checkouts: readonly Checkout[];
  readonly seconds: number;
};

/** What the figures rest on, beside the demand. Each can be set at the command. */
export type Assumptions = {
  /** Between two stock runs. */
  readonly stockRunSeconds: number;
  /** From the moment at which a run reads IFS until the shop shows what it read. */
  readonly lagSeconds: number;
  /** For so long the guard does not see what the web shop itself sold: age of the shop's figure, and the time commercetools takes to book. */
  readonly unseenSeconds: number;
  /** An answer of IFS is used again for so long. */
  readonly cacheSeconds: number;
  /** Units that are sold in IFS, by telephone for instance, for each unit of the web shop. */
  readonly telephoneShare: number;
  /** Pieces of such an order beyond the first, on average. */
  readonly telephoneExtra: number;
  /** A lot that arrives lasts for so many days. */
  readonly lotDays: number;
  /** Share of the lots that are sold out before the next one arrives; the others are followed by a lot when a quarter is left. */
  readonly sellOutShare: number;
  /** A lot that was sold out is followed by the next after so long. */
  readonly outageSeconds: number;
};

export const defaultAssumptions: Assumptions = {
  stockRunSeconds: 60,
  lagSeconds: 10,
  unseenSeconds: 15,
  cacheSeconds: 3,
  telephoneShare: 0.3,
  telephoneExtra: 1,
  lotDays: 14,
  sellOutShare: 0.2,
  outageSeconds: 86_400,
};

/** A threshold to be tried: the same units for all, or days of cover. */
export type Candidate =
  | { readonly kind: "units"; readonly units: number }
  | { readonly kind: "days"; readonly days: number; readonly minimumUnits: number };

export const nameOf = (candidate: Candidate): string =>
  candidate.kind === "units" ? String(candidate.units) : `${candidate.days}d`;

export const DAY = 86_400;
