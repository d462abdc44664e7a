/**
 * What only a write can show about a tenant. The doctor's write probe finds it out and stores one document; the IFS adapter
 * reads it. A point that nobody probed is unknown, and what is unknown is done the careful way.
 */
import { z } from "zod";

export const capabilityNames = [
  /** An order with a line and a charge is accepted in one change set whose children say `$1`. */
  "changeSets",
  /** A change set with a wrong part leaves nothing behind. */
  "changeSetsAtomic",
  /** Lines and charges of a change set may leave out the number of their order. */
  "childKeysOptional",
  /** An order number of ours is accepted, and is the number of the order. */
  "orderNoChosen",
  /** A charge with a negative amount is accepted. */
  "negativeCharge",
  /** Its amount keeps its sign; `no`: a discount sent like this would add to the total. */
  "negativeChargeKept",
  /** IFS turns a positive amount of the discount's charge type into a negative one. */
  "positiveChargeTurned",
  /** A line keeps the tax code that it was sent with. */
  "taxCodeKept",
  /** A line keeps a price including tax that its tax does not explain; `no`: IFS computes or refuses it. */
  "priceInclTaxKept",
  /** The bound release action works. */
  "release",
  /** It may stand in the change set that creates the order. */
  "releaseInChangeSet",
  /** An action without If-Match is refused, with an answer that the connector takes for a conflict. */
  "missingEtagRefused",
  /** The same for an ETag that is out of date. */
  "staleEtagRefused",
  /** The bound cancel action works. */
  "cancel",
  /** It takes the reason under the bound parameter; `no`: the reason stands on the order before. */
  "cancelReasonParameter",
] as const;
export type CapabilityName = (typeof capabilityNames)[number];

const answers = ["yes", "no", "unknown"] as const;
export type Answer = (typeof answers)[number];

const factSchema = z.object({
  answer: z.enum(answers),
  /** What was sent and what IFS answered, for people. */
  evidence: z.string(),
});
export type CapabilityFact = z.infer<typeof factSchema>;

export const capabilitiesDocumentSchema = z.object({
  schemaVersion: z.literal(1),
  /** Of which tenant this was learned. A document about another one does not count. */
  ifsBaseUrl: z.url(),
  /** ISO 8601. */
  probedAt: z.iso.datetime(),
  company: z.string(),
  site: z.string(),
  /** The charge type whose negative amount was tried; the sign is a matter of the type. */
  // commercetools drops null fields of what it stores.
  discountChargeType: z.string().nullable().default(null),
  facts: z.partialRecord(z.enum(capabilityNames), factSchema),
});
export type CapabilitiesDocument = z.infer<typeof capabilitiesDocumentSchema>;

/** What the adapter may rely on. */
export type Capabilities = {
  readonly answers: Readonly<Record<CapabilityName, Answer>>;
  /** Charge type whose amounts IFS turns, proven both ways: discounts of that type are sent as positive amounts. */
  readonly turnedChargeType: string | undefined;
  /** Differs whenever the rest may: the moment of the probe, empty when none counts. */
  readonly stamp: string;
};

const allUnknown = Object.fromEntries(capabilityNames.map((name) => [name, "unknown"])) as Record<
  CapabilityName,
  Answer
>;

export const nothingProbed: Capabilities = { answers: allUnknown, turnedChargeType: undefined, stamp: "" };

const tenantOf = (baseUrl: string): string => {
  const { origin, pathname } = new URL(baseUrl);
  return `${origin}${pathname.replace(/\/+$/, "")}`;
};

export const isSameTenant = (one: string, other: string): boolean => tenantOf(one) === tenantOf(other);

/** What a stored document says about the tenant at this address; nothing where it is about another one. */
export function capabilitiesOf(document: CapabilitiesDocument | undefined, ifsBaseUrl: string): Capabilities {
  if (!document || !isSameTenant(document.ifsBaseUrl, ifsBaseUrl)) return nothingProbed;
  const known = Object.entries(document.facts).map(([name, fact]) => [name, fact?.answer ?? "unknown"]);
  const found = { ...allUnknown, ...Object.fromEntries(known) } as Record<CapabilityName, Answer>;
  const turned = found.negativeChargeKept !== "yes" && found.positiveChargeTurned === "yes";
  return {
    answers: found,
    turnedChargeType: turned ? (document.discountChargeType ?? undefined) : undefined,
    stamp: document.probedAt,
  };
}
