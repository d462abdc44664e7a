import { createAvailabilityDoors } from "core/compose/atp.ts";
import type { Connector } from "core/compose/connector.ts";
import { createDoctorDoor } from "core/compose/doctor.ts";
import { healthOf } from "core/compose/health.ts";
import { HINT_BYTES } from "core/compose/hint-door.ts";
import { createHintEndpoint } from "core/compose/hint-flows.ts";
import { merchantCenterGuard, readOverview } from "core/compose/merchant-center.ts";
import { operatorRoutes } from "core/compose/operator-routes.ts";
import { doorSettings, limitCallers } from "core/compose/question-caller.ts";
import type { AppDefinition } from "core/compose/start.ts";
import { extensionAuth, ifsEventAuth } from "core/http/auth.ts";
import { checkoutAuth, loadPaymentsSdk } from "core/http/checkout-auth.ts";
import { createCounter, limitRefusals } from "core/http/rate-limit.ts";
import { createServer, type Guard, type Route } from "core/http/server.ts";
import { type Config, configSchema } from "./config.ts";

/** Bytes of a body. An order of 500 lines comes with all attributes of its products; what people send from the Merchant Center is short. */
const EXTENSION_BYTES = 16_000_000;
const QUESTION_BYTES = 1_000_000;
const OPERATOR_BYTES = 100_000;

/** The checkout's questions, the API Extension, IFS's events, and the Merchant Center's data. Everything but health needs a credential. */
export function createApp(connector: Connector, config: Config) {
  const { logger, clock, random } = connector;
  return createServer({
    logger,
    clock,
    random,
    allowedOrigins: config.ALLOWED_ORIGINS,
    trustedProxies: config.TRUSTED_PROXIES,
    bodyLimit: OPERATOR_BYTES,
    routes: routesOf(connector, config),
  });
}

/** All addresses of the application, each with its guards. */
export function routesOf(connector: Connector, config: Config): Route[] {
  const doors = createAvailabilityDoors(connector, { promiseKeys: config.ATP_PROMISE_SECRET });
  const doctor = createDoctorDoor(connector);
  const access = { issuer: config.CLOUD_IDENTIFIER, entryPointUriPath: config.ENTRY_POINT_URI_PATH };
  const askers = checkoutGuards(connector, config);
  return [
    ...healthOf("/service/health", connector),
    {
      method: "post",
      path: "/service/atp",
      kind: "service",
      browser: true,
      guards: askers,
      bodyLimit: QUESTION_BYTES,
      handle: doors.question,
    },
    {
      method: "post",
      path: "/service/atp/batch",
      kind: "service",
      browser: true,
      guards: askers,
      bodyLimit: QUESTION_BYTES,
      handle: doors.batch,
    },
    {
      method: "post",
      path: "/service/extension",
      kind: "extension",
      guards: [extensionAuth(config.ATP_EXTENSION_SECRET, doors.called)],
      bodyLimit: EXTENSION_BYTES,
      handle: doors.extension,
      policy: doors.policy,
      undecided: doors.undecided,
      onUnreadable: doors.unreadable,
      // Each check has a line of its own.
      quiet: true,
    },
    ...ifsEvents(connector, config.IFS_EVENT_SECRET),
    {
      method: "get",
      path: "/service/mc/overview",
      kind: "service",
      guards: [merchantCenterGuard(connector, access, "view")],
      handle: async () => ({ kind: "done", body: await readOverview(connector) }),
    },
    {
      method: "get",
      path: "/service/mc/doctor",
      kind: "service",
      guards: [merchantCenterGuard(connector, access, "view")],
      handle: async () => ({ kind: "done", body: await doctor() }),
    },
    ...operatorRoutes(connector, {
      view: merchantCenterGuard(connector, access, "view"),
      manage: merchantCenterGuard(connector, access, "manage"),
    }),
  ];
}

/** Who may ask, and how often. */
function checkoutGuards(connector: Connector, config: Config): readonly Guard[] {
  const settings = () => doorSettings(connector);
  const counter = createCounter();
  const callers = checkoutAuth({
    projectKey: config.CTP_PROJECT_KEY,
    authUrl: config.CTP_AUTH_URL,
    apiUrl: config.CTP_API_URL,
    sessionUrl: config.CTP_SESSION_URL,
    clientId: config.CTP_CLIENT_ID,
    clientSecret: config.CTP_CLIENT_SECRET,
    storefrontKeys: config.ATP_STOREFRONT_KEYS,
    scopes: async () => {
      const { tokenScopes, holdScopes } = await settings();
      return { ask: tokenScopes, hold: holdScopes };
    },
    askAbout: limitRefusals(counter, async () => (await settings()).requestsPer10Seconds.refused),
    logger: connector.logger,
    clock: connector.clock,
  });
  return [callers, limitCallers(counter, settings)];
}

/**
 * A shopper waits for the answer: one try each, and no read outlives the shopper's patience. What people start in the Merchant
 * Center (orders, reports) has longer, and comes after every checkout.
 */
export const serviceApp: AppDefinition<typeof configSchema> = {
  name: "service-app",
  schema: configSchema,
  create: createApp,
  warmUp: loadPaymentsSdk,
  // `orders`: an order that a person tries again. `prices` and `reports` are the doctor's and the ledger's, who wait for everybody.
  // What IFS or the checkout hints at is read again in the lanes of the flows that do it otherwise, never in the checkout's.
  lanes: ({ IFS_EVENT_SECRET: secret }) => [
    "checkout",
    "orders",
    ...(secret === undefined ? [] : (["statuses"] as const)),
    "stock",
    "prices",
    "reports",
  ],
  ctTimeoutMs: 1500,
  ctReadRetries: 0,
  ifsReadMs: (config) => config.atp.deadlineMs,
};

/** Hints of IFS. Without a secret there is no such address. */
const ifsEvents = (connector: Connector, secret: string | undefined): Route[] =>
  secret === undefined
    ? []
    : [
        {
          method: "post",
          path: "/service/ifs-events",
          kind: "service",
          guards: [ifsEventAuth(secret)],
          bodyLimit: HINT_BYTES,
          handle: createHintEndpoint(connector),
        },
      ];
