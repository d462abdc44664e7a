/** `npm run dry-run`: what is printed, and the exit status. */
import { parseArgs } from "node:util";
import type { DryRun } from "../flows/order-export/dry-run.ts";

export const DRY_RUN_USAGE = "npm run dry-run -- orders --last <1 to 500> [--json]";

export type DryRunCommandDeps = {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly orders: (last: number, report: (result: DryRun) => void) => Promise<void>;
};

/** 0: every order can be expressed. 1: some are refused. 2: not understood. */
export async function runDryRunCommand(args: readonly string[], deps: DryRunCommandDeps): Promise<number> {
  const given = readArgs(args);
  if (typeof given === "string") {
    deps.complain(`${given}\n${DRY_RUN_USAGE}`);
    return 2;
  }
  const counts = { orders: 0, expressed: 0, refused: 0 };
  await deps.orders(given.last, (result) => {
    counts.orders += 1;
    counts[result.rejection ? "refused" : "expressed"] += 1;
    for (const line of given.json ? [JSON.stringify(result)] : inWords(result)) deps.print(line);
  });
  if (!given.json) {
    deps.print(
      `${counts.orders} orders: ${counts.expressed} can be sent, ${counts.refused} refused. Nothing was written.`,
    );
  }
  deps.print(JSON.stringify(counts));
  return counts.refused === 0 ? 0 : 1;
}

function readArgs(args: readonly string[]): { last: number; json: boolean } | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { last: { type: "string" }, json: { type: "boolean", default: false } },
    });
    const last = Number(values.last);
    if (positionals.join(" ") !== "orders") return "say what: orders";
    if (!Number.isInteger(last) || last < 1 || last > 500) return "--last must be a whole number from 1 to 500";
    return { last, json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function inWords({
  label,
  orderId,
  createdAt,
  next,
  rejection,
  draft,
  route,
  totals,
  rounded,
  shortened,
}: DryRun): string[] {
  const title = `${label} (${orderId}), created ${createdAt ?? "?"}: ${next}`;
  if (rejection) {
    const { code, message, action, owner } = rejection;
    return [title, `  refused (${code}): ${message}`, `  cure, by ${owner}: ${action}`, ""];
  }
  if (!draft || !totals) return [title, ""];
  const { header } = draft;
  const price = header.usePriceInclTax ? "unitPriceInclTax" : "saleUnitPrice";
  const amount = header.usePriceInclTax ? "chargeAmountInclTax" : "chargeAmount";
  return [
    title,
    `  route ${route ?? "?"}; header ${fields(header)}`,
    ...(draft.shipTo ? [`  ship to ${fields(draft.shipTo)}`] : []),
    ...draft.lines.map(
      (line) =>
        `  line ${line.catalogNo}: ${line.buyQtyDue} ${line.salesUnitMeas} at ${line[price]}${taxOf(line)} [ref ${line.lineRef}]`,
    ),
    ...draft.charges.map(
      (charge) =>
        `  charge ${charge.chargeType}: ${charge.chargedQty} at ${charge[amount]}${taxOf(charge)} [${charge.chargeRef}]`,
    ),
    `  totals: shop ${sums(totals.shop)}; IFS ${sums(totals.ifs)}`,
    ...(rounded ?? []).map((one) => `  rounded: ${one}`),
    ...(shortened ?? []).map((one) => `  shortened: ${one}`),
    "",
  ];
}

const fields = (record: object): string =>
  Object.entries(record)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => `${name}=${typeof value === "object" ? JSON.stringify(value) : String(value)}`)
    .join(" ");

const taxOf = ({ taxCode, taxCalcStructureId }: { taxCode?: string; taxCalcStructureId?: string }): string => {
  const code = taxCode ?? taxCalcStructureId;
  return code === undefined ? "" : `, tax ${code}`;
};

const sums = ({ net, tax, gross }: { net: string; tax: string; gross: string }): string => `${net} + ${tax} = ${gross}`;
