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

/** What becomes of a return that is entered in commercetools. */
export const returnModes = ["off", "ask", "create", "createAndRelease"] as const;
export type ReturnMode = (typeof returnModes)[number];
export const returnModeSchema = z.enum(returnModes);

const text = z.string().min(1);

export const returnsSchema = z
  .strictObject({
    mode: returnModeSchema
      .default("off")
      .describe(
        "off: returns stay in commercetools. ask: a person enters each in IFS. create: an RMA, Planned. createAndRelease: and it is released.",
      ),
    trigger: z
      .enum(["either", "advised", "returned"])
      .default("either")
      .describe(
        "Return items of which shipment state become an RMA. either: the first that tells of the goods; what is entered as Returned after it was Advised is no second return.",
      ),
    reasons: z
      .strictObject({
        customField: text.optional().describe("Custom field of the return item; its value is looked up in `codes`."),
        codes: z
          .record(text, text)
          .default({})
          .describe(
            "Value of that field, else the item's comment -> IFS return reason. Capitals and spaces around do not matter.",
          ),
        unusable: text.optional().describe("For goods that were judged Unusable before their RMA was created."),
        default: text.optional().describe("For all others; without it they are an exception."),
      })
      .prefault({}),
    approver: text
      .optional()
      .describe(
        "IFS ReturnApproverId: a coordinator connected to the service user. Left out: the route's coordinator.",
      ),
    exchangeField: text
      .optional()
      .describe(
        "Custom field of the return item that names the order of the goods sent instead; written to the RMA's note.",
      ),
  })
  .describe("Returns of exported orders, as return material authorizations (RMA) in IFS.");
export type ReturnsConfig = z.infer<typeof returnsSchema>;

export const afterExportSchema = z
  .strictObject({
    address: byProgress(careful).describe("Delivery address, its contact, and the invoice address in the note."),
    references: byProgress({ ...careful, reserved: "apply", picked: "apply" }).describe("Purchase order number."),
    quantity: byProgress(careful).describe("Quantity of a line; its price goes along."),
    addedLine: byProgress(careful),
    removedLine: byProgress(careful).describe("The line is cancelled in IFS, with reason `Removed in the shop`."),
    mappedFields: z
      .enum(["hold", "ignore"])
      .default("hold")
      .describe(
        "Another value of what a mapping of the route reads (custom fields, for instance; payments aside): hold it for a person, who makes it right in IFS and retries the order to confirm; or take no notice.",
      ),
    price: byProgress(careful).describe("Price or discount of a line whose quantity stays."),
    returns: returnsSchema.prefault({}),
  })
  .describe(
    "A change of an exported order, by kind and by how far IFS has come with the line (or, for what concerns all of the order, with its furthest line): apply it in IFS, hold it for a person, or refuse it with the reason.",
  );
export type AfterExport = z.infer<typeof afterExportSchema>;
