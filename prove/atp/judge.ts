/**
 * What an answer of the check was worth: kept beside the platforms' models, from what happens in them and on the wire. The
 * connector's records are not asked, only what it says at its doors, and whether a policy decided. See prove/README.md.
 */
import { bestOf, channelId, type IfsFigure, ifsFigure, ordersOf, type Pool, type ShopOrder } from "../stock/books.ts";
import type { Handled, World } from "../world.ts";
import type { Guard } from "./schedule.ts";
import {
  type Asked,
  askedOf,
  cartOf,
  type ExtensionError,
  isFigure,
  type Line,
  linesOfOrder,
  policiesOf,
  type Question,
  type QuestionAnswer,
  watchEntries,
  watchOrders,
} from "./wire.ts";

/** Units of each part. */
type Units = readonly number[];
type Moment = { readonly at: number; readonly figure: IfsFigure };
type Account = { readonly part: string; moments: Moment[] };

/** An order that the check let pass. */
type Claim = {
  readonly at: number;
  readonly lines: readonly Line[];
  /** By the word of IFS, or of a hold. */
  readonly word: Units;
  /** By a policy, or because commercetools shows enough. */
  readonly loose: Units;
  readonly byPolicy: boolean;
  /** Units of `word` beyond what there was, by part. */
  readonly over: Units;
  readonly why: string;
};

/** What a cart was promised to be held for it. */
type Hold = {
  readonly units: Units;
  readonly askedAt: number;
  /** Reads that the answer may rest on are not older. */
  readonly readSince: number;
  readonly until: number;
};

export type Judge = {
  /** Something may have changed in IFS. */
  note(): void;
  /** People in IFS cancelled its copy: the units are IFS's to promise again. */
  cancelledInIfs(orderId: string): void;
  handled(handled: Handled): void;
  /** What it counted. Answers that are under way are waited for by the caller. */
  readonly counts: {
    oversold: number;
    deadlineBreaches: number;
    wronglyRefusedAboveThreshold: number;
    acceptedByPolicy: number;
    acceptedByWord: number;
  };
  readonly findings: string[];
  /** The last refusal that a cart got from the check: what could be had of a SKU, null where nobody knew. */
  refusalOf(cartId: string): ReadonlyMap<string, number | null> | undefined;
};

/** An answer that nobody waits for is no sale: the platform's own time-out, and the ways. */
const PENDING_MS = 3000;
/** commercetools lowers an entry up to 10 s after the order (documented); the check counts in whole seconds. */
const BOOKED_MS = 11_000;
/** So old a figure of the shop may be that confirms a line above its threshold (documented, as the configuration has it by default). */
const SHOP_CACHE_MS = 5000;
/** A figure outlives no promise by more. */
const MEMORY_MS = 240_000;
/** The reply itself takes no time in these worlds, but for what a clock rounds. */
const ROUNDING_MS = 2;

/** Milliseconds of the world. */
export type Sleep = { readonly from: number; readonly until: number };

/** The documented deadline of a process that could not read its configuration yet. */
const UNCONFIGURED_MS = 1200;

export type JudgeOptions = {
  readonly world: World;
  readonly skus: readonly string[];
  readonly pool: Pool;
  readonly guard: Guard;
  /** By the name of the process. */
  readonly sleeps: ReadonlyMap<string, readonly Sleep[]>;
  /** Queries do not show an order before it is this old. */
  readonly queryLagMs: number;
  readonly shopTrouble: () => boolean;
  /** For the trace. */
  readonly tell: (what: string) => void;
};

export function createJudge(options: JudgeOptions): Judge {
  const { world, skus, pool, guard } = options;
  const channelIds = pool.channels.map((key) => channelId(world, key));
  const accounts: Account[] = skus.map((part) => ({ part, moments: [] }));
  const claims = new Map<string, Claim>();
  /** What door (a) let pass last, by cart, whether anybody waited for the answer or not. */
  const passed = new Map<string, Pick<Claim, "at" | "lines">>();
  const holds = new Map<string, Hold>();
  const refusals = new Map<string, ReadonlyMap<string, number | null>>();
  const cancelled = new Set<string>();
  /** By order. */
  const storedAt = new Map<string, number>();
  const counts = {
    ...{ oversold: 0, deadlineBreaches: 0, wronglyRefusedAboveThreshold: 0, acceptedByPolicy: 0, acceptedByWord: 0 },
  };
  const findings: string[] = [];
  const shown = watchEntries(world, skus, channelIds);
  const now = () => world.time.elapsed();
  const find = (what: string): void => void findings.push(`${what.replace(" ", ` at ${Math.round(now())}: `)}`);

  const unitsOf = (lines: readonly Line[]): number[] =>
    accounts.map(({ part }) =>
      lines.reduce(
        (sum, { sku, channelId, quantity }) =>
          sum + (sku === part && channelId !== undefined && channelIds.includes(channelId) ? quantity : 0),
        0,
      ),
    );

  function note(): void {
    const at = now();
    for (const account of accounts) {
      account.moments.push({ at, figure: ifsFigure(world, { partNo: account.part, articles: [] }, pool.site) });
      // The last one before is the state at the beginning of what is kept.
      const first = account.moments.findLastIndex((moment) => moment.at <= at - MEMORY_MS);
      if (first > 0) account.moments.splice(0, first);
    }
  }

  const live = (): ShopOrder[] =>
    ordersOf(world).filter(({ id, orderState }) => orderState !== "Cancelled" && !cancelled.has(id));

  /** The most that IFS could promise to the shop since then, what it holds for the shop's own orders included. */
  function best(account: Account, since: number, orders: readonly ShopOrder[]): number {
    const before = account.moments.findLastIndex(({ at }) => at <= since);
    return bestOf(
      account.moments.slice(Math.max(0, before)).map(({ figure }) => figure),
      orders,
    );
  }

  /** Units by account that others have, who came before: nobody who decides at this moment may overlook them. */
  function taken(cartId: string, since: number, orders: readonly ShopOrder[]): number[] {
    const stored = new Set(orders.map(cartOf));
    const sold = orders.filter((order) => cartOf(order) !== cartId).map((order) => unitsSold(order, since));
    const isPending = (cart: string) => (claims.get(cart)?.at ?? Number.NEGATIVE_INFINITY) > now() - PENDING_MS;
    const pending = [...claims]
      .filter(([cart]) => cart !== cartId && !stored.has(cart) && isPending(cart))
      .map(([, { word }]) => word);
    // An attempt to order that came to nothing leaves its cart what it was promised.
    const held = [...holds]
      .filter(([cart, { until }]) => cart !== cartId && !stored.has(cart) && !isPending(cart) && until > now())
      .map(([, { units }]) => units);
    return total([...sold, ...pending, ...held]);
  }

  const total = (all: readonly Units[]): number[] =>
    accounts.map((_account, index) => all.reduce((sum, units) => sum + (units[index] ?? 0), 0));

  /** Nobody holds what passed without the word of IFS: it is known as soon as it can be read. */
  function unitsSold(order: ShopOrder, since: number): Units {
    const claim = claims.get(cartOf(order));
    const loose = isReadable(order, since) ? (claim?.loose ?? unitsOf(linesOfOrder(order))) : [];
    return claim ? total([claim.word, loose]) : total([loose]);
  }

  /** An order bears the time at which its creation began, and is there once the Extension has answered. */
  const isReadable = ({ id, createdAt }: ShopOrder, since: number): boolean =>
    (storedAt.get(id) ?? 0) <= since &&
    Date.parse(createdAt) <= world.time.clock.now() - (now() - since) - options.queryLagMs;

  function accepted(asked: Asked, policies: number): void {
    const { cartId, lines, since } = asked;
    refusals.delete(cartId);
    const bare = lines.filter((line) => policies === 0 && !mayStayAbove(asked, line));
    const rest = lines.filter((line) => !bare.includes(line));
    const word = unitsOf(bare);
    const orders = live();
    // Who was promised what is held may rest on what was known then: a policy that lets others pass later does so at its own risk.
    const hold = holds.get(cartId);
    const promised = hold && hold.until > since ? hold : undefined;
    const others = taken(cartId, promised?.askedAt ?? since, orders);
    const readSince = Math.min(promised?.readSince ?? since, readSinceOf(since, guard));
    const had = accounts.map((account) => best(account, readSince, orders));
    const over = word.map((units, index) =>
      Math.min(units, Math.max(0, units + (others[index] ?? 0) - (had[index] ?? 0))),
    );
    const texts = accounts.map(
      ({ part }, index) => `${word[index]} of ${part} where IFS had ${had[index]} and others have ${others[index]}`,
    );
    const why = texts.filter((_text, index) => (over[index] ?? 0) > 0).join(", ");
    options.tell(`${asked.process} lets cart ${cartId} have ${texts.filter((_text, index) => word[index]).join(", ")}`);
    claims.set(cartId, { at: now(), lines, word, loose: unitsOf(rest), byPolicy: policies > 0, over, why });
  }

  /** Whether commercetools showed so much, at some moment whose figure may be remembered, that IFS need not be asked. */
  const mayStayAbove = (asked: Asked, line: Line): boolean =>
    Math.max(...leftAfter({ ...asked, since: asked.since - SHOP_CACHE_MS }, line)) >= guard.threshold;
  const staysAbove = (asked: Asked, line: Line): boolean => {
    const left = leftAfter(asked, line);
    return left.length > 0 && Math.min(...left) - passedLately(asked, line) >= guard.threshold;
  };

  /** What passed before and commercetools may not have taken off yet: to whoever said so, an order is about to be stored. */
  function passedLately({ since }: Asked, { sku, channelId }: Line): number {
    return [...passed.values()]
      .filter(({ at }) => at > since - BOOKED_MS)
      .flatMap(({ lines }) => lines)
      .reduce((sum, line) => sum + (line.sku === sku && line.channelId === channelId ? line.quantity : 0), 0);
  }

  /** What commercetools showed during the request, minus all that the order takes of this SKU and channel. */
  function leftAfter({ lines, since }: Asked, { sku, channelId }: Line): number[] {
    const same = lines.filter((line) => line.sku === sku && line.channelId === channelId);
    const takes = same.reduce((sum, { quantity, reserved }) => sum + quantity - reserved, 0);
    return shown(sku, channelId ?? "", since).map((available) => available - takes);
  }

  function refused(asked: Asked, errors: readonly ExtensionError[]): void {
    const found = new Map<string, number | null>();
    for (const { extensionExtraInfo: info } of errors) if (info) found.set(info.sku, info.available);
    refusals.set(asked.cartId, found);
    const blamed = errors.some(({ extensionExtraInfo: info }) => info)
      ? asked.lines.filter(({ sku }) => found.has(sku))
      : asked.lines;
    const blind = errors.some(({ extensionExtraInfo: info }) => !isFigure(info?.reason));
    if (blind && (options.shopTrouble() || sleptIn(options.sleeps.get(asked.process) ?? [], asked.since, now()) > 0))
      return;
    const wrong = blamed.filter((line) => line.channelId !== undefined && staysAbove(asked, line));
    counts.wronglyRefusedAboveThreshold += wrong.length;
    for (const { sku, quantity } of wrong) find(`refused ${quantity} of ${sku} although commercetools shows enough`);
  }

  /** A question that asks to hold takes the place of what the cart held; what it is granted counts once it is told. */
  function question({ request, answered }: Handled): void {
    const { cart, hold, lines } = JSON.parse(request.body.toString("utf8")) as Question;
    if (!hold || cart === undefined) return;
    const since = now();
    holds.delete(cart);
    answered.then(
      ({ status, body }) => {
        if (status !== 200) return;
        const answer = JSON.parse(String(body)) as QuestionAnswer;
        if (!answer.hold?.held || answer.hold.until === undefined || claims.has(cart)) return;
        // What commercetools could confirm by itself is not held.
        const held = lines.filter((_line, index) => answer.lines[index]?.source === "ifs");
        const units = unitsOf(
          held.map(({ sku, quantity, supplyChannel }) => ({
            ...{ sku, quantity, reserved: 0, channelId: channelIds[pool.channels.indexOf(supplyChannel)] },
          })),
        );
        const until = Date.parse(answer.hold.until) - (world.time.clock.now() - now());
        holds.set(cart, { units, until, askedAt: since, readSince: readSinceOf(since, guard) });
      },
      () => undefined,
    );
  }

  /** Who has decided nothing yet may be without a configuration, which could be the reason. */
  function patienceOf({ process, since }: Asked): number {
    const hasDecided = world.log.some(
      (line) => line.process === process && line.event === "availability-checked" && line.at < since,
    );
    return hasDecided ? guard.deadlineMs : Math.max(guard.deadlineMs, UNCONFIGURED_MS);
  }

  function notePassed({ cartId, lines }: Asked, status: number): void {
    if (status === 200) passed.set(cartId, { at: now(), lines });
  }

  function orderCreation({ process, request, answered }: Handled): void {
    const asked = askedOf({ world, process, body: request.body.toString("utf8") });
    const correlationId = request.headers["x-correlation-id"];
    answered.then(
      ({ status, body }) => {
        const tookMs = now() - asked.since - sleptIn(options.sleeps.get(process) ?? [], asked.since, now());
        const lateMs = tookMs - patienceOf(asked);
        if (lateMs > ROUNDING_MS) {
          counts.deadlineBreaches += 1;
          find(`late by ${Math.round(lateMs)} ms: ${process} for cart ${asked.cartId}`);
        }
        notePassed(asked, status);
        // Somebody asks what was asked before; what it says changes nothing.
        if (correlationId?.startsWith(AGAIN)) return;
        if (status === 200) accepted(asked, policiesOf(world, correlationId));
        else if (status === 400) refused(asked, (JSON.parse(String(body)) as { errors: ExtensionError[] }).errors);
      },
      () => undefined,
    );
  }

  watchOrders(world, (order) => {
    storedAt.set(order.id, now());
    const cartId = cartOf(order);
    holds.delete(cartId);
    const claim = claims.get(cartId);
    if (!claim) return;
    if (claim.byPolicy) counts.acceptedByPolicy += 1;
    else counts.acceptedByWord += 1;
    const over = claim.over.reduce((sum, units) => sum + units, 0);
    counts.oversold += over;
    if (over > 0) find(`oversold ${over}: order ${order.id} was accepted at ${Math.round(claim.at)}: ${claim.why}`);
  });
  world.network.after(({ origin, method }) => {
    if (method !== "GET" && origin.includes("ifs")) note();
  });
  note();
  return {
    note,
    cancelledInIfs: (orderId) => void cancelled.add(orderId),
    handled(handled) {
      if (handled.request.path === "/service/extension") orderCreation(handled);
      if (handled.request.path === "/service/atp") question(handled);
    },
    counts,
    findings,
    refusalOf: (cartId) => refusals.get(cartId),
  };
}

/** A request begins like this where the platform asks the same once more. */
export const AGAIN = "again-";

/** The oldest read that an answer may rest on: as old as the cache keeps one, or one that was under way for somebody else. */
const readSinceOf = (since: number, { cacheSeconds, deadlineMs }: Guard): number =>
  since - Math.max(cacheSeconds * 1000, deadlineMs);

export function sleptIn(sleeps: readonly Sleep[], from: number, until: number): number {
  let [slept, reached] = [0, from];
  for (const sleep of sleeps.toSorted((a, b) => a.from - b.from)) {
    const begin = Math.max(sleep.from, reached);
    const end = Math.min(sleep.until, until);
    if (end <= begin) continue;
    slept += end - begin;
    reached = end;
  }
  return slept;
}
