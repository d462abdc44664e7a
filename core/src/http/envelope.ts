/**
 * What arrives at event-app, whatever it is wrapped in. The content is a hint: it says which resource to read again and
 * chooses nothing that is written.
 */
import { z } from "zod";
import { err, ok, type Result } from "../domain/result.ts";

export type EventHint =
  /** The notification that commercetools sends when a Subscription is created. */
  | { readonly kind: "subscriptionTest"; readonly projectKey: string }
  /** Something happened to this resource: whatever it was, the resource is read again. */
  | { readonly kind: "resource"; readonly projectKey: string; readonly resource: ResourceHint };

export type ResourceHint = { readonly typeId: string; readonly id: string };

export type EnvelopeProblem = { readonly message: string };

/** Decoded JSON may not exceed this many bytes; queues carry at most a quarter of it. */
export const MAX_NOTIFICATION_BYTES = 1_000_000;

const identifier = z.string().min(1).max(256);
/** It goes into the path of a request: a dot or a slash could name another resource than the one it claims to be. */
const resourceId = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9_-]{0,127}$/);
const resourceSchema = z.object({ typeId: identifier, id: resourceId });
const notificationSchema = z.object({
  notificationType: z.enum(["Message", "ResourceCreated", "ResourceUpdated", "ResourceDeleted"]),
  projectKey: identifier,
  resource: resourceSchema,
});

const pubSubSchema = z.object({ message: z.object({ data: z.string() }) });
const snsSchema = z.object({ Type: z.literal("Notification"), Message: z.string() });
/** CloudEvents 1.0, structured mode; commercetools puts its notification into `data`. */
const cloudEventSchema = z.object({
  specversion: z.string(),
  data: z.unknown().optional(),
  data_base64: z.string().optional(),
});

/** Unwraps Pub/Sub push, SNS, CloudEvents or a bare notification, in this order, and parses the notification. */
export function decodeEnvelope(body: unknown): Result<EventHint, EnvelopeProblem> {
  const transport = unwrapTransport(body);
  if (!transport.ok) return transport;
  const notification = unwrapCloudEvent(transport.value);
  if (!notification.ok) return notification;
  return parseNotification(notification.value);
}

function unwrapTransport(body: unknown): Result<unknown, EnvelopeProblem> {
  const pubSub = pubSubSchema.safeParse(body);
  if (pubSub.success) return decodeBase64(pubSub.data.message.data);
  const sns = snsSchema.safeParse(body);
  if (sns.success) return decodeJson(sns.data.Message);
  if (typeof body !== "object" || body === null || Array.isArray(body)) {
    return err({ message: "the body is not a JSON object" });
  }
  return ok(body);
}

function unwrapCloudEvent(value: unknown): Result<unknown, EnvelopeProblem> {
  const event = cloudEventSchema.safeParse(value);
  if (!event.success) return ok(value);
  return event.data.data_base64 === undefined ? ok(event.data.data) : decodeBase64(event.data.data_base64);
}

function decodeBase64(data: string): Result<unknown, EnvelopeProblem> {
  if (!/^[A-Za-z0-9+/_-]*={0,2}$/.test(data)) return err({ message: "the message data is not base64" });
  if (data.length > (MAX_NOTIFICATION_BYTES * 4) / 3 + 4) return err({ message: "the message data is too large" });
  return decodeJson(Buffer.from(data, "base64").toString("utf8"));
}

function decodeJson(text: string): Result<unknown, EnvelopeProblem> {
  if (Buffer.byteLength(text) > MAX_NOTIFICATION_BYTES) return err({ message: "the message data is too large" });
  try {
    return ok(JSON.parse(text));
  } catch {
    // The syntax error would quote the content, which may hold personal data.
    return err({ message: "the message data is not JSON" });
  }
}

function parseNotification(value: unknown): Result<EventHint, EnvelopeProblem> {
  const parsed = notificationSchema.safeParse(value);
  if (!parsed.success) {
    const paths = parsed.error.issues.slice(0, 5).map((issue) => issue.path.join(".") || "notification");
    return err({ message: `not a commercetools notification; unusable: ${paths.join(", ")}` });
  }
  const { projectKey, resource } = parsed.data;
  return ok(
    resource.typeId === "subscription"
      ? { kind: "subscriptionTest", projectKey }
      : { kind: "resource", projectKey, resource },
  );
}
