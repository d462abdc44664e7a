/** What stands where in a catalogue of any size: told by the number of an entry, so that whoever asks can reckon it by itself. */
export type Size = {
  /** Inventory entries; each has one part on one site. */
  readonly entries: number;
  /** Stock rows, at least as many. */
  readonly rows: number;
  /** Open order lines, at most as many as entries. */
  readonly lines: number;
};

/** Of each site, who orders by telephone there. */
export const customers = { "101": "10001", "102": "10002", "201": "10005" } as const;
const sites = Object.keys(customers);

export const siteOf = (index: number): string => sites[index % sites.length] as string;
/** As ERPs number their parts. */
export const partOf = (index: number): string => `P-${String(index).padStart(7, "0")}`;

/** The part's locations. What is more than one row an entry is spread evenly. */
export function places(index: number, { entries, rows }: Size): string[] {
  const spread = (upTo: number): number => Math.floor((upTo * (rows - entries)) / entries);
  const more = spread(index + 1) - spread(index);
  return ["PICK-01", "PICK-02", "BULK-01"].slice(0, 1 + more);
}

export const onHand = (index: number, place: number): number => 20 + ((index * 7 + place * 13) % 200);

/** Ordered by telephone and not reserved yet; 0 for most. */
export function lineQuantity(index: number, { entries, lines }: Size): number {
  const spread = (upTo: number): number => Math.floor((upTo * lines) / entries);
  return spread(index + 1) > spread(index) ? 1 + (index % 3) : 0;
}
