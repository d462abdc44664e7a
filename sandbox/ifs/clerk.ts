import { invoiceOrder, payInvoice } from "./business/invoice.ts";
import {
  blockOrder,
  cancelLine,
  cancelOrder,
  releaseOrder,
  reserveOrder,
  unblockOrder,
  unreserveOrder,
} from "./business/order-flow.ts";
import { linesOf } from "./business/order-parts.ts";
import {
  completeShipment,
  createShipment,
  deliverShipment,
  deliverWithoutShipment,
  pickShipment,
  shipmentsOf,
} from "./business/shipment.ts";
import { eventCommands } from "./clerk-events.ts";
import { badInput, type Input, type Summary, summarizeOrder, wantedLines } from "./clerk-input.ts";
import { returnCommands } from "./clerk-returns.ts";
import { stockCommands } from "./clerk-stock.ts";
import { ZERO } from "./decimal.ts";
import { refused } from "./errors.ts";
import { maybeText, num, text } from "./rows.ts";
import type { Row } from "./store.ts";
import type { World } from "./world.ts";

export type ClerkCommand = (world: World, input: Input) => Summary;

/** What people in IFS do all day, as commands. Each runs whole or not at all; a refusal is an OdataError. */
export const clerkCommands: Record<string, ClerkCommand> = {
  release: onOrder((world, order) => releaseOrder(world, order)),
  reserve: onOrder((world, order, input) => {
    reserveOrder(world, order, wantedLines(world, order, input));
  }),
  unreserve: onOrder((world, order) => {
    unreserveOrder(world, order);
  }),
  pick: onOrder((world, order, input) => {
    prepare(world, order, wantedLines(world, order, input));
    pickShipment(world, openShipment(world, order, input));
  }),
  ship,
  deliver,
  invoice(world, input) {
    const order = input.order(world);
    const invoice = invoiceOrder(world, order);
    return { ...summarizeOrder(world, order), invoiceNo: text(invoice, "InvoiceNo") };
  },
  pay(world, input) {
    const invoiceNo = input.text("invoiceNo");
    const invoice = [...(world.table("InvoiceLedgerItemCu").find("InvoiceNo", invoiceNo) ?? [])][0];
    if (!invoice) throw refused("InvoiceLedgerItemCu", "NOINVOICE", `There is no invoice ${invoiceNo}.`);
    payInvoice(world, invoice);
    return { invoiceNo, openAmount: "0" };
  },
  cancel: onOrder((world, order, input) => {
    const reason = input.optional("reason") ?? "CUST";
    const lineNo = input.optional("line") ?? input.optional("lineNo");
    if (lineNo === undefined) cancelOrder(world, order, reason);
    else cancelLine(world, lineOf(world, order, lineNo), reason);
  }),
  block: onOrder((world, order, input) => blockOrder(world, order, input.optional("reason") ?? "MANUAL")),
  unblock: onOrder((world, order) => unblockOrder(world, order)),
  "credit-block": (world, input) => setCreditBlock(world, input, true),
  "credit-unblock": (world, input) => setCreditBlock(world, input, false),
  promise: onOrder((world, order, input) => {
    const day = input.text("date").slice(0, 10);
    if (!/^\d{4}-\d\d-\d\d$/.test(day) || Number.isNaN(Date.parse(day))) {
      throw badInput(`"date" is a day as in 2026-05-31, not "${day}".`);
    }
    const date = `${day}T00:00:00Z`;
    const lineNo = input.optional("line") ?? input.optional("lineNo");
    for (const line of lineNo === undefined ? linesOf(world, text(order, "OrderNo")) : [lineOf(world, order, lineNo)]) {
      world.table("CustomerOrderLine").update(line, { PromisedDeliveryDate: date, PlannedDeliveryDate: date });
    }
  }),
  state: (world, input) => summarizeOrder(world, input.order(world)),
  deploy(world, input) {
    const named = input.optional("projection");
    const all = [...world.table("Projection").all()].map((row) => text(row, "ProjectionName"));
    if (named !== undefined && !all.includes(named)) {
      throw refused("Projection", "NOPROJECTION", `There is no projection ${named}.`);
    }
    const failures = world.settings.staleMetadataFailures;
    for (const name of named === undefined ? all : [named]) world.staleProjections.set(name, failures);
    return {
      deployed: named ?? "all",
      effect: `calls to each projection that fail with MI_MODIFIED_ERROR: ${failures}`,
    };
  },
  ...stockCommands,
  ...returnCommands,
  ...eventCommands,
};

function onOrder(work: (world: World, order: Row, input: Input) => void): ClerkCommand {
  return (world, input) => {
    const order = input.order(world);
    work(world, order, input);
    return summarizeOrder(world, order);
  };
}

function lineOf(world: World, order: Row, lineNo: string): Row {
  const line = linesOf(world, text(order, "OrderNo")).find((row) => text(row, "LineNo") === lineNo);
  if (!line) throw refused("CustomerOrderLine", "NOLINE", `Order ${text(order, "OrderNo")} has no line ${lineNo}.`);
  return line;
}

type Wanted = ReturnType<typeof wantedLines>;

/** Whatever comes before picking and is not done yet: release, then reservation. */
function prepare(world: World, order: Row, wanted: Wanted) {
  if (text(order, "Objstate") === "Planned") releaseOrder(world, order);
  if (text(order, "Objstate") === "Blocked") {
    throw refused(
      "CustomerOrder",
      "BLOCKED",
      `Order ${text(order, "OrderNo")} is blocked: ${text(order, "BlockedReason")}.`,
    );
  }
  reserveOrder(world, order, missing(world, order, wanted));
}

/** Of what is wanted, what is not yet reserved; everything when nothing was named. */
function missing(world: World, order: Row, wanted: Wanted): Wanted {
  if (!wanted) return undefined;
  return new Map(
    [...wanted].map(([lineNo, qty]) => {
      const line = lineOf(world, order, lineNo);
      const rest = qty.minus(num(line, "QtyAssigned").minus(num(line, "QtyPicked")));
      return [lineNo, rest.lt(0) ? ZERO : rest];
    }),
  );
}

function openShipment(world: World, order: Row, input: Input): Row {
  const open = shipmentsOf(world, text(order, "OrderNo")).find((row) => text(row, "Objstate") === "Preliminary");
  return open ?? createShipment(world, order, { wanted: wantedLines(world, order, input) });
}

/** `with: "H100010,H100011"`: orders that leave in the same shipment. */
function othersOf(world: World, input: Input): Row[] {
  const numbers = (input.optional("with") ?? "").split(",").filter((orderNo) => orderNo !== "");
  return numbers.map((orderNo) => {
    const other = world.table("CustomerOrder").get(orderNo);
    if (!other) throw refused("CustomerOrder", "NOTEXIST", `There is no order ${orderNo}.`);
    return other;
  });
}

/** Does all steps that are missing until the goods are out of the house (or, with deliver=false, ready to go). */
function ship(world: World, input: Input): Summary {
  const order = input.order(world);
  const wanted = wantedLines(world, order, input);
  const ready = shipmentsOf(world, text(order, "OrderNo")).find((row) => text(row, "Objstate") === "Preliminary");
  if (!ready) prepare(world, order, wanted);
  if (input.flag("withoutShipment", false)) {
    deliverWithoutShipment(world, order, wanted);
    return summarizeOrder(world, order);
  }
  const others = othersOf(world, input);
  for (const other of ready ? [] : others) prepare(world, other, undefined);
  const content = { wanted, others, foreignLine: input.flag("foreignLine", false) };
  const shipment = ready ?? createShipment(world, order, content);
  pickShipment(world, shipment);
  const shipmentId = text(shipment, "ShipmentId");
  completeShipment(world, shipment, {
    trackingNumber: input.optional("trackingNumber") ?? `SBX${shipmentId.padStart(9, "0")}`,
    carrier: input.optional("carrier") ?? maybeText(shipment, "ForwardAgentId") ?? "DHL",
  });
  if (input.flag("deliver", true)) deliverShipment(world, shipment);
  return { ...summarizeOrder(world, order), shipmentId };
}

/** Completed shipments of an order, or one by its number, leave the house. */
function deliver(world: World, input: Input): Summary {
  const order = input.order(world);
  const named = input.optional("shipmentId");
  const waiting = shipmentsOf(world, text(order, "OrderNo")).filter(
    (row) =>
      text(row, "Objstate") === "Completed" &&
      !maybeText(row, "ActualShipDate") &&
      (named === undefined || text(row, "ShipmentId") === named),
  );
  if (waiting.length === 0)
    throw refused("Shipment", "NODELIVER", `Order ${text(order, "OrderNo")} has no shipment that waits.`);
  for (const shipment of waiting) deliverShipment(world, shipment);
  return summarizeOrder(world, order);
}

function setCreditBlock(world: World, input: Input, blocked: boolean): Summary {
  const customerNo = input.text("customerNo");
  const rows = [...(world.table("CustomerCreditInfo").find("Identity", customerNo) ?? [])];
  const company = input.optional("company");
  const chosen = rows.filter((row) => company === undefined || text(row, "Company") === company);
  if (chosen.length === 0)
    throw refused("CustomerCreditInfo", "NOCUSTOMER", `There is no customer ${customerNo} to block.`);
  for (const row of chosen) world.table("CustomerCreditInfo").update(row, { CreditBlock: blocked });
  return { customerNo, creditBlock: blocked };
}
