/** `npm run dry-run`: what is printed, and the exit status. */
import { parseArgs } from "node:util";
import type { Rejection } from "../domain/failure.ts";
import type { DryRun } from "../flows/order-export/dry-run.ts";
import type { DryReturns } from "../flows/order-export/returns/dry-returns.ts";
import type { PreviewCounts, PreviewedChange, PreviewReport } from "../flows/stock-sync/preview.ts";

export const DRY_RUN_USAGE = `npm run dry-run -- orders --last <1 to 500> [--json]
npm run dry-run -- stock [--json]`;

export type DryRunCommandDeps = {
  readonly print: (line: string) => void;
  readonly complain: (line: string) => void;
  readonly orders: (last: number, report: (result: DryRun) => void) => Promise<void>;
  readonly stock: (report: PreviewReport) => Promise<PreviewCounts>;
};

/** 0: every order, and every return, can be expressed, and every figure written. 1: some are refused or held. 2: not understood. */
export async function runDryRunCommand(args: readonly string[], deps: DryRunCommandDeps): Promise<number> {
  const given = readArgs(args);
  if (typeof given === "string") {
    deps.complain(`${given}\n${DRY_RUN_USAGE}`);
    return 2;
  }
  return given.what === "stock" ? previewStock(given, deps) : tryOrders(given, deps);
}

async function previewStock({ json }: { json: boolean }, deps: DryRunCommandDeps): Promise<number> {
  const counts = await deps.stock({
    change: (change) => deps.print(json ? JSON.stringify({ change }) : changeInWords(change)),
    refused: (refused) => {
      const { recordLabel, rejection } = refused;
      const { code, message, action, owner } = rejection;
      deps.print(
        json ? JSON.stringify({ refused }) : `${recordLabel}: ${code}: ${message}\n  cure, by ${owner}: ${action}`,
      );
    },
    progress: ({ parts, entries }) => deps.complain(`${parts} sales parts, ${entries} entries looked at`),
  });
  const { parts, unchanged, create, raise, lower, zero, terms, waits, refused } = counts;
  if (!json) {
    deps.print(
      `${parts} sales parts: ${create} entries to create, ${raise} to raise, ${lower} to lower, ${zero} to set to zero, ${terms} with other terms, ${unchanged} right; ${waits} raises wait, ${refused} findings. Nothing was written.`,
    );
  }
  deps.print(JSON.stringify(counts));
  return refused + waits === 0 ? 0 : 1;
}

const changeInWords = ({ site, record, kind, from, to, cause }: PreviewedChange): string =>
  `${record} (site ${site}): ${kind} ${from ?? "nothing"} -> ${to}\n  ${cause}`;

async function tryOrders(given: { last: number; json: boolean }, deps: DryRunCommandDeps): Promise<number> {
  const counts = { orders: 0, expressed: 0, former: 0, refused: 0, returns: 0, returnsRefused: 0 };
  await deps.orders(given.last, (result) => {
    counts.orders += 1;
    counts[kindOf(result)] += 1;
    counts.returns += result.returns?.returns.length ?? 0;
    // What a person is asked about by the merchant's own policy is no refusal.
    if (result.returns?.policy !== "ask") counts.returnsRefused += result.returns?.refusals.length ?? 0;
    for (const line of given.json ? [JSON.stringify(result)] : inWords(result)) deps.print(line);
  });
  if (!given.json) {
    deps.print(
      `${counts.orders} orders: ${counts.expressed} can be sent, ${counts.former} would be linked to orders of the former integration, ${counts.refused} refused. ${counts.returns} returns, ${counts.returnsRefused} refused. Nothing was written.`,
    );
  }
  deps.print(JSON.stringify(counts));
  return counts.refused + counts.returnsRefused === 0 ? 0 : 1;
}

function kindOf({ rejection, former }: DryRun): "refused" | "former" | "expressed" {
  if (rejection) return "refused";
  return former === undefined ? "expressed" : "former";
}

type Given = { what: "orders"; last: number; json: boolean } | { what: "stock"; json: boolean };

function readArgs(args: readonly string[]): Given | string {
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { last: { type: "string" }, json: { type: "boolean", default: false } },
    });
    const last = Number(values.last);
    const what = positionals.join(" ");
    if (what === "stock") return values.last === undefined ? { what, json: values.json } : "--last is for orders";
    if (what !== "orders") return "say what: orders, or stock";
    if (!Number.isInteger(last) || last < 1 || last > 500) return "--last must be a whole number from 1 to 500";
    return { what, last, json: values.json };
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function inWords(result: DryRun): string[] {
  const { label, orderId, createdAt, next } = result;
  const title = `${label} (${orderId}), created ${createdAt ?? "?"}: ${next}`;
  return [title, ...orderInWords(result), ...returnsInWords(result.returns), ""];
}

const refusalInWords = ({ code, message, action, owner }: Rejection): string[] => [
  `  refused (${code}): ${message}`,
  `  cure, by ${owner}: ${action}`,
];

function returnsInWords(returns: DryReturns | undefined): string[] {
  if (!returns) return [];
  return [
    `  returns: ${returns.policy}, by ${returns.setting}`,
    ...returns.returns.flatMap(({ what, next, reference, draft }) => [
      `  return of ${what || "nothing any more"}: ${next} [${reference}]`,
      ...(draft ? [`    RMA ${fields({ ...draft, reference: undefined, lines: undefined })}`] : []),
      ...(draft?.lines ?? []).map(
        ({ orderNo, lineNo, relNo, qtyToReturn, returnReasonCode }) =>
          `    line ${lineNo}/${relNo} of ${orderNo}: ${qtyToReturn}, reason ${returnReasonCode ?? "none"}`,
      ),
    ]),
    ...returns.refusals.flatMap(refusalInWords),
  ];
}

function orderInWords({ rejection, draft, route, totals, rounded, shortened }: DryRun): string[] {
  if (rejection) return refusalInWords(rejection);
  if (!draft || !totals) return [];
  const { header } = draft;
  const price = header.usePriceInclTax ? "unitPriceInclTax" : "saleUnitPrice";
  const amount = header.usePriceInclTax ? "chargeAmountInclTax" : "chargeAmount";
  return [
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
