/** Everything of a commercetools order that becomes a line or a charge in IFS, with the amounts that the shop shows. */
import { ZERO } from "../../domain/decimal.ts";
import { type Money, minus, zeroOf } from "../../domain/money.ts";
import { discountCharges, loweredByDiscount } from "./discount-rows.ts";
import { bySlug, taxesAsCharges, taxesAsGiven, usesPricesInclTax } from "./policy.ts";
import type {
  ShopCustomLine,
  ShopLine,
  ShopOrder,
  ShopPart,
  ShopShipping,
  ShopTaxed,
  ShopTaxRate,
} from "./shop-order.ts";
import { type IfsTax, pieceAmounts, SHIPPING_REF, type ShopRow } from "./shop-row.ts";
import { type Amounts, shopAmounts } from "./tax.ts";
import { taxCharges } from "./tax-rows.ts";

/**
 * The parts of the lines (first parts first, so that positions in IFS are those of the order), custom lines, shipments that cost
 * something, the discount on the total (or what it takes off each row), and taxes that are sent as charges.
 */
export function shopRows(order: ShopOrder): ShopRow[] {
  const priced = [...lineRows(order), ...customRows(order), ...shippingRows(order)];
  const rows =
    order.policy.discountOnTotal === "lines"
      ? loweredByDiscount(order, priced)
      : [...priced, ...discountCharges(order, priced)];
  return taxesAsCharges(order) ? [...rows.map(withoutTax), ...taxCharges(order, rows)] : rows;
}

const withoutTax = (row: ShopRow): ShopRow => {
  const { net } = row.given;
  return { ...row, total: net, agreedPrice: undefined, amounts: { net, tax: zeroOf(net), gross: net } };
};

type Priced = {
  readonly total: Money;
  readonly taxed: ShopTaxed | undefined;
  readonly taxRate: ShopTaxRate | undefined;
};

function given(order: ShopOrder, { total, taxed, taxRate }: Priced): Amounts {
  if (taxed) return { net: taxed.net, tax: minus(taxed.gross, taxed.net), gross: taxed.gross };
  const includesTax = taxRate?.includedInPrice ?? order.pricesIncludeTax;
  return shopAmounts(total, taxRate?.rate ?? ZERO, includesTax, order.taxRounding);
}

/** What IFS does about the tax of a row. */
function ifsTaxOf(order: ShopOrder, taxRate: ShopTaxRate | undefined): IfsTax {
  if (taxesAsCharges(order) || (!taxRate && order.taxMode === "Disabled")) return "none";
  return taxesAsGiven(order) ? "given" : "computed";
}

type RowHead = Pick<ShopRow, "ref" | "id" | "kind" | "source" | "label" | "name" | "custom"> &
  Partial<Pick<ShopRow, "item" | "slug" | "shipping" | "catalogNo" | "addressKey">>;

function rowOf(
  order: ShopOrder,
  head: RowHead,
  { priced, quantity, agreedPrice }: { priced: Priced; quantity: number; agreedPrice?: Money },
): ShopRow {
  const amounts = given(order, priced);
  const includesTax = usesPricesInclTax(order);
  const sameMode = (priced.taxRate?.includedInPrice ?? includesTax) === includesTax;
  return {
    ...head,
    quantity,
    // A price with tax says nothing about one without.
    ...(sameMode && agreedPrice && { agreedPrice }),
    taxRate: priced.taxRate,
    ifsTax: ifsTaxOf(order, priced.taxRate),
    stated: priced.total,
    given: amounts,
    amounts,
    total: includesTax ? amounts.gross : amounts.net,
    tolerance: order.taxPerPiece ? pieceAmounts(quantity) : 1n,
  };
}

const partRef = (id: string, index: number): string => (index === 0 ? id : `${id}/${index + 1}`);

function partHead(order: ShopOrder, part: ShopPart): Partial<Pick<ShopRow, "addressKey" | "shipping">> {
  const shipping = order.shippings.find(({ key }) => key !== undefined && key === part.shippingKey);
  return {
    ...(part.addressKey !== undefined && { addressKey: part.addressKey }),
    ...(shipping && { shipping }),
  };
}

function lineRows(order: ShopOrder): ShopRow[] {
  const row = (line: ShopLine, part: ShopPart, index: number): ShopRow => {
    const head = {
      ref: partRef(line.id, index),
      id: line.id,
      kind: "line" as const,
      source: "line" as const,
      label: line.sku ?? line.name,
      name: line.name,
      item: line,
      custom: line.custom,
      ...partHead(order, part),
    };
    return rowOf(order, head, { priced: part, quantity: part.quantity, agreedPrice: line.agreedPrice });
  };
  const firsts = order.lines.flatMap((line) => line.parts.slice(0, 1).map((part) => row(line, part, 0)));
  const others = order.lines.flatMap((line) => line.parts.slice(1).map((part, index) => row(line, part, index + 1)));
  return [...firsts, ...others];
}

/** A charge is of the whole order, so the parts of a custom line are only told apart where their taxes differ or it is a line. */
function customRows(order: ShopOrder): ShopRow[] {
  return order.customLines.flatMap((line) => {
    const catalogNo = line.total.minor < 0n ? undefined : bySlug(order.policy.customLineItemParts, line.slug);
    return line.parts.map((part, index) => {
      const head = {
        ref: partRef(line.id, index),
        id: line.id,
        kind: catalogNo === undefined ? ("charge" as const) : ("line" as const),
        source: "customLine" as const,
        label: line.slug,
        name: line.name,
        slug: line.slug,
        custom: line.custom,
        ...(catalogNo !== undefined && { catalogNo }),
        ...partHead(order, part),
      };
      return rowOf(order, head, { priced: part, quantity: part.quantity, agreedPrice: agreedOf(line, part) });
    });
  });
}

/** A part's price is its line's where the line's total is just that price times the pieces. */
const agreedOf = (line: ShopCustomLine, part: ShopPart): Money | undefined =>
  line.parts.length === 1 || line.agreedPrice.minor * BigInt(part.quantity) === part.total.minor
    ? line.agreedPrice
    : undefined;

function shippingRows(order: ShopOrder): ShopRow[] {
  const row = (shipping: ShopShipping): ShopRow =>
    rowOf(
      order,
      {
        ref: shipping.key === undefined ? SHIPPING_REF : `${SHIPPING_REF}-${shipping.key}`,
        id: shipping.key ?? SHIPPING_REF,
        kind: "charge",
        source: "shipping",
        label: `shipping ${shipping.methodName}`,
        name: shipping.methodName,
        custom: shipping.custom,
        shipping,
      },
      { priced: shipping, quantity: 1 },
    );
  return order.shippings.filter(({ total }) => total.minor !== 0n).map(row);
}
