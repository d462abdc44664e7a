import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodeEnvelope, MAX_NOTIFICATION_BYTES } from "./envelope.ts";

const base64 = (value: unknown) =>
  Buffer.from(typeof value === "string" ? value : JSON.stringify(value)).toString("base64");
const pubSub = (value: unknown) => ({ message: { data: base64(value), messageId: "1" }, subscription: "projects/p/s" });
const sns = (value: unknown) => ({ Type: "Notification", MessageId: "1", Message: JSON.stringify(value) });
const cloudEvent = (value: unknown) => ({ specversion: "1.0", id: "1", type: "t", source: "s", data: value });

const message = {
  notificationType: "Message",
  projectKey: "shop",
  id: "m1",
  version: 1,
  sequenceNumber: 3,
  resourceVersion: 7,
  createdAt: "2026-03-01T10:00:00.000Z",
  resource: { typeId: "order", id: "o1" },
  type: "OrderCreated",
  order: { customerEmail: "private" },
};
const hint = { kind: "resource", projectKey: "shop", resource: { typeId: "order", id: "o1" } };
const change = (notificationType: string, typeId = "order") => ({
  notificationType,
  projectKey: "shop",
  resource: { typeId, id: "o1" },
  version: 4,
  oldVersion: 3,
  modifiedAt: "2026-03-01T10:00:00.000Z",
});

describe("envelope", () => {
  test.each([
    ["Pub/Sub push", pubSub(message)],
    ["SNS", sns(message)],
    ["bare", message],
    ["Pub/Sub push, CloudEvents", pubSub(cloudEvent(message))],
    ["SNS, CloudEvents", sns(cloudEvent(message))],
    ["CloudEvents", cloudEvent(message)],
    ["CloudEvents, base64", { specversion: "1.0", data_base64: base64(message) }],
  ])("%s", (_name, body) => {
    expect(decodeEnvelope(body)).toEqual({ ok: true, value: hint });
  });

  test.each(["ResourceCreated", "ResourceUpdated", "ResourceDeleted"])("%s", (type) => {
    expect(decodeEnvelope(pubSub(change(type)))).toEqual({ ok: true, value: hint });
  });

  test("the notification of a new Subscription is recognised by its resource, not by its type", () => {
    expect(decodeEnvelope(pubSub(change("ResourceCreated", "subscription")))).toEqual({
      ok: true,
      value: { kind: "subscriptionTest", projectKey: "shop" },
    });
    expect(decodeEnvelope(pubSub(change("ResourceCreated", "customer")))).toMatchObject({
      value: { kind: "resource" },
    });
  });

  test("a payload that the platform left out", () => {
    const { order, ...rest } = message;
    const large = { ...rest, payloadNotIncluded: { reason: "too large", payloadType: "OrderCreated" } };
    expect(decodeEnvelope(pubSub(large))).toEqual({ ok: true, value: hint });
  });

  test.each([
    ["no body", undefined, "the body is not a JSON object"],
    ["a text", "x", "the body is not a JSON object"],
    ["a list", [message], "the body is not a JSON object"],
    ["an empty object", {}, "not a commercetools notification; unusable: notificationType, projectKey, resource"],
    ["data that is not base64", { message: { data: "{}" } }, "the message data is not base64"],
    ["data that is not JSON", { message: { data: base64("{") } }, "the message data is not JSON"],
    ["an empty push", { message: { data: "" } }, "the message data is not JSON"],
    [
      "an SNS subscription request",
      { Type: "SubscriptionConfirmation", SubscribeURL: "https://x.example" },
      "not a commercetools notification; unusable: notificationType, projectKey, resource",
    ],
    [
      "an unknown notification",
      pubSub({ ...message, notificationType: "Event" }),
      "not a commercetools notification; unusable: notificationType",
    ],
    [
      "no resource",
      pubSub({ ...message, resource: undefined }),
      "not a commercetools notification; unusable: resource",
    ],
    [
      "an id that is no text",
      pubSub({ ...message, resource: { typeId: "order", id: 7 } }),
      "not a commercetools notification; unusable: resource.id",
    ],
    ["too much", { message: { data: "A".repeat(MAX_NOTIFICATION_BYTES * 2) } }, "the message data is too large"],
    [
      "too much in SNS",
      { Type: "Notification", Message: `"${"a".repeat(MAX_NOTIFICATION_BYTES)}"` },
      "the message data is too large",
    ],
  ])("refuses %s", (_name, body, reason) => {
    expect(decodeEnvelope(body)).toEqual({ ok: false, error: { message: reason } });
  });

  test("whatever comes, it is an answer and never quotes the content", () => {
    fc.assert(
      fc.property(fc.anything(), (body) => {
        const result = decodeEnvelope(body);
        expect(typeof result.ok).toBe("boolean");
      }),
      { numRuns: 300 },
    );
    const leaky = decodeEnvelope({ message: { data: base64('{"customerEmail": "private@shop.example"') } });
    expect(JSON.stringify(leaky)).not.toMatch(/private/);
  });
});

test.each([".", "..", "a/b", "a%2Fb", "\ud800", "", "x".repeat(129), "-a"])("resource id %j is unreadable", (id) => {
  const notification = { notificationType: "ResourceUpdated", projectKey: "p", resource: { typeId: "order", id } };
  expect(decodeEnvelope(notification).ok).toBe(false);
});
