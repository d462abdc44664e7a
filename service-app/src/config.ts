import { serverSettings, sharedSettings } from "core/compose/settings.ts";
import { z } from "zod";

const serviceSettings = z.object({
  CLOUD_IDENTIFIER: z
    .string()
    .min(3)
    .describe("gcp-eu, gcp-us, gcp-au, aws-eu or aws-us, or the URL of a Merchant Center gateway"),
  ENTRY_POINT_URI_PATH: z
    .string()
    .regex(/^[a-z0-9_-]{2,64}$/)
    .describe("entry point of the Merchant Center application: 2 to 64 lower-case letters, digits, - and _"),
  CTP_SESSION_URL: z.url({ protocol: /^https?$/ }).describe("URL of the Session API of your Region"),
  ALLOWED_ORIGINS: z
    .string()
    .default("")
    .transform((text) =>
      text
        .split(",")
        .map((origin) => origin.trim())
        .filter((origin) => origin !== ""),
    )
    .refine((origins) => origins.every((origin) => URL.canParse(origin) && new URL(origin).origin === origin))
    .describe("origins of storefronts, separated by commas, such as https://shop.example"),
  TRUSTED_PROXIES: z.coerce
    .number()
    .int()
    .min(0)
    .max(5)
    .default(1)
    .describe("proxies in front of the service that append the caller's address to X-Forwarded-For: 0 to 5"),
  ATP_STOREFRONT_KEYS: z
    .string()
    .default("")
    .transform((text) => text.split(",").map((key) => key.trim()))
    .transform((keys) => keys.filter((key) => key !== ""))
    .refine((keys) => keys.length <= 5 && keys.every((key) => /^[A-Za-z0-9._~-]{32,200}$/.test(key)))
    .meta({
      secret: true,
      description:
        "up to five random texts of 32 characters or more (letters, digits, and . _ ~ - only), separated by commas",
    }),
  ATP_PROMISE_SECRET: z
    .string()
    .default("")
    .transform((text) => text.split(",").map((key) => key.trim()))
    .transform((keys) => keys.filter((key) => key !== ""))
    .refine(
      (keys) => keys.length <= 5 && keys.every((key) => /^[A-Za-z0-9_-]{1,20}:[A-Za-z0-9._~-]{32,200}$/.test(key)),
    )
    .transform((keys) =>
      keys.map((key) => ({ kid: key.slice(0, key.indexOf(":")), secret: key.slice(key.indexOf(":") + 1) })),
    )
    .refine((keys) => new Set(keys.map(({ kid }) => kid)).size === keys.length)
    .describe(
      "up to five name:secret, separated by commas, each name once; a secret is a random text of 32 characters or more (letters, digits, and . _ ~ - only)",
    ),
  ATP_EXTENSION_SECRET: z
    .string()
    .transform((text) => text.split(",").map((secret) => secret.trim()))
    .transform((secrets) => secrets.filter((secret) => secret !== ""))
    .refine((secrets) => secrets.length >= 1 && secrets.length <= 5 && secrets.every(({ length }) => length >= 16))
    .meta({
      secret: true,
      description: "random text of 16 characters or more; up to five of them, separated by commas: the first is sent",
    }),
  IFS_EVENT_SECRET: z
    .string()
    .regex(/^([A-Za-z0-9._~-]{16,})?$/)
    .optional()
    .transform((secret) => (secret === "" ? undefined : secret))
    .describe("random text of 16 characters or more: letters, digits, and . _ ~ - only; absent: no events of IFS"),
});

/** Everything that service-app reads from its environment. */
export const configSchema = serverSettings.extend(serviceSettings.shape);
export type Config = z.infer<typeof configSchema>;

/** The part of it that connect.yaml declares for this app, global keys included. */
export const declaredKeys = Object.keys({ ...sharedSettings.shape, ...serviceSettings.shape });
