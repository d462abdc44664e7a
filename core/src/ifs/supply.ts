/** What IFS expects to come into stock: from suppliers, and from its own shops. Which of it is read, the configuration says. */
import { z } from "zod";
import { compare, subtract, ZERO } from "../domain/decimal.ts";
import { type Contract, contractSchema, type PartNo, partNoSchema } from "../domain/ids.ts";
import type { IfsSupplyLine } from "../domain/ifs-records.ts";
import type { SupplySource } from "../domain/stock-config.ts";
import { property } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { dateOrNull, fieldsOf, numOrZero, str } from "./fields.ts";
import { eq, text } from "./filter.ts";
import { keyTerm, parseKeyedRows, readInChunks } from "./key-lists.ts";

export type Supply = {
  /** What is left to come of lines in an open state (`openPurchaseStates`, `openShopOrderStates` of the binding), with a date; in no order. */
  plannedSupply(
    sources: readonly SupplySource[],
    contract: Contract,
    partNos: readonly PartNo[],
  ): Promise<IfsSupplyLine[]>;
};

const lineSchema = z.object({
  contract: contractSchema,
  partNo: partNoSchema,
  date: dateOrNull,
  quantity: numOrZero,
  state: str,
});
const orderSchema = lineSchema.extend({ received: numOrZero });

type Line = z.infer<typeof lineSchema> & { readonly received?: z.infer<typeof orderSchema>["received"] };

export function createSupply(client: IfsClient): Supply {
  const { purchaseOrderLine, shopOrder, openPurchaseStates, openShopOrderStates } = client.binding;

  /** States are judged here: a member that the tenant's enumeration lacks would make IFS refuse the whole filter. */
  const toSupply = (states: readonly string[], lines: readonly Line[]): IfsSupplyLine[] =>
    lines.flatMap(({ contract, partNo, date, quantity, received = ZERO, state }) => {
      const left = subtract(quantity, received);
      if (date === null || !states.includes(state) || compare(left, ZERO) <= 0) return [];
      return [{ contract, partNo, quantity: left, date }];
    });

  async function ofSuppliers(contract: Contract, partNos: readonly PartNo[]): Promise<IfsSupplyLine[]> {
    const rows = await readInChunks(client, purchaseOrderLine, {
      fixed: eq(property(purchaseOrderLine, "contract"), text(contract)),
      terms: partNos.map((partNo) => keyTerm(property(purchaseOrderLine, "partNo"), partNo)),
      fields: fieldsOf(lineSchema.shape),
    });
    return toSupply(
      openPurchaseStates,
      parseKeyedRows(lineSchema, rows, { what: "purchase order line", key: "partNo", keys: partNos }),
    );
  }

  async function ofShops(contract: Contract, partNos: readonly PartNo[]): Promise<IfsSupplyLine[]> {
    const rows = await readInChunks(client, shopOrder, {
      fixed: eq(property(shopOrder, "contract"), text(contract)),
      terms: partNos.map((partNo) => keyTerm(property(shopOrder, "partNo"), partNo)),
      fields: fieldsOf(orderSchema.shape),
    });
    return toSupply(
      openShopOrderStates,
      parseKeyedRows(orderSchema, rows, { what: "shop order", key: "partNo", keys: partNos }),
    );
  }

  const readers: Readonly<Record<SupplySource, typeof ofSuppliers>> = {
    purchaseOrders: ofSuppliers,
    shopOrders: ofShops,
  };
  return {
    async plannedSupply(sources, contract, partNos) {
      const asked = [...new Set(partNos)];
      const lists = await Promise.all(sources.map((source) => readers[source](contract, asked)));
      return lists.flat();
    },
  };
}
