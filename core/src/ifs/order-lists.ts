/** Lists of orders for those who compare whole periods: by our references, and by when IFS entered them. */
import type { Contract, OrderNo } from "../domain/ids.ts";
import type { IfsEnteredOrder, IfsOrder } from "../domain/ifs-records.ts";
import { property } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { and, eq, type Filter, ge, gt, le, text, timestamp } from "./filter.ts";
import { keyTerm, readInChunks } from "./key-lists.ts";
import { enteredFields, orderFields, toEnteredOrders, toOrders } from "./order-rows.ts";

export type OrderLists = {
  /** Every visible order that carries one of the references, of any site, cancelled ones included. */
  ordersByReference(references: readonly string[]): Promise<IfsOrder[]>;
  /**
   * The next `limit` orders of the site by number, entered from one instant to another (ISO 8601, UTC; generous by the hour of
   * a change of clocks); fewer only at the end. All orders of the site where the tenant has no bound entry date.
   */
  pageOrdersEntered(
    contract: Contract,
    period: { readonly from: string; readonly to: string },
    after: OrderNo | undefined,
    limit: number,
  ): Promise<IfsEnteredOrder[]>;
  /**
   * Can orders of the site be seen at all? An empty list may as well mean a missing grant: the sentinel order proves it where
   * one is configured, else any order does.
   */
  ordersVisible(contract: Contract): Promise<boolean>;
};

export function createOrderLists(client: IfsClient): OrderLists {
  const { binding, config, siteTime } = client;
  const { order } = binding;
  const orderNo = property(order, "orderNo");
  const ofSite = (contract: Contract): Filter => eq(property(order, "contract"), text(contract));

  function entered(contract: Contract, { from, to }: { from: string; to: string }): Filter[] {
    const field = order.fields.dateEntered;
    if (field === null) return [];
    const digits = (utc: string): string =>
      order.timeZoneAware ? utc.replace(/\.\d+Z$/, "Z") : siteTime.toDigitsFrom(contract, utc);
    // The digits of an instant may be an hour low around a change of clocks; the upper end is moved by as much.
    const end = new Date(Date.parse(to) + HOUR).toISOString();
    return [ge(field, timestamp(digits(from))), le(field, timestamp(digits(end)))];
  }

  return {
    async ordersByReference(references) {
      const terms = references.map((one) => keyTerm(property(order, "externalRef"), one));
      return toOrders(binding, await readInChunks(client, order, { terms, fields: orderFields }));
    },

    // By key and not by $skip: orders that are entered meanwhile neither repeat nor hide others.
    async pageOrdersEntered(contract, period, after, limit) {
      const behind = after === undefined ? [] : [gt(orderNo, text(after))];
      const filter = and(ofSite(contract), ...entered(contract, period), ...behind);
      return toEnteredOrders(
        binding,
        await client.first(order, { filter, fields: enteredFields, orderBy: ["orderNo"] }, limit),
      );
    },

    async ordersVisible(contract) {
      const sentinel = config.ifs.sentinelOrders[contract];
      const filter = sentinel === undefined ? ofSite(contract) : and(ofSite(contract), eq(orderNo, text(sentinel)));
      return (await client.first(order, { filter, fields: ["orderNo"] }, 1)).length > 0;
    },
  };
}

const HOUR = 3_600_000;
