/**
 * Return material authorizations: look-up with proof, create, complete, release. The same promises as for orders
 * (order-create.ts): a TransientError means that nothing was committed, and every doubt is an UnknownOutcomeError.
 */
import { decimal } from "../domain/decimal.ts";
import { RefusedError, UnknownOutcomeError } from "../domain/failure.ts";
import type { Contract, OrderNo } from "../domain/ids.ts";
import type {
  IfsReturn,
  IfsReturnCreated,
  IfsReturnDraft,
  IfsReturnLine,
  IfsReturnLineDraft,
  IfsReturnLookup,
} from "../domain/ifs-returns.ts";
import type { TimedSignal } from "../runtime/limit.ts";
import { createChangeSetForm, refusesForm } from "./batch-form.ts";
import { logicalRow, type ObjectBinding, property, underProperties } from "./binding.ts";
import type { IfsClient, RawRow } from "./client.ts";
import { eq, type Filter, keyPredicate, type Literal, number, text } from "./filter.ts";
import type { Body } from "./json.ts";
import { jsonNumber, toBody } from "./json.ts";
import { type KeyTerm, keyTerm, readInChunks } from "./key-lists.ts";
import { withinOptional } from "./order-actions.ts";
import { childPart } from "./order-create.ts";
import {
  type ReturnBodies,
  returnBodies,
  returnLineBody,
  rmaFields,
  rmaLineFields,
  toReturnLines,
  toReturns,
} from "./return-rows.ts";

export type ReturnQuery = {
  readonly orderNo: OrderNo;
  readonly contract: Contract;
  readonly references: readonly string[];
  readonly rmaNos: readonly string[];
};

/** `deadlineMs` counts from the call and covers all its requests; without it each has the configured time-out. */
export type Returns = {
  /** By reference and by number, dead ones included; several of one reference are for the caller to judge. */
  find(query: ReturnQuery, deadlineMs?: number): Promise<IfsReturnLookup>;
  /** By reference and number, whatever the site and without any proof: for the ledger. */
  list(query: { readonly references: readonly string[]; readonly rmaNos: readonly string[] }): Promise<IfsReturn[]>;
  /** RefusedError: nothing was created. TransientError: nothing was committed. UnknownOutcomeError: it may have been. */
  create(draft: IfsReturnDraft, deadlineMs: number): Promise<IfsReturnCreated>;
  /** Posts lines to an RMA that lacks them. RefusedError: some of them may be there. Doubt as of `create`. */
  addLines(rmaNo: string, lines: readonly IfsReturnLineDraft[], deadlineMs: number): Promise<IfsReturn>;
  /** The RMA afterwards. One that was released before is answered as it is. */
  release(rmaNo: string, deadlineMs?: number): Promise<IfsReturn>;
};

export function createReturns(client: IfsClient): Returns {
  const { binding, config } = client;
  const { rma, rmaLine } = binding;
  const changeSets = createChangeSetForm(client);

  const noLiteral = (object: ObjectBinding, rmaNo: string): Literal =>
    object.keyTypes?.rmaNo === "number" ? number(decimal(rmaNo)) : text(rmaNo);
  const rmaPath = (rmaNo: string): string =>
    `${rma.set}${keyPredicate([{ property: property(rma, "rmaNo"), value: noLiteral(rma, rmaNo) }])}`;
  const isNo = (object: typeof rma | typeof rmaLine, rmaNo: string): KeyTerm =>
    keyTerm(property(object as ObjectBinding<string>, "rmaNo"), rmaNo, (no) => noLiteral(object as ObjectBinding, no));
  const isRef = (reference: string): KeyTerm => keyTerm(property(rma, "reference"), reference);

  /** Each once: a row that fits terms of two requests comes twice. */
  async function headersOf(
    query: { readonly terms: readonly KeyTerm[]; readonly fixed?: Filter },
    signal?: AbortSignal,
  ): Promise<Omit<IfsReturn, "lines">[]> {
    const rows = toReturns(binding, await readInChunks(client, rma, { ...query, fields: rmaFields, signal }));
    return [...new Map(rows.map((row) => [row.rmaNo, row])).values()];
  }

  /** Lines of these RMAs, and of the order where the tenant has a list over all RMAs. */
  async function linesOf(
    { rmaNos, orderNo }: { readonly rmaNos: readonly string[]; readonly orderNo?: OrderNo },
    signal?: AbortSignal,
  ): Promise<IfsReturnLine[]> {
    if (rmaLine.parent !== null) {
      const lines: IfsReturnLine[] = [];
      for (const rmaNo of rmaNos) {
        const rows = await client.list(rmaLine, { parent: rmaPath(rmaNo), fields: rmaLineFields, signal });
        lines.push(...toReturnLines(binding, rows));
      }
      return lines;
    }
    const terms = [
      ...rmaNos.map((rmaNo) => isNo(rmaLine, rmaNo)),
      ...(orderNo === undefined ? [] : [keyTerm(property(rmaLine, "orderNo"), orderNo)]),
    ];
    if (terms.length === 0) return [];
    return toReturnLines(binding, await readInChunks(client, rmaLine, { terms, fields: rmaLineFields, signal }));
  }

  const withLines = (headers: readonly Omit<IfsReturn, "lines">[], lines: readonly IfsReturnLine[]): IfsReturn[] => {
    const distinct = new Map(lines.map((line) => [`${line.rmaNo}/${line.rmaLineNo}`, line]));
    return headers.map((header) => ({
      ...header,
      lines: [...distinct.values()].filter(({ rmaNo }) => rmaNo === header.rmaNo),
    }));
  };

  async function find(query: ReturnQuery, signal?: AbortSignal): Promise<IfsReturnLookup> {
    const { orderNo, contract, references, rmaNos } = query;
    const ofSite = eq(property(rma, "contract"), text(contract));
    const sentinel = config.ifs.sentinelReturns[contract];
    const terms = [
      ...references.map(isRef),
      ...[...rmaNos, ...(sentinel === undefined ? [] : [sentinel])].map((rmaNo) => isNo(rma, rmaNo)),
    ];
    const rows = await headersOf({ terms, fixed: ofSite }, signal);
    const headers = rows.filter((row) => references.includes(row.reference ?? "") || rmaNos.includes(row.rmaNo));
    const lines = await linesOf({ rmaNos: headers.map(({ rmaNo }) => rmaNo), orderNo }, signal);
    return {
      found: withLines(headers, lines),
      ofOrder: lines.filter((line) => line.orderNo === orderNo),
      unproven: rows.length > 0 ? undefined : await unproven(ofSite, { contract, sentinel }, signal),
    };
  }

  /** An empty list may as well mean a missing grant. The sentinel, else any RMA of the site, proves that they can be seen. */
  async function unproven(
    ofSite: Filter,
    { contract, sentinel }: { readonly contract: Contract; readonly sentinel: string | undefined },
    signal?: AbortSignal,
  ): Promise<string | undefined> {
    if (sentinel !== undefined)
      return `neither an RMA of the order nor sentinel RMA ${sentinel} of site ${contract} is visible`;
    const [any] = await client.first(rma, { filter: ofSite, fields: ["rmaNo"], signal }, 1);
    return any ? undefined : `no RMA of site ${contract} is visible; there is none yet, or grants are missing`;
  }

  async function list({ references, rmaNos }: Pick<ReturnQuery, "references" | "rmaNos">): Promise<IfsReturn[]> {
    const terms = [...references.map(isRef), ...rmaNos.map((rmaNo) => isNo(rma, rmaNo))];
    const headers = await headersOf({ terms });
    return withLines(headers, await linesOf({ rmaNos: headers.map(({ rmaNo }) => rmaNo) }));
  }

  async function create(draft: IfsReturnDraft, signal: TimedSignal): Promise<IfsReturnCreated> {
    const bodies = returnBodies(binding, draft);
    if (changeSets.refused()) return inSequence(bodies, signal);
    const parts = [
      childPart("1", rma.set, bodies.header),
      ...bodies.lines.map((body, index) => childPart(String(index + 2), `$1/${binding.rmaLinesArray}`, body)),
    ];
    try {
      const [header, ...rows] = await client.changeSet(rma, parts, signal);
      return { kind: "done", rma: await afterCommit(header, rows, signal) };
    } catch (error) {
      if (!refusesForm(error, [bodies.header, ...bodies.lines])) throw error;
      const created = await inSequence(bodies, signal);
      if (created.kind === "done") changeSets.remember(error);
      return created;
    }
  }

  async function inSequence({ header: body, lines }: ReturnBodies, signal: TimedSignal): Promise<IfsReturnCreated> {
    const header = await client.create(rma, rma.set, body, signal);
    const rmaNo = rmaNoOf(header);
    if (rmaNo === undefined) throw new UnknownOutcomeError("IFS created an RMA and did not tell its number");
    const rows: (RawRow | undefined)[] = [];
    try {
      for (const line of lines) rows.push(await postLine(rmaNo, line, signal));
    } catch (refusal) {
      if (refusal instanceof RefusedError) return { kind: "halfBuilt", rmaNo, refusal };
      throw inDoubt(rmaNo, refusal);
    }
    return { kind: "done", rma: await afterCommit(header, rows, signal) };
  }

  const postLine = (rmaNo: string, body: Body, signal: TimedSignal): Promise<RawRow | undefined> => {
    const own = underProperties<string, ReturnType<typeof jsonNumber> | string>(rmaLine, {
      rmaNo: rmaLine.keyTypes?.rmaNo === "number" ? jsonNumber(decimal(rmaNo)) : rmaNo,
    });
    const row: Body = { ...toBody(own), ...body };
    return client.create(rmaLine, `${rmaPath(rmaNo)}/${binding.rmaLinesArray}`, row, signal);
  };

  /** From here on the RMA exists: what the answers do not show is read. */
  async function afterCommit(
    header: RawRow | undefined,
    rows: readonly (RawRow | undefined)[],
    signal: TimedSignal,
  ): Promise<IfsReturn> {
    const answered = fromAnswers(header, rows);
    if (answered) return answered;
    const rmaNo = rmaNoOf(header);
    if (rmaNo === undefined) throw new UnknownOutcomeError("IFS created an RMA and did not tell its number");
    return readBack(rmaNo, signal);
  }

  function fromAnswers(header: RawRow | undefined, rows: readonly (RawRow | undefined)[]): IfsReturn | undefined {
    if (!header || !rows.every((row) => row !== undefined)) return undefined;
    try {
      const [read] = toReturns(binding, [logicalRow(rma, header)]);
      const lines = toReturnLines(
        binding,
        rows.map((row) => logicalRow(rmaLine, row)),
      );
      return read && { ...read, lines };
    } catch (error) {
      // Answers of a create may be thinner than reads; then the RMA is read.
      if (error instanceof RefusedError) return undefined;
      throw error;
    }
  }

  async function readBack(rmaNo: string, signal: TimedSignal): Promise<IfsReturn> {
    try {
      const read = await one(rmaNo, signal);
      if (read) return read;
    } catch (cause) {
      throw inDoubt(rmaNo, cause);
    }
    throw new UnknownOutcomeError(`RMA ${rmaNo} was written and is not visible`);
  }

  async function one(rmaNo: string, signal?: AbortSignal): Promise<IfsReturn | undefined> {
    const row = await client.row(rma, rmaPath(rmaNo), { fields: rmaFields, signal });
    const headers = row ? toReturns(binding, [row]) : [];
    return headers.length === 0 ? undefined : withLines(headers, await linesOf({ rmaNos: [rmaNo] }, signal))[0];
  }

  async function addLines(
    rmaNo: string,
    lines: readonly IfsReturnLineDraft[],
    signal: TimedSignal,
  ): Promise<IfsReturn> {
    let posted = 0;
    for (const line of lines) {
      try {
        await postLine(rmaNo, returnLineBody(binding, line), signal);
      } catch (error) {
        if (error instanceof RefusedError || posted === 0) throw error;
        throw inDoubt(rmaNo, error);
      }
      posted += 1;
    }
    return readBack(rmaNo, signal);
  }

  async function release(rmaNo: string, signal?: AbortSignal): Promise<IfsReturn> {
    const action = binding.actions.releaseRma;
    if (action === null) {
      throw new RefusedError("ifs", "actionMissing", 404, "this IFS has no action that releases an RMA (binding)");
    }
    const read = async (): Promise<IfsReturn> => {
      const found = await one(rmaNo, signal);
      if (!found) throw new RefusedError("ifs", "notFound", 404, `RMA ${rmaNo} is not visible to the service user`);
      return found;
    };
    try {
      const path = `${rmaPath(rmaNo)}/IfsApp.${rma.projection}.${action}`;
      await client.act(rma, path, { ifMatch: "*", idempotent: true, body: {}, signal });
    } catch (error) {
      if (!(error instanceof RefusedError)) throw error;
      const found = await read();
      // IFS refuses to release twice; what an earlier, lost answer has done is what was wanted.
      if (found.state === "Planned" || found.state === "Cancelled") throw error;
      return found;
    }
    return read();
  }

  const rmaNoOf = (header: RawRow | undefined): string | undefined => {
    const value = header && logicalRow(rma, header).rmaNo;
    return typeof value === "string" && value !== "" ? value : undefined;
  };

  return {
    find: (query, deadlineMs) => withinOptional(client, deadlineMs, (signal) => find(query, signal)),
    list,
    create: (draft, deadlineMs) => client.within(deadlineMs, (signal) => create(draft, signal)),
    addLines: (rmaNo, lines, deadlineMs) => client.within(deadlineMs, (signal) => addLines(rmaNo, lines, signal)),
    release: (rmaNo, deadlineMs) => withinOptional(client, deadlineMs, (signal) => release(rmaNo, signal)),
  };
}

/** A failure after the header was committed leaves it half-built, which is never "nothing committed". */
const inDoubt = (rmaNo: string, cause: unknown): UnknownOutcomeError =>
  new UnknownOutcomeError(
    `RMA ${rmaNo} was written, and then: ${cause instanceof Error ? cause.message : String(cause)}`,
    {
      cause,
    },
  );
