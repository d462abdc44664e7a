/** What people do in the Merchant Center: the inbox, single orders, and the ledger. See docs/merchant-center-api.yaml. */
import { z } from "zod";
import { correctionsSchema } from "../domain/corrections.ts";
import { type OrderId, skuSchema } from "../domain/ids.ts";
import { exceptionFlows } from "../domain/records.ts";
import { ignoreOrder, unignoreOrder } from "../flows/order-export/ignore.ts";
import { exportOrder } from "../flows/order-export/run.ts";
import type { Finding } from "../flows/reconcile/finding.ts";
import { formatPosition, parsePosition } from "../flows/reconcile/position.ts";
import { reconcile } from "../flows/reconcile/run.ts";
import { releaseKinds } from "../flows/stock-sync/hold-kinds.ts";
import type { Release } from "../flows/stock-sync/release.ts";
import { currentRequest } from "../http/context.ts";
import type { Outcome } from "../http/respond.ts";
import type { Call, Guard, Route } from "../http/server.ts";
import { readAtpMetrics } from "./atp-metrics.ts";
import type { Connector } from "./connector.ts";
import { type ExceptionFilter, type ExceptionList, listExceptions } from "./exception-list.ts";
import { createInterventions, type InterventionDeps, MOST_RETRIES } from "./interventions.ts";
import { ledgerDeps } from "./ledger.ts";
import { periodSchema } from "./ledger-command.ts";
import { orderEventDeps } from "./orders.ts";
import { historyQuery, readRunHistory, readRuns } from "./runs.ts";
import { correctionsQuery, readCorrections } from "./stock-corrections.ts";
import { readFreshness } from "./stock-freshness.ts";
import { explainWithNumbers, heldOf, releaseOf, syncSkus } from "./stock-look.ts";
import { readTimeline } from "./timeline.ts";

const MOST_EXCEPTIONS = 5000;
const SHOWN_IGNORED = 100;
/** Of one answer of the ledger; the next one goes on. */
const LEDGER_MS = 15_000;
const SHOWN_FINDINGS = 500;

const code = z.string().regex(/^[A-Za-z]{1,40}$/);
const cause = z.string().trim().min(1).max(200);
const idParams = z.object({ id: z.string().regex(/^[A-Za-z0-9_.~-]{2,256}$/) });
const nameParams = z.object({ name: z.string().min(1).max(100) });
const whole = (most: number, fallback: number) => z.coerce.number().int().min(0).max(most).default(fallback);
const listQuery = z.object({
  code: code.optional(),
  cause: cause.optional(),
  flow: z.enum(exceptionFlows).optional(),
  owner: code.optional(),
  severity: z.enum(["critical", "error", "notice"]).optional(),
  limit: whole(200, 50),
  offset: whole(MOST_EXCEPTIONS, 0),
});
const retryMany = z.strictObject({
  limit: z.int().min(1).max(MOST_RETRIES).default(20),
  since: z.iso.datetime().optional(),
  containing: z.string().trim().min(1).max(200).optional(),
});
/** Either of them. */
const retryAllBody = z.union([retryMany.extend({ code }), retryMany.extend({ cause })]);
const ignoreBody = z.strictObject({ reason: z.string().trim().min(3).max(500) });
const editBody = z.strictObject({ corrections: correctionsSchema });
const site = z.string().min(1).max(100);
const most = z.int().min(1);
/** One kind at a time, by its name. */
const releaseBody = z.union(
  releaseKinds.map((kind) =>
    z
      .strictObject({ site, [kind]: most })
      .transform((body): Omit<Release, "by"> => ({ site: String(body.site), kind, most: Number(body[kind]) })),
  ),
);
const metricsQuery = z.object({ hours: z.coerce.number().int().min(1).max(48).default(24) });
const stockQuery = z.object({ sku: skuSchema });
const syncBody = z.strictObject({ skus: z.array(skuSchema).min(1).max(50) });
const ledgerQuery = z.object({ from: z.string(), to: z.string(), position: z.string().max(200).optional() });

/** Guarded twice over: who may look, and who may do something. */
export function operatorRoutes(
  connector: Connector,
  guards: { readonly view: Guard; readonly manage: Guard },
): Route[] {
  const people = connector.patient("orders");
  const interventions = createInterventions(interventionDeps(people));
  const base = "/service/mc";
  const view = (path: string, handle: Route["handle"]): Route => ({
    method: "get",
    path: `${base}${path}`,
    kind: "service",
    guards: [guards.view],
    handle,
  });
  const manage = (path: string, handle: Route["handle"]): Route => ({
    method: "post",
    path: `${base}${path}`,
    kind: "service",
    guards: [guards.manage],
    handle,
  });
  return [
    view("/exceptions", (call) =>
      parsed(listQuery, call.query, async (query) => done(await readExceptionList(people, query))),
    ),
    manage("/exceptions/retry", (call) =>
      parsed(retryAllBody, call.body, async (body) => done(await interventions.retryAll(body, caller()))),
    ),
    manage("/exceptions/:id/retry", (call) => ofException(call, (id) => interventions.retry(id, caller()))),
    manage("/exceptions/:id/ignore", (call) =>
      parsed(ignoreBody, call.body, ({ reason }) =>
        ofException(call, (id) => interventions.ignore(id, reason, caller())),
      ),
    ),
    manage("/exceptions/:id/unignore", (call) => ofException(call, (id) => interventions.unignore(id, caller()))),
    manage("/exceptions/:id/edit", (call) =>
      parsed(editBody, call.body, ({ corrections }) =>
        ofException(call, (id) => interventions.edit(id, corrections, caller())),
      ),
    ),
    view("/atp/metrics", (call) =>
      parsed(metricsQuery, call.query, async ({ hours }) => done(await readAtpMetrics(people, hours))),
    ),
    view("/orders/:name/timeline", (call) =>
      parsed(nameParams, call.params, async ({ name }) => {
        const timeline = await readTimeline(people, name);
        return timeline ? done(timeline) : { kind: "absent", message: "no order has this id or number" };
      }),
    ),
    view("/stock", (call) =>
      parsed(stockQuery, call.query, async ({ sku }) =>
        done(await explainWithNumbers(people, await people.active(), sku)),
      ),
    ),
    view("/stock/freshness", async () =>
      done({ channels: await readFreshness(people, (await people.active()).config) }),
    ),
    manage("/stock/sync", (call) =>
      parsed(syncBody, call.body, async ({ skus }) => done(await syncSkus(people, await people.active(), skus))),
    ),
    view("/stock/corrections", (call) =>
      parsed(correctionsQuery, call.query, async (query) => done(await readCorrections(people, query))),
    ),
    view("/stock/held", async () => done(await heldOf(people, await people.active()))),
    view("/runs/history", (call) =>
      parsed(historyQuery, call.query, async (query) => done(await readRunHistory(people, query))),
    ),
    view("/runs", async () => done(await readRuns(people))),
    manage("/stock/release", (call) =>
      parsed(releaseBody, call.body, async (body) => releaseOrRefuse(people, { ...body, by: caller() })),
    ),
    view("/ledger", (call) => parsed(ledgerQuery, call.query, (query) => readLedger(people, query))),
  ];
}

const done = (body: unknown): Outcome => ({ kind: "done", body });

/** The first thing that is wrong with a request, in words. */
async function parsed<S extends z.ZodType>(
  schema: S,
  given: unknown,
  work: (value: z.output<S>) => Promise<Outcome>,
): Promise<Outcome> {
  const result = schema.safeParse(given);
  return result.success ? work(result.data) : { kind: "unreadable", message: z.prettifyError(result.error) };
}

const ofException = (call: Call, work: (id: string) => Promise<Outcome>): Promise<Outcome> =>
  parsed(idParams, call.params, ({ id }) => work(id));

async function releaseOrRefuse(people: Connector, release: Release): Promise<Outcome> {
  const { config } = await people.active();
  const known = config.sites.some(({ site }) => site === release.site);
  if (known) {
    const { kind, most: many, until } = await releaseOf(people, release);
    return done({ site: release.site, [kind]: many, until });
  }
  return { kind: "absent", message: "no site has this name" };
}

/** The user that the guard has proven. */
function caller(): string {
  const proven = currentRequest()?.caller;
  if (proven?.kind !== "merchantCenter") throw new Error("an action of people without a proven user");
  return proven.userId;
}

/** The export as people start it, from service-app or from a command. */
export function interventionDeps(connector: Connector): InterventionDeps {
  const { store, clock } = connector;
  return {
    store,
    clock,
    async work() {
      const active = await connector.active();
      const deps = orderEventDeps(connector, active);
      return {
        configVersion: active.version,
        routes: active.config.routes.map(({ name }) => name),
        export: (orderId: OrderId, by: string, given: { deadlineAt: number; confirmed: boolean }) =>
          exportOrder(deps, orderId, { mode: "person", by, ...given }),
        ignore: (orderId: OrderId) => ignoreOrder(deps, orderId),
        unignore: (orderId: OrderId) => unignoreOrder(deps, orderId),
      };
    },
  };
}

export async function readExceptionList(connector: Connector, filter: ExceptionFilter): Promise<ExceptionList> {
  const { store, settings, clock } = connector;
  const [rows, ignored, active] = await Promise.all([
    store.exceptions.all(MOST_EXCEPTIONS),
    store.ignored.list(SHOWN_IGNORED),
    store.config.active(),
  ]);
  const facts = { rows, ignored, config: active?.config, projectKey: settings.CTP_PROJECT_KEY, now: clock.now() };
  return listExceptions(facts, filter);
}

/** As much of the period as fits into one answer; `next` is the position to go on from, null at the end. */
async function readLedger(connector: Connector, query: z.output<typeof ledgerQuery>): Promise<Outcome> {
  const period = periodSchema.safeParse(query);
  if (!period.success) return { kind: "unreadable", message: z.prettifyError(period.error) };
  const position = query.position === undefined ? undefined : parsePosition(query.position);
  if (query.position !== undefined && !position) return { kind: "unreadable", message: "`position` is none of ours" };
  const { clock } = connector;
  const endsAt = clock.monotonic() + LEDGER_MS;
  const findings: Finding[] = [];
  const { counts, next } = await reconcile(ledgerDeps(connector, await connector.active()), period.data, {
    ...(position && { position }),
    stop: () => clock.monotonic() >= endsAt || findings.length >= SHOWN_FINDINGS,
    report: (finding) => void findings.push(finding),
  });
  return done({ ...period.data, counts, findings, next: next ? formatPosition(next) : null });
}
