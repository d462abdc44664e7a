/**
 * What no order can pass: a lost grant or a wrong name of the binding. It is one problem of the installation, however many orders
 * meet it, so it is one exception; the orders wait, nothing of them is counted, and they flow once IFS lets them.
 */
import { shownOf } from "../../domain/cause.ts";
import { BarredError, RefusedError, type Rejection } from "../../domain/failure.ts";
import { exceptionId } from "../exception-id.ts";
import { MAX_BARRED, type SweepCursor } from "./cursor.ts";
import type { OrderSweepDeps } from "./deps.ts";

/**
 * The refusal of a request as what bars all orders; undefined where it is about this one. Of a write only a missing grant is,
 * and only where it was the very request that was refused, so that nothing was done. Of a read also a projection that does not exist, and what
 * IFS finds malformed: a read asks the same of every order.
 */
export function barredBy(error: unknown, of: "read" | "write"): BarredError | undefined {
  if (error instanceof BarredError) return error;
  if (!(error instanceof RefusedError) || error.system !== "ifs") return undefined;
  const { code, status, message, resource } = error;
  if (code === "grantMissing" && (of === "read" || resource !== undefined)) {
    return new BarredError("grantMissing", message, { resource: resource ?? "a projection", cause: error });
  }
  const malformed = code === "projectionMissing" || (status === 400 && !code.startsWith("ORA-"));
  if (of === "write" || !malformed) return undefined;
  return new BarredError("bindingWrong", `IFS refuses to read ${resource ?? "a projection"}: ${message}`, {
    resource: resource ?? "a projection",
    cause: error,
  });
}

/** Only a create claims its order before IFS is asked, so only creates are held back: after as many different orders in vain ... */
const IN_VAIN = 3;
/** ... for so long; then the next ones try. One order that a gateway dislikes never holds back others. */
const HELD_BACK_MS = 60_000;

type Brake = { readonly orders: Set<string>; until: number; error: BarredError | undefined };
type BrakeDeps = Pick<OrderSweepDeps, "ifsOrders" | "ifsReturns" | "clock">;
/** What is created: the orders themselves, or RMAs of their returns, which need grants of their own. */
type Created = "ifsOrders" | "ifsReturns";
const brakes = new WeakMap<object, Brake>();

function brakeOf(deps: BrakeDeps, created: Created): Brake {
  const known = brakes.get(deps[created]);
  if (known && (known.orders.size < IN_VAIN || known.until > deps.clock.monotonic())) return known;
  const fresh: Brake = { orders: new Set(), until: 0, error: undefined };
  brakes.set(deps[created], fresh);
  return fresh;
}

/** Before the claim: throws the BarredError that other orders have just met. */
export function passOrThrow(deps: BrakeDeps, created: Created): void {
  const { orders, error } = brakeOf(deps, created);
  if (error && orders.size >= IN_VAIN) throw error;
}

/** How the create of an order, or of an RMA, ended; undefined: it passed. */
export function noteCreate(
  deps: BrakeDeps,
  { created, orderId }: { readonly created: Created; readonly orderId: string },
  error: BarredError | undefined,
): void {
  if (!error) {
    brakes.delete(deps[created]);
    return;
  }
  const brake = brakeOf(deps, created);
  brake.orders.add(orderId);
  Object.assign(brake, { error, until: deps.clock.monotonic() + HELD_BACK_MS });
}

export const BARRING_CODES: ReadonlySet<string> = new Set(["grantMissing", "bindingWrong"]);

export type Barring = { readonly error: BarredError; readonly first: string; orders: number };
/** What the orders of one run met, by the exception's id. */
export type Barrings = Map<string, Barring>;

export const barringId = ({ resource, code }: BarredError): string => exceptionId("order-export", resource, code);

/** True for the first order that meets it in this run. */
export function noteBarring(met: Barrings, error: BarredError, label: string): boolean {
  const id = barringId(error);
  const known = met.get(id);
  if (known) known.orders += 1;
  else met.set(id, { error, first: label, orders: 1 });
  return known === undefined;
}

const BY_ITSELF = "Nothing is lost and no attempt is counted: the orders go on by themselves, and this closes.";

function inWords({ error, first, orders }: Barring, clientId: string): Rejection {
  const waiting = orders === 1 ? `Order ${first} waits` : `${orders} orders wait, ${first} among them`;
  if (error.code === "grantMissing") {
    return {
      code: "grantMissing",
      message: `${waiting}: the service user of IAM client ${clientId} may not use ${error.resource}. IFS says: ${error.message}`,
      action: `Grant the projection ${error.resource.split(".svc")[0]} to the permission set of that user in IFS, with write access where orders are written; \`npm run doctor -- --grants\` prints all that it needs. ${BY_ITSELF}`,
      owner: "ifsAdministrator",
    };
  }
  return {
    code: "bindingWrong",
    message: `${waiting}: ${error.message}`,
    action: `Correct the names under \`ifs.binding\`; \`npm run doctor\` compares them with what this IFS has and proposes others. ${BY_ITSELF}`,
    owner: "operator",
  };
}

/** The one exception of all orders that meet it. */
export function barringRow(barring: Barring, clientId: string) {
  const { code, resource } = barring.error;
  return {
    flow: "order-export",
    recordType: "flow",
    recordId: resource,
    recordLabel: code === "grantMissing" ? `Grant of ${resource}` : `Binding of ${resource}`,
    ...shownOf(inWords(barring, clientId)),
  } as const;
}

/**
 * At the end of a run: one exception for each thing that was met. `complete`: every order that waits had its turn, so that what
 * nobody met is over.
 */
export async function tellBarrings(
  { exceptions, settings, logger }: Pick<OrderSweepDeps, "exceptions" | "settings" | "logger">,
  cursor: SweepCursor,
  { met, complete }: { readonly met: Barrings; readonly complete: boolean },
): Promise<void> {
  const before = cursor.value().barred;
  for (const [id, barring] of met) {
    const { code, resource } = barring.error;
    logger.error({ alert: true, code, resource, orders: barring.orders }, "orders-barred");
    await exceptions.open({ id, ...barringRow(barring, settings.ifsClientId) });
  }
  const over = complete ? before.filter((id) => !met.has(id)) : [];
  for (const id of over) await exceptions.close(id);
  const barred = [...new Set([...before, ...met.keys()])].filter((id) => !over.includes(id)).slice(0, MAX_BARRED);
  if (barred.length !== before.length || barred.some((id) => !before.includes(id))) await cursor.move({ barred });
}
