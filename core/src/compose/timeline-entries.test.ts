import { expect, test } from "vitest";
import { timelineOf } from "./timeline-entries.ts";

test("both systems and the journal in the order of time, then what is true now", () => {
  const entries = timelineOf({
    order: { createdAt: "2026-11-20T10:00:00.000Z", orderState: "Confirmed", paymentState: "Paid" },
    link: {
      orderNo: "P1" as never,
      linkedAt: "2026-11-20T10:00:05.000Z",
      claim: { kind: "none" },
      newestAt: 0,
    },
    messages: [{ at: "2026-11-20T10:00:01.000Z", type: "OrderCreated", sequenceNumber: 1 }],
    journal: [
      {
        at: "2026-11-20T10:00:06.000Z",
        flow: "order-export",
        recordType: "order",
        recordId: "o",
        event: "sent-to-ifs",
        detail: { part: 1, of: 2 },
        steps: [{ at: "2026-11-20T10:00:03.000Z", step: "sent to IFS", detail: { request: "change set" } }],
        configVersion: 3,
        by: "user-1",
      },
      {
        at: "2026-11-20T10:00:06.000Z",
        flow: "order-export",
        recordType: "order",
        recordId: "o",
        event: "order-linked",
        detail: { orderNo: "P1" },
        steps: [
          { at: "2026-11-20T10:00:02.000Z", step: "claimed", detail: { phase: "posting" } },
          { at: "2026-11-20T10:00:04.000Z", step: "created", detail: { orderNo: "P1" } },
        ],
        configVersion: 3,
        by: "user-1",
      },
    ],
    ifs: [],
    exceptions: [],
    ignored: undefined,
  });
  expect(
    entries.map(({ at, system, event, by, configVersion }) => [at?.slice(17, 19), system, event, by, configVersion]),
  ).toEqual([
    ["00", "commercetools", "order created", undefined, undefined],
    ["01", "commercetools", "OrderCreated", undefined, undefined],
    ["02", "connector", "claimed", "user-1", 3],
    ["03", "connector", "sent to IFS", "user-1", 3],
    ["04", "connector", "created", "user-1", 3],
    ["05", "commercetools", "link written", undefined, undefined],
    ["06", "connector", "order-linked", "user-1", 3],
    [undefined, "commercetools", "order now", undefined, undefined],
  ]);
});

test("what may not be read is said", () => {
  const entries = timelineOf({
    order: { createdAt: "2026-11-20T10:00:00.000Z", orderState: "Open" },
    link: { orderNo: undefined, linkedAt: undefined, claim: { kind: "none" }, newestAt: 0 },
    messages: undefined,
    journal: [],
    ifs: [],
    exceptions: [],
    ignored: undefined,
  });
  expect(entries.map(({ event }) => event)).toEqual(["order created", "order now", "messages cannot be read"]);
});
