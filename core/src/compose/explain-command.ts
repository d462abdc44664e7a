/** `npm run explain`: what is printed, and the exit status. */
import { parseArgs } from "node:util";
import type { StockExplanation } from "../flows/stock-sync/explain.ts";
import type { Timeline } from "./timeline.ts";
import type { TimelineEntry } from "./timeline-entries.ts";

export const EXPLAIN_USAGE =
  "npm run explain -- stock <sku> [--json]\nnpm run explain -- order <id, order number, purchase order number or IFS order number> [--json]";

export type ExplainCommandDeps = {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly stock: (sku: string) => Promise<StockExplanation>;
  /** Undefined: no order has this name. */
  readonly order: (name: string) => Promise<Timeline | undefined>;
};

/**
 * Of stock: 0: the quantity is known, and every entry shows it. 1: something keeps it from that, or the next run would change an
 * entry. Of an order: 0: found. 1: no order has this name. 2: not understood.
 */
export async function runExplainCommand(args: readonly string[], deps: ExplainCommandDeps): Promise<number> {
  const given = readArgs(args);
  if (typeof given === "string") {
    deps.complain(`${given}\n${EXPLAIN_USAGE}`);
    return 2;
  }
  return given.what === "order" ? explainOrder(given, deps) : explainStock(given, deps);
}

async function explainOrder({ name, json }: Given, { order, print, complain }: ExplainCommandDeps): Promise<number> {
  const timeline = await order(name);
  if (!timeline) {
    complain(`no order has "${name}" as its id, order number, purchase order number or IFS order number`);
    return 1;
  }
  for (const line of json ? [JSON.stringify(timeline)] : timelineInWords(timeline)) print(line);
  return 0;
}

async function explainStock(given: Given, deps: ExplainCommandDeps): Promise<number> {
  const explanation = await deps.stock(given.name);
  for (const line of given.json ? [JSON.stringify(explanation)] : inWords(explanation)) deps.print(line);
  const changes = explanation.sites.some(({ channels }) => channels.some(({ next }) => next !== null));
  return explanation.tracked && (changes || explanation.problems.length > 0) ? 1 : 0;
}

type Given = { readonly what: "stock" | "order"; readonly name: string; readonly json: boolean };

function readArgs(args: readonly string[]): Given | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { json: { type: "boolean", default: false } },
    });
    const [what, name, ...rest] = positionals;
    if ((what !== "stock" && what !== "order") || !name || rest.length > 0) {
      return "say what: stock and one SKU, or order and one of its names";
    }
    return { what, name, json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

const timelineInWords = ({
  orderId,
  orderNumber,
  purchaseOrderNumber,
  ifsOrderNos,
  entries,
  alsoNamedSo,
}: Timeline) => [
  `order ${[orderId, orderNumber, purchaseOrderNumber].filter((name) => name !== null).join(", ")}; IFS: ${ifsOrderNos.join(", ") || "none"}`,
  ...alsoNamedSo.map((id) => `  order ${id} has this name too`),
  ...entries.flatMap(entryOfTime),
];

function entryOfTime({ at, system, event, detail, by, configVersion }: TimelineEntry): string[] {
  const who = [
    ...(by === undefined ? [] : [`by ${by}`]),
    ...(configVersion === undefined ? [] : [`configuration ${configVersion}`]),
  ].join(", ");
  return [
    `${at ?? "now".padEnd(24)}  ${system}: ${event}${who && ` (${who})`}`,
    ...Object.entries(detail).map(([name, value]) => `    ${name}: ${value ?? "-"}`),
  ];
}

const inWords = ({ sku, at, problems, sites }: StockExplanation): string[] => [
  `${sku} at ${at}`,
  ...problems.map((problem) => `  ! ${problem}`),
  ...sites.flatMap(siteInWords),
];

type Site = StockExplanation["sites"][number];

const siteInWords = ({ site, catalogNo, partNo, components, channels, rows, demand, inFlight }: Site): string[] => [
  "",
  `site ${site}, sales part ${catalogNo}, ${partNo === null ? "no inventory part" : `inventory part ${partNo}`}`,
  ...(components.length === 0
    ? []
    : [`  made of ${components.map((part) => `${part.quantity} ${part.partNo}`).join(", ")} (inventory units)`]),
  ...channels.flatMap(channelInWords),
  "  stock rows (inventory units)",
  ...rows.map(rowInWords),
  "  open demand of IFS order lines",
  ...demand.map(({ orderNo, lineNo, relNo, state, open }) => `    ${orderNo} ${lineNo}/${relNo}, ${state}: ${open}`),
  "  in flight",
  ...inFlight.map(inFlightInWords),
];

const channelInWords = ({ supplyChannel, pool, target, derivation, sum, entry, next }: Site["channels"][number]) => [
  `  ${supplyChannel} (pool ${pool}): ${target}`,
  `    ${derivation}`,
  ...(sum ? [`    all sites: ${sum.target}`, `    ${sum.derivation}`] : []),
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
