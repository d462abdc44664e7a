import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Claim, claimPhases, decodeClaim, encodeClaim, freeAt, mayBeInIfs, readLinkState } from "./claims.ts";

const channels = { link: "L", claim: "C" };
const claim = (fields: Partial<Claim> = {}): Claim => ({
  phase: "posting",
  owner: "w-1",
  attempt: 2,
  expiresAt: 1_795_000_000_000,
  notBefore: 0,
  configVersion: 7,
  fingerprint: "0123abcd",
  code: "",
  site: "101",
  orderNo: "",
  posted: "",
  inIfs: "",
  ...fields,
});
const entry = (id: string, externalId: string | undefined, syncedAt: string) => ({
  channel: { id },
  externalId,
  syncedAt,
});

const count = fc.integer({ min: 0, max: 9_999_999_999_999 });
const claims: fc.Arbitrary<Claim> = fc.record({
  phase: fc.constantFrom(...claimPhases),
  owner: fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/),
  attempt: count,
  expiresAt: count,
  notBefore: count,
  configVersion: count,
  fingerprint: fc.stringMatching(/^[0-9a-f]{0,64}$/),
  code: fc.stringMatching(/^[A-Za-z]{0,40}$/),
  site: fc.string({ unit: "grapheme", maxLength: 20 }),
  orderNo: fc.string({ maxLength: 12 }),
  posted: fc.stringMatching(/^[0-9a-f]{0,64}$/),
  inIfs: fc.stringMatching(/^[0-9a-f]{0,64}$/),
});

describe("the claim's text", () => {
  test("is compact and readable", () => {
    expect(encodeClaim(claim({ site: "1;0 1", posted: "89ef" }))).toBe(
      "2;posting;w-1;2;1795000000000;0;7;0123abcd;;1%3B0%201;;89ef",
    );
  });

  test("names what IFS showed where that is known", () => {
    expect(encodeClaim(claim({ posted: "89ef", inIfs: "aa01" }))).toBe(
      "3;posting;w-1;2;1795000000000;0;7;0123abcd;;101;;89ef;aa01",
    );
  });

  test("of the first version is read: it did not say what was sent", () => {
    expect(decodeClaim("1;posting;w-1;2;1795000000000;0;7;0123abcd;;101;")).toEqual(claim());
  });

  test("is read back as it was, whatever the fields hold", () => {
    fc.assert(
      fc.property(claims, (value) => {
        expect(decodeClaim(encodeClaim(value))).toEqual(value);
      }),
    );
  });

  test("is the only text that is read: one changed character is another claim or none", () => {
    const at = fc.nat(200);
    fc.assert(
      fc.property(claims, at, fc.string({ minLength: 1, maxLength: 1 }), (value, position, character) => {
        const text = encodeClaim(value);
        const index = position % text.length;
        const other = text.slice(0, index) + character + text.slice(index + 1);
        const read = decodeClaim(other);
        expect(read === undefined || encodeClaim(read) === other).toBe(true);
      }),
    );
    for (const text of [
      "",
      "1",
      "2;posting;w;0;0;0;0;;;;",
      "2;posting;w;0;0;0;0;;;;;xyz",
      "2;posting;w;0;0;0;0;;;;;;",
      "3;posting;w;0;0;0;0;;;;;",
      "1;posting;w;0;0;0;0;;;;;",
      "1;paused;w;0;0;0;0;;;;",
      "1;posting;w;-1;0;0;0;;;;",
      "1;posting;w;0;0;0;0;;;%zz;",
      "1;posting;;0;0;0;0;;;;",
    ]) {
      expect([text, decodeClaim(text)]).toEqual([text, undefined]);
    }
  });

  test("that could not be read again is not written", () => {
    expect(() => encodeClaim(claim({ owner: "a;b" }))).toThrow(RangeError);
    expect(() => encodeClaim(claim({ expiresAt: -1 }))).toThrow(RangeError);
    expect(() => encodeClaim(claim({ attempt: 1.5 }))).toThrow(RangeError);
  });
});

describe("what an order says", () => {
  test("nothing", () => {
    expect(readLinkState({ syncInfo: [entry("other", "X", "2026-01-01T00:00:00Z")] }, channels)).toEqual({
      orderNo: undefined,
      linkedAt: undefined,
      claim: { kind: "none" },
      newestAt: 0,
    });
  });

  test("the newest entry of a channel counts, wherever it stands; of equal ones the last", () => {
    const old = encodeClaim(claim({ owner: "old" }));
    const mine = encodeClaim(claim({ owner: "mine" }));
    const owner = (...syncInfo: ReturnType<typeof entry>[]) => {
      const state = readLinkState({ syncInfo }, channels);
      return state.claim.kind === "claim" ? state.claim.claim.owner : state.claim.kind;
    };
    const [early, late] = ["2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.001Z"];
    expect(owner(entry("C", mine, late), entry("C", old, early))).toBe("mine");
    expect(owner(entry("C", old, early), entry("C", mine, late))).toBe("mine");
    expect(owner(entry("C", old, late), entry("C", mine, late))).toBe("mine");
  });

  test("a link, and when; the newest stamp of both channels", () => {
    const syncInfo = [
      entry("C", encodeClaim(claim()), "2026-01-01T00:00:02.000Z"),
      entry("L", "P1000", "2026-01-01T00:00:01.000Z"),
    ];
    expect(readLinkState({ syncInfo }, channels)).toEqual({
      orderNo: "P1000",
      linkedAt: "2026-01-01T00:00:01.000Z",
      claim: { kind: "claim", claim: claim() },
      newestAt: Date.parse("2026-01-01T00:00:02.000Z"),
    });
  });

  test("an entry that nobody of us wrote is not the same as none", () => {
    for (const text of [undefined, "free text"]) {
      const { claim: read } = readLinkState({ syncInfo: [entry("C", text, "2026-01-01T00:00:00Z")] }, channels);
      expect(read).toEqual({ kind: "unreadable", text: text ?? "" });
    }
  });
});

describe("what a claim means for others", () => {
  test("when they may go on", () => {
    const at = (phase: Claim["phase"]) => freeAt(claim({ phase, expiresAt: 100, notBefore: 500 }), 1000);
    expect(Object.fromEntries(claimPhases.map((phase) => [phase, at(phase)]))).toEqual({
      claimed: 100,
      posting: 1100,
      unknown: 500,
      created: 100,
      linked: 500,
      held: 500,
      rejected: 500,
      cancelled: 500,
      ignored: 500,
    });
  });

  test("whether something of the order may be in IFS", () => {
    const states = claimPhases.map((phase) => [phase, mayBeInIfs(claim({ phase }))]);
    expect(Object.fromEntries(states)).toEqual({
      claimed: false,
      posting: true,
      unknown: true,
      created: true,
      linked: true,
      held: true,
      rejected: false,
      cancelled: false,
      ignored: true,
    });
    expect([
      mayBeInIfs(claim({ phase: "rejected", code: "ifsRefused" })),
      mayBeInIfs(claim({ phase: "rejected", code: "attemptsExhausted" })),
      mayBeInIfs(claim({ phase: "rejected", code: "unmappedSku" })),
      mayBeInIfs(claim({ phase: "claimed", orderNo: "P1" })),
    ]).toEqual([true, true, false, true]);
  });
});
