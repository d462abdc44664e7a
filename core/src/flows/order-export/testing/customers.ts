/** Customers of both platforms in memory: IFS keeps keys unique, commercetools checks versions, both know nothing of the connector. */
import type { Customer } from "@commercetools/platform-sdk";
import { ConflictError, RefusedError } from "../../../domain/failure.ts";
import type { IfsCustomer, IfsCustomerAddress } from "../../../domain/ifs-customers.ts";
import type { CustomerDeps } from "../../customer-deps.ts";

type CustomerJson = { readonly id: string; readonly version: number } & Readonly<Record<string, unknown>>;

export type CustomersWorld = ReturnType<typeof createCustomersWorld>;

export function createCustomersWorld() {
  const shoppers = new Map<string, CustomerJson>();
  const units = new Map<string, CustomerJson>();
  const customers = new Map<string, IfsCustomer>();
  const addresses = new Map<string, Map<string, IfsCustomerAddress>>();
  /** `keepsReference`: the tenant has a field for whose customer it is. */
  const state = { copies: 0, requests: 0, numberSeries: false, keepsReference: true };

  const put = (customer: Partial<IfsCustomer> & { readonly customerId: string }): void => {
    const nothing = { name: "", country: null, email: null, vatNo: null, reference: null };
    customers.set(customer.customerId, { ...nothing, ...customer });
  };

  function update(
    of: Map<string, CustomerJson>,
    { id, version }: { readonly id: string; readonly version: number },
    change: object,
  ): CustomerJson {
    const entry = [...of].find(([, one]) => one.id === id);
    if (!entry || entry[1].version !== version) throw new ConflictError(`version ${entry?.[1].version}`);
    const next = { ...entry[1], ...change, version: version + 1 };
    of.set(entry[0], next);
    return structuredClone(next);
  }

  function deps(effect: <T>(name: string, run: () => T) => Promise<T>): CustomerDeps {
    const asked = <T>(name: string, run: () => T): Promise<T> => {
      state.requests += 1;
      return effect(name, run);
    };
    return {
      ifsCustomers: {
        get: (customerId) => asked("ifs.customer", () => structuredClone(customers.get(customerId))),
        findBy: (field, values, { limit }) =>
          asked("ifs.findCustomers", () =>
            [...customers.values()].filter((one) => values.includes(one[field] ?? "")).slice(0, limit),
          ),
        copy: (copy) =>
          asked("ifs.copyCustomer", () => {
            const customerId = state.numberSeries ? String(20_001 + state.copies) : copy.customerId;
            if (customers.has(customerId)) throw new RefusedError("ifs", "ORA-20112 CustomerInfo.EXIST", 500, "exists");
            state.copies += 1;
            put({ customerId, name: copy.name, country: customers.get(copy.template)?.country ?? null });
            return customerId;
          }),
        write: (customerId, fields) =>
          asked("ifs.writeCustomer", () => {
            const now = customers.get(customerId);
            if (!now) throw new RefusedError("ifs", "notFound", 404, "not there");
            const { reference, ...others } = fields;
            const kept = state.keepsReference && reference !== undefined ? { reference } : {};
            if (kept.reference !== undefined && now.reference !== null && now.reference !== kept.reference) {
              return { kind: "held", reference: now.reference };
            }
            customers.set(customerId, { ...now, ...others, ...kept });
            return { kind: "written", fields: [] };
          }),
        addAddress: (customerId, address) =>
          asked("ifs.addAddress", () => {
            const known = addresses.get(customerId) ?? new Map<string, IfsCustomerAddress>();
            addresses.set(customerId, known);
            if (known.has(address.addressId)) return false;
            known.set(address.addressId, address);
            return true;
          }),
      },
      parties: {
        customer: (id) =>
          asked("ct.customer", () => structuredClone(shoppers.get(id)) as unknown as Customer | undefined),
        businessUnit: (key) => asked("ct.businessUnit", () => structuredClone(units.get(key)) as never),
        customersOf: (externalId) =>
          asked("ct.customersOf", () =>
            [...shoppers.values()].filter((one) => one.externalId === externalId).map(({ id }) => id),
          ),
        updateCustomer: (ref, actions) =>
          asked("ct.updateCustomer", () => {
            const [action] = actions;
            if (action?.action !== "setExternalId") throw new Error(`unexpected ${action?.action}`);
            return update(shoppers, ref, { externalId: action.externalId }) as unknown as Customer;
          }),
        updateBusinessUnit: (ref, actions) =>
          asked("ct.updateBusinessUnit", () => {
            const [action] = actions;
            if (action?.action !== "setCustomField") throw new Error(`unexpected ${action?.action}`);
            return update(units, ref, { custom: { fields: { [action.name]: action.value } } }) as never;
          }),
      },
    };
  }

  return { shoppers, units, customers, addresses, state, put, deps };
}
