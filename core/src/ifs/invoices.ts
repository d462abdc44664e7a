import { z } from "zod";
import type { IfsInvoice } from "../domain/ifs-records.ts";
import { property } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { dateOrNull, fieldsOf, numOrZero, parseRows, str } from "./fields.ts";
import { eq, text } from "./filter.ts";
import { keyTerm, readInChunks } from "./key-lists.ts";

export type Invoices = {
  /** Ledger invoices by number. The ledger does not name the order; a tenant's own field on the order line does. */
  byNumbers(company: string, invoiceNos: readonly string[]): Promise<IfsInvoice[]>;
};

const invoiceSchema = z.object({
  invoiceNo: str,
  company: str,
  customerNo: str,
  currencyCode: str,
  invoiceDate: dateOrNull,
  invoiceAmount: numOrZero,
  openAmount: numOrZero,
});

export function createInvoices(client: IfsClient): Invoices {
  const { invoice } = client.binding;
  return {
    async byNumbers(company, invoiceNos) {
      const rows = await readInChunks(client, invoice, {
        fixed: eq(property(invoice, "company"), text(company)),
        terms: invoiceNos.map((invoiceNo) => keyTerm(property(invoice, "invoiceNo"), invoiceNo)),
        fields: fieldsOf(invoiceSchema.shape),
      });
      return parseRows(invoiceSchema, rows, "invoice").map(({ ...row }) => row);
    },
  };
}
