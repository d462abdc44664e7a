import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { TransientError } from "../domain/failure.ts";
import { createLogger, type LogLevel, withoutSecrets } from "./logger.ts";

function capture(level: LogLevel = "info") {
  const lines: string[] = [];
  const logger = createLogger({ app: "job-app", level, destination: { write: (line: string) => lines.push(line) } });
  return {
    logger,
    entries: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>),
    raw: () => lines.join(""),
  };
}

test("one JSON object per event, with app, level and name", () => {
  const { logger, entries } = capture();
  logger.info({ flow: "stock-sync", runId: "r1" }, "run");
  logger.error({ flow: "stock-sync" }, "run-failed");
  expect(entries().map(({ time, pid, hostname, ...rest }) => rest)).toEqual([
    { level: "info", app: "job-app", flow: "stock-sync", runId: "r1", event: "run" },
    { level: "error", app: "job-app", flow: "stock-sync", event: "run-failed" },
  ]);
});

test("below the level nothing is written", () => {
  const { logger, entries } = capture("error");
  logger.info({}, "a");
  logger.warn({}, "b");
  expect(entries()).toEqual([]);
});

test("credentials, names and addresses are cut out, nested ones too", () => {
  const { logger, entries, raw } = capture();
  logger.info(
    {
      authorization: "Bearer private-1",
      headers: { authorization: "Bearer private-2", cookie: "private-3" },
      order: { shippingAddress: { firstName: "private-4" }, customerEmail: "private-5" },
      order2: { billTo: { lastName: "private-6", streetName: "private-7" } },
      clientSecret: "private-8",
      lines: [{ sku: "A" }, { details: { buyer: { email: "private-9" } } }],
    },
    "request",
  );
  expect(raw()).not.toMatch(/private/);
  const [entry] = entries();
  expect(entry?.headers).toEqual({ authorization: "[redacted]", cookie: "[redacted]" });
  expect(entry?.lines).toEqual([{ sku: "A" }, { details: { buyer: { email: "[redacted]" } } }]);
});

test("an object that contains itself does not keep the line from being written", () => {
  const { logger, entries } = capture();
  const circle: Record<string, unknown> = { name: "a", token: "private" };
  circle.self = circle;
  circle.list = [circle];
  logger.warn({ circle }, "odd");
  expect(entries()[0]).toMatchObject({ event: "odd", circle: { name: "a", token: "[redacted]" } });
});

test("errors show type, message and cause without what clients attach to them", () => {
  const { logger, entries, raw } = capture();
  const cause = Object.assign(new Error("GET failed with Bearer private-1.abc for jane@shop.example"), {
    request: { headers: { authorization: "private-2" } },
  });
  logger.error({ error: new TransientError("IFS did not answer", { cause }) }, "run-failed");
  expect(raw()).not.toMatch(/private|jane/);
  const { stack, cause: logged, ...error } = (entries()[0]?.error ?? {}) as Record<string, Record<string, unknown>>;
  expect(error).toEqual({ type: "TransientError", message: "IFS did not answer" });
  expect({ type: logged?.type, message: logged?.message }).toEqual({
    type: "Error",
    message: "GET failed with Bearer [redacted] for [redacted]",
  });
});

test.each([
  ["Basic abc123==", "Basic [redacted]"],
  ["user jane.doe@shop.example ordered", "user [redacted] ordered"],
  ["order 4711 was read", "order 4711 was read"],
])("%s", (text, clean) => {
  expect(withoutSecrets(text)).toBe(clean);
});

test("lines that nobody reads are dropped beyond a bound, counted, and told when somebody reads again", async () => {
  const LINES = 40_000;
  const script = `
    import { createLogger } from ${JSON.stringify(new URL("./logger.ts", import.meta.url).href)};
    const logger = createLogger({ app: "service-app", level: "info" });
    for (let line = 0; line < ${LINES}; line += 1) {
      logger.info({ text: "x".repeat(400) }, "line");
      if (line % 100 === 0) await new Promise((done) => setImmediate(done));
    }
    process.stderr.write("written");
    await new Promise((done) => process.stdin.once("data", done));
    process.exit(0);
  `;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], { stdio: "pipe" });
  await once(child.stderr, "data");
  let text = "";
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => {
    text += chunk;
  });
  while (!text.includes("log-lines-dropped")) await new Promise((done) => setTimeout(done, 20));
  child.stdin.write("end");
  await once(child, "close");
  const lines = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line) as { event: string; dropped?: number });
  const shown = lines.filter(({ event }) => event === "line").length;
  const dropped = lines.reduce((sum, line) => sum + (line.dropped ?? 0), 0);
  expect(shown).toBeLessThan(25_000);
  expect(shown + dropped).toBe(LINES);
});
