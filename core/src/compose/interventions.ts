/**
 * What people do about open exceptions: try again, correct and try again, leave alone. All of it goes the way that every export
 * goes, with its claim, so nothing here can make a second order; and all of it is done when the answer is given.
 *
 * It runs in service-app itself, in the lane of orders: a person who repairs wants to see at once whether it helped, and a request
 * kept for job-app's next tick would answer a minute later to nobody. The claim makes it safe beside job-app, and the budget keeps
 * room for checkouts before it.
 */
import type { Store } from "../ct/store.ts";
import { codeOfCause } from "../domain/cause.ts";
import { type Corrections, describeCorrections } from "../domain/corrections.ts";
import { AuthenticationError, type Rejection, TransientError } from "../domain/failure.ts";
import type { OrderId } from "../domain/ids.ts";
import type { ExceptionRecord, JournalEntry } from "../domain/records.ts";
import type { Result } from "../domain/result.ts";
import type { Moved } from "../flows/order-export/ignore.ts";
import type { ExportOutcome } from "../flows/order-export/outcome.ts";
import type { Clock } from "../runtime/clock.ts";

/** The export of single orders, with a configuration that was just read. */
export type OrderWork = {
  readonly configVersion: number;
  readonly routes: readonly string[];
  /** `confirmed`: the person has looked at this very order. */
  export(orderId: OrderId, by: string, given: { deadlineAt: number; confirmed: boolean }): Promise<ExportOutcome>;
  ignore(orderId: OrderId): Promise<Result<Moved, Rejection>>;
  unignore(orderId: OrderId): Promise<Moved>;
};

export type InterventionDeps = {
  readonly store: {
    readonly exceptions: Pick<Store["exceptions"], "get" | "byCode" | "open" | "close">;
    readonly ignored: Pick<Store["ignored"], "get" | "write" | "remove">;
    readonly corrections: Store["corrections"];
    readonly journal: Pick<Store["journal"], "append">;
  };
  readonly clock: Pick<Clock, "now" | "monotonic">;
  readonly work: () => Promise<OrderWork>;
};

/** For one order, and for all of one code; a person waits, and proxies between lose their patience. */
const ONE_MS = 20_000;
const ALL_MS = 20_000;
export const MOST_RETRIES = 50;
/** Of one code: what a cause can leave behind. `left` counts all of them. */
const ROWS = 20_000;

export type Shown = Pick<ExceptionRecord, "code" | "message" | "action" | "lastSeenAt" | "attempts">;
export type Retried = {
  readonly id: string;
  readonly orderId: string;
  readonly before: Shown;
  readonly outcome: { readonly kind: ExportOutcome["kind"]; readonly text: string };
  /** null: the exception is closed. */
  readonly after: Shown | null;
};

export type RetryAll = {
  readonly limit: number;
  readonly since?: string | undefined;
  readonly containing?: string | undefined;
} & ({ readonly code: string; readonly cause?: undefined } | { readonly code?: undefined; readonly cause: string });

export type Answer<T> =
  | { readonly kind: "done"; readonly body: T }
  | { readonly kind: "absent"; readonly message: string }
  | { readonly kind: "rejected"; readonly rejection: Rejection };

export type Interventions = ReturnType<typeof createInterventions>;

export function createInterventions({ store, clock, work }: InterventionDeps) {
  const nowText = (): string => new Date(clock.now()).toISOString();

  const journal = (
    entry: Pick<JournalEntry, "recordId" | "event" | "detail" | "by">,
    configVersion: number,
  ): Promise<void> =>
    store.journal.append({ at: nowText(), flow: "order-export", recordType: "order", configVersion, ...entry });

  /** The open exception of an order's export. */
  async function orderException(id: string): Promise<Answer<ExceptionRecord>> {
    const row = await store.exceptions.get(id);
    if (!row) return { kind: "absent", message: "no such exception is open; it may have closed by itself" };
    return isOfOrder(row) ? { kind: "done", body: row } : { kind: "rejected", rejection: notOfAnOrder(row) };
  }

  async function retryRow(row: ExceptionRecord, by: string, orders: OrderWork, confirmed = false): Promise<Retried> {
    const orderId = row.recordId as OrderId;
    const outcome = await orders.export(orderId, by, { deadlineAt: clock.monotonic() + ONE_MS, confirmed });
    const after = await store.exceptions.get(row.id);
    const detail = { code: row.code, outcome: outcome.kind, ...(after ? { after: after.code } : {}) };
    await journal({ recordId: orderId, event: "order-retried", detail, by }, orders.configVersion);
    return {
      id: row.id,
      orderId,
      before: shown(row),
      outcome: { kind: outcome.kind, text: outcomeText(outcome) },
      after: after ? shown(after) : null,
    };
  }

  async function rowsOf({ code, cause, containing = "" }: RetryAll, since: string) {
    const wanted = cause === undefined ? code : codeOfCause(cause);
    const rows = await store.exceptions.byCode(wanted, ROWS);
    return {
      code: wanted,
      rows: rows
        .filter((row) => isOfOrder(row) && (cause === undefined || (row.cause ?? row.code) === cause))
        .filter(({ lastSeenAt }) => Date.parse(lastSeenAt) < Date.parse(since))
        .filter(({ message }) => message.toLowerCase().includes(containing.toLowerCase()))
        .sort((a, b) => Date.parse(a.lastSeenAt) - Date.parse(b.lastSeenAt)),
    };
  }

  return {
    async retry(id: string, by: string): Promise<Answer<Retried>> {
      const found = await orderException(id);
      if (found.kind !== "done") return found;
      return { kind: "done", body: await retryRow(found.body, by, await work(), true) };
    },

    /**
     * Orders of one code or of one cause of it, oldest try first, as many as the time allows. Those that were tried at or after
     * `since` are left out, so a caller who hands `since` back goes through all of them once. `containing` narrows to those whose
     * message has these words.
     */
    async retryAll(given: RetryAll, by: string) {
      const since = given.since ?? nowText();
      const endsAt = clock.monotonic() + ALL_MS;
      const { code, rows } = await rowsOf(given, since);
      const orders = await work();
      const results: Retried[] = [];
      let stopped: string | null = null;
      for (const row of rows.slice(0, given.limit)) {
        if (clock.monotonic() >= endsAt) break;
        try {
          results.push(await retryRow(row, by, orders));
        } catch (error) {
          // The other side is down: every further try would only wait for the same answer.
          if (!(error instanceof TransientError) && !(error instanceof AuthenticationError)) throw error;
          stopped = error.message;
          break;
        }
      }
      const closed = results.filter(({ after }) => after === null).length;
      return {
        code,
        since,
        tried: results.length,
        closed,
        stillOpen: results.length - closed,
        left: rows.length - results.length,
        stopped,
        results,
      };
    },

    /** The order is out of scope from here on, and its exception is put aside with reason, user and time. */
    async ignore(
      id: string,
      reason: string,
      by: string,
    ): Promise<Answer<{ id: string; orderId: string; phase: string }>> {
      const found = await orderException(id);
      if (found.kind !== "done") return found;
      const orderId = found.body.recordId as OrderId;
      const orders = await work();
      const moved = await orders.ignore(orderId);
      if (!moved.ok) return { kind: "rejected", rejection: moved.error };
      const at = nowText();
      await store.ignored.write({ exception: found.body, reason, by, at });
      await store.exceptions.close(id);
      const detail = { code: found.body.code, reason, before: moved.value?.before ?? "the order does not exist" };
      await journal({ recordId: orderId, event: "order-ignored", detail, by }, orders.configVersion);
      return { kind: "done", body: { id, orderId, phase: moved.value?.after ?? "absent" } };
    },

    /** Back in scope, and judged at once. */
    async unignore(id: string, by: string): Promise<Answer<Retried>> {
      const ignored = await store.ignored.get(id);
      if (!ignored) return { kind: "absent", message: "no such exception is ignored" };
      const { exception, reason } = ignored;
      const orders = await work();
      await orders.unignore(exception.recordId as OrderId);
      await store.ignored.remove(id);
      const detail = { code: exception.code, reason };
      await journal({ recordId: exception.recordId, event: "order-unignored", detail, by }, orders.configVersion);
      return { kind: "done", body: await retryRow(exception, by, orders) };
    },

    /** Replaces the corrections of the order (none of them: removes what was there), and tries it again. */
    async edit(id: string, corrections: Corrections, by: string): Promise<Answer<Retried & { corrections: Edited }>> {
      const found = await orderException(id);
      if (found.kind !== "done") return found;
      const orders = await work();
      const { route } = corrections;
      if (route !== undefined && !orders.routes.includes(route)) {
        return { kind: "rejected", rejection: unknownRoute(route, orders.routes) };
      }
      const orderId = found.body.recordId as OrderId;
      const before = describeCorrections(await store.corrections.read(orderId));
      const after = describeCorrections(corrections);
      // The journal first: a correction that nobody can trace is worse than an entry about one that did not happen.
      await journal(
        { recordId: orderId, event: "order-corrected", detail: { before, after }, by },
        orders.configVersion,
      );
      if (after === "nothing") await store.corrections.remove(orderId);
      else await store.corrections.write(orderId, corrections);
      const retried = await retryRow(found.body, by, orders);
      return { kind: "done", body: { ...retried, corrections: { before, after } } };
    },
  };
}

export type Edited = { readonly before: string; readonly after: string };

const isOfOrder = ({ flow, recordType }: ExceptionRecord): boolean =>
  recordType === "order" && (flow === "order-export" || flow === "order-sweep");

const shown = ({ code, message, action, lastSeenAt, attempts }: ExceptionRecord): Shown => ({
  code,
  message,
  action,
  lastSeenAt,
  attempts,
});

function outcomeText(outcome: ExportOutcome): string {
  switch (outcome.kind) {
    case "skipped":
    case "deferred":
      return outcome.reason;
    case "waiting":
      return outcome.at === undefined
        ? outcome.reason
        : `${outcome.reason}, until ${new Date(outcome.at).toISOString()}`;
    case "linked":
      return `IFS order ${outcome.orderNo}`;
    case "unchanged":
      return `as it was exported, IFS order ${outcome.orderNo}`;
    case "amended":
      return `IFS order ${outcome.orderNo} was changed accordingly`;
    case "returned":
      return `returns are in IFS as RMA ${outcome.rmaNos.join(", ")}`;
    case "cancelled":
      return outcome.orderNo === undefined ? "nothing was in IFS" : `IFS order ${outcome.orderNo} is cancelled`;
    case "unknown":
      return `the outcome of the create is not known; looked up after ${new Date(outcome.at).toISOString()}`;
    case "rejected":
    case "held":
      return outcome.rejection.message;
  }
}

const notOfAnOrder = ({ recordLabel, flow }: ExceptionRecord): Rejection => ({
  code: "unsupported",
  message: `${recordLabel}: exceptions of ${flow} are judged again whenever their record is read; there is nothing to start by hand.`,
  action: "Cure the cause; the next run of the flow closes it.",
  owner: "operator",
});

const unknownRoute = (route: string, routes: readonly string[]): Rejection => ({
  code: "noRoute",
  message: `There is no route "${route}".`,
  action: `Choose one of ${routes.join(", ")}, or add it to the configuration.`,
  owner: "merchant",
  field: "route",
  value: route,
});
