/** What the availability check did, hour by hour: one document for each replica and hour, so that nobody waits for another to write. */
import { z } from "zod";
import { type AtpMetrics, addMetrics, atpMetricsSchema } from "../domain/atp-metrics.ts";
import { mapLimited } from "../runtime/limit.ts";
import { containers, type Documents } from "./documents.ts";

/** "2026-08-01T10:11:12Z" -> "2026-08-01T10". */
export const hourOf = (at: number): string => new Date(at).toISOString().slice(0, 13);

const storedSchema = z.object({ hour: z.string(), metrics: atpMetricsSchema });

/** Replicas times hours of one answer. */
const MOST = 500;

export type HourMetrics = {
  /** ISO 8601, UTC, up to the hour. */
  readonly hour: string;
  readonly replicas: number;
  readonly metrics: AtpMetrics;
};

export function createAtpMetricsStore(documents: Documents) {
  const { atpMetrics: container } = containers;
  const beyond = (hour: string) =>
    documents.list(container, { where: ["key < :hour"], variables: { hour }, limit: MOST });
  return {
    /** The replica's own sums of the hour so far; it alone writes them. */
    async write(replica: string, hour: string, metrics: AtpMetrics): Promise<void> {
      await documents.write(container, `${hour.replaceAll(":", "")}_${replica}`, { hour, metrics });
    },

    /** Of all replicas, by hour, from `hour` on; the newest 500 documents. */
    async since(hour: string): Promise<HourMetrics[]> {
      const { rows } = await documents.list(container, {
        where: ["key >= :hour"],
        variables: { hour },
        sort: "key desc",
        limit: MOST,
      });
      // A document of another release is no reason to show nothing.
      const stored = rows.flatMap(({ value }) => storedSchema.safeParse(value).data ?? []);
      return [...Map.groupBy(stored, (one) => one.hour)]
        .map(([name, parts]) => ({
          hour: name,
          replicas: parts.length,
          metrics: parts.map(({ metrics }) => metrics).reduce(addMetrics),
        }))
        .sort((a, b) => (a.hour < b.hour ? -1 : 1));
    },

    /** Removes what is older than `hour`; the number removed. */
    async prune(hour: string): Promise<number> {
      const { rows } = await beyond(hour);
      const removed = await mapLimited(rows, 5, ({ key }) => documents.remove(container, key));
      return removed.filter(Boolean).length;
    },
  };
}
