import { describe, expect, test } from "vitest";
import { type CapabilitiesDocument, type CapabilityFact, capabilitiesOf, nothingProbed } from "./capabilities.ts";

const fact = (answer: CapabilityFact["answer"]): CapabilityFact => ({ answer, evidence: "seen" });
const document = (facts: CapabilitiesDocument["facts"]): CapabilitiesDocument => ({
  schemaVersion: 1,
  ifsBaseUrl: "https://tenant.example/ifs/",
  probedAt: "2026-03-01T08:00:00.000Z",
  company: "10",
  site: "101",
  discountChargeType: "DISCOUNT",
  facts,
});

test("answers count for the tenant that was probed, however its address is written", () => {
  const found = capabilitiesOf(document({ changeSets: fact("no") }), "https://tenant.example/ifs");
  expect(found.answers.changeSets).toBe("no");
  expect(found.answers.orderNoChosen).toBe("unknown");
  expect(found.stamp).toBe("2026-03-01T08:00:00.000Z");
});

test.each(["https://other.example/ifs", "https://tenant.example"])(
  "a probe of another tenant (%s) says nothing",
  (url) => {
    expect(capabilitiesOf(document({ changeSets: fact("no") }), url)).toEqual(nothingProbed);
  },
);

test("without a probe nothing is known", () => {
  expect(capabilitiesOf(undefined, "https://tenant.example")).toEqual(nothingProbed);
});

describe("amounts of a charge type are turned only where both ways were proven", () => {
  const turned = (facts: CapabilitiesDocument["facts"]) =>
    capabilitiesOf(document(facts), "https://tenant.example/ifs").turnedChargeType;

  test.each<[CapabilitiesDocument["facts"], string | undefined]>([
    [{ negativeCharge: fact("yes"), negativeChargeKept: fact("no"), positiveChargeTurned: fact("yes") }, "DISCOUNT"],
    [
      { negativeCharge: fact("no"), negativeChargeKept: fact("unknown"), positiveChargeTurned: fact("yes") },
      "DISCOUNT",
    ],
    [{ negativeCharge: fact("yes"), negativeChargeKept: fact("yes"), positiveChargeTurned: fact("yes") }, undefined],
    [{ negativeCharge: fact("yes"), negativeChargeKept: fact("no"), positiveChargeTurned: fact("no") }, undefined],
    [{ negativeCharge: fact("yes"), negativeChargeKept: fact("no") }, undefined],
    [{}, undefined],
  ])("%j", (facts, expected) => expect(turned(facts)).toBe(expected));
});
