/** The environment of the three server apps, one schema each app extends. Each key is declared in connect.yaml or injected. */
import { z } from "zod";

const httpsUrl = z.url({ protocol: /^https?$/ });

/** Injected by Connect (`inheritAs.apiClient`) or by the runtime; never declared in connect.yaml. */
export const injectedSettings = z.object({
  CTP_API_URL: httpsUrl.describe("URL of the commercetools HTTP API"),
  CTP_AUTH_URL: httpsUrl.describe("URL of the commercetools authorization service"),
  CTP_PROJECT_KEY: z.string().min(2).describe("commercetools project key"),
  CTP_CLIENT_ID: z.string().min(1).describe("id of the commercetools API client"),
  CTP_CLIENT_SECRET: z.string().min(1).describe("secret of the commercetools API client"),
  HOST: z.string().default("0.0.0.0").describe("address to listen on; all interfaces of the container when absent"),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8080).describe("port to listen on, 0 to 65535"),
});

/** Declared under `inheritAs.configuration`: every app has them. */
export const sharedSettings = z.object({
  IFS_BASE_URL: httpsUrl.describe("address of IFS Cloud without path, such as https://mycompany.ifs.cloud"),
  IFS_TOKEN_URL: httpsUrl.describe("token address of IFS Cloud, ending in /protocol/openid-connect/token"),
  IFS_CLIENT_ID: z.string().min(1).describe("client id of the connector's IAM client in IFS Cloud"),
  IFS_CLIENT_SECRET: z.string().min(1).describe("client secret of the connector's IAM client in IFS Cloud"),
  LOG_LEVEL: z.enum(["debug", "info", "warn", "error"]).default("info").describe("debug, info, warn or error"),
});

export const serverSettings = injectedSettings.extend(sharedSettings.shape);
export type ServerSettings = z.infer<typeof serverSettings>;

/**
 * What Connect tells the post-deploy scripts, by kind of app. At run time and in pre-undeploy these names are not documented
 * to exist, so nothing there needs them.
 */
export const eventDeploySettings = z.discriminatedUnion("CONNECT_SUBSCRIPTION_DESTINATION", [
  z.object({
    CONNECT_SUBSCRIPTION_DESTINATION: z.literal("GoogleCloudPubSub"),
    CONNECT_GCP_PROJECT_ID: z.string().min(1),
    CONNECT_GCP_TOPIC_NAME: z.string().min(1),
  }),
  z.object({
    CONNECT_SUBSCRIPTION_DESTINATION: z.literal("SNS"),
    CONNECT_AWS_TOPIC_ARN: z.string().min(1),
  }),
]);
export const serviceDeploySettings = z.object({ CONNECT_SERVICE_URL: httpsUrl });
