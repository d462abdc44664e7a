/**
 * What is sent to IFS, as it is told to whoever keeps a journal. The listener belongs to one piece of work and to everything that is
 * awaited in it, whichever object it writes: so it is the work's context, like the correlation id of a request, and no parameter
 * of every write.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import {
  AuthenticationError,
  ConflictError,
  RefusedError,
  TransientError,
  UnknownOutcomeError,
} from "../domain/failure.ts";
import type { SentListener, SentRow } from "../domain/sent.ts";
import type { Binding, ObjectName } from "./binding.ts";
import type { Effect } from "./errors.ts";
import { isJsonNumber, type PatchBody } from "./json.ts";

const listeners = new AsyncLocalStorage<SentListener>();

/** Runs `work`, and tells `listener` of each write that it makes. */
export const withSentListener = <T>(listener: SentListener, work: () => Promise<T>): Promise<T> =>
  listeners.run(listener, work);

/** Rows of a write: where they go, and their bodies. */
export type Written = { readonly into: string; readonly body: PatchBody };

/** Makes writes of one client and tells of each, where somebody listens. */
export function createTelling(binding: Binding, shown: readonly string[], now: () => number) {
  const plain = plainProperties(binding, shown);
  return async function telling<T>(
    { request, rows, effect }: { readonly request: string; readonly rows: readonly Written[]; readonly effect: Effect },
    work: () => Promise<T>,
  ): Promise<T> {
    const listener = listeners.getStore();
    if (!listener) return work();
    const tell = (answer: string, counts: boolean): void =>
      listener({
        at: new Date(now()).toISOString(),
        request,
        rows: rows.map((row) => shownRow(plain, row)),
        answer,
        counts,
      });
    try {
      const answered = await work();
      tell("accepted", true);
      return answered;
    } catch (error) {
      tell(endOf(error, effect), error instanceof UnknownOutcomeError);
      throw error;
    }
  };
}
export type Telling = ReturnType<typeof createTelling>;

/** Not in IFS's words, which may quote the order. */
function endOf(error: unknown, effect: Effect): string {
  if (error instanceof RefusedError) return `refused: ${error.code}`;
  if (error instanceof UnknownOutcomeError) return "in doubt: no answer that tells";
  if (error instanceof ConflictError) return "not done: changed by somebody else meanwhile";
  if (error instanceof AuthenticationError) return "not done: the credential is refused";
  // Of what can be repeated after a look nobody asks whether it was begun: the error is the same if its answer was lost.
  if (error instanceof TransientError && effect === "idempotent")
    return "not known to be done: no answer that tells, or IFS was not reached, or busy";
  return "not done: IFS was not reached, or busy";
}

/** A row of a change set is posted below one that has no key yet: "$1/OrderLinesArray". */
const shownRow = (plain: Plain, { into, body }: Written): SentRow => ({
  into: into.replace(/^\$\d+\//, ""),
  values: Object.fromEntries(
    Object.entries(body).map(([property, value]) => [property, shownValue(plain, property, value)]),
  ),
});

const LONGEST = 100;
/** As the connector ends the note of a line, and nothing that a shopper may have put into brackets. */
const LINE_REFERENCE = /(?:^|\n)(\[ref (?=[^\]]*\d)[\w.:/-]{1,60}\])$/;
/** An address of e-mail is known by its sign, also where it was made fit for a URL. */
const EMAIL = /[@\uFF20]|%40/;
/** Of a text that buyers type as they like, what is no name: one word with a digit. */
const NUMBER = /^(?=.*\d)\S+$/;

function shownValue(plain: Plain, property: string, value: PatchBody[string]): string {
  if (value === null) return "null";
  if (isJsonNumber(value)) return value.rawJSON;
  if (typeof value === "boolean") return String(value);
  if (plain.get(property)?.(value) && !EMAIL.test(value))
    return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  const reference = LINE_REFERENCE.exec(value)?.[1];
  if (reference === value) return reference;
  return `${reference === undefined ? "" : `${reference} `}(${value.length} characters)`;
}

/** Objects that are written, with those of their fields, by logical name, whose texts say who or where somebody is, or are free. */
const PERSONAL = {
  order: ["customerName", "custRef", "noteText", "labelNote", "delTermsLocation"],
  orderLine: ["noteText"],
  orderCharge: [],
  orderAddress: ["name", "address1", "address2", "zipCode", "city", "state", "county"],
  rma: ["noteText"],
  rmaLine: [],
  customer: ["name", "associationNo", "email", "phone", "vatNo"],
  customerAddress: ["name", "address1", "address2", "zipCode", "city", "state", "county"],
  customerAddressType: [],
  customerCommMethod: ["value", "mark"],
} as const satisfies Partial<Record<ObjectName, readonly string[]>>;

/** Fields of the order for a number of the buyer's, who may write a name instead. */
const TYPED = ["customerPoNo", "internalRef"] as const;

/** Property -> which of its texts are told. */
type Plain = ReadonlyMap<string, (text: string) => boolean>;
const any = (): boolean => true;
const isNumber = (text: string): boolean => NUMBER.test(text);

/**
 * Properties whose texts are told: those of bound fields that are personal in no object, the constants themselves, and what the
 * merchant names. Whatever a mapping writes besides may be anything.
 */
function plainProperties(binding: Binding, shown: readonly string[]): Plain {
  const bound = (Object.entries(PERSONAL) as [keyof typeof PERSONAL, readonly string[]][]).flatMap(([name, hidden]) =>
    Object.entries<string | null>(binding[name].fields).flatMap(([field, property]) =>
      property === null ? [] : [{ property, personal: hidden.includes(field) }],
    ),
  );
  const { constants, singleOccurrence: once } = binding;
  const flags = [once.header, once.line, once.regularLine, once.otherAddressLine];
  const constant = [...Object.values(constants), ...flags].flatMap((one) => Object.entries(one));
  const plain = new Map<string, (text: string) => boolean>();
  // A mapping may write something else over a constant.
  for (const [property] of constant) {
    const texts = new Set(constant.flatMap(([name, value]) => (name === property ? [value] : [])));
    plain.set(property, (text) => texts.has(text));
  }
  for (const { property } of bound) plain.set(property, any);
  for (const field of TYPED) {
    const property = binding.order.fields[field];
    if (property !== null) plain.set(property, isNumber);
  }
  for (const { property, personal } of bound) if (personal) plain.delete(property);
  for (const property of shown) plain.set(property, any);
  return plain;
}
