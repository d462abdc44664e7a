import { expect, test } from "vitest";
import { BarredError } from "../domain/failure.ts";
import type { ExceptionRecord } from "../domain/records.ts";
import { createBarredEvents } from "./barred-events.ts";

const error = (resource: string) => new BarredError("grantMissing", "Forbidden", { resource });

function events() {
  const clock = { at: 0 };
  const open = new Map<string, Pick<ExceptionRecord, "code" | "message" | "recordType">>();
  const asked: string[] = [];
  const tell = createBarredEvents({
    clock: {
      now: () => clock.at,
      monotonic: () => clock.at,
      after: () => () => undefined,
      sleep: async () => undefined,
    },
    settings: { IFS_CLIENT_ID: "CT_CONNECTOR" },
    store: {
      exceptions: {
        get: async (id) => {
          asked.push(id);
          return open.get(id) as ExceptionRecord | undefined;
        },
        open: async (row) => void open.set(row.id, row),
      },
    },
  });
  return { clock, open, asked, tell };
}

test("the first refused event opens the exception at once; the others ask nothing for a minute", async () => {
  const { open, asked, tell, clock } = events();
  await tell({ error: error("SalesPartHandling.svc/SalesPartSet"), orderId: "o-1" });
  for (let at = 2; at < 50; at += 1)
    await tell({ error: error("SalesPartHandling.svc/SalesPartSet"), orderId: `o-${at}` });
  expect([...open.values()].map(({ code, recordType }) => [code, recordType])).toEqual([["grantMissing", "flow"]]);
  expect([...open.values()][0]?.message).toContain("Order o-1 waits");
  await tell({ error: error("ReturnMaterialHandling.svc/$batch"), orderId: "o-1" });
  clock.at += 60_000;
  await tell({ error: error("SalesPartHandling.svc/SalesPartSet"), orderId: "o-9" });
  expect([open.size, asked.length]).toEqual([2, 3]);
});

test("what the sweep has told already stays as it tells it", async () => {
  const { open, asked, tell } = events();
  await tell({ error: error("A"), orderId: "o-1" });
  const [id] = [...open.keys()];
  open.set(String(id), { code: "grantMissing", recordType: "flow", message: "812 orders wait" });
  const other = events();
  other.open.set(String(id), { code: "grantMissing", recordType: "flow", message: "812 orders wait" });
  await other.tell({ error: error("A"), orderId: "o-2" });
  expect([[...other.open.values()].map(({ message }) => message), asked.length]).toEqual([["812 orders wait"], 1]);
});
