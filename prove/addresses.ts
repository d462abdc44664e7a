/** Where everybody is in a world, and what Connect would tell the applications of it. */
import { SHOP_PROJECT_KEY } from "../sandbox/seed/commercetools-shop.ts";

export const appNames = ["event-app", "job-app", "service-app"] as const;
export type AppName = (typeof appNames)[number];

export const EVENT_TOPIC = "connector-events";
const SECRET = "sandbox-secret";

export const addresses = {
  ifs: "http://ifs.test",
  ifsTokenPath: "/auth/realms/sandbox/protocol/openid-connect/token",
  commercetools: "http://commercetools.test",
  event: "http://event-app.test/event",
  job: "http://job-app.test/job",
  service: "http://service-app.test/service",
} as const;

export const originOf = (app: AppName): string => `http://${app}.test`;

/** The environment of one application and of its post-deploy script. */
export function environmentOf(app: AppName): Record<string, string> {
  const shared = {
    CTP_API_URL: addresses.commercetools,
    CTP_AUTH_URL: addresses.commercetools,
    CTP_PROJECT_KEY: SHOP_PROJECT_KEY,
    CTP_CLIENT_ID: "connector",
    CTP_CLIENT_SECRET: SECRET,
    IFS_BASE_URL: addresses.ifs,
    IFS_TOKEN_URL: `${addresses.ifs}${addresses.ifsTokenPath}`,
    IFS_CLIENT_ID: "ctconnector",
    IFS_CLIENT_SECRET: SECRET,
  };
  if (app === "job-app") return shared;
  if (app === "event-app") {
    return {
      ...shared,
      CONNECT_SUBSCRIPTION_DESTINATION: "GoogleCloudPubSub",
      CONNECT_GCP_PROJECT_ID: "sandbox",
      CONNECT_GCP_TOPIC_NAME: EVENT_TOPIC,
    };
  }
  return {
    ...shared,
    CONNECT_SERVICE_URL: addresses.service,
    CLOUD_IDENTIFIER: "gcp-eu",
    ENTRY_POINT_URI_PATH: "ifs-cloud",
    CTP_SESSION_URL: addresses.commercetools,
    ATP_EXTENSION_SECRET: "sandbox-extension-secret",
    ATP_PROMISE_SECRET: "first:sandbox-promise-secret-of-32-or-more",
  };
}
