/** E-mail address, telephone and mobile number of shoppers as rows of their IFS customer, on every kind of tenant. */
import { describe, expect, test } from "vitest";
import { maybeText, text } from "../sandbox/ifs/rows.ts";
import { change, ifsOf, lostIn, partyById, shopper, shopWorld, swept } from "./customer-stories.ts";
import type { Interruption, Moment } from "./life.ts";
import { consultDoctor, home, openExceptions } from "./people.ts";
import { tenants } from "./tenants.ts";
import type { World } from "./world.ts";

const given = {
  customers: { changes: { flow: "created", communication: { rows: ["email", "phone", "mobile"] } } },
};
const reachable = { ...home, phone: "+49 40 1", mobile: "+49 170 1" };
const table = (world: World) => ifsOf(world).table("CustomerCommMethod");
const rowsOf = (world: World, customerNo: string): string[] =>
  [...(table(world).find("CustomerId", customerNo) ?? [])].map((row) => {
    const end = maybeText(row, "ValidTo");
    return `${text(row, "MethodId")} ${text(row, "Value")} (${text(row, "Description")})${end === null ? "" : " ended"}`;
  });
const first = ["EMail kim@example.com (Web shop)", "Phone +49 40 1 (Web shop)", "Mobile +49 170 1 (Web shop)"];

describe.each(tenants.map(({ name }) => name))("on tenant %s", (tenant) => {
  test("each has a row of its own that follows the shopper; rows of others are left alone", async () => {
    await shopWorld(
      async (world) => {
        // The sweep has looked before: what changes from then on is its own.
        await swept(world);
        const { id, customerNo } = await shopper(world, { addresses: [reachable] });
        await swept(world);
        expect(rowsOf(world, customerNo)).toEqual(first);
        table(world).insert({
          CustomerId: customerNo,
          CommId: "900",
          MethodId: "EMail",
          Value: "buying@werft.example",
        });
        table(world).insert({ CustomerId: "10001", CommId: "901", MethodId: "EMail", Value: "kim@example.com" });
        const [address] = (await partyById(world, id)).addresses;
        await change(world, id, [
          { action: "changeEmail", email: "kim.neu@example.com" },
          { action: "changeAddress", addressId: address?.id, address: { ...reachable, mobile: "+49 170 2" } },
        ]);
        await swept(world);
        const after = [
          "EMail kim.neu@example.com (Web shop)",
          "Phone +49 40 1 (Web shop)",
          "Mobile +49 170 2 (Web shop)",
          "EMail buying@werft.example ()",
        ];
        expect([rowsOf(world, customerNo), rowsOf(world, "10001")]).toEqual([after, ["EMail kim@example.com ()"]]);
        await swept(world);
        expect([rowsOf(world, customerNo), await openExceptions(world)]).toEqual([after, []]);
        const { findings, seen } = await consultDoctor(world);
        const ofRows = /ommunication|CommMethod/;
        expect(findings.filter(({ subject, message }) => ofRows.test(subject + message))).toEqual([]);
        expect(seen.filter((line) => ofRows.test(line))).not.toEqual([]);
      },
      { ...given, tenant },
    );
  });
});

test("a value that IFS owns stays, and what the shop says is kept in the journal", async () => {
  const changes = { ...given.customers.changes, owners: { email: "firstWins" } };
  await shopWorld(
    async (world) => {
      await swept(world);
      const { id, customerNo } = await shopper(world, { addresses: [reachable] });
      await swept(world);
      await change(world, id, [{ action: "changeEmail", email: "kim.neu@example.com" }]);
      await swept(world);
      expect(rowsOf(world, customerNo)).toEqual(first);
      expect(await lostIn(world, id)).toContainEqual({
        field: "communication email",
        side: "commercetools",
        value: "kim.neu@example.com",
      });
    },
    { customers: { changes } },
  );
});

const posts =
  (kind: Moment["kind"]) =>
  ({ kind: is, what }: Moment): boolean =>
    is === kind && /POST .*CommunicationMethods/.test(what);
const SLEEP = { pauseMs: 60_000 };

test.each<[string, Moment["kind"], Interruption]>([
  ["dies before the row", "send", "die"],
  ["dies with the answer to the row", "answer", "die"],
  ["sleeps before the row", "send", SLEEP],
])("a process that %s: one live row each", async (_, kind, interruption) => {
  const fits = posts(kind);
  await shopWorld(async (world) => {
    await swept(world);
    for (const process of world.processes("job-app")) process.life.kill();
    for (const process of world.processes("event-app")) process.life.kill();
    const struck: string[] = [];
    const interrupt = (moment: Moment): Interruption => {
      if (struck.length > 0 || !fits(moment)) return "go";
      struck.push(moment.what);
      return interruption;
    };
    world.start("event-app", { interrupt });
    world.start("job-app", { interrupt });
    const { customerNo } = await shopper(world, { addresses: [reachable] });
    // Only whoever is struck is there until then.
    await swept(world, 120_000);
    world.start("event-app");
    world.start("job-app");
    await swept(world, 180_000);
    expect(struck.length).toBe(1);
    const live = rowsOf(world, customerNo).filter((row) => !row.endsWith("ended"));
    expect([live.toSorted(), await openExceptions(world)]).toEqual([first.toSorted(), []]);
  }, given);
});
