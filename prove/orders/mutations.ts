/**
 * Defects that the simulation has to notice. Each is a change of one statement of the product, made while the module is loaded,
 * so that the product knows nothing of it. A statement that is not found makes the run fail: the list has to follow the code.
 */
import type { Hunted } from "../hunt.ts";
import type { Edit } from "../plant.ts";

export type OneEdit = Hunted & Edit;

const flow = (file: string): string => `core/src/flows/order-export/${file}`;

export const mutations: readonly OneEdit[] = [
  // The hardest to notice first, so that no core waits for it at the end.
  {
    name: "look-up without the wait",
    skips: 218,
    file: flow("posting.ts"),
    find: "deps.clock.now() + deps.settings.config.orders.lateCommitWaitSeconds * 1000;",
    replace: "deps.clock.now();",
  },
  {
    name: "no claim",
    file: flow("create.ts"),
    find: `await lease(work, { phase: "posting", orderNo: "", ...sent });`,
    replace: `({ ...work, claimedAt: work.deps.clock.monotonic(), sent, lease });`,
  },
  {
    name: "claim without version",
    file: flow("claim-writer.ts"),
    find: "deps.orders.update({ id: at.order.id, version: at.order.version }, actions)",
    replace:
      "deps.orders.update({ id: at.order.id, version: (await readPosition(deps, at.order.id))?.order.version ?? 0 }, actions)",
  },
  {
    name: "no look-up after doubt",
    file: flow("plan.ts"),
    find: `return input.lookup ? planLookup(input, input.lookup, claim) : { kind: "lookFirst" };`,
    replace: `return { kind: "create" };`,
  },
  {
    name: "empty list taken as absent",
    skips: 246,
    file: "core/src/ifs/orders.ts",
    find: "if (!any) return unknown(",
    replace: 'if (!any) return { kind: "absent" }; void (',
  },
  {
    name: "link before comparison",
    file: flow("settle.ts"),
    find: "if (!after.ok) return hold(work, orderNo, after.error);",
    replace: "if (!after.ok) return link(work, judged, document.order);",
  },
  {
    name: "POST retried on timeout",
    file: "core/src/ifs/transport.ts",
    find: "const { token, ...response } = await once(request, what);",
    replace: "const { token, ...response } = await once(request, what).catch(() => once(request, what));",
  },
  {
    name: "takeover without wait",
    skips: 94,
    file: "core/src/domain/claims.ts",
    find: `if (claim.phase === "posting") return claim.expiresAt + lateCommitWaitMs;`,
    replace: `if (claim.phase === "posting") return claim.expiresAt + lateCommitWaitMs * 0;`,
  },
  {
    name: "no re-read on 409",
    file: flow("run.ts"),
    find: "if (!(error instanceof ConflictError)) throw error;",
    replace:
      "if (!(error instanceof ConflictError)) throw error; given = { ...(order as object), version: (await deps.orders.get(orderId))?.version };",
  },
  {
    name: "acknowledged before stored",
    file: "event-app/src/app.ts",
    find: "handle: (call) => handle(call.body),",
    replace:
      'handle: (call) => { handle(call.body).catch(() => undefined); return Promise.resolve({ kind: "done" as const }); },',
  },
];
