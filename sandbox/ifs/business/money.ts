import { type Decimal, HUNDRED, ONE, roundMoney } from "../decimal.ts";

/** All amounts in order currency; rates and discounts in percent. */
export type LineAmounts = {
  unitPrice: Decimal;
  unitPriceInclTax: Decimal;
  net: Decimal;
  tax: Decimal;
  gross: Decimal;
  discount: Decimal;
  orderDiscount: Decimal;
};

export type LineTerms = {
  /** The price that counts is the one with tax; the other follows from it. */
  inclTax: boolean;
  price: Decimal;
  /** Quantity in the price unit. */
  quantity: Decimal;
  discount: Decimal;
  orderDiscount: Decimal;
  taxRate: Decimal;
  currency: string;
};

/** Unit prices are not money that changes hands; they keep more digits than the currency has. */
const PRICE_DECIMALS = 10;

/**
 * Amounts of one line. Discounts are rounded each on its own and taken off before the total is rounded; tax is computed per
 * line and rounded to the currency, on top of the net or out of the gross.
 */
export function lineAmounts(terms: LineTerms): LineAmounts {
  const { currency, taxRate } = terms;
  const factor = ONE.plus(taxRate.div(HUNDRED));
  const full = terms.price.times(terms.quantity);
  const discount = roundMoney(full.times(terms.discount).div(HUNDRED), currency);
  const orderDiscount = roundMoney(full.minus(discount).times(terms.orderDiscount).div(HUNDRED), currency);
  const total = roundMoney(full.minus(discount).minus(orderDiscount), currency);
  const tax = terms.inclTax ? taxWithin(total, taxRate, currency) : taxOn(total, taxRate, currency);
  return {
    unitPrice: terms.inclTax ? terms.price.div(factor).toDecimalPlaces(PRICE_DECIMALS) : terms.price,
    unitPriceInclTax: terms.inclTax ? terms.price : terms.price.times(factor).toDecimalPlaces(PRICE_DECIMALS),
    net: terms.inclTax ? total.minus(tax) : total,
    tax,
    gross: terms.inclTax ? total : total.plus(tax),
    discount,
    orderDiscount,
  };
}

export function taxOn(net: Decimal, rate: Decimal, currency: string): Decimal {
  return roundMoney(net.times(rate).div(HUNDRED), currency);
}

export function taxWithin(gross: Decimal, rate: Decimal, currency: string): Decimal {
  return roundMoney(gross.times(rate).div(HUNDRED.plus(rate)), currency);
}

/** The price with tax of a price without, or the other way round, as the price lists show it. */
export function otherPrice(price: Decimal, rate: Decimal, inclTax: boolean): Decimal {
  const factor = ONE.plus(rate.div(HUNDRED));
  return (inclTax ? price.div(factor) : price.times(factor)).toDecimalPlaces(PRICE_DECIMALS);
}
