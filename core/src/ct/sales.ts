/** Sales figures: a document for each day of the last weeks, by turns in the same slots, and the window's in a few parts. */
import {
  MOST_PARTS,
  type SalesDay,
  type SalesFigures,
  type SalesPart,
  salesDaySchema,
  salesPartSchema,
  toSalesFigures,
} from "../domain/sales.ts";
import { MOST_WINDOW_DAYS } from "../domain/threshold-config.ts";
import { containers, type Documents } from "./documents.ts";

const partKey = (part: number): string => `window-${part}`;
/** Slots come round: a day takes the place of the one that left the longest window. */
const slotKey = (day: string): string => {
  const number = Math.floor(Date.parse(`${day}T00:00:00Z`) / 86_400_000);
  return `day-${String(number % MOST_WINDOW_DAYS).padStart(2, "0")}`;
};

export function createSales(documents: Documents) {
  return {
    /** undefined: not counted yet, or in words of another release. */
    async day(day: string): Promise<SalesDay | undefined> {
      const parsed = salesDaySchema.safeParse((await documents.read(containers.sales, slotKey(day)))?.value);
      return parsed.success && parsed.data.day === day ? parsed.data : undefined;
    },
    async writeDay(day: SalesDay): Promise<void> {
      await documents.write(containers.sales, slotKey(day.day), salesDaySchema.parse(day));
    },
    async writeWindow(parts: readonly SalesPart[]): Promise<void> {
      for (const part of parts) {
        await documents.write(containers.sales, partKey(part.part), salesPartSchema.parse(part));
      }
    },
    /** undefined: nobody counted, or parts are being written. */
    async read(): Promise<SalesFigures | undefined> {
      const keys = Array.from({ length: MOST_PARTS }, (_, part) => partKey(part));
      const { rows } = await documents.list(containers.sales, {
        where: ["key in :keys"],
        variables: { keys },
        limit: MOST_PARTS,
      });
      const parts = rows.flatMap(({ value }) => {
        const parsed = salesPartSchema.safeParse(value);
        return parsed.success ? [parsed.data] : [];
      });
      const newest = parts.toSorted((a, b) => (a.at < b.at ? 1 : -1));
      return toSalesFigures(newest);
    },
  };
}
