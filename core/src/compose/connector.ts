/** What an application is made of: the two systems, the store, and the configuration that counts right now. */
import { idsByKey } from "../ct/channels.ts";
import { type CtClient, createCt } from "../ct/client.ts";
import { createStore, type Store } from "../ct/store.ts";
import { type Capabilities, capabilitiesOf } from "../domain/capabilities.ts";
import { CLAIM_CHANNEL_KEY, type ClaimChannels, LINK_CHANNEL_KEY, RETURN_CHANNEL_KEY } from "../domain/claims.ts";
import type { ConnectorConfig } from "../domain/config.ts";
import { TransientError } from "../domain/failure.ts";
import { currentRequest } from "../http/context.ts";
import { createIfsAdapter, type IfsAdapter } from "../ifs/adapter.ts";
import { type Budget, type BudgetGate, type BudgetLimits, createBudget } from "../ifs/budget/budget.ts";
import { lanes as allLanes, type Lane } from "../ifs/budget/lanes.ts";
import { type Clock, systemClock } from "../runtime/clock.ts";
import { type HttpFetch, http } from "../runtime/http.ts";
import { createLogger, type Logger } from "../runtime/logger.ts";
import { type Random, systemRandom } from "../runtime/random.ts";
import { createLife, type Life } from "./life.ts";
import { isOutage, remember } from "./remember.ts";
import type { ServerSettings } from "./settings.ts";

/** The configuration that counts, and IFS as it describes it. */
export type Active = {
  readonly version: number;
  readonly config: ConnectorConfig;
  readonly ifs: IfsAdapter;
  readonly channels: ClaimChannels;
  /** ISO 8601: since when this installation claims every order before it creates one. */
  readonly activationStamp: string;
};

export type Connector = {
  readonly settings: ServerSettings;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly random: Random;
  readonly fetch: HttpFetch;
  readonly life: Life;
  readonly ct: CtClient;
  readonly store: Store;
  /** This process's part of the requests that IFS is asked for; leases once it is started. */
  readonly budget: Budget;
  /** TransientError where nothing was pushed or installed yet: events then come again, and nothing is lost. */
  active(): Promise<Active>;
  /** This process for work that no shopper waits for: time-outs of seconds, another lane, the same budget. */
  patient(lane: Lane): Connector;
};

/** How long a running application may work with a configuration that was replaced. */
const CONFIG_MS = 10_000;
/** And how much longer, while commercetools does not answer. */
export const STALE_MS = 5 * 60_000;

export type ConnectorOptions = Partial<Surroundings> & {
  readonly app: string;
  readonly settings: ServerSettings;
  /** For one exchange with commercetools; shorter where a shopper waits. */
  readonly ctTimeoutMs?: number;
  readonly ctReadRetries?: number;
  /** For one read of IFS; the configured time where absent. */
  readonly ifsReadMs?: (config: ConnectorConfig) => number;
  /** The lanes that this application uses, the one of its own requests first; all when absent. */
  readonly lanes?: readonly Lane[];
  /** Of the process, where it has one already. */
  readonly budget?: Budget;
  readonly life?: Life;
};

/** For one exchange with either side while a person waits for the answer. */
const PERSON_MS = 10_000;

const patient = (config: ConnectorConfig, { ifsReadMs }: ConnectorOptions): ConnectorConfig =>
  ifsReadMs ? { ...config, ifs: { ...config.ifs, readTimeoutMs: ifsReadMs(config) } } : config;

export function createConnector(options: ConnectorOptions): Connector {
  const { settings, clock = systemClock, random = systemRandom, fetch = http } = options;
  const logger = options.logger ?? standardLogger(options.app, settings);
  const ct = connectCommercetools(settings, { clock, random, fetch, logger }, options);
  const store = createStore(ct, clock, random);
  const { lanes = allLanes, life = createLife() } = options;
  const budget =
    options.budget ??
    createBudget({
      clock,
      logger,
      store: store.budget,
      lanes,
      random: random.fraction,
      id: random.uuid(),
    });
  const ifsOf = createIfsFactory((config, capabilities) =>
    connectIfs(settings, patient(config, options), {
      clock,
      random,
      fetch,
      logger,
      budget,
      lane: lanes[0],
      capabilities,
    }),
  );

  const installed = remember({ ms: 3_600_000, now: clock.monotonic }, async () => {
    const [ids, activationStamp] = await Promise.all([
      idsByKey(ct, [LINK_CHANNEL_KEY, CLAIM_CHANNEL_KEY, RETURN_CHANNEL_KEY]),
      store.activation.read(),
    ]);
    const [link, claim] = [ids.get(LINK_CHANNEL_KEY), ids.get(CLAIM_CHANNEL_KEY)];
    if (!link || !claim || !activationStamp) {
      throw new TransientError(
        "the connector is not installed completely: run the post-deploy script of event-app again",
      );
    }
    return { channels: { link, claim, returns: ids.get(RETURN_CHANNEL_KEY) }, activationStamp };
  });

  const active = remember(
    { ms: CONFIG_MS, bridge: { ms: STALE_MS, over: isOutage }, now: clock.monotonic, ahead: true },
    async (): Promise<Active> => {
      const others = Promise.all([installed(), store.capabilities.read()]);
      // Read beside the configuration; where that is missing, it is told first.
      others.catch(() => {});
      const current = await store.config.active();
      if (!current) {
        throw new TransientError("no configuration was pushed yet: npm run config -- push <file>");
      }
      budget.configure(budgetLimits(current.config));
      const [wired, probed] = await others;
      return { ...current, ...wired, ifs: ifsOf(current, capabilitiesOf(probed, settings.IFS_BASE_URL)) };
    },
  );

  const forPeople = (lane: Lane): Connector =>
    createConnector({
      ...options,
      budget,
      life,
      lanes: [lane],
      ctTimeoutMs: PERSON_MS,
      ctReadRetries: 1,
      ifsReadMs: (config) => Math.min(config.ifs.readTimeoutMs, PERSON_MS),
    });

  return { settings, logger, clock, random, fetch, life, ct, store, budget, active, patient: forPeople };
}

const standardLogger = (app: string, settings: ServerSettings): Logger =>
  createLogger({
    app,
    level: settings.LOG_LEVEL,
    context: () => {
      const correlationId = currentRequest()?.correlationId;
      return correlationId === undefined ? {} : { correlationId };
    },
  });

const budgetLimits = ({ ifs }: ConnectorConfig): BudgetLimits => ({
  perMinute: ifs.budget.requestsPerMinute,
  concurrency: ifs.budget.concurrency,
  perProcess: ifs.concurrency,
});

export type ConnectionSettings = Pick<
  ServerSettings,
  "CTP_API_URL" | "CTP_AUTH_URL" | "CTP_PROJECT_KEY" | "CTP_CLIENT_ID" | "CTP_CLIENT_SECRET"
>;

/** What a client takes from its surroundings; what is absent is this machine's own. */
export type Surroundings = {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random?: Random;
  readonly fetch?: HttpFetch;
};

/** The commercetools client alone, as the deployment scripts need it. */
export function connectCommercetools(
  settings: ConnectionSettings,
  surroundings: Surroundings,
  limits: Pick<ConnectorOptions, "ctTimeoutMs" | "ctReadRetries"> = {},
): CtClient {
  return createCt({
    apiUrl: settings.CTP_API_URL,
    authUrl: settings.CTP_AUTH_URL,
    projectKey: settings.CTP_PROJECT_KEY,
    clientId: settings.CTP_CLIENT_ID,
    clientSecret: settings.CTP_CLIENT_SECRET,
    ...surroundings,
    correlationId: () => currentRequest()?.correlationId,
    ...(limits.ctTimeoutMs === undefined ? {} : { timeoutMs: limits.ctTimeoutMs }),
    ...(limits.ctReadRetries === undefined ? {} : { readRetries: limits.ctReadRetries }),
  });
}

/** One adapter per configuration version and write probe, because binding, sites and limits are part of it; the last is kept. */
function createIfsFactory(connect: (config: ConnectorConfig, capabilities: Capabilities) => IfsAdapter) {
  let known: { version: number; stamp: string; ifs: IfsAdapter } | undefined;
  return ({ version, config }: Pick<Active, "version" | "config">, capabilities: Capabilities): IfsAdapter => {
    const { stamp } = capabilities;
    if (known?.version !== version || known.stamp !== stamp)
      known = { version, stamp, ifs: connect(config, capabilities) };
    return known.ifs;
  };
}

export const connectIfs = (
  settings: ServerSettings,
  config: Pick<ConnectorConfig, "ifs" | "sites">,
  context: Surroundings & { budget?: BudgetGate; lane?: Lane; capabilities?: Capabilities },
): IfsAdapter =>
  createIfsAdapter({
    connection: {
      baseUrl: settings.IFS_BASE_URL,
      tokenUrl: settings.IFS_TOKEN_URL,
      clientId: settings.IFS_CLIENT_ID,
      clientSecret: settings.IFS_CLIENT_SECRET,
    },
    config,
    ...context,
  });
