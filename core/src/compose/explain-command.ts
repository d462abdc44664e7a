/** `npm run explain`: what is printed, and the exit status. */
import { parseArgs } from "node:util";
import type { StockExplanation } from "../flows/stock-sync/explain.ts";

export const EXPLAIN_USAGE = "npm run explain -- stock <sku> [--json]";

export type ExplainCommandDeps = {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly stock: (sku: string) => Promise<StockExplanation>;
};

/** 0: the quantity is known, and every entry shows it. 1: something keeps it from that, or the next run would change an entry. 2: not understood. */
export async function runExplainCommand(args: readonly string[], deps: ExplainCommandDeps): Promise<number> {
  const given = readArgs(args);
  if (typeof given === "string") {
    deps.complain(`${given}\n${EXPLAIN_USAGE}`);
    return 2;
  }
  const explanation = await deps.stock(given.sku);
  for (const line of given.json ? [JSON.stringify(explanation)] : inWords(explanation)) deps.print(line);
  const changes = explanation.sites.some(({ channels }) => channels.some(({ next }) => next !== null));
  return explanation.tracked && (changes || explanation.problems.length > 0) ? 1 : 0;
}

function readArgs(args: readonly string[]): { sku: string; json: boolean } | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    const [what, sku, ...rest] = positionals;
    if (what !== "stock" || !sku || rest.length > 0) return "say what: stock, and one SKU";
    return { sku, json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const inWords = ({ sku, at, problems, sites }: StockExplanation): string[] => [
  `${sku} at ${at}`,
  ...problems.map((problem) => `  ! ${problem}`),
  ...sites.flatMap(siteInWords),
];

type Site = StockExplanation["sites"][number];

const siteInWords = ({ site, catalogNo, partNo, channels, rows, demand, inFlight }: Site): string[] => [
  "",
  `site ${site}, sales part ${catalogNo}, ${partNo === null ? "no inventory part" : `inventory part ${partNo}`}`,
  ...channels.flatMap(channelInWords),
  "  stock rows (inventory units)",
  ...rows.map(rowInWords),
  "  open demand of IFS order lines",
  ...demand.map(({ orderNo, lineNo, relNo, state, open }) => `    ${orderNo} ${lineNo}/${relNo}, ${state}: ${open}`),
  "  in flight",
  ...inFlight.map(inFlightInWords),
];

const channelInWords = ({ supplyChannel, pool, target, derivation, entry, next }: Site["channels"][number]) => [
  `  ${supplyChannel} (pool ${pool}): ${target}`,
  `    ${derivation}`,
  `    commercetools ${entry ? entryInWords(entry) : "has no entry"}`,
  `    next run: ${next ? `writes ${next.to}` : "changes nothing"}`,
];

type Entry = NonNullable<Site["channels"][number]["entry"]>;

function entryInWords({ quantityOnStock, availableQuantity, lastModifiedAt, lastModifiedBy }: Entry): string {
  const by = lastModifiedBy === null ? "" : ` by ${lastModifiedBy}`;
  return `shows ${quantityOnStock} on stock, ${availableQuantity} available (changed ${lastModifiedAt}${by})`;
}

function rowInWords({ locationNo, warehouse, locationType, qtyOnhand, qtyReserved, pools }: Site["rows"][number]) {
  const where = [locationNo, warehouse ?? "no warehouse", locationType ?? "no type"].join(", ");
  const verdicts = Object.entries(pools).map(([pool, verdict]) => `${pool}: ${verdict}`);
  return `    ${where}: on hand ${qtyOnhand}, reserved ${qtyReserved}; ${verdicts.join(", ")}`;
}

function inFlightInWords({ orderId, ifsOrderNo, createdAt, quantity, sku, supplyChannel }: Site["inFlight"][number]) {
  const link = ifsOrderNo === null ? "not in IFS" : `IFS order ${ifsOrderNo}`;
  return `    order ${orderId} of ${createdAt}, ${link}: ${quantity} of ${sku} from ${supplyChannel ?? "no channel"}`;
}
