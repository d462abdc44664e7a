/** Where the goods of an order go: one address for all of it, or one for each line. */
import type { ConnectorConfig } from "../../domain/config.ts";
import type { Rejection } from "../../domain/failure.ts";
import { type IfsAddress, type IfsOrderLineDraft, rowRefOf } from "../../domain/ifs-records.ts";
import { ok, type Result } from "../../domain/result.ts";
import type { Route } from "../../domain/route-config.ts";
import { addressLine, missing, toAddress } from "../ifs-address.ts";
import type { Lengths } from "../lengths.ts";
import { refuse } from "../refuse.ts";
import type { ShopAddress, ShopOrder } from "./shop-order.ts";
import type { ShopRow } from "./shop-row.ts";

export type Destinations = { readonly shipTo: IfsAddress | undefined; readonly lines: readonly IfsOrderLineDraft[] };

type Context = { readonly route: Route; readonly config: ConnectorConfig; readonly lengths: Lengths };
type Place = { readonly path: string; readonly address: ShopAddress };

/**
 * An order of one address has it as its one-time address. One of several is refused, or each line that does not go to the
 * header's address gets its own, as the route says. An order without address goes to the customer's own one, but only when none
 * of its lines is a thing that can be delivered.
 */
export function toDestinations(
  order: ShopOrder,
  { rows, lines }: { readonly rows: readonly ShopRow[]; readonly lines: readonly IfsOrderLineDraft[] },
  context: Context,
): Result<Destinations, Rejection> {
  const places = new Map<string, Place>();
  for (const row of rows) {
    if (row.kind !== "line") continue;
    const place = placeOf(order, row);
    if (!place.ok) return place;
    if (place.value) places.set(row.ref, place.value);
  }
  const [first, ...others] = [...places.values()];
  const lost = lines.find((line) => line.partNo !== null && !places.has(rowRefOf(line)));
  if (lost) return missing("shippingAddress", "no shipping address");
  if (!first) return ok({ shipTo: undefined, lines });
  const header = toAddress(first.address, addressContext(context, first));
  if (!header.ok) return header;
  const wanted = addressLine(first.address);
  const several = others.filter(({ address }) => addressLine(address) !== wanted);
  if (several.length === 0) return ok({ shipTo: header.value, lines });
  const divided = withAddresses(lines, { places, first }, context);
  return divided.ok ? ok({ shipTo: header.value, lines: divided.value }) : divided;
}

const addressContext = ({ config, lengths }: Context, { path }: Place) => ({
  path,
  lengths,
  addresses: config.addresses,
});

/** The target's own address, else that of its shipment, else the order's. Rejection where the order names an address that it has not. */
function placeOf(order: ShopOrder, row: ShopRow): Result<Place | undefined, Rejection> {
  if (row.addressKey !== undefined) {
    const address = order.itemAddresses.find(({ key }) => key === row.addressKey);
    const path = `itemShippingAddresses.${row.addressKey}`;
    if (address) return ok({ path, address });
    return refuse("invalidInput", "merchant", {
      message: `The line ${row.label} goes to the address "${row.addressKey}", which the order does not have.`,
      action: "Add the address to the order in commercetools, or correct the shipping details of the line.",
      field: path,
      value: row.addressKey,
    });
  }
  const own = row.shipping?.address;
  if (own) return ok({ path: `shipping.${row.shipping?.key}.shippingAddress`, address: own });
  if (order.shippingAddress) return ok({ path: "shippingAddress", address: order.shippingAddress });
  const only = order.shippings.length === 1 ? order.shippings[0] : undefined;
  return ok(only?.address && { path: `shipping.${only.key}.shippingAddress`, address: only.address });
}

type Known = { readonly places: ReadonlyMap<string, Place>; readonly first: Place };

function withAddresses(
  lines: readonly IfsOrderLineDraft[],
  { places, first }: Known,
  context: Context,
): Result<IfsOrderLineDraft[], Rejection> {
  const { severalAddresses } = context.route;
  if (severalAddresses === "refuse") return refused(context.route, places);
  const done: IfsOrderLineDraft[] = [];
  for (const line of lines) {
    const place = places.get(rowRefOf(line));
    const same = !place || addressLine(place.address) === addressLine(first.address);
    const sent = same
      ? ok(line)
      : severalAddresses === "oneTime"
        ? oneTime(line, place, context)
        : numbered(line, place);
    if (!sent.ok) return sent;
    done.push(sent.value);
  }
  return ok(done);
}

function oneTime(line: IfsOrderLineDraft, place: Place, context: Context): Result<IfsOrderLineDraft, Rejection> {
  const shipTo = toAddress(place.address, addressContext(context, place));
  return shipTo.ok ? ok({ ...line, shipTo: shipTo.value }) : shipTo;
}

function numbered(line: IfsOrderLineDraft, { path, address }: Place): Result<IfsOrderLineDraft, Rejection> {
  const shipAddrNo = address.externalId?.trim();
  if (shipAddrNo) return ok({ ...line, shipAddrNo });
  return refuse("addressMissing", "merchant", {
    message: `${path} has no \`externalId\`, which is the number of the customer's address in IFS.`,
    action: "Give the address its IFS number, or set `severalAddresses` of the route to `oneTime`.",
    field: `${path}.externalId`,
  });
}

function refused(route: Route, places: ReadonlyMap<string, Place>): Result<never, Rejection> {
  const paths = [...new Set([...places.values()].map(({ path }) => path))];
  return refuse("unsupported", "merchant", {
    message: `The order is delivered to several addresses (${paths.join(", ")}), and route "${route.name}" does not allow that.`,
    action: "Set `severalAddresses` of the route, or enter this order in IFS by hand.",
    field: "itemShippingAddresses",
  });
}
