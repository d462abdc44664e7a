/**
 * Creating an order: in one change set where the tenant lets us, else header, address, lines and charges one after another.
 * See docs/architecture.md, "Order export, exactly once": what is promised here is that a TransientError means that nothing
 * was committed, and that every doubt is an UnknownOutcomeError.
 */
import { ConflictError, RefusedError, TransientError, UnknownOutcomeError } from "../domain/failure.ts";
import type { OrderNo } from "../domain/ids.ts";
import type { AmendableOrder, IfsOrderDocument, IfsOrderDraft } from "../domain/ifs-records.ts";
import { matchLines } from "../domain/line-match.ts";
import { ahead, type TimedSignal } from "../runtime/limit.ts";
import type { BatchPart } from "./batch.ts";
import { type BatchForm, refusesForm } from "./batch-form.ts";
import { logicalRow, type ObjectBinding, property } from "./binding.ts";
import { createWithNumber } from "./chosen-number.ts";
import type { IfsClient, RawRow } from "./client.ts";
import { keyPredicate, text } from "./filter.ts";
import type { Body } from "./json.ts";
import { isSameLine } from "./line-reference.ts";
import { childOf, type OrderBodies, orderBodies } from "./order-bodies.ts";
import { createOrderDefaults } from "./order-defaults.ts";
import { toCharges, toLines, toOrders } from "./order-rows.ts";

/** A row to be posted below an order. */
type Child = { readonly array: string; readonly body: Body };

type ReadOrder = (orderNo: OrderNo, signal: AbortSignal) => Promise<IfsOrderDocument | undefined>;

export function createOrderWriter(client: IfsClient, read: ReadOrder, changeSets: BatchForm) {
  const { binding, capabilities } = client;
  const readDefaults = createOrderDefaults(client);

  async function createAs(
    draft: IfsOrderDraft,
    orderNo: OrderNo | undefined,
    signal: TimedSignal,
  ): Promise<IfsOrderDocument> {
    const { header, ...rest } = await bodiesOf(draft, signal);
    const number = orderNo === undefined ? {} : { [property(binding.order, "orderNo")]: orderNo };
    const bodies: OrderBodies = { header: { ...number, ...header }, ...rest };
    if (changeSets.refused()) return inSequence(bodies, signal);
    try {
      return await inChangeSet(bodies, signal);
    } catch (error) {
      // Without the number: a tenant that asks for it in each row asks for another form.
      if (!refusesForm(error, [header, ...children(bodies).map(({ body }) => body)])) throw error;
      const document = await inSequence(bodies, signal);
      changeSets.remember(error);
      return document;
    }
  }

  const create = createWithNumber(client, { create: createAs, read });

  const bodiesOf = async (draft: IfsOrderDraft, signal: TimedSignal): Promise<OrderBodies> =>
    orderBodies(binding, draft, {
      ...(await readDefaults(draft, signal)),
      turnedChargeType: capabilities.turnedChargeType,
    });

  async function inChangeSet(bodies: OrderBodies, signal: TimedSignal): Promise<IfsOrderDocument> {
    const parts: BatchPart[] = [
      childPart("1", binding.order.set, bodies.header),
      ...children(bodies).map(({ array, body }, index) => childPart(String(index + 2), `$1/${array}`, body)),
    ];
    const [header, ...rows] = await client.changeSet(binding.order, parts, signal);
    return afterCommit(bodies, [header, ...rows], signal);
  }

  async function inSequence(bodies: OrderBodies, signal: TimedSignal): Promise<IfsOrderDocument> {
    const header = await client.create(binding.order, binding.order.set, bodies.header, signal);
    const orderNo = orderNoOf(header);
    if (orderNo === undefined) throw new UnknownOutcomeError("IFS created an order and did not tell its number");
    const rows = await postChildren(orderNo, children(bodies), ahead(signal));
    return afterCommit(bodies, [header, ...rows], signal);
  }

  /** Posts one by one to an order that exists: a failure leaves it half-built, which is never "nothing committed". */
  async function postChildren(orderNo: OrderNo, all: readonly Child[], signal: TimedSignal) {
    const rows: (RawRow | undefined)[] = [];
    for (const { array, body } of all) {
      try {
        const path = `${orderPath(orderNo)}/${array}`;
        rows.push(await client.create(binding.orderLine, path, ofOrder(orderNo, array, body), signal));
      } catch (error) {
        throw halfBuilt(error, `IFS order ${orderNo} has ${rows.length} of ${all.length} lines and charges`);
      }
    }
    return rows;
  }

  /** The document from the answers of the create; what they do not show is read. From here on the order exists. */
  async function afterCommit(
    bodies: OrderBodies,
    [header, ...rows]: readonly (RawRow | undefined)[],
    signal: TimedSignal,
  ): Promise<IfsOrderDocument> {
    const answered = documentOf(bodies, header, rows);
    if (answered) return answered;
    const orderNo = orderNoOf(header);
    if (orderNo === undefined) throw new UnknownOutcomeError("IFS created an order and did not tell its number");
    return readBack(orderNo, signal);
  }

  async function readBack(orderNo: OrderNo, signal: TimedSignal): Promise<IfsOrderDocument> {
    let document: IfsOrderDocument | undefined;
    try {
      document = await read(orderNo, ahead(signal));
    } catch (cause) {
      throw new UnknownOutcomeError(`IFS order ${orderNo} was written and cannot be read back`, { cause });
    }
    if (!document) throw new UnknownOutcomeError(`IFS order ${orderNo} was written and is not visible`);
    return document;
  }

  function documentOf(
    bodies: OrderBodies,
    header: RawRow | undefined,
    rows: readonly (RawRow | undefined)[],
  ): IfsOrderDocument | undefined {
    if (!header || !rows.every((row) => row !== undefined)) return undefined;
    const logical = (object: ObjectBinding, row: RawRow) => logicalRow(object, row);
    const first = bodies.address ? 1 : 0;
    const charges = first + bodies.lines.length;
    try {
      const [order] = toOrders(binding, [logical(binding.order, header)]);
      if (!order || order.etag === "") return undefined;
      return {
        order,
        lines: toLines(
          client,
          rows.slice(first, charges).map((row) => logical(binding.orderLine, row)),
        ),
        charges: toCharges(rows.slice(charges).map((row) => logical(binding.orderCharge, row))),
      };
    } catch (error) {
      // Answers of a create may be thinner than reads; then the order is read.
      if (error instanceof RefusedError) return undefined;
      throw error;
    }
  }

  async function addMissing(
    document: IfsOrderDocument,
    draft: IfsOrderDraft,
    signal: TimedSignal,
  ): Promise<IfsOrderDocument> {
    const { orderNo, state } = document.order;
    if (state !== "Planned") {
      const message = `IFS order ${orderNo} is ${state}; only a planned order is completed`;
      throw new RefusedError("ifs", "orderNotPlanned", 0, message);
    }
    const bodies = await bodiesOf(draft, signal);
    const there = matchLines(draft.lines, document.lines, (line, { lineRef }, index) =>
      isSameLine(line.lineRef, lineRef, index + 1),
    );
    const missing = [
      ...(await missingAddress(orderNo, bodies, signal)),
      ...bodies.lines.flatMap((body, index) => (there.has(index) ? [] : [{ array: binding.linesArray, body }])),
      ...missingCharges(document, draft, bodies),
    ];
    if (missing.length > 0) await post(orderNo, missing, ahead(signal));
    return readBack(orderNo, signal);
  }

  /** Lines of the draft for an order in whatever state; whether they are there already was looked at before. */
  async function addLines(
    orderNo: OrderNo,
    { draft, lineRefs }: { readonly draft: IfsOrderDraft; readonly lineRefs: readonly string[] },
    signal: TimedSignal,
  ): Promise<void> {
    const { lines } = await bodiesOf(draft, signal);
    const wanted = lines.filter((_, index) => lineRefs.includes(draft.lines[index]?.lineRef ?? ""));
    const children = wanted.map((body) => ({ array: binding.linesArray, body }));
    if (children.length > 0) await post(orderNo, children, signal);
  }

  async function post(orderNo: OrderNo, missing: readonly Child[], signal: TimedSignal): Promise<void> {
    if (changeSets.refused()) {
      await postChildren(orderNo, missing, signal);
      return;
    }
    const parts = missing.map(({ array, body }, index) =>
      childPart(String(index + 1), `${orderPath(orderNo)}/${array}`, ofOrder(orderNo, array, body)),
    );
    try {
      await client.changeSet(binding.order, parts, signal);
    } catch (error) {
      const rows = parts.map(({ body }) => body);
      if (!refusesForm(error, rows)) throw error;
      await postChildren(orderNo, missing, signal);
      changeSets.remember(error);
    }
  }

  async function missingAddress(orderNo: OrderNo, { address }: OrderBodies, signal: TimedSignal): Promise<Child[]> {
    if (!address) return [];
    const rows = await client.list(binding.orderAddress, { parent: orderPath(orderNo), fields: ["orderNo"], signal });
    return rows.length > 0 ? [] : [{ array: binding.orderAddress.set, body: address }];
  }

  /** IFS keeps no reference of ours on a charge, but charges are posted in the draft's order: the first of a type exist. */
  function missingCharges(document: IfsOrderDocument, draft: IfsOrderDraft, bodies: OrderBodies): Child[] {
    const there = new Map<string, number>();
    for (const { chargeType } of document.charges) there.set(chargeType, (there.get(chargeType) ?? 0) + 1);
    return bodies.charges.flatMap((body, index) => {
      const type = draft.charges[index]?.chargeType ?? "";
      const left = there.get(type) ?? 0;
      there.set(type, left - 1);
      return left > 0 ? [] : [{ array: binding.orderCharge.set, body }];
    });
  }

  const children = (bodies: OrderBodies): Child[] => [
    ...(bodies.address ? [{ array: binding.orderAddress.set, body: bodies.address }] : []),
    ...bodies.lines.map((body) => ({ array: binding.linesArray, body })),
    ...bodies.charges.map((body) => ({ array: binding.orderCharge.set, body })),
  ];

  const orderPath = (orderNo: OrderNo): string => orderPathOf(client, orderNo);

  const ofOrder = (orderNo: OrderNo, array: string, body: Body): Body => childOf(binding, orderNo, { array, body });

  function orderNoOf(header: RawRow | undefined): OrderNo | undefined {
    const value = header && logicalRow(binding.order, header).orderNo;
    return typeof value === "string" && value !== "" ? (value as OrderNo) : undefined;
  }

  return {
    create: (draft: IfsOrderDraft, deadlineMs: number) => client.within(deadlineMs, (signal) => create(draft, signal)),
    addMissing: (document: IfsOrderDocument, draft: IfsOrderDraft, deadlineMs: number) =>
      client.within(deadlineMs, (signal) => addMissing(document, draft, signal)),
    addLines: (
      { document }: Pick<AmendableOrder, "document">,
      given: { readonly draft: IfsOrderDraft; readonly lineRefs: readonly string[] },
      deadlineMs: number,
    ) => client.within(deadlineMs, (signal) => addLines(document.order.orderNo, given, signal)),
  };
}

export const orderPathOf = ({ binding }: Pick<IfsClient, "binding">, orderNo: string): string =>
  `${binding.order.set}${keyPredicate([{ property: binding.order.fields.orderNo ?? "OrderNo", value: text(orderNo) }])}`;

export const childPart = (contentId: string, path: string, body: Body): BatchPart => ({
  contentId,
  method: "POST",
  path,
  headers: { Prefer: "return=representation" },
  body,
});

function halfBuilt(error: unknown, state: string): Error {
  if (error instanceof RefusedError) {
    return new RefusedError("ifs", error.code, error.status, `${error.message} (${state}; it was not released)`);
  }
  if (error instanceof TransientError || error instanceof ConflictError || error instanceof UnknownOutcomeError) {
    return new UnknownOutcomeError(`${error.message} (${state})`, { cause: error });
  }
  return new UnknownOutcomeError(state, { cause: error });
}
