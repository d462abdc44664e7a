/** Both platforms' customers in memory: IFS checks ETags and keys, commercetools versions; neither knows anything of the connector. */
import { type ConnectorConfig, connectorConfigSchema } from "../../../domain/config.ts";
import { ConflictError, RefusedError } from "../../../domain/failure.ts";
import {
  cardFields,
  type IfsAddressRow,
  type IfsCardField,
  type IfsCommRow,
  type IfsCustomer,
  type IfsCustomerCard,
} from "../../../domain/ifs-customers.ts";
import type { ExceptionRecord, JournalEntry } from "../../../domain/records.ts";
import type { CustomerSweepDeps } from "../deps.ts";

export type Hook = (name: string, phase: "before" | "after") => void | Promise<void>;
type PartyJson = { readonly id: string; readonly version: number } & Readonly<Record<string, unknown>>;
type Card = {
  fields: Partial<Record<IfsCardField, string | null>>;
  extra: Record<string, string | null>;
  etag: number;
};
type Address = { texts: IfsAddressRow["texts"]; validTo: string | null; etag: number; types: Map<string, boolean> };

export const START = Date.parse("2026-11-02T10:00:00Z");

export const configWith = (given: { customers?: object; route?: object; addresses?: object } = {}): ConnectorConfig =>
  connectorConfigSchema.parse({
    schemaVersion: 1,
    orders: { exportFrom: "2026-01-01T00:00:00Z" },
    routes: [
      {
        name: "web shop",
        company: "10",
        site: "101",
        orderType: "WEB",
        coordinator: "SHOP",
        customerNo: "C-WEB",
        addressNo: "01",
        customers: { policy: "own", template: "TEMPLATE", ...given.route },
      },
    ],
    sites: [{ site: "101", company: "10", timeZone: "Europe/Berlin" }],
    customers: { changes: { flow: "created" }, ...given.customers },
    addresses: given.addresses ?? {},
  });

/** Of each type that the row has, it is the only default afterwards. */
function makeDefault(all: ReadonlyMap<string, Address>, row: Address, types: readonly string[]): void {
  for (const type of types.filter((one) => row.types.has(one))) {
    for (const other of all.values()) if (other.types.has(type)) other.types.set(type, other === row);
  }
}

export type World = ReturnType<typeof createWorld>;

export function createWorld(config = configWith()) {
  const state = { config, now: START, unbound: new Set<IfsCardField>(), refuse: undefined as RegExp | undefined };
  const customers = new Map<string, PartyJson>();
  const units = new Map<string, PartyJson>();
  const cards = new Map<string, Card>();
  const addresses = new Map<string, Map<string, Address>>();
  /** By IFS customer. */
  const communication = new Map<string, (Omit<IfsCommRow, "etag"> & { etag: number })[]>();
  const tax = new Map<string, { taxLiability: string; etag: number }>();
  const journal: JournalEntry[] = [];
  const exceptions = new Map<string, ExceptionRecord>();
  const cursors = new Map<string, { value: unknown; version: number }>();
  let etag = 1;

  const addressesOf = (customerNo: string): Map<string, Address> => {
    const known = addresses.get(customerNo) ?? new Map<string, Address>();
    addresses.set(customerNo, known);
    return known;
  };
  const matching = <T extends { etag: number }>(row: T | undefined, sent: string): T => {
    if (!row || String(row.etag) !== sent) throw new ConflictError("modified by another user");
    etag += 1;
    row.etag = etag;
    return row;
  };
  const putCard = (customerNo: string, fields: Card["fields"] = {}, extra: Card["extra"] = {}): void => {
    etag += 1;
    cards.set(customerNo, { fields, extra, etag });
    addressesOf(customerNo);
  };
  /** What a clerk does in IFS: the row has another ETag afterwards. */
  const edit = (customerNo: string, fields: Card["fields"]): void => {
    const card = cards.get(customerNo);
    if (card) putCard(customerNo, { ...card.fields, ...fields }, card.extra);
  };
  const plain = (customerId: string): IfsCustomer | undefined => {
    const fields = cards.get(customerId)?.fields;
    return (
      fields && {
        customerId,
        name: fields.name ?? "",
        country: fields.country ?? null,
        email: fields.email ?? null,
        vatNo: fields.vatNo ?? null,
        reference: fields.reference ?? null,
      }
    );
  };
  const refusing = (what: string): void => {
    if (state.refuse?.test(what)) throw new RefusedError("ifs", "ORA-20110 Customer.WRONG", 500, `${what} is wrong`);
  };

  function deps(hook: Hook = () => {}): CustomerSweepDeps {
    const effect = async <T>(name: string, run: () => T): Promise<T> => {
      await hook(name, "before");
      const result = run();
      await hook(name, "after");
      return result;
    };
    const page =
      (name: string, of: Map<string, PartyJson>) =>
      (query: { variables: Record<string, string>; afterId?: string; limit: number }) =>
        effect(name, () =>
          [...of.values()]
            .filter(
              ({ lastModifiedAt }) =>
                String(lastModifiedAt) > String(query.variables.from) &&
                String(lastModifiedAt) <= String(query.variables.to),
            )
            .filter(({ id }) => query.afterId === undefined || id > query.afterId)
            .sort((a, b) => (a.id < b.id ? -1 : 1))
            .slice(0, query.limit)
            .map((one) => structuredClone(one) as never),
        );
    return {
      customers: {
        ifsCustomers: {
          get: (customerId) => effect("ifs.customer", () => plain(customerId)),
          findBy: (field, values) =>
            effect("ifs.findCustomers", () =>
              [...cards.keys()].flatMap((id) => plain(id) ?? []).filter((one) => values.includes(one[field] ?? "")),
            ),
          copy: ({ customerId, name }) =>
            effect("ifs.copyCustomer", () => {
              if (cards.has(customerId)) throw new RefusedError("ifs", "EXIST", 500, "exists");
              putCard(customerId, { name });
              return customerId;
            }),
          write: (customerId, fields) =>
            effect("ifs.writeCustomer", () => {
              const holder = plain(customerId)?.reference;
              const other = fields.reference !== undefined && holder && holder !== fields.reference;
              if (other) return { kind: "held", reference: holder };
              edit(customerId, fields);
              return { kind: "written", fields: [] };
            }),
          addAddress: (customerNo, { addressId, ...texts }) =>
            effect("ifs.addAddress", () => {
              refusing(`address ${texts.city}`);
              const known = addressesOf(customerNo);
              if (known.has(addressId)) return false;
              etag += 1;
              const all = { address2: "", zipCode: "", city: "", state: "", ...texts };
              known.set(addressId, { texts: all, validTo: null, etag, types: new Map() });
              return true;
            }),
          readCard: (customerId, extra) =>
            effect("ifs.readCard", () => {
              const card = cards.get(customerId);
              if (!card) return undefined;
              const fields = cardFields.map((field) => [
                field,
                state.unbound.has(field) ? undefined : (card.fields[field] ?? null),
              ]);
              return {
                customerId,
                etag: String(card.etag),
                ...(Object.fromEntries(fields) as Record<IfsCardField, string | null>),
                extra: Object.fromEntries(extra.map((name) => [name, card.extra[name] ?? null])),
              } satisfies IfsCustomerCard;
            }),
          writeCard: ({ customerId, etag: sent }, { fields, extra }) =>
            effect("ifs.writeCard", () => {
              refusing(`card ${JSON.stringify(fields)}`);
              const card = matching(cards.get(customerId), sent);
              for (const [field, value] of Object.entries(fields)) card.fields[field as IfsCardField] = value || null;
              for (const [field, value] of Object.entries(extra)) card.extra[field] = String(value);
            }),
          addresses: (customerNo) =>
            effect("ifs.addresses", () =>
              [...addressesOf(customerNo)].map(([addressId, row]) => ({
                addressId,
                etag: String(row.etag),
                texts: { ...row.texts },
                validTo: row.validTo,
              })),
            ),
          writeAddress: (customerNo, { row, change: { validTo, ...texts } }) =>
            effect("ifs.writeAddress", () => {
              const known = matching(addressesOf(customerNo).get(row.addressId), row.etag);
              known.texts = { ...known.texts, ...texts };
              if (validTo !== undefined) known.validTo = validTo;
            }),
          ensureTypes: (customerNo, { addressId, types, defaults }) =>
            effect("ifs.ensureTypes", () => {
              const all = addressesOf(customerNo);
              const row = all.get(addressId);
              if (!row) throw new RefusedError("ifs", "notFound", 404, "no address");
              const before = JSON.stringify([...row.types]);
              for (const type of types) row.types.set(type, row.types.get(type) ?? false);
              makeDefault(all, row, defaults);
              return JSON.stringify([...row.types]) !== before;
            }),
          communication: (customerNo) =>
            effect("ifs.communication", () =>
              (communication.get(customerNo) ?? []).map((row) => ({ ...row, etag: String(row.etag) })),
            ),
          addCommunication: (customerNo, { isDefault: _, ...draft }) =>
            effect("ifs.addCommunication", () => {
              refusing(`communication ${draft.value}`);
              etag += 1;
              const row = { ...draft, commId: String(etag), validTo: null, etag };
              communication.set(customerNo, [...(communication.get(customerNo) ?? []), row]);
            }),
          writeCommunication: (customerNo, { row, change }) =>
            effect("ifs.writeCommunication", () => {
              const all = communication.get(customerNo) ?? [];
              const known = matching(
                all.find(({ commId }) => commId === row.commId),
                row.etag,
              );
              communication.set(
                customerNo,
                all.map((one) => (one === known ? { ...known, ...change } : one)),
              );
            }),
          readTaxLiability: (customerId, company) =>
            effect("ifs.readTaxLiability", () => {
              const row = tax.get(`${company} ${customerId}`);
              return row && { customerId, company, etag: String(row.etag), taxLiability: row.taxLiability };
            }),
          writeTaxLiability: ({ customerId, company, etag: sent }, to) =>
            effect("ifs.writeTaxLiability", () => {
              matching(tax.get(`${company} ${customerId}`), sent).taxLiability = to;
            }),
        },
        parties: {
          customer: (id) => effect("ct.customer", () => structuredClone(customers.get(id)) as never),
          businessUnit: (key) =>
            effect(
              "ct.businessUnit",
              () => structuredClone([...units.values()].find((one) => one.key === key)) as never,
            ),
          businessUnitById: (id) => effect("ct.businessUnit", () => structuredClone(units.get(id)) as never),
          customersOf: (externalId) =>
            effect("ct.customersOf", () =>
              [...customers.values()].filter((one) => one.externalId === externalId).map(({ id }) => id),
            ),
          updateCustomer: (ref, [action]) =>
            effect("ct.updateCustomer", () => {
              const now = customers.get(ref.id);
              if (!now || now.version !== ref.version || action?.action !== "setExternalId")
                throw new ConflictError("version");
              const next = { ...now, externalId: action.externalId, version: now.version + 1 };
              customers.set(ref.id, next);
              return structuredClone(next) as never;
            }),
          updateBusinessUnit: (ref, [action]) =>
            effect("ct.updateBusinessUnit", () => {
              const now = units.get(ref.id);
              if (!now || now.version !== ref.version || action?.action !== "setCustomField")
                throw new ConflictError("version");
              const next = { ...now, custom: { fields: { [action.name]: action.value } }, version: now.version + 1 };
              units.set(ref.id, next);
              return structuredClone(next) as never;
            }),
        },
      },
      customerGroupKeys: (ids) => effect("ct.groups", () => new Map(ids.map((id) => [id, `key-of-${id}`]))),
      exceptions: {
        open: (one) =>
          effect("ct.openException", () => {
            const at = new Date(state.now).toISOString();
            exceptions.set(one.id, { ...one, firstSeenAt: at, lastSeenAt: at, attempts: 1 });
          }),
        close: (id) => effect("ct.closeException", () => void exceptions.delete(id)),
      },
      journal: {
        append: (entry) => effect("ct.journal", () => void journal.push(entry)),
        of: (recordId, limit) =>
          effect("ct.readJournal", () => journal.filter((one) => one.recordId === recordId).slice(-limit)),
      },
      settings: { config: state.config, configVersion: 1 },
      clock: { now: () => state.now, monotonic: () => state.now },
      logger: { info() {}, warn() {}, error() {} },
      pages: { customers: page("ct.customers", customers), businessUnits: page("ct.businessUnits", units) },
      openExceptions: () => effect("ct.openExceptions", () => ({ rows: [...exceptions.values()] })),
      cursors: {
        read: async (name) => structuredClone(cursors.get(name)),
        write: async (name, value, version) => {
          if ((cursors.get(name)?.version ?? 0) !== version) throw new ConflictError(`cursor ${name}`);
          cursors.set(name, { value: structuredClone(value), version: version + 1 });
          return version + 1;
        },
      },
      limits: { pageSize: 2, runMs: 600_000, partyMs: 60_000 },
    };
  }

  return {
    state,
    customers,
    units,
    cards,
    addresses,
    communication,
    tax,
    journal,
    exceptions,
    cursors,
    putCard,
    edit,
    deps,
  };
}
