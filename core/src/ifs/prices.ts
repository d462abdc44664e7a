import { z } from "zod";
import { compare, ZERO } from "../domain/decimal.ts";
import { TransientError } from "../domain/failure.ts";
import { type CatalogNo, catalogNoSchema } from "../domain/ids.ts";
import type { IfsPriceListPart } from "../domain/ifs-records.ts";
import { type LogicalRow, property } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { dateOrNull, fieldsOf, numOrZero, parseRows, str } from "./fields.ts";
import { and, eq, type Filter, gt, text } from "./filter.ts";
import { keyTerm, readInChunks } from "./key-lists.ts";

export type Prices = {
  /**
   * The next rows of a price list; all rows of a part are on the same page. `next` is the cursor of the following page,
   * undefined at the end; pages hold about `limit` rows, more when one part alone has more.
   */
  pagePriceListParts(
    priceListNo: string,
    after: string | undefined,
    limit: number,
  ): Promise<{ rows: IfsPriceListPart[]; next: string | undefined }>;
  /** All rows of these parts. */
  priceListPartsOf(priceListNo: string, catalogNos: readonly CatalogNo[]): Promise<IfsPriceListPart[]>;
};

const rowSchema = z.object({
  priceListNo: str,
  catalogNo: catalogNoSchema,
  minQuantity: numOrZero,
  validFromDate: dateOrNull,
  validToDate: dateOrNull,
  minDuration: numOrZero,
  salesPrice: numOrZero,
  salesPriceInclTax: numOrZero,
});

type Row = z.infer<typeof rowSchema>;
const fields = fieldsOf(rowSchema.shape);

/** A list keeps rental prices beside sales prices: those of a shortest duration. Rows of sales have none (0 or -1). */
const salesPrices = (rows: readonly Row[]): IfsPriceListPart[] =>
  rows.flatMap(({ minDuration, ...row }) => (compare(minDuration, ZERO) > 0 ? [] : [row]));

export function createPrices(client: IfsClient): Prices {
  const { priceListPart } = client.binding;
  const catalogNo = property(priceListPart, "catalogNo");
  const toRows = (rows: readonly LogicalRow[]): Row[] => parseRows(rowSchema, rows, "price list part");

  return {
    // The cursor is a part number: rows have a composite key, but the rows of one part are few and belong together.
    async pagePriceListParts(priceListNo, after, limit) {
      const ofList = eq(property(priceListPart, "priceListNo"), text(priceListNo));
      const filter: Filter = after === undefined ? ofList : and(ofList, gt(catalogNo, text(after)));
      const orderBy = priceListPart.key.filter((field) => field !== "priceListNo");
      const rows = toRows(await client.first(priceListPart, { filter, fields, orderBy }, limit));
      const last = rows.at(-1)?.catalogNo;
      if (last === undefined || rows.length < limit) return { rows: salesPrices(rows), next: undefined };
      if (last === after) throw new TransientError(`IFS price list ${priceListNo}: the cursor does not move`);
      const complete = rows.filter((row) => row.catalogNo !== last);
      const previous = complete.at(-1)?.catalogNo;
      if (previous !== undefined) return { rows: salesPrices(complete), next: previous };
      return { rows: await allOfPart(ofList, last), next: last };
    },

    async priceListPartsOf(priceListNo, catalogNos) {
      const fixed = eq(property(priceListPart, "priceListNo"), text(priceListNo));
      const terms = catalogNos.map((part) => keyTerm(catalogNo, part));
      return salesPrices(toRows(await readInChunks(client, priceListPart, { fixed, terms })));
    },
  };

  async function allOfPart(ofList: Filter, part: CatalogNo): Promise<IfsPriceListPart[]> {
    return salesPrices(
      toRows(await client.list(priceListPart, { filter: and(ofList, eq(catalogNo, text(part))), fields })),
    );
  }
}
