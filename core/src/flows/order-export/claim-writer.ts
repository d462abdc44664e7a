/** The compare-and-swap on the Order itself: taking a claim at the version read, and moving on while it is ours. */
import { type Claim, encodeClaim, type LinkState, readLinkState } from "../../domain/claims.ts";
import { ConflictError, TransientError } from "../../domain/failure.ts";
import type { OrderId } from "../../domain/ids.ts";
import { type Entries, syncInfoActions } from "./claim.ts";
import type { OrderExportDeps } from "./deps.ts";
import { parseOrderHead } from "./parse.ts";
import type { OrderHead } from "./shop-order.ts";

/** Attempts to record a step of our own work while others write to the same order. */
const MAX_WRITES = 4;

/** Where the order stands: its version and what its syncInfo says at that version. */
export type Position = { readonly order: OrderHead; readonly state: LinkState };

export function positionOf(deps: OrderExportDeps, order: unknown): Position {
  const head = parseOrderHead(order);
  // An order that was read a moment ago and then cannot be read is no data problem.
  if (!head.ok) throw new TransientError(`commercetools answered an order that cannot be read: ${head.error.message}`);
  return { order: head.value, state: readLinkState(head.value, deps.settings.channels) };
}

export async function readPosition(deps: OrderExportDeps, id: OrderId): Promise<Position | undefined> {
  const order = await deps.orders.get(id);
  return order === undefined ? undefined : positionOf(deps, order);
}

type Writing = { readonly claim: Claim; readonly entries?: Entries | undefined };

async function write(deps: OrderExportDeps, at: Position, { claim, entries }: Writing): Promise<Position> {
  const actions = syncInfoActions(deps.settings.channels, {
    ...entries,
    claim,
    newestAt: at.state.newestAt,
    now: deps.clock.now(),
  });
  return positionOf(deps, await deps.orders.update({ id: at.order.id, version: at.order.version }, actions));
}

const holds = (position: Position, owner: string): boolean =>
  position.state.claim.kind === "claim" && position.state.claim.claim.owner === owner;

const sameClaim = ({ state }: Position, claim: Claim): boolean =>
  state.claim.kind === "claim" && encodeClaim(state.claim.claim) === encodeClaim(claim);

/**
 * Claims the order at exactly the version of `at`. ConflictError: somebody else wrote first, plan again. A lost answer is
 * settled by reading: the owner is unique, so our own claim is recognised.
 */
export async function takeClaim(deps: OrderExportDeps, at: Position, writing: Claim | Writing): Promise<Position> {
  const { claim, entries } = "claim" in writing ? writing : { claim: writing, entries: undefined };
  try {
    return await write(deps, at, { claim, entries });
  } catch (error) {
    if (!(error instanceof TransientError)) throw error;
    const now = await readPosition(deps, at.order.id);
    if (now && sameClaim(now, claim)) return now;
    throw error;
  }
}

/**
 * Replaces our own claim by the next one, with its entries in the same request, at whatever version the order has
 * meanwhile. Undefined: the claim is no longer ours. Throws what the last try threw when commercetools stays unreachable.
 */
export async function moveClaim(
  deps: OrderExportDeps,
  at: Position,
  { claim: next, entries }: Writing,
): Promise<Position | undefined> {
  let position = at;
  for (let tries = 1; ; tries += 1) {
    try {
      return await write(deps, position, { claim: next, entries });
    } catch (error) {
      if (!mayTryAgain(error) || tries >= MAX_WRITES) throw error;
      const now = await readPosition(deps, at.order.id);
      if (now && sameClaim(now, next)) return now;
      if (!now || !holds(now, next.owner)) return undefined;
      position = now;
    }
  }
}

/** After a conflict, and after a lost answer: both are settled by reading. */
const mayTryAgain = (error: unknown): boolean => error instanceof ConflictError || error instanceof TransientError;
