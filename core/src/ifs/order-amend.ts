/** Changes of an order that exists, each at the ETag that was read: cancel or change a line, change address and references. */
import { type DecimalString, decimal, multiply } from "../domain/decimal.ts";
import type { OrderNo } from "../domain/ids.ts";
import {
  type AmendableOrder,
  type IfsAddress,
  type IfsAmendment,
  type IfsCharge,
  type IfsOrderHead,
  type IfsOrderLine,
  type IfsOrderLineDraft,
  lineKeyOf,
} from "../domain/ifs-records.ts";
import { tagged } from "./answers.ts";
import { type LogicalRow, property } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { eq, keyPredicate, number, text } from "./filter.ts";
import { type Body, jsonNumber, toBody } from "./json.ts";
import { withinOptional } from "./order-actions.ts";
import { named } from "./order-bodies.ts";
import { orderPathOf } from "./order-create.ts";
import { lineFields, orderFields, toLines, toOrders } from "./order-rows.ts";

/** Our reason of a cancelled line; `ifs.binding.cancelReasons` names the tenant's code for it. */
export const REMOVED = "Removed in the shop";

const headFields = ["customerPoNo", "custRef", "noteText", "shipViaCode"] as const;
const addressFields: readonly (keyof IfsAddress)[] = [
  ...(["name", "address1", "address2", "zipCode"] as const),
  ...(["city", "state", "county", "countryCode"] as const),
];

const textOf = (value: unknown): string => (typeof value === "string" ? value : "");

export function createOrderAmendments(
  client: IfsClient,
  chargesOf: (orderNo: OrderNo, signal?: AbortSignal) => Promise<IfsCharge[]>,
) {
  const { binding, capabilities } = client;
  const { order, orderLine, orderAddress, singleOccurrence, actions } = binding;
  const inHeader = singleOccurrence.place === "header";
  const reasonOnLine = actions.cancelReason === null || capabilities.answers.cancelReasonParameter === "no";
  const boundAddress = addressFields.filter((field) => orderAddress.fields[field] !== null);
  const boundHead = headFields.filter((field) => order.fields[field] !== null);

  async function readAmendable(orderNo: OrderNo, signal?: AbortSignal): Promise<AmendableOrder | undefined> {
    const path = orderPathOf(client, orderNo);
    const row = await client.row(order, path, { fields: [...new Set([...orderFields, ...boundHead])], signal });
    const [header] = row ? toOrders(binding, [row]) : [];
    if (!row || !header) return undefined;
    const filter = eq(property(orderLine, "orderNo"), text(orderNo));
    const rows = await client.list(orderLine, { filter, fields: lineFields, signal });
    const lines = toLines(client, rows);
    const charges = await chargesOf(orderNo, signal);
    const address = await addressOf(path, row, signal);
    return {
      document: { order: header, lines, charges },
      head: headOf(row),
      shipTo: address?.shipTo,
      tags: {
        shipTo: address?.etag,
        lines: new Map(lines.map((line, index) => [lineKeyOf(line), tagged(orderLine, rows[index] ?? {}).etag])),
      },
    };
  }

  function headOf(row: LogicalRow): IfsOrderHead {
    const value = (field: (typeof headFields)[number]): string | null => textOf(row[field]) || null;
    return {
      customerPoNo: value("customerPoNo"),
      custRef: value("custRef"),
      noteText: value("noteText"),
      shipViaCode: value("shipViaCode"),
    };
  }

  /** A row of its own, or properties of the header, which are read raw because the header's binding does not name them. */
  async function addressOf(path: string, header: LogicalRow, signal?: AbortSignal) {
    if (inHeader) {
      const row = await client.row({ ...orderAddress, set: order.set }, path, { fields: boundAddress, signal });
      const shipTo = row && addressTexts(row);
      return shipTo?.address1 ? { shipTo, etag: textOf(header.etag) } : undefined;
    }
    const [row] = await client.list(orderAddress, { parent: path, fields: boundAddress, signal });
    return row && { shipTo: addressTexts(row), etag: tagged(orderAddress, row).etag };
  }

  const addressTexts = (row: LogicalRow): NonNullable<AmendableOrder["shipTo"]> =>
    Object.fromEntries(boundAddress.map((field) => [field, textOf(row[field])]));

  const linePathOf = (line: IfsOrderLine): string => {
    const value = { orderNo: line.orderNo, lineNo: line.lineNo, relNo: line.relNo, lineItemNo: line.lineItemNo };
    const types: Partial<Record<string, string>> = orderLine.keyTypes ?? {};
    const parts = orderLine.key.map((field) => {
      const own = value[field as keyof typeof value];
      return {
        property: property(orderLine, field),
        value: types[field] === "number" ? number(decimal(own)) : text(own),
      };
    });
    return `${orderLine.set}${keyPredicate(parts)}`;
  };

  async function cancelLine(line: IfsOrderLine, etag: string, signal: AbortSignal): Promise<void> {
    const code = binding.cancelReasons[REMOVED] ?? binding.cancelReasons["*"] ?? REMOVED;
    const path = linePathOf(line);
    let ifMatch = etag;
    const { cancelReason } = orderLine.fields;
    if (reasonOnLine && cancelReason) {
      await client.patch(orderLine, path, { ifMatch, body: toBody({ [cancelReason]: code }), signal });
      const written = await client.row(orderLine, path, { fields: ["orderNo"], signal });
      ifMatch = tagged(orderLine, written ?? {}).etag;
    }
    const parameter = reasonOnLine ? null : actions.cancelReason;
    await client.act(orderLine, `${path}/IfsApp.${orderLine.projection}.${actions.cancelLine}`, {
      ifMatch,
      body: toBody(parameter === null ? {} : { [parameter]: code }),
      signal,
    });
  }

  const changedLine = (line: IfsOrderLine, to: IfsOrderLineDraft): Body => {
    const qty = jsonNumber(to.buyQtyDue);
    const inventoryQty: DecimalString = multiply(to.buyQtyDue, to.convFactor);
    return toBody(
      named(orderLine, {
        ...(line.buyQtyDue !== to.buyQtyDue && {
          buyQtyDue: qty,
          desiredQty: qty,
          revisedQtyDue: jsonNumber(inventoryQty),
        }),
        saleUnitPrice: jsonNumber(to.saleUnitPrice),
        unitPriceInclTax: jsonNumber(to.unitPriceInclTax),
        discount: jsonNumber(to.discount),
      }),
    );
  };

  async function amend(found: AmendableOrder, change: IfsAmendment, signal: AbortSignal): Promise<void> {
    const path = orderPathOf(client, found.document.order.orderNo);
    const tagOf = (line: IfsOrderLine): string => found.tags.lines.get(lineKeyOf(line)) ?? "";
    switch (change.kind) {
      case "cancelLine":
        return cancelLine(change.line, tagOf(change.line), signal);
      case "changeLine": {
        const body = changedLine(change.line, change.to);
        return client.patch(orderLine, linePathOf(change.line), { ifMatch: tagOf(change.line), body, signal });
      }
      case "changeHead": {
        const body = toBody(named(order, change.to));
        return client.patch(order, path, { ifMatch: found.document.order.etag, body, signal });
      }
      case "changeAddress": {
        const body = addressBody(found, change.to);
        const ifMatch = found.tags.shipTo ?? "";
        if (inHeader) return client.patch(order, path, { ifMatch, body, signal });
        const own = keyPredicate([
          { property: property(orderAddress, "orderNo"), value: text(found.document.order.orderNo) },
        ]);
        return client.patch(orderAddress, `${path}/${orderAddress.set}${own}`, { ifMatch, body, signal });
      }
    }
  }

  /** What differs; a text that the new address does not have is emptied, which Oracle keeps as nothing. */
  const addressBody = ({ shipTo }: AmendableOrder, to: IfsAddress): Body =>
    Object.fromEntries(
      boundAddress
        .filter((field) => (to[field] ?? "") !== (shipTo?.[field] ?? ""))
        .map((field) => [property(orderAddress, field), to[field] ?? ""]),
    );

  return {
    readAmendable: (orderNo: OrderNo, deadlineMs?: number) =>
      withinOptional(client, deadlineMs, (signal) => readAmendable(orderNo, signal)),
    amend: (found: AmendableOrder, change: IfsAmendment, deadlineMs: number) =>
      client.within(deadlineMs, (signal) => amend(found, change, signal)),
  };
}
