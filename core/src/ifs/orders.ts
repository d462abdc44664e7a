import { type Contract, type OrderNo, orderNoSchema } from "../domain/ids.ts";
import type {
  AmendableOrder,
  IfsAmendment,
  IfsOrder,
  IfsOrderDocument,
  IfsOrderDraft,
  IfsOrderLookup,
} from "../domain/ifs-records.ts";
import { ahead, mapLimited } from "../runtime/limit.ts";
import { createChangeSetForm } from "./batch-form.ts";
import { property } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { and, eq, type Filter, or, text } from "./filter.ts";
import { keyTerm, readInChunks } from "./key-lists.ts";
import { createOrderActions, withinOptional } from "./order-actions.ts";
import { createOrderAmendments } from "./order-amend.ts";
import { createOrderWriter, orderPathOf } from "./order-create.ts";
import { createOrderLists, type OrderLists } from "./order-lists.ts";
import { chargeFields, lineFields, orderFields, toCharges, toLines, toOrders } from "./order-rows.ts";

/** `deadlineMs` counts from the call and covers all its requests; without it each has the configured time-out. */
export type Orders = {
  /**
   * All orders that carry the reference, of every site, cancelled ones included; several are for the caller to judge. `contract`:
   * the site at which "absent" is proven, and no other.
   */
  findByExternalRef(externalRef: string, contract: Contract, deadlineMs?: number): Promise<IfsOrderLookup>;
  /** The same, of that site alone, by a property under the tenant's own name; the sentinel order itself is never an answer. */
  findByProperty(
    by: { readonly name: string; readonly value: string },
    contract: Contract,
    deadlineMs?: number,
  ): Promise<IfsOrderLookup>;
  /** undefined: not there, or not visible to the service user. */
  read(orderNo: OrderNo, deadlineMs?: number): Promise<IfsOrderDocument | undefined>;
  /**
   * Creates header, lines and charges. `deadlineMs` covers all requests of the creation. TransientError: nothing was
   * committed. UnknownOutcomeError: it may have been. OrderExistsError: it is there under one of `header.orderNos`. RefusedError: a reason in the data; where single requests are used,
   * the begun order then stays planned, can be found by its reference, and can be completed by `addMissing`.
   */
  create(draft: IfsOrderDraft, deadlineMs: number): Promise<IfsOrderDocument>;
  /** Posts the lines and charges of the draft that the planned order lacks, and reads it again. */
  addMissing(document: IfsOrderDocument, draft: IfsOrderDraft, deadlineMs: number): Promise<IfsOrderDocument>;
  release(orderNo: OrderNo, deadlineMs?: number): Promise<IfsOrder>;
  cancel(orderNo: OrderNo, reason: string, deadlineMs?: number): Promise<IfsOrder>;
  /** The order with all that an amendment looks at; undefined: not there, or not visible. */
  readAmendable(orderNo: OrderNo, deadlineMs?: number): Promise<AmendableOrder | undefined>;
  /** One write at the ETag that was read with the order. ConflictError: somebody else wrote meanwhile. */
  amend(found: AmendableOrder, change: IfsAmendment, deadlineMs: number): Promise<void>;
  /** Posts lines of the draft by their references. Errors as of `create`; a lost answer is an UnknownOutcomeError. */
  addLines(
    found: Pick<AmendableOrder, "document">,
    given: { readonly draft: IfsOrderDraft; readonly lineRefs: readonly string[] },
    deadlineMs: number,
  ): Promise<void>;
  /**
   * The orders that can be seen, in no promised order. Charges cost one request per order, as IFS has no flat list of them;
   * `charges: false` leaves them out (the lists are then empty).
   */
  documents(orderNos: readonly OrderNo[], options?: { charges?: boolean }): Promise<IfsOrderDocument[]>;
} & OrderLists;

export function createOrders(client: IfsClient): Orders {
  const { binding } = client;
  const { order, orderLine, orderCharge } = binding;

  const findOrders = async (filter: Filter, signal?: AbortSignal): Promise<IfsOrder[]> =>
    toOrders(binding, await client.list(order, { filter, fields: orderFields, signal }));

  /** Of every site: what routes an order may have changed since it was sent. Only the proof of absence is one of the site. */
  function findByExternalRef(externalRef: string, contract: Contract, signal?: AbortSignal): Promise<IfsOrderLookup> {
    const filter = eq(property(order, "externalRef"), text(externalRef));
    return find({ filter, isOurs: (row) => row.externalRef === externalRef }, contract, signal);
  }

  function findByProperty(
    { name, value }: { readonly name: string; readonly value: string },
    contract: Contract,
    signal?: AbortSignal,
  ): Promise<IfsOrderLookup> {
    const filter = and(eq(property(order, "contract"), text(contract)), eq(name, text(value)));
    const sentinel = client.config.ifs.sentinelOrders[contract];
    return find({ filter, isOurs: ({ orderNo }) => orderNo !== sentinel, alone: true }, contract, signal);
  }

  /**
   * An empty list may as well mean a missing grant. Absent is only what a list says that shows an order of the site at the same
   * time: the sentinel, else any order of the site, whose number is asked for along with ours, because grants may come back
   * between two requests. `alone`: rows do not tell what is looked for, so that only the sentinel can be asked for beside it.
   */
  async function find(
    look: { readonly filter: Filter; readonly isOurs: (row: IfsOrder) => boolean; readonly alone?: boolean },
    contract: Contract,
    signal?: AbortSignal,
  ): Promise<IfsOrderLookup> {
    const ask = async (witness: string | undefined): Promise<IfsOrderLookup | undefined> => {
      const beside = witness === undefined ? undefined : eq(property(order, "orderNo"), text(witness));
      const rows = await findOrders(beside ? or(look.filter, beside) : look.filter, signal);
      const orders = rows.filter(look.isOurs);
      if (orders.length > 0) return { kind: "found", orders };
      const seen = rows.some((row) => row.orderNo === witness && row.contract === contract);
      return seen ? { kind: "absent" } : undefined;
    };
    const unknown = (reason: string): IfsOrderLookup => ({ kind: "unknown", reason });

    const sentinel = client.config.ifs.sentinelOrders[contract];
    const answer = await ask(sentinel);
    if (answer) return answer;
    if (sentinel) return unknown(`neither the order nor sentinel order ${sentinel} of site ${contract} is visible`);
    const ofSite = eq(property(order, "contract"), text(contract));
    const [any] = await client.first(order, { filter: ofSite, fields: ["orderNo"], signal }, 1);
    if (!any) return unknown(`no order of site ${contract} is visible; grants may be missing`);
    const again = await ask(look.alone ? undefined : orderNoSchema.parse(any.orderNo));
    if (again || look.alone) return again ?? { kind: "absent" };
    return unknown(`orders of site ${contract} come into sight and go out of it; grants may be changing`);
  }

  async function readHeader(orderNo: OrderNo, signal?: AbortSignal): Promise<IfsOrder | undefined> {
    const row = await client.row(order, orderPathOf(client, orderNo), { fields: orderFields, signal });
    return row && toOrders(binding, [row])[0];
  }

  const chargesOf = async (orderNo: OrderNo, signal?: AbortSignal) =>
    toCharges(await client.list(orderCharge, { parent: orderPathOf(client, orderNo), fields: chargeFields, signal }));

  async function read(orderNo: OrderNo, signal?: AbortSignal): Promise<IfsOrderDocument | undefined> {
    const header = await readHeader(orderNo, signal);
    if (!header) return undefined;
    const filter = eq(property(orderLine, "orderNo"), text(orderNo));
    const lines = toLines(client, await client.list(orderLine, { filter, fields: lineFields, signal }));
    return { order: header, lines, charges: await chargesOf(orderNo, signal) };
  }

  async function documents(
    orderNos: readonly OrderNo[],
    options: { charges?: boolean } = {},
  ): Promise<IfsOrderDocument[]> {
    const unique = [...new Set(orderNos)];
    const headers = toOrders(
      binding,
      await readInChunks(client, order, {
        terms: unique.map((no) => keyTerm(property(order, "orderNo"), no)),
        fields: orderFields,
      }),
    );
    const terms = headers.map((header) => keyTerm(property(orderLine, "orderNo"), header.orderNo));
    const lines = Map.groupBy(
      toLines(client, await readInChunks(client, orderLine, { terms, fields: lineFields })),
      (line) => line.orderNo,
    );
    return mapLimited(headers, client.config.ifs.concurrency, async (header) => ({
      order: header,
      lines: lines.get(header.orderNo) ?? [],
      charges: options.charges === false ? [] : await chargesOf(header.orderNo),
    }));
  }

  const changeSets = createChangeSetForm(client);
  const writer = createOrderWriter(client, read, changeSets);
  return {
    findByExternalRef: (externalRef, contract, deadlineMs) =>
      withinOptional(client, deadlineMs, (signal) => findByExternalRef(externalRef, contract, signal)),
    findByProperty: (by, contract, deadlineMs) =>
      withinOptional(client, deadlineMs, (signal) => findByProperty(by, contract, signal)),
    read: (orderNo, deadlineMs) =>
      withinOptional(client, deadlineMs, (signal) => read(orderNo, signal && ahead(signal))),
    create: writer.create,
    addMissing: writer.addMissing,
    addLines: writer.addLines,
    ...createOrderAmendments(client, chargesOf),
    ...createOrderActions(client, readHeader, changeSets),
    documents,
    ...createOrderLists(client),
  };
}
