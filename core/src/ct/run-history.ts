import { z } from "zod";
import type { FlowName } from "../domain/records.ts";
import { type PastRun, pastRunSchema } from "../domain/run-history.ts";
import { mapLimited } from "../runtime/limit.ts";
import { containers, type Documents, type StoredDocument } from "./documents.ts";

const timeKey = (at: string): string => new Date(at).toISOString().replace(/[-:.]/g, "");

/** Keys of a flow sort by the end of the run. The same run has the same key, so that it may be written again. */
const startKey = (flow: FlowName, at: string): string => `${flow}.${timeKey(at)}`;
const endKey = (flow: FlowName): string => `${flow}.9`;

/** Finished runs that were kept, see domain/run-history.ts. */
export function createRunHistory(documents: Documents) {
  return {
    async append(run: PastRun): Promise<void> {
      const key = `${startKey(run.flow, run.finishedAt)}-${run.runId.replaceAll("-", "").slice(0, 16)}`;
      await documents.write(containers.runHistory, key, run);
    },

    /** Runs of a flow that ended at `since` (ISO 8601) or later, oldest first; the first `limit` (500) of them. */
    async since(flow: FlowName, since: string, limit: number): Promise<PastRun[]> {
      const { rows } = await documents.list(containers.runHistory, {
        where: ["key >= :from", "key < :end"],
        variables: { from: startKey(flow, since), end: endKey(flow) },
        sort: "key asc",
        limit,
      });
      return rows.map(parseRun);
    },

    /**
     * Removes at most `limit` (500) runs of a flow, oldest first: those that ended before `before`, and all but the youngest `most`
     * (10,000, as far as the platform counts). The number removed.
     */
    async prune(flow: FlowName, { before, most }: { before: string; most: number }, limit: number): Promise<number> {
      const range = { from: startKey(flow, "1970-01-01T00:00:00Z"), end: endKey(flow) };
      const beyond = await documents.list(containers.runHistory, {
        where: ["key >= :from", "key < :end"],
        variables: range,
        sort: "key desc",
        offset: most,
        limit: 1,
      });
      const old = startKey(flow, before);
      const last = beyond.rows[0]?.key ?? old;
      const { rows } = await documents.list(containers.runHistory, {
        where: ["key >= :from", "key <= :last"],
        variables: { from: range.from, last: last > old ? last : old },
        sort: "key asc",
        limit,
      });
      const removed = await mapLimited(rows, 5, ({ key }) => documents.remove(containers.runHistory, key));
      return removed.filter(Boolean).length;
    },
  };
}

function parseRun({ key, value }: StoredDocument): PastRun {
  const parsed = pastRunSchema.safeParse(value);
  if (!parsed.success) throw new Error(`kept run "${key}" is damaged: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
