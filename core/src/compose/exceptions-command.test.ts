import { expect, test } from "vitest";
import { type ExceptionsCommandDeps, runExceptionsCommand } from "./exceptions-command.ts";
import type { Retried } from "./interventions.ts";

const shown = { code: "noRoute", message: "m", action: "a", lastSeenAt: "2026-11-20T10:00:00Z", attempts: 1 };
const retried = (after: Retried["after"]): Retried => ({
  id: "ex-1",
  orderId: "o1",
  before: shown,
  outcome: { kind: after ? "rejected" : "linked", text: "IFS order P1" },
  after,
});

function command(over: Partial<ExceptionsCommandDeps["people"]> = {}) {
  const lines: string[] = [];
  const calls: unknown[] = [];
  const deps: ExceptionsCommandDeps = {
    print: (line) => void lines.push(line),
    list: async (filter) => {
      calls.push(filter);
      return { total: 0, counts: [], causes: [], matching: 0, rows: [], ignored: [] };
    },
    people: {
      retry: async (...given) => {
        calls.push(given);
        return { kind: "done", body: retried(null) };
      },
      retryAll: async (given) => {
        calls.push(given);
        const left = given.since === undefined ? 1 : 0;
        const body = {
          code: given.code ?? "noRoute",
          since: "T",
          tried: 1,
          closed: 1,
          stillOpen: 0,
          left,
          stopped: null,
        };
        return { ...body, results: [retried(null)] };
      },
      ignore: async (...given) => {
        calls.push(given);
        return { kind: "done", body: { id: given[0], orderId: "o1", phase: "ignored" } };
      },
      edit: async (...given) => {
        calls.push(given);
        return { kind: "done", body: { ...retried(null), corrections: { before: "nothing", after: "route" } } };
      },
      unignore: async () => ({ kind: "done", body: retried(shown) }),
      ...over,
    },
  };
  return { lines, calls, run: (line: string) => runExceptionsCommand(line.split(" "), deps) };
}

test("each command does what it says, and the exit status tells whether it helped", async () => {
  const { run, calls, lines } = command();
  expect(await run("list --code noRoute")).toBe(0);
  expect(await run("retry ex-1 --by kim")).toBe(0);
  expect(await run("ignore ex-1 --reason telephone --by kim")).toBe(0);
  expect(await run("unignore ex-1 --by kim")).toBe(1);
  expect(calls).toEqual([{ code: "noRoute", limit: 500, offset: 0 }, ["ex-1", "kim"], ["ex-1", "telephone", "kim"]]);
  expect(lines).toContain("o1: noRoute -> closed (linked: IFS order P1)");
});

test("all of one code are tried in pieces until each had its turn", async () => {
  const { run, calls } = command();
  expect(await run("retry --code noRoute --by kim")).toBe(0);
  expect(calls).toEqual([
    { code: "noRoute", limit: 50, since: undefined },
    { code: "noRoute", limit: 50, since: "T" },
  ]);
  const narrowed = command();
  await narrowed.run("retry --code ifsRefused --containing closed --by kim");
  expect(narrowed.calls[0]).toEqual({ code: "ifsRefused", containing: "closed", limit: 50, since: undefined });
  const caused = command();
  expect(await caused.run("retry --cause unmappedTax/taxRate/DE19 --by kim")).toBe(0);
  expect(caused.calls[0]).toEqual({ cause: "unmappedTax/taxRate/DE19", limit: 50, since: undefined });
  expect(await caused.run("retry --cause unmappedTax/taxRate/DE19 --code unmappedTax --by kim")).toBe(2);
});

test("an outage ends it, a refusal is told", async () => {
  const body = { code: "noRoute", since: "T", tried: 0, closed: 0, stillOpen: 0, left: 3, results: [] };
  const down = command({ retryAll: async () => ({ ...body, stopped: "IFS does not answer" }) });
  expect([await down.run("retry --code noRoute --by kim"), down.lines]).toEqual([
    1,
    ["stopped, 3 left: IFS does not answer"],
  ]);
  const gone = command({ retry: async () => ({ kind: "absent", message: "no such exception is open" }) });
  expect([await gone.run("retry ex-9 --by kim"), gone.lines]).toEqual([1, ["no such exception is open"]]);
});

test.each([
  "retry ex-1",
  "retry --by kim",
  "ignore ex-1 --by kim",
  "ignore ex-1 ex-2 --reason x --by kim",
  "frobnicate ex-1 --by kim",
  "list --nonsense",
])("%s is not understood, and nothing is done", async (line) => {
  const { run, calls, lines } = command();
  expect([await run(line), calls]).toEqual([2, []]);
  expect(lines.join("\n")).toContain("npm run exceptions --");
});

test("corrections are read before anything is asked", async () => {
  const { run, calls, lines } = command();
  expect(await run('edit ex-1 --corrections {"route":"export"} --by kim')).toBe(0);
  expect(await run('edit ex-1 --corrections {"price":1} --by kim')).toBe(2);
  expect(await run("edit ex-1 --corrections route --by kim")).toBe(2);
  expect(await run("edit ex-1 --by kim")).toBe(2);
  expect(calls).toEqual([["ex-1", { route: "export" }, "kim"]]);
  expect(lines.some((line) => line.includes("price"))).toBe(true);
});
