import { realWait, type Wait } from "../kernel/faults.ts";
import {
  type Clock,
  type Handler,
  type Random,
  type SandboxRequest,
  type SandboxResponse,
  seededRandom,
} from "../kernel/types.ts";
import { seedCompany } from "../seed/ifs-company.ts";
import { clerkCommands } from "./clerk.ts";
import { createInput, type Summary } from "./clerk-input.ts";
import { OdataError, unknownProjection } from "./errors.ts";
import { createEventQueue, type Deliver } from "./events/event-queue.ts";
import { executeBatch } from "./odata/batch.ts";
import { isSlow } from "./odata/collection.ts";
import { errorAnswer } from "./odata/error-answer.ts";
import { type Call, execute } from "./odata/execute.ts";
import { edmx, serviceDocument } from "./odata/metadata.ts";
import { heardOptions, parseOptions } from "./odata/options.ts";
import { parsePath } from "./odata/path.ts";
import { type Catalogue, type CompiledProjection, compileCatalogue } from "./odata/view.ts";
import { allProjections } from "./projections/all-projections.ts";
import type { Caller } from "./projections/definition.ts";
import { defaultSettings, type IfsSettings } from "./settings.ts";
import { createWorld, type World } from "./world.ts";

/** Fills an empty world. Must take time and chance from the world only. */
export type Seed = (world: World) => void;

export type IfsModelOptions = {
  clock: Clock;
  random: Random;
  settings?: Partial<IfsSettings>;
  /** The sandbox's company when absent. */
  seed?: Seed;
  /** Who a request is from; undefined = 401. Without it every request is from a user who may everything. */
  authenticate?: (headers: Record<string, string>) => Caller | undefined | Promise<Caller | undefined>;
  /** How slow filters wait; a proof passes its own clock's. */
  wait?: Wait;
  /** Makes the calls of event actions; without it they wait in their queue. */
  deliver?: Deliver;
  /** Origin in links and contexts of requests that carry no Host header, as in-process ones do. */
  origin?: string;
};

export type IfsModel = {
  /** The whole HTTP surface: `/main/ifsapplications/…` and `/int/…`. */
  handle: Handler;
  /** The present world; another object after `reset`. */
  world(): World;
  settings(): IfsSettings;
  changeSettings(changes: Partial<IfsSettings>): IfsSettings;
  /** A command of the people who work in IFS (see `clerkCommands`); whole or not at all, refused by an OdataError. */
  clerk(command: string, input: Record<string, unknown>): Summary;
  /** When no call of an event action waits any more. */
  eventsSettled(): Promise<void>;
  /** Requests since start or reset by `METHOD Projection/Set`; parts of a batch count beside the batch. */
  counters(): Record<string, number>;
  /** The company as it was at the start; settings stay. */
  reset(): void;
};

const ALL_SITES = ["101", "102", "201"];
const everything: Caller = { clientId: "IFSAPP", companies: ["10", "20"], sites: ALL_SITES, projections: "all" };

export function createIfsModel(options: IfsModelOptions): IfsModel {
  const settings: IfsSettings = { ...defaultSettings, ...options.settings };
  // Drawn once, so that a reset brings the same company back.
  const companySeed = Math.floor(options.random() * 2 ** 32);
  const counters = new Map<string, number>();
  const recentRequests = new Map<string, number[]>();
  const wait = options.wait ?? realWait;
  let world = freshWorld(options, settings, companySeed);
  let catalogue = catalogueOf(world);

  function count(name: string) {
    counters.set(name, (counters.get(name) ?? 0) + 1);
  }

  const events = createEventQueue({ world: () => world, deliver: options.deliver, wait, random: options.random });

  async function handle(request: SandboxRequest): Promise<SandboxResponse> {
    const response = await respond(request);
    events.start();
    return response;
  }

  async function respond(request: SandboxRequest): Promise<SandboxResponse> {
    try {
      const call = await openCall(request);
      const delay = slowDelay(call);
      if (delay > 0) await wait(delay);
      return answer(call);
    } catch (error) {
      if (!(error instanceof OdataError)) throw error;
      const { businessErrorStatus, notImplementedStatus, errorAnswers } = settings;
      return errorAnswer(error, {
        business: businessErrorStatus,
        notImplemented: notImplementedStatus,
        others: errorAnswers,
      });
    }
  }

  async function openCall(request: SandboxRequest): Promise<Call> {
    requireUrlLength(request, settings);
    const { pathname, query } = splitUrl(request.path);
    const match = /^\/(main|int|b2b)\/ifsapplications\/projection\/v1\/([^/]+)\.svc(?:\/(.*))?$/.exec(pathname);
    const caller = options.authenticate ? await options.authenticate(request.headers) : everything;
    if (!caller) throw new OdataError(401, "UNAUTHORIZED", "Authentication failed.");
    requireRate(caller.clientId);
    const projection = match?.[1] === "main" ? catalogue.get(match[2] ?? "") : undefined;
    if (!match || !projection) throw unknownProjection();
    requireGrant(caller, projection);
    const path = match[3] ?? "";
    count(counterName(request.method, projection.name, path));
    failWhileStale(projection);
    return {
      method: request.method,
      path,
      query: heardOptions(query, settings),
      headers: request.headers,
      body: request.body,
      projection,
      caller,
      world,
      serviceUrl: `${originOf(request, options.origin)}/main/ifsapplications/projection/v1/${projection.name}.svc`,
      inChangeSet: false,
    };
  }

  /** A sliding minute on the model's clock. */
  function requireRate(clientId: string) {
    const { maxRequestsPerMinute } = settings;
    if (maxRequestsPerMinute === 0) return;
    const now = options.clock.now();
    const recent = (recentRequests.get(clientId) ?? []).filter((at) => at > now - 60_000);
    recentRequests.set(clientId, recent);
    const [oldest = now] = recent;
    if (recent.length >= maxRequestsPerMinute) {
      const seconds = String(Math.max(1, Math.ceil((oldest + 60_000 - now) / 1000)));
      throw new OdataError(429, "TOO_MANY_REQUESTS", "Too many requests.", { headers: { "retry-after": seconds } });
    }
    recent.push(now);
  }

  /** After a deployment the first calls meet stale metadata; the server reloads it and the same call then works. */
  function failWhileStale({ name }: CompiledProjection) {
    const left = world.staleProjections.get(name) ?? 0;
    if (left <= 0) return;
    world.staleProjections.set(name, left - 1);
    throw new OdataError(500, "MI_MODIFIED_ERROR", "The metadata has been modified, try again.");
  }

  function answer(call: Call): SandboxResponse {
    world.user = call.caller.clientId.toUpperCase();
    if (call.path === "") return serviceDocument(call.projection, call.serviceUrl);
    if (call.path === "$metadata") return edmx(call.projection, world);
    if (call.path === "$batch") {
      return executeBatch({
        call,
        seen: (part) => count(`batch ${counterName(part.method, call.projection.name, part.url.split("?")[0] ?? "")}`),
      });
    }
    return call.method === "GET" ? execute(call) : world.store.transact(() => execute(call));
  }

  return {
    handle,
    world: () => world,
    settings: () => settings,
    changeSettings(changes) {
      Object.assign(settings, changes);
      catalogue = catalogueOf(world);
      return settings;
    },
    clerk(name, input) {
      const command = clerkCommands[name];
      const known = Object.keys(clerkCommands).join(", ");
      if (!command) throw new OdataError(404, "CLERK", `There is no command "${name}": ${known}.`);
      world.user = "CLERK";
      const summary = world.store.transact(() => command(world, createInput(input)));
      events.start();
      return summary;
    },
    eventsSettled: events.settled,
    counters: () => Object.fromEntries([...counters].sort(([a], [b]) => (a < b ? -1 : 1))),
    reset() {
      world = freshWorld(options, settings, companySeed);
      catalogue = catalogueOf(world);
      counters.clear();
      recentRequests.clear();
    },
  };
}

function freshWorld(options: IfsModelOptions, settings: IfsSettings, companySeed: number): World {
  const world = createWorld({ clock: options.clock, random: seededRandom(companySeed), settings });
  const { historyLog, eventActions } = settings;
  // Basic data is no history, and nobody is told of it.
  Object.assign(settings, { historyLog: [], eventActions: [] });
  world.store.transact(() => (options.seed ?? seedCompany)(world));
  Object.assign(settings, { historyLog, eventActions });
  return world;
}

/** Compiles the projections under the present names and lists them in the catalogue that clients read. */
function catalogueOf(world: World): Catalogue {
  const catalogue = compileCatalogue(allProjections(world.settings), world);
  const table = world.table("Projection");
  for (const row of [...table.all()]) if (!catalogue.has(String(row.values.ProjectionName))) table.remove(row);
  for (const { name, def } of catalogue.values()) {
    if (table.get(name)) continue;
    table.insert({ ProjectionName: name, Description: def.description, Category: "Users", ApiClass: "Standard" });
  }
  return catalogue;
}

function originOf(request: SandboxRequest, fallback = "http://ifs.sandbox"): string {
  return request.headers.host === undefined ? fallback : `http://${request.headers.host}`;
}

function splitUrl(path: string): { pathname: string; query: string } {
  const mark = path.indexOf("?");
  return mark < 0 ? { pathname: path, query: "" } : { pathname: path.slice(0, mark), query: path.slice(mark + 1) };
}

function requireUrlLength(request: SandboxRequest, settings: IfsSettings) {
  if (settings.maxUrlLength > 0 && request.path.length > settings.maxUrlLength) {
    throw new OdataError(414, "URI_TOO_LONG", "The request URI is too long.");
  }
  if (settings.encodedSlashInKeys === "refuse" && /%2f/i.test(request.path.split("?")[0] ?? "")) {
    throw new OdataError(400, "BAD_REQUEST", "An encoded slash is not allowed in the path.");
  }
}

function requireGrant(caller: Caller, projection: CompiledProjection) {
  if (caller.projections === "all" || caller.projections.includes(projection.name)) return;
  throw new OdataError(403, "FORBIDDEN", `You are not granted access to ${projection.name}.`);
}

/** `POST CustomerOrderHandling/CustomerOrderSet/OrderLinesArray`: keys do not tell calls apart. */
function counterName(method: string, projection: string, path: string): string {
  const bare = path
    .replace(/\([^)]*\)/g, "")
    .split("/")
    .filter((piece) => piece !== "");
  return `${method} ${[projection, ...bare].join("/")}`;
}

/** How long a read waits for filtering on a property without index. */
function slowDelay(call: Call): number {
  const { unindexedFilterDelayMs } = call.world.settings;
  if (unindexedFilterDelayMs === 0 || call.method !== "GET" || call.path.startsWith("$")) return 0;
  const { filter } = parseOptions(call.query);
  const view = call.projection.sets.get(parsePath(call.path)[0]?.name ?? "");
  return filter && view && isSlow(view, filter) ? unindexedFilterDelayMs : 0;
}
