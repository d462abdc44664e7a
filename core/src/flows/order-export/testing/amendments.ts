/** How the IFS of the test world takes changes of an order that exists: each at the tag of what was read, as IFS does. */
import { multiply } from "../../../domain/decimal.ts";
import { ConflictError, RefusedError } from "../../../domain/failure.ts";
import {
  type AmendableOrder,
  type IfsAddress,
  type IfsAmendment,
  type IfsOrderDocument,
  type IfsOrderDraft,
  type IfsOrderLine,
  lineKeyOf,
} from "../../../domain/ifs-records.ts";

type Stores = {
  readonly documents: Map<string, IfsOrderDocument>;
  /** Head and address as IFS has them. */
  readonly sent: Map<string, IfsOrderDraft>;
  readonly lineRow: (orderNo: string, draft: IfsOrderDraft, index: number) => IfsOrderLine;
};

const ENDED = new Set(["Delivered", "Invoiced", "Cancelled"]);

export function createAmendments({ documents, sent, lineRow }: Stores) {
  const stored = (orderNo: string) => {
    const [document, draft] = [documents.get(orderNo), sent.get(orderNo)];
    if (!document || !draft) throw new Error(`no IFS order ${orderNo}`);
    return { document, draft };
  };
  const headTag = (orderNo: string): string => JSON.stringify([stored(orderNo).draft.header, orderNo]);
  const addressTag = (orderNo: string): string => JSON.stringify(stored(orderNo).draft.shipTo ?? null);
  const tagOf = (line: IfsOrderLine): string => JSON.stringify(line);

  function readAmendable(orderNo: string): AmendableOrder | undefined {
    const document = documents.get(orderNo);
    if (!document) return undefined;
    const { draft } = stored(orderNo);
    const { customerPoNo = null, custRef = null, noteText = null, shipViaCode = null } = draft.header;
    return structuredClone({
      document: { ...document, order: { ...document.order, etag: headTag(orderNo) } },
      head: { customerPoNo, custRef, noteText, shipViaCode },
      shipTo: draft.shipTo && texts(draft.shipTo),
      tags: {
        shipTo: addressTag(orderNo),
        lines: new Map(document.lines.map((line) => [lineKeyOf(line), tagOf(line)])),
      },
    });
  }

  const changeLine = (orderNo: string, key: string, change: (line: IfsOrderLine) => IfsOrderLine): void => {
    const { document } = stored(orderNo);
    const lines = document.lines.map((line) => (lineKeyOf(line) === key ? change(line) : line));
    documents.set(orderNo, { ...document, lines });
  };

  function requireTag(given: string | undefined, has: string): void {
    if (given !== has) throw new ConflictError("the row was changed by another user");
  }

  function amend(found: AmendableOrder, change: IfsAmendment): void {
    const { orderNo } = found.document.order;
    const { document, draft } = stored(orderNo);
    if (change.kind === "changeHead") {
      requireTag(found.document.order.etag, headTag(orderNo));
      const header = { ...draft.header, ...change.to } as IfsOrderDraft["header"];
      sent.set(orderNo, { ...draft, header });
      return;
    }
    if (change.kind === "changeAddress") {
      requireTag(found.tags.shipTo, addressTag(orderNo));
      sent.set(orderNo, { ...draft, shipTo: change.to });
      return;
    }
    const key = lineKeyOf(change.line);
    const line = document.lines.find((one) => lineKeyOf(one) === key);
    if (!line) throw new RefusedError("ifs", "notFound", 404, `line ${key}`);
    requireTag(found.tags.lines.get(key), tagOf(line));
    if (ENDED.has(line.state)) throw new RefusedError("ifs", "ORA-20105", 500, `CustomerOrderLine: ${line.state}`);
    if (change.kind === "cancelLine") {
      changeLine(orderNo, key, (one) => ({ ...one, state: "Cancelled" }));
      return;
    }
    const { to } = change;
    const priced = lineRow(orderNo, { ...draft, lines: [to] }, 0);
    changeLine(orderNo, key, (one) => ({
      ...one,
      buyQtyDue: to.buyQtyDue,
      revisedQtyDue: multiply(to.buyQtyDue, to.convFactor),
      netAmountCurr: priced.netAmountCurr,
      taxAmountCurr: priced.taxAmountCurr,
      grossAmountCurr: priced.grossAmountCurr,
    }));
  }

  /** Without looking again: a repeat would double the line, as in IFS. */
  function addLines(orderNo: string, { draft, lineRefs }: { draft: IfsOrderDraft; lineRefs: readonly string[] }): void {
    const { document } = stored(orderNo);
    const added = draft.lines.flatMap((line, index) =>
      lineRefs.includes(line.lineRef) ? [lineRow(orderNo, draft, index)] : [],
    );
    const from = document.lines.length;
    const lines = added.map((line, index) => ({ ...line, lineNo: String(from + index + 1) }));
    documents.set(orderNo, { ...document, lines: [...document.lines, ...lines] });
  }

  return { readAmendable, amend, addLines };
}

const KEYS = ["name", "address1", "address2", "zipCode", "city", "state", "county", "countryCode"] as const;

const texts = (address: IfsAddress): Record<string, string> =>
  Object.fromEntries(KEYS.map((key) => [key, address[key] ?? ""]));
