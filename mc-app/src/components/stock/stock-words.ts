import { type TextId, useText } from "../../hooks/use-text.ts";

const verdicts: Record<string, TextId> = {
  counts: "RowVerdict.counts",
  otherWarehouse: "RowVerdict.otherWarehouse",
  otherLocation: "RowVerdict.otherLocation",
  locationType: "RowVerdict.locationType",
  project: "RowVerdict.project",
  ownership: "RowVerdict.ownership",
  frozen: "RowVerdict.frozen",
  blocked: "RowVerdict.blocked",
  expired: "RowVerdict.expired",
  inTransit: "RowVerdict.inTransit",
};

const reasons: Record<string, TextId> = {
  takenOver: "Drift.takenOver",
  manualEdit: "Drift.manualEdit",
  otherClient: "Drift.otherClient",
  formulaChange: "Drift.formulaChange",
  ifsChange: "Drift.ifsChange",
  lostSale: "Drift.lostSale",
  unexplained: "Drift.unexplained",
  ended: "Drift.ended",
};

export type StockWords = {
  /** Whether a stock row counts in a pool, or why not. */
  verdict(name: string): string;
  /** Why an entry was wrong. */
  reason(name: string): string;
  /** "user u-7", "client abc". */
  writer(name: string): string;
};

/** The service's own names in the user's language; what a newer service knows besides is shown as it came. */
export function useStockWords(): StockWords {
  const text = useText();
  const say = (known: Record<string, TextId>) => (name: string) => {
    const id = Object.hasOwn(known, name) ? known[name] : undefined;
    return id ? text(id) : name;
  };
  return {
    verdict: say(verdicts),
    reason: say(reasons),
    writer: (name) => {
      const [kind, ...rest] = name.split(" ");
      const id = rest.join(" ");
      if (kind === "user") return text("Writer.user", { id });
      return kind === "client" ? text("Writer.client", { id }) : name;
    },
  };
}
