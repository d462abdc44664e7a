import { z } from "zod";
import { compare, ZERO } from "../domain/decimal.ts";
import { type CatalogNo, type Contract, catalogNoSchema, contractSchema, type PartNo } from "../domain/ids.ts";
import type { IfsPackage, IfsSalesPart } from "../domain/ifs-records.ts";
import { type LogicalRow, property } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { fieldsOf, num, parseRows, str, strOrEmpty, strOrNull } from "./fields.ts";
import { and, eq, gt, text } from "./filter.ts";
import { keyTerm, parseKeyedRows, readInChunks } from "./key-lists.ts";

export type Parts = {
  /** The sales parts that exist on the site; numbers it does not have are left out. */
  salesParts(contract: Contract, catalogNos: readonly CatalogNo[], signal?: AbortSignal): Promise<IfsSalesPart[]>;
  /** All sales parts of the site that are made of these inventory parts: pieces and boxes share one. */
  salesPartsOf(contract: Contract, partNos: readonly PartNo[], signal?: AbortSignal): Promise<IfsSalesPart[]>;
  /** All package parts of the site, with their components in the order of their lines. */
  packages(contract: Contract): Promise<IfsPackage[]>;
  /** The next `limit` sales parts after a number; fewer only at the end. */
  pageSalesParts(contract: Contract, after: CatalogNo | undefined, limit: number): Promise<IfsSalesPart[]>;
  /**
   * All sales parts with an inventory part behind `after`, without descriptions, in the order of their inventory parts. Returns why
   * that cannot be had, or undefined at the end.
   */
  walkByPart(contract: Contract, after: PartNo | undefined): AsyncGenerator<StockedPart[], string | undefined, void>;
  /** All sales parts of the site from a number of rows on, in whatever order the tenant has them. */
  walkRows(contract: Contract, from: number): AsyncGenerator<IfsSalesPart[], void, void>;
  /** All of the site, counted by reading their numbers: `$count` is not to be relied on (seen). */
  countSalesParts(contract: Contract): Promise<number>;
};

export type StockedPart = IfsSalesPart & { readonly partNo: PartNo };
const isStocked = (part: IfsSalesPart): part is StockedPart => part.partNo !== null;

const partSchema = z.object({
  contract: contractSchema,
  catalogNo: catalogNoSchema,
  description: strOrEmpty,
  partNo: strOrNull,
  active: z.union([z.boolean(), z.string()]).nullish(),
  salesUnitMeas: str,
  unitMeas: strOrNull,
  convFactor: num,
  invertedConvFactor: num,
  priceUnitMeas: str,
  priceConvFactor: num,
});

/** A site has thousands of pages; each takes as long as two of them at once. */
const PAGES_AT_ONCE = 2;

const fields = fieldsOf(partSchema.shape);
/** Nobody reads a hundred thousand descriptions. */
const countingFields = fields.filter((field) => field !== "description");

const componentSchema = z.object({
  packageNo: catalogNoSchema,
  lineItemNo: strOrNull,
  catalogNo: catalogNoSchema,
  quantity: num,
});

export function createParts(client: IfsClient): Parts {
  const { salesPart, packageComponent, activeMembers } = client.binding;
  const catalogNo = property(salesPart, "catalogNo");
  const ofSite = (contract: Contract) => eq(property(salesPart, "contract"), text(contract));

  const toPart = (row: z.infer<typeof partSchema>): IfsSalesPart => ({
    ...row,
    partNo: row.partNo as PartNo | null,
    // A tenant without the flag has no inactive parts.
    active: row.active === null || row.active === undefined || activeMembers.includes(String(row.active)),
  });
  const toParts = (rows: readonly LogicalRow[]): IfsSalesPart[] =>
    parseRows(partSchema, rows, "sales part").map(toPart);

  async function partsBy(
    contract: Contract,
    key: "catalogNo" | "partNo",
    keys: readonly string[],
    signal: AbortSignal | undefined,
  ): Promise<IfsSalesPart[]> {
    const terms = keys.map((value) => keyTerm(property(salesPart, key), value));
    const query = { fixed: ofSite(contract), terms, fields, ...(signal && { signal }) };
    const rows = await readInChunks(client, salesPart, query);
    return parseKeyedRows(partSchema, rows, { what: "sales part", key, keys }).map(toPart);
  }

  return {
    salesParts: (contract, catalogNos, signal) => partsBy(contract, "catalogNo", catalogNos, signal),
    salesPartsOf: (contract, partNos, signal) => partsBy(contract, "partNo", partNos, signal),

    async *walkByPart(contract, after) {
      const partNo = property(salesPart, "partNo");
      const filter = after === undefined ? ofSite(contract) : and(ofSite(contract), gt(partNo, text(after)));
      const pages = client.walk(salesPart, {
        ...{ filter, fields: countingFields, orderBy: ["partNo", "catalogNo"] },
        ...{ atOnce: PAGES_AT_ONCE, untilEmpty: "partNo" },
      });
      for (let step = await pages.next(); ; step = await pages.next()) {
        if (step.done) return step.value;
        yield toParts(step.value).filter(isStocked);
      }
    },

    async *walkRows(contract, from) {
      for await (const rows of client.walkRows(salesPart, { filter: ofSite(contract), fields: countingFields }, from))
        yield toParts(rows);
    },

    async countSalesParts(contract) {
      let count = 0;
      let first: unknown;
      await client.each(salesPart, { filter: ofSite(contract), fields: ["catalogNo"] }, (rows) => {
        // A list that could not be read by key, or moved, has come from its beginning again.
        first ??= rows[0]?.catalogNo;
        count = (rows[0]?.catalogNo === first ? 0 : count) + rows.length;
      });
      return count;
    },

    async packages(contract) {
      /** By the key of the line: a list that could not be read by key, or moved, has come from its beginning again. */
      const lines = new Map<string, z.infer<typeof componentSchema>>();
      const filter = eq(property(packageComponent, "contract"), text(contract));
      const query = { filter, fields: fieldsOf(componentSchema.shape), pinned: ["contract" as const] };
      await client.each(packageComponent, query, (rows) => {
        for (const line of parseRows(componentSchema, rows, "package component")) {
          const { packageNo, lineItemNo, catalogNo: part } = line;
          lines.set(JSON.stringify(lineItemNo === null ? [packageNo, null, part] : [packageNo, lineItemNo]), line);
        }
      });
      // A line of nothing needs nothing.
      const needed = [...lines.values()].filter(({ quantity }) => compare(quantity, ZERO) > 0);
      return [...Map.groupBy(needed, ({ packageNo }) => packageNo)].map(([packageNo, list]) => ({
        catalogNo: packageNo,
        components: list.map(({ catalogNo: part, quantity }) => ({ catalogNo: part, quantity })),
      }));
    },

    // By key and not by $skip: parts that come and go meanwhile neither repeat nor hide others.
    async pageSalesParts(contract, after, limit) {
      const filter = after === undefined ? ofSite(contract) : and(ofSite(contract), gt(catalogNo, text(after)));
      return toParts(await client.first(salesPart, { filter, fields, orderBy: ["catalogNo"] }, limit));
    },
  };
}
