import { createAvailabilityDoors } from "core/compose/atp.ts";
import type { Connector } from "core/compose/connector.ts";
import { createDoctorDoor } from "core/compose/doctor.ts";
import { healthOf } from "core/compose/health.ts";
import { HINT_BYTES } from "core/compose/hint-door.ts";
import { createHintEndpoint } from "core/compose/hint-flows.ts";
import { merchantCenterGuard, readOverview } from "core/compose/merchant-center.ts";
import { operatorRoutes } from "core/compose/operator-routes.ts";
import type { AppDefinition } from "core/compose/start.ts";
import { extensionAuth, ifsEventAuth } from "core/http/auth.ts";
import { checkoutAuth, loadPaymentsSdk } from "core/http/checkout-auth.ts";
import { createServer, type Route } from "core/http/server.ts";
import { type Config, configSchema } from "./config.ts";

/** The checkout's questions, the API Extension, IFS's events, and the Merchant Center's data. Everything but health needs a credential. */
export function createApp(connector: Connector, config: Config) {
  const { logger, clock, random } = connector;
  const doors = createAvailabilityDoors(connector);
  const doctor = createDoctorDoor(connector);
  const access = { issuer: config.CLOUD_IDENTIFIER, entryPointUriPath: config.ENTRY_POINT_URI_PATH };
  return createServer({
    logger,
    clock,
    random,
    allowedOrigins: config.ALLOWED_ORIGINS,
    routes: [
      ...healthOf("/service/health", connector),
      {
        method: "post",
        path: "/service/atp",
        kind: "service",
        browser: true,
        guards: [
          checkoutAuth({
            projectKey: config.CTP_PROJECT_KEY,
            authUrl: config.CTP_AUTH_URL,
            apiUrl: config.CTP_API_URL,
            sessionUrl: config.CTP_SESSION_URL,
            clientId: config.CTP_CLIENT_ID,
            clientSecret: config.CTP_CLIENT_SECRET,
            logger,
            clock,
          }),
        ],
        handle: doors.question,
      },
      {
        method: "post",
        path: "/service/extension",
        kind: "extension",
        guards: [extensionAuth(config.ATP_EXTENSION_SECRET)],
        handle: (call) => doors.orderCreation(call.body),
        policy: doors.policy,
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
    ],
  });
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
  // What IFS hints at is read again in the lanes of the flows that do it otherwise, never in the checkout's.
  lanes: ({ IFS_EVENT_SECRET: secret }) => [
    "checkout",
    "orders",
    ...(secret === undefined ? [] : (["statuses", "stock"] as const)),
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
