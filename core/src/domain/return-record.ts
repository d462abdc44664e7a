/**
 * What an order says about its returns: one entry of `Order.syncInfo` on the channel `ifs-return`, written in one request with
 * the claim. It tells which return is which RMA, and which may have been sent without an answer; that nobody sends a return
 * twice rests on the claim and on the look-up in IFS. Pure reading and the entry's text form.
 */
import { newestEntry, type WithSyncInfo } from "./claims.ts";

/** One `returnInfo` of the order, under an identity that stays while the shop only adds returns. */
export type RecordedReturn = {
  /** 12 hexadecimal digits; with the order's id the reference of the RMA. */
  readonly ref: string;
  /** Of its lines and quantities, 8 hexadecimal digits: a list that was written anew has other identities. */
  readonly content: string;
  /** Empty: the create was begun, and its RMA is not known yet. */
  readonly rmaNo: string;
};

/** Times in milliseconds since the epoch, 0 for none. */
export type ReturnRecord = {
  readonly returns: readonly RecordedReturn[];
  /** Code of the exception that is open for the order's returns; empty for none. */
  readonly code: string;
  /** With a code: times that it was met. Without: creates that were begun since one was answered. */
  readonly attempt: number;
  readonly notBefore: number;
  readonly configVersion: number;
  /** Of all returns at the last judgement, 16 hexadecimal digits or empty. */
  readonly judged: string;
};

export const nothingReturned: ReturnRecord = {
  returns: [],
  code: "",
  attempt: 0,
  notBefore: 0,
  configVersion: 0,
  judged: "",
};

/** `unreadable`: an entry that no version of this connector wrote; never the same as "none". */
export type ReturnReading =
  | { readonly kind: "record"; readonly record: ReturnRecord }
  | { readonly kind: "unreadable"; readonly text: string };

const FORMAT = "1";
const COUNT = /^(0|[1-9]\d{0,14})$/;
const RETURN = /^([0-9a-f]{12})\.([0-9a-f]{8})\.([A-Za-z0-9-]{0,40})$/;

/** One line of text: format version, then its fields separated by `;`, the returns by `,`. RangeError: it could not be read again. */
export function encodeReturns({ returns, code, attempt, notBefore, configVersion, judged }: ReturnRecord): string {
  const list = returns.map(({ ref, content, rmaNo }) => `${ref}.${content}.${rmaNo}`).join(",");
  const text = [FORMAT, code, attempt, notBefore, configVersion, judged, list].join(";");
  if (!decodeReturns(text))
    throw new RangeError(`not a record of returns that could be read again: ${text.slice(0, 80)}`);
  return text;
}

/** Undefined for anything that `encodeReturns` does not write. */
export function decodeReturns(text: string): ReturnRecord | undefined {
  const [format, code = "", attempt = "", notBefore = "", configVersion = "", judged = "", list, ...more] =
    text.split(";");
  if (format !== FORMAT || list === undefined || more.length > 0) return undefined;
  if (!/^[A-Za-z]{0,40}$/.test(code) || !/^([0-9a-f]{16})?$/.test(judged)) return undefined;
  if (![attempt, notBefore, configVersion].every((count) => COUNT.test(count))) return undefined;
  const returns: RecordedReturn[] = [];
  for (const one of list === "" ? [] : list.split(",")) {
    const [, ref, content, rmaNo] = RETURN.exec(one) ?? [];
    if (ref === undefined || content === undefined || rmaNo === undefined) return undefined;
    returns.push({ ref, content, rmaNo });
  }
  return {
    returns,
    code,
    attempt: Number(attempt),
    notBefore: Number(notBefore),
    configVersion: Number(configVersion),
    judged,
  };
}

/** The newest entry of the channel counts, whether the platform replaces an entry or appends another. */
export function readReturns(order: WithSyncInfo, channelId: string): ReturnReading {
  const entry = newestEntry(order, channelId);
  if (!entry) return { kind: "record", record: nothingReturned };
  const text = entry.externalId ?? "";
  const record = decodeReturns(text);
  return record ? { kind: "record", record } : { kind: "unreadable", text };
}

const REFERENCE = /^([0-9a-f-]{36})\/([0-9a-f]{12})$/;

/** What the header of an RMA carries: 49 characters. */
export const returnReference = (orderId: string, ref: string): string => `${orderId}/${ref}`;

/** The parts of a reference of ours; undefined for any other text. */
export function parseReturnReference(text: string): { readonly orderId: string; readonly ref: string } | undefined {
  const [, orderId, ref] = REFERENCE.exec(text) ?? [];
  return orderId !== undefined && ref !== undefined ? { orderId, ref } : undefined;
}
