/** `pubsub`: Google's push body; `sns`: Amazon's notification; `bare`: the payload alone. */
export type EnvelopeKind = "pubsub" | "sns" | "bare";

export type Envelope = {
  messageId: string;
  publishTime: string;
  payload: unknown;
  attributes: Record<string, string>;
};

/** The HTTP form in which a message reaches an event application. */
export function wrap(
  message: Envelope,
  kind: EnvelopeKind,
  topic: string,
): { headers: Record<string, string>; body: string } {
  const { messageId, publishTime, payload, attributes } = message;
  const headers = { "content-type": "application/json" };
  if (kind === "bare") return { headers, body: JSON.stringify(payload) };
  if (kind === "sns") {
    const body = {
      Type: "Notification",
      MessageId: messageId,
      TopicArn: topic,
      Message: JSON.stringify(payload),
      Timestamp: publishTime,
    };
    return {
      headers: { "content-type": "text/plain; charset=UTF-8", "x-amz-sns-message-type": "Notification" },
      body: JSON.stringify(body),
    };
  }
  const data = Buffer.from(JSON.stringify(payload), "utf8").toString("base64");
  const subscription = `projects/sandbox/subscriptions/${topic.replace(/[^A-Za-z0-9._-]/g, "-")}`;
  // Both spellings, as Google sends them.
  const names = { messageId, message_id: messageId, publishTime, publish_time: publishTime };
  return { headers, body: JSON.stringify({ message: { data, attributes, ...names }, subscription }) };
}
