import { type DestinationStream, pino } from "pino";

/** One event per call: fields first, the event's name second. Never a payload, never personal data. */
export type Logger = {
  info(fields: object, event: string): void;
  warn(fields: object, event: string): void;
  error(fields: object, event: string): void;
};

export const logLevels = ["debug", "info", "warn", "error", "silent"] as const;
export type LogLevel = (typeof logLevels)[number];

/** Field names whose values never reach the log, however deep. Callers should not pass them at all; this is the net below. */
const redactedFields = new Set([
  "authorization",
  "Authorization",
  "cookie",
  "secret",
  "clientSecret",
  "client_secret",
  "password",
  "token",
  "access_token",
  "accessToken",
  "apiKey",
  "email",
  "customerEmail",
  "phone",
  "mobile",
  "firstName",
  "lastName",
  "name1",
  "address",
  "address1",
  "address2",
  "streetName",
  "streetNumber",
  "billingAddress",
  "shippingAddress",
  "shipTo",
]);

const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/**
 * The same value where nothing is to be cut out: nearly always, and a checkout's line is written for every answer. Objects that
 * write themselves (dates, errors) are left to their own words.
 */
function redacted(value: unknown, depth: number): unknown {
  if (Array.isArray(value)) {
    const parts = depth > DEEPEST ? [] : value.map((part) => redacted(part, depth + 1));
    return parts.length !== value.length || parts.some((part, index) => part !== value[index]) ? parts : value;
  }
  return isPlain(value) ? redactedObject(value, depth) : value;
}

/** What lies deeper, or in a circle, is left out. */
const DEEPEST = 8;

function redactedObject(value: Record<string, unknown>, depth = 0): Record<string, unknown> {
  if (depth > DEEPEST) return {};
  let changed: Record<string, unknown> | undefined;
  for (const name of Object.keys(value)) {
    const before = value[name];
    const after = redactedFields.has(name) ? "[redacted]" : redacted(before, depth + 1);
    if (after === before) continue;
    changed ??= { ...value };
    changed[name] = after;
  }
  return changed ?? value;
}

/** Messages of the HTTP clients may quote a request; a credential in them is cut out. */
const BEARER = /\b(Bearer|Basic)\s+[A-Za-z0-9._~+/=-]+/g;
const EMAIL = /[^\s@"'<>(),;:]+@[^\s@"'<>(),;:]+\.[a-z]{2,}/gi;

/** The same text without credentials and e-mail addresses. */
export const withoutSecrets = (text: string): string =>
  text.replace(BEARER, "$1 [redacted]").replace(EMAIL, "[redacted]");

type ErrorFields = { type: string; message: string; stack?: string; cause?: ErrorFields };

/** Type, message, stack and cause; no other property, because HTTP clients attach requests and responses to their errors. */
function errorFields(error: unknown, depth = 0): ErrorFields {
  if (!(error instanceof Error)) return { type: typeof error, message: withoutSecrets(String(error)).slice(0, 1000) };
  const fields: ErrorFields = { type: error.name, message: withoutSecrets(error.message).slice(0, 1000) };
  if (error.stack) fields.stack = withoutSecrets(error.stack);
  if (error.cause !== undefined && depth < 3) fields.cause = errorFields(error.cause, depth + 1);
  return fields;
}

/** Characters that wait for whoever reads the log: some 20,000 lines. */
const MOST_WAITING = 8_000_000;

/**
 * Written beside the work, because no checkout waits for its line. What is not read piles up here, so beyond a bound lines are dropped:
 * `told` hears how many, once there is room again.
 */
function standardOutput(told: (dropped: number) => void): DestinationStream {
  const output = pino.destination({ dest: process.stdout.fd, sync: false, maxLength: MOST_WAITING });
  let dropped = 0;
  output.on("drop", () => {
    dropped += 1;
  });
  output.on("drain", () => {
    if (dropped === 0) return;
    const count = dropped;
    dropped = 0;
    told(count);
  });
  return output;
}

/** JSON lines on standard output (or `destination`), one object per event, with `app` on each. */
export function createLogger(options: {
  app: string;
  level: LogLevel;
  destination?: DestinationStream;
  /** Fields of the work at hand (correlation id), added to every line. */
  context?: () => object;
}): Logger {
  const settings = {
    base: { app: options.app },
    level: options.level,
    timestamp: pino.stdTimeFunctions.isoTime,
    messageKey: "event",
    formatters: {
      level: (level: string) => ({ level }),
      log: (fields: Record<string, unknown>) => redactedObject(fields),
    },
    ...(options.context ? { mixin: options.context } : {}),
    serializers: { error: errorFields, err: errorFields, cause: errorFields },
  };
  const told = (dropped: number): void => log.error({ dropped }, "log-lines-dropped");
  const log = pino(settings, options.destination ?? standardOutput(told));
  return {
    info: (fields, event) => log.info(fields, event),
    warn: (fields, event) => log.warn(fields, event),
    error: (fields, event) => log.error(fields, event),
  };
}
