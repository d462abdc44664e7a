/** commercetools orders for tests, with every amount written out by the test itself. */

export const eur = (centAmount: number) => ({
  type: "centPrecision",
  currencyCode: "EUR",
  centAmount,
  fractionDigits: 2,
});

export const rateOf = (amount: number, includedInPrice: boolean) => ({
  name: `${amount * 100} percent`,
  amount,
  includedInPrice,
  country: "DE",
  subRates: [],
});

export const taxedOf = (net: number, gross: number) => ({
  totalNet: eur(net),
  totalGross: eur(gross),
  totalTax: eur(gross - net),
  taxPortions: [],
});

export type LineSpec = {
  readonly id?: string;
  readonly sku: string;
  readonly quantity: number;
  readonly price: number;
  readonly total: number;
  readonly net: number;
  readonly gross: number;
  readonly rate: number;
  readonly extra?: object;
};

export const lineOf = (spec: LineSpec, includedInPrice: boolean) => ({
  id: spec.id ?? `line-${spec.sku}`,
  productId: `product-${spec.sku}`,
  name: { en: `name of ${spec.sku}` },
  variant: { id: 1, sku: spec.sku },
  price: { id: "price", value: eur(spec.price) },
  quantity: spec.quantity,
  totalPrice: eur(spec.total),
  discountedPricePerQuantity: [],
  taxedPrice: taxedOf(spec.net, spec.gross),
  taxRate: rateOf(spec.rate, includedInPrice),
  state: [],
  priceMode: "Platform",
  lineItemMode: "Standard",
  ...spec.extra,
});

export const shippingOf = (
  amounts: { total: number; net: number; gross: number; rate: number },
  includedInPrice: boolean,
) => ({
  shippingMethodName: "Standard",
  price: eur(amounts.total),
  shippingRate: { price: eur(amounts.total), tiers: [] },
  taxRate: rateOf(amounts.rate, includedInPrice),
  taxedPrice: taxedOf(amounts.net, amounts.gross),
  shippingMethodState: "MatchesCart",
});

export const addressOf = (fields: object = {}) => ({
  country: "DE",
  firstName: "Erika",
  lastName: "Beispiel",
  streetName: "Beispielweg",
  streetNumber: "7",
  postalCode: "20095",
  city: "Hamburg",
  ...fields,
});

export type OrderJson = Record<string, unknown> & { id: string; version: number };

export const orderOf = (fields: object): OrderJson => ({
  id: "0b0c4c3c-0000-4000-8000-000000000001",
  version: 4,
  createdAt: "2026-11-20T10:00:00.000Z",
  lastModifiedAt: "2026-11-20T10:00:00.000Z",
  orderNumber: "W-1001",
  orderState: "Open",
  paymentState: "Paid",
  origin: "Customer",
  country: "DE",
  shippingMode: "Single",
  shipping: [],
  taxMode: "Platform",
  taxRoundingMode: "HalfEven",
  taxCalculationMode: "LineItemLevel",
  lineItems: [],
  customLineItems: [],
  refusedGifts: [],
  syncInfo: [],
  shippingAddress: addressOf(),
  billingAddress: addressOf(),
  ...fields,
});

/** Net prices: 3 x 19.99 at 19 percent, 2 x 7.50 at 7 percent, shipping 4.90 at 19 percent: 79.87 + 13.37 = 93.24. */
export const netOrder = (fields: object = {}): OrderJson =>
  orderOf({
    lineItems: [
      lineOf({ sku: "A-1", quantity: 3, price: 1999, total: 5997, net: 5997, gross: 7136, rate: 0.19 }, false),
      lineOf({ sku: "B-2", quantity: 2, price: 750, total: 1500, net: 1500, gross: 1605, rate: 0.07 }, false),
    ],
    shippingInfo: shippingOf({ total: 490, net: 490, gross: 583, rate: 0.19 }, false),
    totalPrice: eur(7987),
    taxedPrice: {
      ...taxedOf(7987, 9324),
      taxPortions: [
        { rate: 0.19, name: "19 percent", amount: eur(1232) },
        { rate: 0.07, name: "7 percent", amount: eur(105) },
      ],
    },
    ...fields,
  });

/** Gross prices: 3 x 23.79 and shipping 4.90, both with 19 percent inside: 71.37 + 4.90 = 76.27, of which tax 11.40 + 0.78. */
export const grossOrder = (fields: object = {}): OrderJson =>
  orderOf({
    lineItems: [
      lineOf({ sku: "A-1", quantity: 3, price: 2379, total: 7137, net: 5997, gross: 7137, rate: 0.19 }, true),
    ],
    shippingInfo: shippingOf({ total: 490, net: 412, gross: 490, rate: 0.19 }, true),
    totalPrice: eur(7627),
    taxedPrice: {
      ...taxedOf(6409, 7627),
      taxPortions: [{ rate: 0.19, name: "19 percent", amount: eur(1218) }],
    },
    ...fields,
  });
