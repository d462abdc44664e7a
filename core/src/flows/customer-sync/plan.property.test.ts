/** The rules of ownership, for any values on both sides. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type CustomersConfig, customersSchema, type FieldOwner } from "../../domain/customer-config.ts";
import {
  addressTexts,
  cardFields,
  type IfsAddressRow,
  type IfsCustomerAddress,
  type IfsCustomerCard,
} from "../../domain/ifs-customers.ts";
import { bookAddressId, chosenAddressId, isBookAddress, isChosen } from "../customer-number.ts";
import type { Wanted, WantedAddress } from "./map.ts";
import { type CardPlan, decideField, planAddress, planAddresses, planCard } from "./plan.ts";

const owned = ["name", "country", "email", "phone", "vatNo", "defaultLanguage"] as const;
const owner = fc.constantFrom<FieldOwner>("commercetools", "ifs", "firstWins");
/** Few values, so that both sides often agree. */
const value = fc.constantFrom("a", "b", "DE 1", "DE1", "de1");
const inIfs = fc.option(fc.option(value, { nil: null }), { nil: undefined });

const customers = fc
  .record({
    owners: fc.record({ ...Object.fromEntries(owned.map((field) => [field, owner])), fields: owner, addresses: owner }),
    clear: fc.subarray(["email", "phone", "vatNo"]),
    removedAddresses: fc.constantFrom("keep", "report", "endDate"),
  })
  .map((changes): CustomersConfig => customersSchema.parse({ changes: { flow: "linked", ...changes } }));

const card: fc.Arbitrary<IfsCustomerCard> = fc.record({
  customerId: fc.constant("C1"),
  etag: fc.constant("1"),
  name: inIfs,
  country: inIfs,
  email: inIfs,
  phone: inIfs,
  vatNo: inIfs,
  defaultLanguage: inIfs,
  reference: inIfs,
  extra: fc.record({ Cf_A: fc.option(value, { nil: null }) }),
});

const wanted = fc
  .record({
    fields: fc.record(Object.fromEntries(cardFields.map((field) => [field, value])), { requiredKeys: [] }),
    extra: fc.record({ Cf_A: value }, { requiredKeys: [] }),
  })
  .map(
    ({ fields, extra }): Wanted => ({
      fields,
      extra: extra.Cf_A === undefined ? {} : { Cf_A: extra.Cf_A },
      communication: {},
      taxLiability: undefined,
      addresses: [],
      bookIds: new Set(),
      refused: [],
    }),
  );

const applied = (before: IfsCustomerCard, { change }: CardPlan): IfsCustomerCard => ({
  ...before,
  ...Object.fromEntries(Object.entries(change.fields).map(([field, to]) => [field, to === "" ? null : to])),
  extra: {
    ...before.extra,
    ...Object.fromEntries(Object.entries(change.extra).map(([name, to]) => [name, String(to)])),
  },
});

/** One field: what both sides have, and the rule. */
const one = fc.record({
  wanted: fc.option(value, { nil: undefined }),
  current: fc.option(fc.option(value, { nil: null }), { nil: undefined }),
  owner,
  clear: fc.boolean(),
});
const decided = (check: (given: Given, decision: ReturnType<typeof decideField>) => void) =>
  fc.assert(
    fc.property(one, (given) => check(given, decideField(given, given))),
    { numRuns: 2000 },
  );
type Given = {
  readonly wanted: string | undefined;
  readonly current: string | null | undefined;
  readonly owner: FieldOwner;
  readonly clear: boolean;
};

describe("a field", () => {
  test("of IFS's is never written, one of firstWins only where IFS has none, one that the tenant lacks never", () => {
    decided(({ current, owner: whose }, { kind }) => {
      if (kind !== "write") return;
      expect([whose === "ifs", current === undefined]).toEqual([false, false]);
      if (whose === "firstWins") expect(current).toBeNull();
    });
  });

  test("of commercetools has its value afterwards, and of no value only what is asked for is emptied", () => {
    decided(({ wanted: want, current, owner: whose, clear }, decision) => {
      if (whose !== "commercetools" || current === undefined) return;
      const after = decision.kind === "write" ? decision.to || null : current;
      expect(after).toBe(want ?? (clear ? null : current));
    });
  });

  test("that differs and is not written is told, with the value that lost; what is equal is not", () => {
    decided(({ wanted: want, current, owner: whose }, decision) => {
      const differs = want !== undefined && current !== undefined && want !== current;
      const stays = whose === "ifs" || (whose === "firstWins" && current !== null);
      expect(decision.kind === "lost" ? decision.value : undefined).toBe(differs && stays ? want : undefined);
    });
  });
});

describe("the card", () => {
  test("once written, nothing is left to write", () => {
    fc.assert(
      fc.property(card, wanted, customers, (before, to, { changes }) => {
        const after = applied(before, planCard(before, to, changes));
        expect(planCard(after, to, changes).written).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });

  test("each field follows its own owner; a VAT number that is only spaced otherwise is the same; reference is always ours", () => {
    const { changes } = customersSchema.parse({
      changes: { owners: { name: "ifs", email: "firstWins", fields: "ifs" } },
    });
    const now: IfsCustomerCard = {
      customerId: "C1",
      etag: "1",
      name: "Werft",
      country: null,
      email: null,
      phone: undefined,
      vatNo: "DE 811234501",
      defaultLanguage: "de",
      reference: null,
      extra: { Cf_Segment: "A" },
    };
    const fields = {
      name: "Kim",
      email: "kim@example.com",
      phone: "1",
      vatNo: "de811234501",
      defaultLanguage: "sv",
      reference: "p1",
    };
    const to: Wanted = {
      fields,
      extra: { Cf_Segment: "B" },
      communication: {},
      taxLiability: undefined,
      addresses: [],
      bookIds: new Set(),
      refused: [],
    };
    const plan = planCard(now, to, changes);
    expect(plan.change).toEqual({
      fields: { email: "kim@example.com", defaultLanguage: "sv", reference: "p1" },
      extra: {},
    });
    expect(plan.lost).toEqual([
      { field: "name", side: "commercetools", value: "Kim" },
      { field: "Cf_Segment", side: "commercetools", value: "B" },
    ]);
  });
});

const numbers = { numberPrefix: "CT", numberLength: 20 };
const party = { kind: "customer", id: "p1" } as const;
const place = fc.record({ city: fc.constantFrom("Kiel", "Bremen"), address2: fc.constantFrom(undefined, "Tor 4") });
const book = fc.uniqueArray(
  fc.record({ key: fc.constantFrom("a", "b", "c", "d"), given: fc.boolean(), isDefault: fc.boolean(), place }),
  { selector: ({ key }) => key, maxLength: 4 },
);
const content = ({ city, address2 }: { city: string; address2: string | undefined }) => ({
  name: "Kim",
  address1: "Kai 1",
  country: "DE",
  city,
  ...(address2 && { address2 }),
});
type Place = { readonly city: string; readonly address2: string | undefined };
type Entry = { readonly key: string; readonly given: boolean; readonly isDefault: boolean; readonly place: Place };

const toWanted = ({ key, given, isDefault, place: where }: Entry): WantedAddress => {
  const addressId = given ? `IFS-${key}` : bookAddressId(party, { id: key }, numbers);
  return {
    row: { addressId, ...content(where) },
    given,
    contentId: chosenAddressId(content(where), numbers),
    defaults: isDefault ? ["Delivery"] : [],
  };
};
const rowOf = (address: IfsCustomerAddress, validTo: string | null = null): IfsAddressRow => {
  const { addressId, ...texts } = address;
  return {
    addressId,
    etag: "1",
    texts: Object.fromEntries(addressTexts.map((text) => [text, texts[text] ?? ""])),
    validTo,
  };
};

/** What IFS has: rows of an earlier book, of orders, and of its own. */
const rows = fc
  .record({
    earlier: book,
    orders: fc.uniqueArray(place, { selector: (one) => JSON.stringify(one) }),
    ended: fc.boolean(),
  })
  .map(({ earlier, orders, ended }) => [
    ...earlier.map((entry) => rowOf(toWanted(entry).row, ended ? "2026-01-01" : null)),
    ...orders.map((where) => rowOf({ addressId: chosenAddressId(content(where), numbers), ...content(where) })),
    rowOf({ addressId: "01", ...content({ city: "Hamburg", address2: undefined }) }),
  ]);

const applyAddresses = (before: readonly IfsAddressRow[], plan: ReturnType<typeof planAddresses>): IfsAddressRow[] => {
  const changed = new Map(plan.change.map(({ row, change }) => [row.addressId, change]));
  const after = before.map((row) => {
    const { validTo = row.validTo, ...texts } = changed.get(row.addressId) ?? {};
    return { ...row, validTo, texts: { ...row.texts, ...texts } };
  });
  return [...after, ...plan.add.map(({ row }) => rowOf(row))];
};

const bookOf = (entries: readonly Entry[]) => {
  const addresses = entries.map(toWanted);
  return { addresses, bookIds: new Set(addresses.map(({ row }) => row.addressId)) };
};

describe("the addresses", () => {
  test("once written, nothing is left to write, and nothing that was there is gone", () => {
    fc.assert(
      fc.property(rows, book, customers, (before, entries, config) => {
        const to = bookOf(entries);
        const after = applyAddresses(before, planAddresses(before, to, config));
        const again = planAddresses(after, to, config);
        expect([again.add, again.change]).toEqual([[], []]);
        expect(before.every(({ addressId }) => after.some((row) => row.addressId === addressId))).toBe(true);
        expect(new Set(after.map(({ addressId }) => addressId)).size).toBe(after.length);
      }),
      { numRuns: 1000 },
    );
  });

  test("only rows that the book names are changed: those of orders and of IFS's own stay", () => {
    fc.assert(
      fc.property(rows, book, customers, (before, entries, config) => {
        const to = bookOf(entries);
        const plan = planAddresses(before, to, config);
        const { addresses: whose } = config.changes.owners;
        for (const { row } of plan.change) {
          expect(whose).toBe("commercetools");
          expect(to.bookIds.has(row.addressId)).toBe(true);
        }
        for (const { row } of plan.add) expect(isBookAddress(row.addressId, numbers)).toBe(true);
        for (const { addressId } of plan.removed) {
          expect(isBookAddress(addressId, numbers) && !to.bookIds.has(addressId)).toBe(true);
        }
        if (whose === "ifs") expect([plan.add, plan.change, plan.removed]).toEqual([[], [], []]);
      }),
      { numRuns: 1000 },
    );
  });

  test("of commercetools, every address of the book is in IFS as it says, under its own row or one of an order", () => {
    fc.assert(
      fc.property(rows, book, customers, (before, entries, config) => {
        if (config.changes.owners.addresses !== "commercetools") return;
        const to = bookOf(entries);
        const plan = planAddresses(before, to, config);
        const after = new Map(applyAddresses(before, plan).map((row) => [row.addressId, row]));
        for (const { row, given, contentId } of to.addresses) {
          const found = after.get(row.addressId) ?? after.get(contentId);
          if (found) expect(planAddress(found, row, false)).toEqual({});
          else expect([given, plan.unknown.includes(row.addressId)]).toEqual([true, true]);
        }
      }),
      { numRuns: 1000 },
    );
  });
});

test("numbers of addresses: of one key always the same, of two never, and told apart from all others", () => {
  fc.assert(
    fc.property(fc.uuid(), fc.string({ minLength: 1 }), fc.string({ minLength: 1 }), (id, a, b) => {
      const of = (key: string) => bookAddressId({ kind: "customer", id }, { id: "x", key }, numbers);
      expect(of(a) === of(b)).toBe(a === b);
      expect(isBookAddress(of(a), numbers)).toBe(true);
      expect([isChosen(of(a), numbers), isBookAddress(chosenAddressId({ a }, numbers), numbers)]).toEqual([
        false,
        false,
      ]);
    }),
  );
  expect(
    ["01", "CT-", "CT-0123456789AB", "CT-0123456789ABC", "CX-0123456789AB"].map((one) => isBookAddress(one, numbers)),
  ).toEqual([false, false, true, false, false]);
});
