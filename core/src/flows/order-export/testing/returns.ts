/** RMAs in memory, as IFS keeps them: it numbers them, takes what it is sent, and knows nothing of identities. */
import { ConflictError, RefusedError } from "../../../domain/failure.ts";
import type { IfsReturn, IfsReturnDraft, IfsReturnLine, IfsReturnLineDraft } from "../../../domain/ifs-returns.ts";
import type { OrderExportDeps } from "../deps.ts";

type Effect = <T>(name: string, run: () => T) => Promise<T>;
export type ReturnsWorld = ReturnType<typeof createReturnsWorld>;

export function createReturnsWorld() {
  const rmas = new Map<string, IfsReturn>();
  const drafts: IfsReturnDraft[] = [];
  const state = {
    creates: 0,
    adds: 0,
    releases: 0,
    looks: 0,
    /** Some other RMA of the site can be seen. */
    proven: true,
    /** Keeps only so many lines of the next created RMA, as a dying sequence of single requests does. */
    keepLines: Number.POSITIVE_INFINITY,
    /** IFS says no to a line with this reason. */
    refusedReason: "",
  };

  const lineOf = (rmaNo: string, line: IfsReturnLineDraft, index: number): IfsReturnLine => ({
    orderNo: line.orderNo,
    lineNo: line.lineNo,
    relNo: line.relNo,
    lineItemNo: line.lineItemNo,
    rmaNo,
    rmaLineNo: String(index + 1),
    lineRef: null,
    qtyToReturn: line.qtyToReturn,
    returnReasonCode: line.returnReasonCode ?? null,
    state: "Planned",
  });

  function commit(draft: IfsReturnDraft, keepLines = state.keepLines): IfsReturn {
    const rmaNo = String(5001 + rmas.size);
    const rma: IfsReturn = {
      rmaNo,
      state: "Planned",
      contract: draft.contract,
      reference: draft.reference,
      lines: draft.lines.slice(0, keepLines).map((line, index) => lineOf(rmaNo, line, index)),
    };
    rmas.set(rmaNo, rma);
    drafts.push(draft);
    return structuredClone(rma);
  }

  const stored = (rmaNo: string): IfsReturn => {
    const rma = rmas.get(rmaNo);
    if (!rma) throw new RefusedError("ifs", "notFound", 404, `RMA ${rmaNo}`);
    return rma;
  };

  function add(rmaNo: string, lines: readonly IfsReturnLineDraft[]): IfsReturn {
    const rma = stored(rmaNo);
    const added = lines.map((line, index) => lineOf(rmaNo, line, rma.lines.length + index));
    const next = { ...rma, lines: [...rma.lines, ...added] };
    rmas.set(rmaNo, next);
    return structuredClone(next);
  }

  /** What IFS has come to with an RMA, or what somebody did to it there. */
  function set(rmaNo: string, fields: Partial<IfsReturn>): void {
    rmas.set(rmaNo, { ...stored(rmaNo), ...fields });
  }

  function checkReasons(lines: readonly IfsReturnLineDraft[]): void {
    const refused = lines.find(({ returnReasonCode }) => returnReasonCode === state.refusedReason);
    if (refused && state.refusedReason !== "") {
      throw new RefusedError(
        "ifs",
        "ODP_DATABASE_ERROR",
        500,
        `Return reason "${state.refusedReason}" does not exist.`,
      );
    }
  }

  const deps = (effect: Effect): OrderExportDeps["ifsReturns"] => ({
    find: ({ orderNo, references, rmaNos }) =>
      effect("returns.find", () => {
        state.looks += 1;
        const all = [...rmas.values()];
        const found = all.filter((rma) => references.includes(rma.reference ?? "") || rmaNos.includes(rma.rmaNo));
        return {
          found: structuredClone(found),
          ofOrder: structuredClone(all.flatMap(({ lines }) => lines).filter((line) => line.orderNo === orderNo)),
          unproven: state.proven || found.length > 0 ? undefined : "no RMA of site 101 is visible",
        };
      }),
    create: (draft) =>
      effect("returns.create", () => {
        checkReasons(draft.lines);
        state.creates += 1;
        return { kind: "done" as const, rma: commit(draft) };
      }),
    addLines: (rmaNo, lines) =>
      effect("returns.addLines", () => {
        checkReasons(lines);
        state.adds += 1;
        return add(rmaNo, lines);
      }),
    release: (rmaNo) =>
      effect("returns.release", () => {
        const rma = stored(rmaNo);
        if (rma.state === "Cancelled") throw new ConflictError("cancelled");
        state.releases += 1;
        if (rma.state === "Planned") set(rmaNo, { state: "Released" });
        return structuredClone(stored(rmaNo));
      }),
  });

  return { rmas, drafts, state, deps, commit, add, set };
}
