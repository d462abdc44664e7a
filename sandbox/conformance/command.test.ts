import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { connectorClient } from "../ifs/connector-client.ts";
import { type IfsServer, startIfs } from "../ifs/server.ts";
import { seededRandom, systemClock } from "../kernel/types.ts";
import { ifsProfile } from "../profiles.ts";
import { runConformance } from "./command.ts";
import { allChecks } from "./run.ts";

const readOnly = allChecks.filter(({ kind }) => kind === "read-only");

describe("npm run conformance", () => {
  let server: IfsServer;
  let access: string[];
  beforeAll(async () => {
    server = await startIfs({ port: 0, clock: systemClock, random: seededRandom(7), profile: ifsProfile("renamed") });
    const tokenUrl = `${server.url}/auth/realms/sandbox/protocol/openid-connect/token`;
    access = ["--url", server.url, "--token-url", tokenUrl, "--client-id", connectorClient.clientId];
  });
  afterAll(() => server.close());

  async function run(args: string[], secret: string | undefined = connectorClient.clientSecret) {
    const printed: string[] = [];
    const files: Record<string, string> = { "tenant.json": JSON.stringify(ifsProfile("renamed").settings) };
    const status = await runConformance(args, {
      env: { IFS_CLIENT_SECRET: secret },
      fetch,
      now: () => Date.now(),
      print: (line) => printed.push(line),
      readFile: async (path) => files[path] ?? "{}",
    });
    return { status, text: printed.join("\n") };
  }

  const orders = () => server.model.world().table("CustomerOrder").size();

  test("reads a tenant that is described by a file, writes nothing, and tells what it could not see", async () => {
    const before = orders();
    const zone = ["--site", "101", "--time-zone", "Europe/Berlin"];
    const { status, text } = await run([...access, ...zone, "--tenant", "tenant.json", "--json"]);
    const { summary, results, ordersLeft } = JSON.parse(text) as {
      summary: Record<string, number>;
      results: Record<string, string>[];
      ordersLeft: string[];
    };
    const unseen = results.filter(({ verdict }) => verdict === "not applicable");
    expect(results.filter(({ verdict }) => verdict === "fail")).toEqual([]);
    expect([status, ordersLeft, orders()]).toEqual([0, [], before]);
    expect(results.map(({ id }) => id)).toEqual(readOnly.map(({ id }) => id));
    expect(summary).toEqual({ pass: readOnly.length - unseen.length, fail: 0, notApplicable: unseen.length });
    const reasons = Object.fromEntries(unseen.map(({ id, seen }) => [id, seen]));
    expect(reasons["fault.throttled"]).toBe("only the sandbox can be made to do this");
    expect(reasons["batch.size"]).toBe("the tenant's description names no limit, and none is provoked");
    expect(results.find(({ id }) => id === "filter.in")).toEqual({
      id: "filter.in",
      title: "The operator in",
      confidence: "unverified",
      kind: "read-only",
      verdict: "pass",
      seen: "inOperator is refuse",
    });
  });

  test("writes in the named company only, cancels what it made, and uses the sandbox's controls when told to", async () => {
    const open = () =>
      [...server.model.world().table("CustomerOrder").all()].filter(
        ({ values }) => !["Cancelled", "Delivered", "Invoiced"].includes(String(values.Objstate)),
      ).length;
    const before = { open: open(), all: orders() };
    const profile = ["--profile", "renamed", "--sandbox", "--discount-charge", "DISCOUNT"];
    const { status, text } = await run([...access, ...profile, "--write", "--company", "20"]);
    const last = text.split("\n").at(-1);
    expect(text.split("\n").filter((line) => line.startsWith("fail"))).toEqual([]);
    expect([status, last]).toEqual([0, `${allChecks.length} pass, 0 fail, 0 not applicable`]);
    const made = [...server.model.world().table("CustomerOrder").all()].slice(before.all);
    expect(made.length).toBeGreaterThan(20);
    expect([...new Set(made.map(({ values }) => values.Company))]).toEqual(["20"]);
    expect(open()).toBe(before.open);
  });

  test("what differs is told, and the exit status says so", async () => {
    const { status, text } = await run([...access, "--profile", "standard", "--only", "metadata.actions"]);
    expect([status, text.split("\n").at(-1)]).toEqual([1, "0 pass, 1 fail, 0 not applicable"]);
    expect(text).toMatch(
      /^fail +metadata\.actions: .+\n +CustomerOrder_Release is a bound action does not hold: seen \[\]/,
    );
  });

  test.each([
    { args: [], says: "--url is missing." },
    { args: ["--url", "nonsense"], says: "Invalid URL" },
    { args: ["--colour"], says: "Unknown option '--colour'" },
  ])("$args is not understood", async ({ args, says }) => {
    const { status, text } = await run(args);
    expect([status, text]).toEqual([2, expect.stringContaining(says)]);
  });

  test("secret, company, zone and profile are asked for by name", async () => {
    const zone = ["--time-zone", "Mars/Base", "--site", "101"];
    const answers = [
      await run(access, ""),
      await run([...access, "--write"]),
      await run([...access, ...zone]),
      await run([...access, "--profile", "nope"]),
    ];
    expect(answers.map(({ status, text }) => [status, text.split("\n")[0]])).toEqual([
      [2, "the client's secret is missing: set IFS_CLIENT_SECRET."],
      [2, "--write makes orders: name the company they may be made in with --company."],
      [2, '"Mars/Base" is no time zone.'],
      [2, expect.stringContaining('there is no IFS profile "nope"')],
    ]);
  });

  test("without a token nothing is looked at", async () => {
    const { status, text } = await run(access, "wrong");
    expect([status, text]).toEqual([3, expect.stringMatching(/gave ctconnector no token: status 40\d\./)]);
    expect(text).not.toContain("wrong");
  });

  test("the list names every check with its kind and confidence", async () => {
    const { status, text } = await run(["--list"]);
    expect([status, text.split("\n").length]).toEqual([0, allChecks.length]);
    expect(text).toContain("fault.reset  [writing, unverified, sandbox]  A connection is reset");
  });
});
