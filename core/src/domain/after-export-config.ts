/** What happens when an order changes in commercetools after it was exported: `orders.afterExport` of the configuration. */
import { z } from "zod";

/** How far IFS has come with a line; an order, and what concerns all of it, is as far as its furthest line. */
export const lineProgress = ["beforeReservation", "reserved", "picked", "partlyDelivered", "delivered"] as const;
export type LineProgress = (typeof lineProgress)[number];

const decision = z.enum(["apply", "hold", "refuse"]);
export type EditDecision = z.infer<typeof decision>;

const byProgress = (fields: Readonly<Record<LineProgress, EditDecision>>) =>
  z
    .strictObject({
      beforeReservation: decision.default(fields.beforeReservation),
      reserved: decision.default(fields.reserved),
      picked: decision.default(fields.picked),
      partlyDelivered: decision.default(fields.partlyDelivered),
      delivered: decision.default(fields.delivered),
    })
    .prefault({});

/** In place while nothing is reserved, a person's decision after it, and no more once all of it has left. */
const careful = {
  beforeReservation: "apply",
  reserved: "hold",
  picked: "hold",
  partlyDelivered: "hold",
  delivered: "refuse",
} as const;

/** Kinds of change of an exported order. */
export const editKinds = ["address", "references", "quantity", "addedLine", "removedLine", "price"] as const;
export type EditKind = (typeof editKinds)[number];

export const afterExportSchema = z
  .strictObject({
    address: byProgress(careful).describe("Delivery address, its contact, and the invoice address in the note."),
    references: byProgress({ ...careful, reserved: "apply", picked: "apply" }).describe("Purchase order number."),
    quantity: byProgress(careful).describe("Quantity of a line; its price goes along."),
    addedLine: byProgress(careful),
    removedLine: byProgress(careful).describe("The line is cancelled in IFS, with reason `Removed in the shop`."),
    price: byProgress(careful).describe("Price or discount of a line whose quantity stays."),
  })
  .describe(
    "A change of an exported order, by kind and by how far IFS has come with the line (or, for what concerns all of the order, with its furthest line): apply it in IFS, hold it for a person, or refuse it with the reason.",
  );
export type AfterExport = z.infer<typeof afterExportSchema>;
