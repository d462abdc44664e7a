/**
 * Whether the payments of an order fit it: one that is missing, another amount or currency, money that went back. Pure; reads only
 * totals and payments, so that an order that cannot be exported as a whole is judged as well.
 */
import { add, compare, type DecimalString, isZero, roundTo, subtract, ZERO } from "../../domain/decimal.ts";
import type { Rejection } from "../../domain/failure.ts";
import { formatMoney, fromDecimal, type Money, toDecimal } from "../../domain/money.ts";
import { type PaymentMismatch, type PaymentRule, paymentMismatches } from "../../domain/payment-config.ts";
import { paidSchema, type RawPayment } from "./order-schema.ts";

export type PaymentFinding = { readonly kind: PaymentMismatch; readonly message: string };

type Readable = NonNullable<RawPayment["obj"]>;
type Transactions = Readable["transactions"];

/** Mismatches that the rule does not ignore. Empty as well for an order whose total or payments cannot be read. */
export function judgePayments(order: unknown, rule: PaymentRule): PaymentFinding[] {
  const parsed = paidSchema.safeParse(order);
  if (!parsed.success || parsed.data.orderState === "Cancelled") return [];
  const { totalPrice, taxedPrice, paymentInfo, returnInfo } = parsed.data;
  const given = { total: taxedPrice?.totalGross ?? totalPrice, payments: paymentInfo?.payments ?? [], rule };
  const findings = [...covering(given), ...currencies(given), ...reversals(given, (returnInfo ?? []).length > 0)];
  return findings.filter(({ kind }) => rule[kind] !== "ignore");
}

/** A Rejection for what is to be shown; undefined where all fits. */
export function paymentMismatch(findings: readonly PaymentFinding[]): Rejection | undefined {
  if (findings.length === 0) return undefined;
  return {
    code: "paymentMismatch",
    message: `The payments do not fit the order: ${findings.map(({ message }) => message).join("; ")}.`,
    action:
      "Correct or add the payment in commercetools (or have it corrected at the payment provider); the order is judged again with every change of its payments. Where this is as it should be, change `orders.payments`, or `payments` of its route.",
    owner: "operator",
    field: "paymentInfo.payments",
    value: kindsOf(findings).join(", "),
  };
}

/** Of those, what keeps an order from being exported. */
export const heldFindings = (findings: readonly PaymentFinding[], rule: PaymentRule): PaymentFinding[] =>
  findings.filter(({ kind }) => rule[kind] === "hold");

/** In the order of the configuration, so that the same findings make the same sentence. */
const kindsOf = (findings: readonly PaymentFinding[]): PaymentMismatch[] =>
  paymentMismatches.filter((kind) => findings.some((finding) => finding.kind === kind));

/**
 * What IFS said of a field that carries what a mapping reads of the payments is a matter of the payments. IFS names fields as its
 * columns (`CF$_PAY_REF`) or in the name of its error (`NOPAYTERMID`); unverified beyond that, so that whatever names none stays as it is.
 */
export function refusedPayment(refusal: Rejection, targets: readonly string[]): Rejection {
  const said = plain(`${refusal.field ?? ""} ${refusal.message}`);
  const named = targets.filter((target) => plain(target).length >= SHORTEST_NAME && said.includes(plain(target)));
  if (named.length === 0) return refusal;
  return {
    ...refusal,
    code: "paymentMismatch",
    owner: "ifsAdministrator",
    message: `${refusal.message} What it names (${named.join(", ")}) carries what the mapping reads of the order's payments.`,
    action:
      "Correct the payment in commercetools, what IFS knows of it, or the mapping of the field. The order is tried again by itself.",
  };
}

const SHORTEST_NAME = 5;
const plain = (name: string): string => name.replaceAll(/[^A-Za-z0-9]/g, "").toLowerCase();

type Given = { readonly total: Money; readonly payments: readonly RawPayment[]; readonly rule: PaymentRule };

function covering({ total, payments, rule }: Given): PaymentFinding[] {
  const wanted = toDecimal(total);
  const { currency } = total;
  const covered = sumOf(payments.map(({ obj }) => (obj ? coveredBy(obj, currency, rule) : ZERO)));
  const foreign = payments.some(({ obj }) => obj && countedCurrencies(obj, rule).some((code) => code !== currency));
  const unread = payments.filter(({ obj }) => obj === undefined).map(({ id }) => `payment ${id} cannot be read`);
  if (isZero(covered) && !foreign) {
    if (isZero(wanted)) return [];
    const why = payments.length === 0 ? "it has no payment" : [...unread, ...payments.flatMap(whatBecameOf)].join(", ");
    return [{ kind: "missing", message: `nothing of its ${formatMoney(total)} is covered (${why})` }];
  }
  const left = subtract(covered, sumOf(payments.flatMap(({ obj }) => (obj ? [sentBack(obj, currency)] : []))));
  // An edit that made the order cheaper is followed by a refund of the difference.
  if (foreign || compare(covered, wanted) === 0 || compare(left, wanted) === 0) return [];
  const readable = unread.length === 0 ? "" : ` (${unread.join(", ")})`;
  const said = `its payments cover ${inWords(covered, total)}${readable}, and its total is ${formatMoney(total)}`;
  return [{ kind: "amount", message: said }];
}

function currencies({ total, payments, rule }: Given): PaymentFinding[] {
  return payments.flatMap(({ id, obj }): PaymentFinding[] => {
    const others = obj ? [...new Set(countedCurrencies(obj, rule))].filter((code) => code !== total.currency) : [];
    if (!obj || others.length === 0) return [];
    const message = `payment ${nameOf(id, obj)} is in ${others.join(", ")}, and the order in ${total.currency}`;
    return [{ kind: "currency", message }];
  });
}

/** What went back although nothing was sent back and the order costs as much as before. */
function reversals({ total, payments, rule }: Given, hasReturns: boolean): PaymentFinding[] {
  const read = payments.flatMap(({ obj }) => obj ?? []);
  const { currency } = total;
  const charged = sumOf(read.map((payment) => succeeded(payment.transactions, "Chargeback", currency)));
  const refunded = sumOf(read.map((payment) => succeeded(payment.transactions, "Refund", currency)));
  const covered = sumOf(read.map((payment) => coveredBy(payment, currency, rule)));
  const explained = hasReturns || compare(subtract(covered, refunded), toDecimal(total)) === 0;
  return [
    ...(isZero(charged) ? [] : [reversal(`${inWords(charged, total)} were charged back`)]),
    ...(isZero(refunded) || explained ? [] : [reversal(`${inWords(refunded, total)} were refunded without a return`)]),
  ];
}

/** An amount of the order's currency; with more digits than that has, as it is. */
const inWords = (value: DecimalString, { currency, digits }: Money): string =>
  compare(roundTo(value, digits), value) === 0
    ? formatMoney(fromDecimal(currency, digits, value))
    : `${value} ${currency}`;

const reversal = (message: string): PaymentFinding => ({ kind: "reversed", message });

const sumOf = (amounts: readonly DecimalString[]): DecimalString => add(ZERO, ...amounts);
const larger = (a: DecimalString, b: DecimalString): DecimalString => (compare(a, b) > 0 ? a : b);

const succeeded = (transactions: Transactions, type: string, currency: string): DecimalString =>
  sumOf(
    transactions
      .filter((one) => one.type === type && one.state === "Success" && one.amount.currency === currency)
      .map(({ amount }) => toDecimal(amount)),
  );

const sentBack = ({ transactions }: Readable, currency: string): DecimalString =>
  add(succeeded(transactions, "Refund", currency), succeeded(transactions, "Chargeback", currency));

const isPlanned = ({ paymentMethodInfo }: Readable, { counts, onAccount }: PaymentRule): boolean =>
  counts === "planned" || onAccount.includes(paymentMethodInfo?.method ?? "");

/** An authorization is what its charges are made of, so that only the larger of the two counts. */
function coveredBy(payment: Readable, currency: string, rule: PaymentRule): DecimalString {
  const { amountPlanned, transactions } = payment;
  if (isPlanned(payment, rule)) return amountPlanned?.currency === currency ? toDecimal(amountPlanned) : ZERO;
  const charged = succeeded(transactions, "Charge", currency);
  if (rule.counts === "charged") return charged;
  const authorized = subtract(
    succeeded(transactions, "Authorization", currency),
    succeeded(transactions, "CancelAuthorization", currency),
  );
  return larger(authorized, charged);
}

const COUNTED = { planned: [], authorized: ["Authorization", "Charge"], charged: ["Charge"] } as const;

/** Of what covers something. */
function countedCurrencies(payment: Readable, rule: PaymentRule): string[] {
  const { amountPlanned, transactions } = payment;
  if (isPlanned(payment, rule)) return amountPlanned && amountPlanned.minor !== 0n ? [amountPlanned.currency] : [];
  const types: readonly string[] = COUNTED[rule.counts];
  const counted = transactions.filter(({ type, state, amount }) => {
    return types.includes(type) && state === "Success" && amount.minor !== 0n;
  });
  return counted.map(({ amount }) => amount.currency);
}

const nameOf = (id: string, { interfaceId, paymentMethodInfo: info }: Readable): string =>
  [info?.paymentInterface, info?.method, interfaceId ?? id].filter((part) => part !== undefined).join(" ");

const whatBecameOf = ({ id, obj }: RawPayment): string[] => {
  if (!obj) return [];
  const states = obj.transactions.map(({ type, state }) => `${type} ${state}`);
  return [`${nameOf(id, obj)}: ${states.length === 0 ? "no transaction" : states.join(", ")}`];
};
