/** What IFS makes of lines and charges: tax codes, a price that no tax explains, the sign of discounts. */
import type { Answer, CapabilityFact } from "../domain/capabilities.ts";
import { compare, type DecimalString, decimal, isNegative } from "../domain/decimal.ts";
import type { OrderNo } from "../domain/ids.ts";
import type { IfsOrderDraft, IfsSalesPart } from "../domain/ifs-records.ts";
import { type LogicalRow, property } from "../ifs/binding.ts";
import { eq, text } from "../ifs/filter.ts";
import { readLineReference } from "../ifs/line-reference.ts";
import { orderBodies } from "../ifs/order-bodies.ts";
import { createOrderDefaults } from "../ifs/order-defaults.ts";
import { chargeFields } from "../ifs/order-rows.ts";
import { attempt } from "./attempt.ts";
import { addChild } from "./probe-create.ts";
import { extraLines, ODD_GROSS, probeCharge } from "./probe-plan.ts";
import { answered, type ProbeSession } from "./probe-session.ts";

export type ProbeRows = { readonly orderNo: OrderNo; readonly draft: IfsOrderDraft; readonly part: IfsSalesPart };

type Posted = { readonly lineRef: string; readonly taxCode: string | undefined; readonly refusal: string | undefined };

/** Adds one line for each question, each by itself, so that one that is refused answers for itself alone. */
export async function probeLines(session: ProbeSession, { orderNo, draft, part }: ProbeRows): Promise<void> {
  const { client, plan } = session;
  const { binding } = client;
  const extra = { ...draft, lines: extraLines(plan, draft, part), charges: [] };
  const readDefaults = createOrderDefaults(client);
  const { lines } = orderBodies(binding, extra, await session.write((signal) => readDefaults(extra, signal)));
  const posted: Posted[] = [];
  for (const [index, body] of lines.entries()) {
    const { lineRef, taxCode } = extra.lines[index] ?? { lineRef: "", taxCode: undefined };
    const answer = await attempt(() => addChild(session, orderNo, { array: binding.linesArray, body }));
    posted.push({ lineRef, taxCode, refusal: answer.ok ? undefined : answered(session, answer.error) });
  }
  const byRef = new Map((await readLines(session, orderNo)).map((row) => [refOf(row), row]));
  session.facts.set("taxCodeKept", judgeTaxCodes(posted, byRef));
  session.facts.set("priceInclTaxKept", judgeOddGross(posted, byRef));
}

async function readLines({ client }: ProbeSession, orderNo: OrderNo): Promise<LogicalRow[]> {
  const { orderLine } = client.binding;
  const filter = eq(property(orderLine, "orderNo"), text(orderNo));
  const fields = ["customerPoLineNo", "noteText", "taxCode", "unitPriceInclTax"] as const;
  return client.list(orderLine, { filter, fields: fields.filter((field) => orderLine.fields[field] !== null) });
}

const textOrNull = (value: unknown): string | null => (typeof value === "string" && value !== "" ? value : null);

const refOf = ({ customerPoLineNo, noteText }: LogicalRow): string | null =>
  readLineReference({ customerPoLineNo: textOrNull(customerPoLineNo), noteText: textOrNull(noteText) });

type Rows = ReadonlyMap<string | null, LogicalRow>;

/** One code alone may be the part's own; of two that are kept, one is not. */
function judgeTaxCodes(posted: readonly Posted[], rows: Rows): CapabilityFact {
  const asked = posted.filter(({ lineRef }) => lineRef.startsWith("tax-"));
  if (asked.length === 0) return { answer: "unknown", evidence: "tax.rules names no tax code for this route" };
  const found = asked.map(({ lineRef, taxCode, refusal }) => ({
    taxCode,
    refusal,
    became: textOrNull(rows.get(lineRef)?.taxCode),
  }));
  const words = found.map(
    ({ taxCode, refusal, became }) =>
      `${taxCode} ${refusal === undefined ? `became ${became ?? "nothing to be seen"}` : `was refused (${refusal})`}`,
  );
  const evidence = `tax code ${words.join("; ")}`;
  if (found.some(({ refusal, became, taxCode }) => refusal !== undefined || (became !== null && became !== taxCode))) {
    return { answer: "no", evidence };
  }
  if (found.some(({ became }) => became === null)) return { answer: "unknown", evidence };
  if (found.length > 1) return { answer: "yes", evidence };
  return { answer: "unknown", evidence: `${evidence}, which may be the part's own; tax.rules names no second code` };
}

function judgeOddGross(posted: readonly Posted[], rows: Rows): CapabilityFact {
  const refusal = posted.find(({ lineRef }) => lineRef === "odd-gross")?.refusal;
  if (refusal !== undefined)
    return { answer: "no", evidence: `a price including tax of ${ODD_GROSS} was refused: ${refusal}` };
  const became = textOrNull(rows.get("odd-gross")?.unitPriceInclTax);
  if (became === null) return { answer: "unknown", evidence: "the price including tax cannot be read" };
  return {
    answer: compare(decimal(became), ODD_GROSS) === 0 ? "yes" : "no",
    evidence: `a price including tax of ${ODD_GROSS} beside 10 without became ${became}`,
  };
}

const NEGATIVE = "-1";
const POSITIVE = "2";

/** A discount's charge type with a negative and a positive amount; the sizes tell which row is which. */
export async function probeCharges(session: ProbeSession, { orderNo, draft }: ProbeRows): Promise<void> {
  const { client, plan } = session;
  const { discountType } = plan;
  if (discountType === undefined) {
    const evidence = "charges.discount names no charge type";
    for (const name of ["negativeCharge", "negativeChargeKept", "positiveChargeTurned"] as const) {
      session.learn(name, "unknown", evidence);
    }
    return;
  }
  const { orderCharge } = client.binding;
  const asked = {
    ...draft,
    lines: [],
    charges: [NEGATIVE, POSITIVE].map((amount) => probeCharge(plan, discountType, amount)),
  };
  const readDefaults = createOrderDefaults(client);
  const { charges } = orderBodies(client.binding, asked, await session.write((signal) => readDefaults(asked, signal)));
  const refusals: (string | undefined)[] = [];
  for (const body of charges) {
    const answer = await attempt(() => addChild(session, orderNo, { array: orderCharge.set, body }));
    refusals.push(answer.ok ? undefined : answered(session, answer.error));
  }
  const rows = await client.list(orderCharge, { parent: session.path(orderNo), fields: chargeFields });
  const amounts = rows.flatMap(({ chargeType, netAmountCurr }) =>
    chargeType === discountType && typeof netAmountCurr === "string" ? [decimal(netAmountCurr)] : [],
  );
  judgeSigns(session, { refusals, amounts });
}

function judgeSigns(
  session: ProbeSession,
  { refusals, amounts }: { refusals: readonly (string | undefined)[]; amounts: readonly DecimalString[] },
): void {
  const became = (sent: string) => amounts.find((amount) => amount.replace("-", "") === sent.replace("-", ""));
  const isNow = (sent: string) => `${sent} became ${became(sent) ?? "nothing to be seen"}`;
  const lowers = (sent: string): Answer => {
    const amount = became(sent);
    if (amount === undefined) return "unknown";
    return isNegative(amount) ? "yes" : "no";
  };
  const [negative, positive] = refusals;
  if (negative === undefined) {
    session.learn("negativeCharge", "yes", `${NEGATIVE} was accepted`);
    session.learn("negativeChargeKept", lowers(NEGATIVE), isNow(NEGATIVE));
  } else {
    session.learn("negativeCharge", "no", `${NEGATIVE} was refused (${negative})`);
    session.learn("negativeChargeKept", "unknown", `${NEGATIVE} was refused`);
  }
  if (positive === undefined) session.learn("positiveChargeTurned", lowers(POSITIVE), isNow(POSITIVE));
  else session.learn("positiveChargeTurned", "unknown", `${POSITIVE} was refused (${positive})`);
}
