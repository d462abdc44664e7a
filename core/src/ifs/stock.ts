import { z } from "zod";
import { type Contract, contractSchema, orderNoSchema, type PartNo, partNoSchema } from "../domain/ids.ts";
import type { IfsDemandLine, IfsStockRow } from "../domain/ifs-records.ts";
import { type LogicalRow, membersOf, property } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { dateOrNull, fieldsOf, flag, id, numOrZero, parseRows, str, strOrNull, timeOrNull } from "./fields.ts";
import { and, enumMember, eq, type Filter, ge, gt, ne, text, timestamp } from "./filter.ts";
import { type KeyTerm, keyTerm, parseKeyedRows, readBeside, readInChunks } from "./key-lists.ts";
import { readLineReference } from "./line-reference.ts";
import { orderState } from "./order-rows.ts";

export type Stock = {
  /** Every stock row of these parts, empty and unusable ones included: what counts is the caller's configuration. */
  stockRows(contract: Contract, partNos: readonly PartNo[], signal?: AbortSignal): Promise<IfsStockRow[]>;
  /** The same, request by request: each asks for some of `witnesses` too, as many as it has room for, and shows their rows among the others. */
  rowsBeside(
    contract: Contract,
    partNos: readonly PartNo[],
    witnesses: readonly PartNo[],
    signal?: AbortSignal,
  ): Promise<{ readonly partNos: readonly PartNo[]; readonly rows: readonly IfsStockRow[] }[]>;
  /**
   * Parts whose rows moved at or after `since` (UTC), and the newest movement seen (`since` when there is none). Rows of
   * one second may be committed later than others: the caller overlaps its windows. `tell` hears of the parts of each page.
   */
  changedParts(
    contract: Contract,
    since: string,
    options?: { readonly tell?: (partNos: readonly PartNo[]) => void; readonly signal?: AbortSignal },
  ): Promise<{ partNos: PartNo[]; watermark: string }>;
  /** Order lines of these parts that are not final. */
  openDemand(contract: Contract, partNos: readonly PartNo[], signal?: AbortSignal): Promise<IfsDemandLine[]>;
  partsWithOpenDemand(contract: Contract, signal?: AbortSignal): Promise<PartNo[]>;
  /** All stock rows of the site, and all lines that are not final, behind a part: in the order of the parts. See `client.walk`. */
  walkStock(contract: Contract, after: PartNo | undefined): AsyncGenerator<IfsStockRow[], string | undefined, void>;
  walkDemand(contract: Contract, after: PartNo | undefined): AsyncGenerator<IfsDemandLine[], string | undefined, void>;
  /** Is there any order line of the site to be seen, whatever its state? Tells "no open demand" from a lost grant. */
  orderLinesVisible(contract: Contract): Promise<boolean>;
};

const stockSchema = z.object({
  contract: contractSchema,
  partNo: partNoSchema,
  locationNo: str,
  warehouse: strOrNull,
  locationType: strOrNull,
  qtyOnhand: numOrZero,
  qtyReserved: numOrZero,
  qtyInTransit: numOrZero,
  frozen: flag,
  availabilityControlId: strOrNull,
  partOwnership: strOrNull,
  projectId: strOrNull,
  expirationDate: dateOrNull,
  lastActivityDate: timeOrNull,
});

const movementSchema = z.object({ partNo: partNoSchema, lastActivityDate: str });

const demandSchema = z.object({
  orderNo: orderNoSchema,
  lineNo: str,
  relNo: str,
  lineItemNo: id,
  contract: contractSchema,
  partNo: partNoSchema,
  state: str,
  customerPoLineNo: strOrNull,
  noteText: strOrNull,
  revisedQtyDue: numOrZero,
  qtyAssigned: numOrZero,
  qtyShipped: numOrZero,
  qtyShipdiff: numOrZero,
});
/** Asked for by nobody: it comes with the row. */
const taggedDemandSchema = demandSchema.extend({ etag: z.string().optional() });

const PAGES_AT_ONCE = 2;

export function createStock(client: IfsClient): Stock {
  const { binding, siteTime } = client;
  const { stock, openDemand } = binding;

  const toUtc = (contract: string, digits: string): string =>
    stock.timeZoneAware ? digits : siteTime.toUtc(contract, digits);

  const toStockRow = (row: z.infer<typeof stockSchema>): IfsStockRow => ({
    ...row,
    lastActivityDate: row.lastActivityDate && toUtc(row.contract, row.lastActivityDate),
  });

  /** Written as "not final", so that a state nobody thought of still counts as demand. */
  function openLines(contract: Contract): Filter {
    const { projection, enums } = openDemand;
    const state = property(openDemand, "state");
    const finals = membersOf(binding.states.orderLine, binding.finalLineStates);
    return and(
      eq(property(openDemand, "contract"), text(contract)),
      ...finals.map((member) => ne(state, enumMember(projection, enums.state ?? "CustomerOrderLineState", member))),
    );
  }

  const toDemandLine = ({ customerPoLineNo, noteText, ...row }: z.infer<typeof taggedDemandSchema>): IfsDemandLine => ({
    ...row,
    state: orderState(binding.states.orderLine, row.state),
    lineRef: readLineReference({ customerPoLineNo, noteText }),
  });

  const byPart = (field: string, partNos: readonly PartNo[]): KeyTerm[] =>
    partNos.map((partNo) => keyTerm(field, partNo));

  const rowsOf = (contract: Contract, partNos: readonly PartNo[]) => ({
    fixed: eq(property(stock, "contract"), text(contract)),
    terms: byPart(property(stock, "partNo"), partNos),
    fields: fieldsOf(stockSchema.shape),
  });

  const toStockRows = (rows: readonly LogicalRow[], partNos: readonly PartNo[]): IfsStockRow[] =>
    parseKeyedRows(stockSchema, rows, { what: "stock", key: "partNo", keys: partNos }).map(toStockRow);

  return {
    async stockRows(contract, partNos, signal) {
      const query = { ...rowsOf(contract, partNos), ...(signal && { signal }) };
      return toStockRows(await readInChunks(client, stock, query), partNos);
    },

    async rowsBeside(contract, partNos, witnesses, signal) {
      const beside = byPart(property(stock, "partNo"), witnesses);
      const query = { ...rowsOf(contract, partNos), beside, ...(signal && { signal }) };
      const asked = [...partNos, ...witnesses];
      const lists = await readBeside(client, stock, query);
      return lists.map(({ values, rows }) => ({
        partNos: values as readonly PartNo[],
        rows: toStockRows(rows, asked),
      }));
    },

    async changedParts(contract, since, { tell, signal } = {}) {
      const from = stock.timeZoneAware ? since.replace(/\.\d+Z$/, "Z") : siteTime.toDigitsFrom(contract, since);
      const filter = and(
        eq(property(stock, "contract"), text(contract)),
        ge(property(stock, "lastActivityDate"), timestamp(from)),
      );
      const partNos = new Set<PartNo>();
      let watermark = since;
      // After a long pause these may be all rows of the site: more than should be held.
      await client.each(
        stock,
        { filter, fields: ["lastActivityDate"], pinned: ["contract"], ...(signal && { signal }) },
        (rows) => {
          const all = parseRows(movementSchema, rows, "stock");
          for (const moved of all) {
            partNos.add(moved.partNo);
            watermark = later(watermark, toUtc(contract, moved.lastActivityDate));
          }
          tell?.([...new Set(all.map(({ partNo }) => partNo))]);
        },
      );
      return { partNos: [...partNos], watermark };
    },

    async openDemand(contract, partNos, signal) {
      const rows = await readInChunks(client, openDemand, {
        fixed: openLines(contract),
        terms: byPart(property(openDemand, "partNo"), partNos),
        fields: fieldsOf(demandSchema.shape),
        ...(signal && { signal }),
      });
      const list = { what: "open demand", key: "partNo", keys: partNos };
      return parseKeyedRows(taggedDemandSchema, rows, list).map(toDemandLine);
    },

    async partsWithOpenDemand(contract, signal) {
      const parts = new Set<string>();
      const query = { filter: openLines(contract), fields: ["partNo" as const], ...(signal && { signal }) };
      await client.each(openDemand, query, (rows) => {
        for (const { partNo } of parseRows(z.object({ partNo: strOrNull }), rows, "open demand")) {
          // Lines of services have no part and draw on nothing.
          if (partNo !== null) parts.add(partNo);
        }
      });
      return [...parts] as PartNo[];
    },

    async *walkStock(contract, after) {
      const ofSite = eq(property(stock, "contract"), text(contract));
      const filter = after === undefined ? ofSite : and(ofSite, gt(property(stock, "partNo"), text(after)));
      const fields = fieldsOf(stockSchema.shape);
      const pages = client.walk(stock, { filter, fields, pinned: ["contract"], atOnce: PAGES_AT_ONCE });
      for (let step = await pages.next(); ; step = await pages.next()) {
        if (step.done) return step.value;
        yield parseRows(stockSchema, step.value, "stock").map(toStockRow);
      }
    },

    async *walkDemand(contract, after) {
      const open = openLines(contract);
      const filter = after === undefined ? open : and(open, gt(property(openDemand, "partNo"), text(after)));
      const orderBy = ["partNo", ...openDemand.key.filter((field) => field !== "partNo")] as const;
      const fields = fieldsOf(demandSchema.shape);
      const pages = client.walk(openDemand, { filter, fields, orderBy, untilEmpty: "partNo" });
      for (let step = await pages.next(); ; step = await pages.next()) {
        if (step.done) return step.value;
        yield parseRows(taggedDemandSchema, step.value, "open demand").map(toDemandLine);
      }
    },

    async orderLinesVisible(contract) {
      const filter = eq(property(openDemand, "contract"), text(contract));
      return (await client.first(openDemand, { filter, fields: ["orderNo"] }, 1)).length > 0;
    },
  };
}

const later = (a: string, b: string): string => (Date.parse(b) > Date.parse(a) ? b : a);
