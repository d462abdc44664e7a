/** E-mail address, telephone and mobile number as rows of their own: one of ours for each, and none of anybody else's. */
import { describe, expect, test } from "vitest";
import { UnknownOutcomeError } from "../../domain/failure.ts";
import { type Given, home, ID, look, lostIn, messages, OURS, work, worldOf } from "./testing/shopper.ts";
import type { Hook, World } from "./testing/world.ts";

const rows = ["email", "phone", "mobile"];
const withRows = (changes: object = {}, given: Given = {}): World =>
  worldOf({
    ...given,
    customers: { changes: { flow: "created", communication: { rows }, ...changes } },
    shopper: { addresses: [home, { ...work, mobile: "0170 1" }], ...given.shopper },
  });
const edit = (world: World, fields: object): void => {
  const known = world.customers.get(ID);
  if (known) world.customers.set(ID, { ...known, ...fields, version: known.version + 1 });
};
type Row = { commId: string; methodId: string; value: string; mark: string; validTo: string | null };
/** A row that a clerk, or a create that was given up too early, has brought. */
const put = (world: World, row: Partial<Row>): void => {
  const known = world.communication.get(OURS) ?? [];
  const fresh = { commId: "1", methodId: "EMail", value: "", mark: "", validTo: null, etag: 1, ...row };
  world.communication.set(OURS, [...known, fresh]);
};
const told = (world: World): string[] =>
  (world.communication.get(OURS) ?? []).map(
    ({ methodId, value, mark, validTo }) =>
      `${methodId} ${value} (${mark})${validTo === null ? "" : ` until ${validTo}`}`,
  );
const all = ["EMail kim@example.com (Web shop)", "Phone 0421 1 (Web shop)", "Mobile 0170 1 (Web shop)"];

test("are not asked for, and not written, by default", async () => {
  const world = worldOf();
  const asked: string[] = [];
  await look(world, (name) => void asked.push(name));
  expect([told(world), asked.some((name) => name.includes("ommunication"))]).toEqual([[], false]);
});

describe("rows", () => {
  test("are added once, and a second look writes nothing", async () => {
    const world = withRows();
    expect((await look(world)).kind).toBe("changed");
    expect(told(world)).toEqual(all);
    expect((await look(world)).kind).toBe("unchanged");
    expect(told(world)).toEqual(all);
    const entries = world.journal.filter(({ event }) => event === "customer-changed");
    expect(entries.map(({ detail }) => detail.communication)).toEqual([3]);
    expect(JSON.stringify(entries)).not.toContain("0170");
  });

  test("follow the shopper, each its own; what people entered beside them stays", async () => {
    const world = withRows();
    put(world, { commId: "1", value: "office@werft.example", mark: "Einkauf" });
    put(world, { commId: "2", methodId: "Fax", value: "0421 99" });
    await look(world);
    edit(world, { email: "kim.neu@example.com", addresses: [home, { ...work, phone: "0421 2", mobile: "0170 1" }] });
    await look(world);
    expect(told(world)).toEqual([
      "EMail office@werft.example (Einkauf)",
      "Fax 0421 99 ()",
      "EMail kim.neu@example.com (Web shop)",
      "Phone 0421 2 (Web shop)",
      "Mobile 0170 1 (Web shop)",
    ]);
    // What was overwritten was the connector's own.
    expect(lostIn(world).filter(([field]) => String(field).startsWith("communication"))).toEqual([]);
  });

  test("of others that say the same already are not doubled", async () => {
    const world = withRows();
    put(world, { value: "Kim@Example.com", mark: "Einkauf" });
    put(world, { commId: "2", methodId: "Phone", value: "04211", mark: "" });
    await look(world);
    expect(told(world)).toEqual(["EMail Kim@Example.com (Einkauf)", "Phone 04211 ()", "Mobile 0170 1 (Web shop)"]);
  });

  test("that a clerk changed are the owner's to decide, and the loser is kept", async () => {
    for (const [owner, value] of [
      ["commercetools", "kim@example.com"],
      ["ifs", "clerk@example.com"],
      ["firstWins", "clerk@example.com"],
    ]) {
      const world = withRows({ owners: { email: owner } });
      put(world, { commId: "7", value: "clerk@example.com", mark: "Web shop" });
      await look(world);
      expect(told(world)[0]).toBe(`EMail ${value} (Web shop)`);
      const side = owner === "commercetools" ? "ifs" : "commercetools";
      const loser = owner === "commercetools" ? "clerk@example.com" : "kim@example.com";
      expect(lostIn(world)).toContainEqual(["communication email", side, loser]);
    }
  });

  test("of a field that IFS owns are never added; with firstWins only where there is none", async () => {
    const none = withRows({ owners: { email: "ifs", phone: "firstWins", mobile: "firstWins" } });
    put(none, { methodId: "Mobile", value: "0171 9", mark: "" });
    await look(none);
    expect(told(none)).toEqual(["Mobile 0171 9 ()", "Phone 0421 1 (Web shop)"]);
  });

  test("end where the shop has no value and clears, come back as the same row, and stay otherwise", async () => {
    const without = { addresses: [home, { ...work, phone: undefined, mobile: undefined }] };
    const kept = withRows();
    await look(kept);
    edit(kept, without);
    await look(kept);
    expect(told(kept)).toEqual(all);
    const cleared = withRows({ clear: ["phone", "mobile"] });
    await look(cleared);
    edit(cleared, without);
    await look(cleared);
    expect(told(cleared)).toEqual([
      "EMail kim@example.com (Web shop)",
      "Phone 0421 1 (Web shop) until 2026-11-02",
      "Mobile 0170 1 (Web shop) until 2026-11-02",
    ]);
    expect((await look(cleared)).kind).toBe("unchanged");
    edit(cleared, { addresses: [home, { ...work, phone: "0421 3", mobile: "0170 1" }] });
    await look(cleared);
    expect(told(cleared)).toEqual([
      "EMail kim@example.com (Web shop)",
      "Phone 0421 3 (Web shop)",
      "Mobile 0170 1 (Web shop)",
    ]);
  });

  test("that IFS refuses are shown, and all else is written", async () => {
    const world = withRows();
    world.state.refuse = /communication 0421/;
    expect((await look(world)).kind).toBe("rejected");
    expect([told(world), messages(world).length]).toEqual([[all[0], all[2]], 1]);
    world.state.refuse = undefined;
    await look(world);
    expect([told(world).toSorted(), messages(world)]).toEqual([all.toSorted(), []]);
  });
});

describe("created once", () => {
  test("a clerk who writes the row between reading and writing is read again, not overwritten blindly", async () => {
    const world = withRows({ owners: { email: "firstWins" } });
    put(world, { commId: "7", value: "", mark: "Web shop" });
    let raced = false;
    const hook: Hook = (name, phase) => {
      if (name !== "ifs.writeCommunication" || phase !== "before" || raced) return;
      raced = true;
      const [row] = world.communication.get(OURS) ?? [];
      if (row) Object.assign(row, { value: "clerk@example.com", etag: 99 });
    };
    await look(world, hook);
    expect([raced, told(world)[0]]).toEqual([true, "EMail clerk@example.com (Web shop)"]);
  });

  test("a lost answer: the row is found by its mark", async () => {
    const world = withRows();
    let lost = false;
    const hook: Hook = (name, phase) => {
      if (name !== "ifs.addCommunication" || phase !== "after" || lost) return;
      lost = true;
      throw new UnknownOutcomeError("no answer");
    };
    await expect(look(world, hook)).rejects.toThrow("no answer");
    await look(world);
    expect(told(world)).toEqual(all);
  });

  test("two workers at the same time, or a create that came late: the first row stays, the second ends, and changes go to the first", async () => {
    const world = withRows();
    await look(world);
    put(world, { commId: "900", value: "kim@example.com", mark: "Web shop" });
    await look(world);
    expect(told(world)).toEqual([...all, "EMail kim@example.com (Web shop) until 2026-11-02"]);
    edit(world, { email: "kim.neu@example.com" });
    await look(world);
    expect((await look(world)).kind).toBe("unchanged");
    expect(told(world)).toEqual([
      "EMail kim.neu@example.com (Web shop)",
      ...all.slice(1),
      "EMail kim@example.com (Web shop) until 2026-11-02",
    ]);
  });

  test("whatever step a process dies at, the next look ends with one row each", async () => {
    const steps: string[] = [];
    await look(withRows(), (name, phase) => void steps.push(`${name} ${phase}`));
    expect(steps.length).toBeGreaterThan(20);
    for (const [index] of steps.entries()) {
      const world = withRows();
      let at = 0;
      const dead = new Error("died");
      await look(world, () => {
        at += 1;
        if (at > index) throw dead;
      }).catch((error: unknown) => expect(String(error)).toContain("died"));
      await look(world);
      expect([index, told(world)]).toEqual([index, all]);
    }
  });
});
