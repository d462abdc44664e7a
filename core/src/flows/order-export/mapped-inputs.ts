/**
 * What the merchant's mapping reads of an order, as a digest: custom fields may change after the export as well, and what they were
 * mapped to stands in fields of IFS that the connector does not read. Pure.
 */
import type { ConnectorConfig } from "../../domain/config.ts";
import type { Route } from "../../domain/route-config.ts";
import type { RouteFacts } from "../../domain/routing.ts";
import { digestOf } from "./fingerprint.ts";
import { hasBillTo } from "./map-bill-to.ts";
import { mappedTexts } from "./map-fields.ts";
import { siteOf } from "./map-header.ts";
import { chargeView, lineView, orderView } from "./order-view.ts";
import type { ShopOrder } from "./shop-order.ts";
import { shopRows } from "./shop-rows.ts";

/** Hexadecimal digits: of the mapping, of values that the connector does not read in IFS, of those that it amends. */
const [MAPPING, UNSEEN, SEEN] = [6, 5, 5];
const AMENDED = new Set(["customerPoNo", "custRef"]);

type Context = { readonly route: Route; readonly facts: RouteFacts; readonly config: ConnectorConfig };

/**
 * 16 hexadecimal digits, of the mapping and of what it makes of the order; empty where the route maps nothing. What it makes of
 * payments and of the customer is left out: they go on after the export without being a change of the order. `order` carries its policy.
 */
export function mappedDigest(order: ShopOrder, { route, facts, config }: Context): string {
  const site = siteOf(route, config);
  const billTo = hasBillTo(config) ? order.billingAddress : undefined;
  const mapsNothing = Object.values(route.mapping).every((fields) => Object.keys(fields).length === 0);
  if (!site.ok || (mapsNothing && !hasBillTo(config))) return "";
  const context = { route, timeZone: site.value.timeZone };
  const rows = shopRows(order);
  const view = orderView(order, facts, rows);
  const header = mappedTexts("header", { order: view }, context);
  const made = [
    header.filter(([name]) => !AMENDED.has(name)),
    ...rows.map((row) =>
      row.kind === "line"
        ? [row.ref, mappedTexts("line", { order: view, line: lineView(row) }, context)]
        : [row.ref, mappedTexts("charge", { order: view, charge: chargeView(row) }, context)],
    ),
  ];
  const amended = header.filter(([name]) => AMENDED.has(name));
  const digits = (value: unknown, length: number): string => digestOf(value).slice(0, length);
  // An invoice address in properties of its own is not read in IFS either.
  const unseen = hasBillTo(config) ? [made, billTo ?? null] : made;
  return (
    digits(hasBillTo(config) ? [route.mapping, "billTo"] : route.mapping, MAPPING) +
    digits(unseen, UNSEEN) +
    digits(amended, SEEN)
  );
}

const CONTENT = 16;
const MAPPED = MAPPING + UNSEEN + SEEN;
const BUYER = 8;

/** Content, then what is mapped where something is, then the buyer; of claims of earlier versions, and of corrected orders, without. */
function partsOf(fingerprint: string): { content: string; mapped: string; buyer: string } {
  const buyer = fingerprint.length % CONTENT === BUYER ? fingerprint.slice(-BUYER) : "";
  const content = fingerprint.slice(0, CONTENT);
  return { content, mapped: fingerprint.slice(CONTENT, fingerprint.length - buyer.length), buyer };
}

/** Whether an exported order still is what was exported. Of mapped values only those of the same mapping can be compared. */
export function isSameExport(exported: string, now: string): boolean {
  const [was, is] = [partsOf(exported), partsOf(now)];
  return was.content === is.content && !(isComparable(exported, now) && was.mapped !== is.mapped);
}

/**
 * Whether it still is the same buyer's, and of the same store. No part of the above: a guest may sign up, and a number be given, while
 * the order is being created, and neither is a reason to hold it then.
 */
export function isSameBuyer(exported: string, now: string): boolean {
  const [was, is] = [partsOf(exported).buyer, partsOf(now).buyer];
  return was === "" || is === "" || was === is;
}

/** What the mapping makes of the order differs in fields that the connector does not read in IFS. */
export const isMappedOtherwise = (exported: string, now: string): boolean =>
  isComparable(exported, now) && part(exported, MAPPING, UNSEEN) !== part(now, MAPPING, UNSEEN);

const part = (fingerprint: string, from: number, length: number): string =>
  partsOf(fingerprint).mapped.slice(from, from + length);

const isComparable = (exported: string, now: string): boolean =>
  hasMapped(exported) && part(exported, 0, MAPPING) === part(now, 0, MAPPING);

export const hasMapped = (exported: string): boolean => partsOf(exported).mapped.length === MAPPED;
