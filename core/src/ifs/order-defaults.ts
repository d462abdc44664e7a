/** What the tenant itself tells about a new order: the defaults of its functions, the currency of its books. */
import { decimal } from "../domain/decimal.ts";
import type { IfsOrderDraft } from "../domain/ifs-records.ts";
import { type ObjectBinding, property } from "./binding.ts";
import type { IfsClient, RawRow } from "./client.ts";
import { eq, text } from "./filter.ts";
import { type Body, type BodyValue, isJsonNumber } from "./json.ts";
import type { OrderDefaults } from "./order-bodies.ts";

/** Reads what the binding says to ask for; nothing more is asked when the configuration knows it. */
export function createOrderDefaults(client: IfsClient) {
  const { actions, order, orderLine, baseAmounts } = client.binding;
  /** Company -> currency of its books, which never changes; one entry per company. */
  const currencies = new Map<string, string>();

  async function callDefault(object: ObjectBinding, name: string | null, signal: AbortSignal): Promise<RawRow> {
    if (name === null) return {};
    const path = `${object.set}/IfsApp.${object.projection}.${name}()`;
    return client.call(object, path, signal);
  }

  /** Any order of the site shows its company's currency; undefined on a site without orders. */
  async function companyCurrency(draft: IfsOrderDraft, header: RawRow, signal: AbortSignal) {
    const { company, contract } = draft.header;
    const known = baseAmounts.companyCurrency[company] ?? currencies.get(company);
    if (known !== undefined || order.fields.companyCurrencyCode === null) return known;
    const answered = header[property(order, "companyCurrencyCode")];
    if (typeof answered === "string") return answered;
    const filter = eq(property(order, "contract"), text(contract));
    const [row] = await client.first(order, { filter, fields: ["companyCurrencyCode"], signal }, 1);
    const currency = row?.companyCurrencyCode;
    if (typeof currency !== "string") return undefined;
    currencies.set(company, currency);
    return currency;
  }

  return async (draft: IfsOrderDraft, signal: AbortSignal): Promise<OrderDefaults> => {
    const header = await callDefault(order, actions.orderDefault, signal);
    const defaults = { header: withoutBookkeeping(header) };
    if (baseAmounts.mode === "never") return defaults;
    const currency = await companyCurrency(draft, header, signal);
    if (currency === draft.header.currencyCode) return { ...defaults, companyCurrency: currency };
    const line = await callDefault(orderLine, actions.lineDefault, signal);
    const rate = line[orderLine.fields.currencyRate ?? ""];
    return {
      ...defaults,
      companyCurrency: currency,
      ...(isJsonNumber(rate) ? { currencyRate: decimal(rate.rawJSON) } : {}),
    };
  };
}

const BOOKKEEPING = /^(@|(objid|objversion|objgrants|objstate|objevents|objkey|luname|keyref|rowversion)$)/i;

/** Defaults that may be sent back: no annotations, no row bookkeeping, no nulls. */
function withoutBookkeeping(row: RawRow): Body {
  const kept: Record<string, BodyValue> = {};
  for (const [name, value] of Object.entries(row)) {
    if (BOOKKEEPING.test(name)) continue;
    if (typeof value === "string" || typeof value === "boolean" || isJsonNumber(value)) kept[name] = value;
  }
  return kept;
}
