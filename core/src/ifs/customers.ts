/** IFS customers: look them up, copy a new one from a template, write single fields, add addresses. */
import { z } from "zod";
import { ConflictError, RefusedError, UnknownOutcomeError } from "../domain/failure.ts";
import type {
  IfsCustomer,
  IfsCustomerAddress,
  IfsCustomerCopy,
  IfsCustomerField,
  IfsCustomerFields,
} from "../domain/ifs-customers.ts";
import type { TimedSignal } from "../runtime/limit.ts";
import { type ObjectBinding, property, underProperties } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { type CustomerChanges, createCustomerChanges } from "./customer-changes.ts";
import { type CustomerCommunication, createCustomerCommunication } from "./customer-communication.ts";
import { parseRows, str, strOrEmpty, strOrNull } from "./fields.ts";
import { eq, keyPredicate, or, text } from "./filter.ts";
import { toBody } from "./json.ts";
import { withinOptional } from "./order-actions.ts";

/** `deadlineMs` counts from the call and covers all its requests; without it each has the configured time-out. */
export type Customers = CustomerChanges &
  CustomerCommunication & {
    /** undefined: not there, or not visible to the service user. */
    get(customerId: string, deadlineMs?: number): Promise<IfsCustomer | undefined>;
    /** At most `limit` customers whose bound field is one of the values; none where the tenant has no such field. */
    findBy(
      field: "email" | "vatNo",
      values: readonly string[],
      options: { readonly limit: number; readonly deadlineMs?: number },
    ): Promise<IfsCustomer[]>;
    /**
     * Copies a template under the number that is asked for; the number that IFS gave. RefusedError where it exists already.
     * UnknownOutcomeError: it may exist now.
     */
    copy(copy: IfsCustomerCopy, deadlineMs: number): Promise<string>;
    /**
     * Writes what differs, at the ETag of the very read that showed it; the fields that were written. Unbound fields are left out.
     * A reference is written only where there is none: the row is the fence between two that want the same customer.
     */
    write(customerId: string, fields: IfsCustomerFields, deadlineMs?: number): Promise<CustomerWrite>;
    /** True when the address was added. One that exists is left as it is; types that it lacks are added either way. */
    addAddress(
      customerId: string,
      address: IfsCustomerAddress,
      options: { readonly types: readonly string[]; readonly deadlineMs?: number },
    ): Promise<boolean>;
  };

/** `held`: the customer carries the reference of another, and nothing was written. */
export type CustomerWrite =
  | { readonly kind: "written"; readonly fields: WrittenField[] }
  | { readonly kind: "held"; readonly reference: string };

/** `was`: what IFS had before; null for nothing. */
export type WrittenField = { readonly field: IfsCustomerField; readonly was: string | null };

const customerSchema = z.object({
  customerId: str,
  name: strOrEmpty,
  country: strOrNull,
  email: strOrNull,
  vatNo: strOrNull,
  reference: strOrNull,
});
const customerFields = Object.keys(customerSchema.shape) as (keyof IfsCustomer)[];

export function createCustomers(client: IfsClient): Customers {
  const { customer, customerAddress, customerAddressType, actions } = client.binding;

  const customerPath = (customerId: string): string => pathOf(customer, { customerId });
  const addressPath = (customerId: string, addressId: string): string =>
    `${customerPath(customerId)}/${pathOf(customerAddress, { customerId, addressId })}`;

  async function get(customerId: string, signal?: AbortSignal): Promise<IfsCustomer | undefined> {
    const row = await client.row(customer, customerPath(customerId), { fields: customerFields, signal });
    return row && parseRows(customerSchema, [row], "customer")[0];
  }

  async function findBy(
    field: "email" | "vatNo",
    { values, limit }: { readonly values: readonly string[]; readonly limit: number },
    signal?: AbortSignal,
  ): Promise<IfsCustomer[]> {
    if (customer.fields[field] === null || values.length === 0) return [];
    const filter = or(...values.map((value) => eq(property(customer, field), text(value))));
    const rows = await client.first(customer, { filter, fields: customerFields, signal }, limit);
    return parseRows(customerSchema, rows, "customer");
  }

  async function copy(wanted: IfsCustomerCopy, signal: TimedSignal): Promise<string> {
    const action = actions.copyCustomer;
    if (action === null) {
      throw new RefusedError("ifs", "actionMissing", 404, "this IFS has no action that copies a customer (binding)");
    }
    const names = actions.copyCustomerParameters;
    const body = toBody({
      [names.customerId]: wanted.template,
      [names.newId]: wanted.customerId,
      [names.newName]: wanted.name,
      [names.newCategory]: wanted.category,
      ...(names.associationNo !== null && { [names.associationNo]: "" }),
    });
    const given = await client.invoke(customer, action, { body, signal });
    // An action that answers nothing has done what was asked, as far as anybody can tell: it is looked up by its caller.
    if (given === null || given === "")
      throw new UnknownOutcomeError("IFS did not tell the number of the new customer");
    return given;
  }

  async function write(customerId: string, fields: IfsCustomerFields, signal?: AbortSignal): Promise<CustomerWrite> {
    let done: CustomerWrite = { kind: "written", fields: [] };
    await client.update(
      customer,
      customerPath(customerId),
      (row) => {
        const [now] = parseRows(customerSchema, [row], "customer");
        const holder = now?.reference || undefined;
        if (fields.reference !== undefined && holder !== undefined && holder !== fields.reference) {
          done = { kind: "held", reference: holder };
          return undefined;
        }
        const differing = (Object.entries(fields) as [IfsCustomerField, string][]).filter(
          ([field, value]) => customer.fields[field] !== null && now?.[field] !== value,
        );
        done = { kind: "written", fields: differing.map(([field]) => ({ field, was: now?.[field] || null })) };
        return differing.length === 0 ? undefined : toBody(underProperties(customer, Object.fromEntries(differing)));
      },
      { fields: customerFields, signal },
    );
    return done;
  }

  async function addAddress(
    customerId: string,
    { address, types }: { readonly address: IfsCustomerAddress; readonly types: readonly string[] },
    signal: TimedSignal,
  ): Promise<boolean> {
    const { addressId } = address;
    const path = addressPath(customerId, addressId);
    const exists = async (): Promise<boolean> =>
      (await client.row(customerAddress, path, { fields: ["addressId"], signal })) !== undefined;
    const known = await exists();
    if (!known) {
      const values = { ...address, customerId, partyType: "Customer", defaultDomain: true };
      const body = toBody(underProperties(customerAddress, values));
      const array = `${customerPath(customerId)}/${customerAddress.set}`;
      await unlessThere(() => client.create(customerAddress, array, body, signal), exists);
    }
    await addTypes({ path, customerId, addressId }, types, signal);
    return !known;
  }

  async function addTypes(
    { path, customerId, addressId }: { path: string; customerId: string; addressId: string },
    types: readonly string[],
    signal: TimedSignal,
  ): Promise<void> {
    if (types.length === 0) return;
    const read = async (): Promise<Set<unknown>> => {
      const rows = await client.list(customerAddressType, { parent: path, fields: ["addressTypeCode"], signal });
      return new Set(rows.map(({ addressTypeCode }) => addressTypeCode));
    };
    const known = await read();
    for (const addressTypeCode of types.filter((type) => !known.has(type))) {
      const body = toBody(underProperties(customerAddressType, { customerId, addressId, addressTypeCode }));
      const array = `${path}/${customerAddressType.set}`;
      await unlessThere(
        () => client.create(customerAddressType, array, body, signal),
        async () => (await read()).has(addressTypeCode),
      );
    }
  }

  return {
    ...createCustomerCommunication(client, customerPath),
    ...createCustomerChanges(client, { customer: customerPath, address: addressPath, of: pathOf, unlessThere }),
    get: (customerId, deadlineMs) => withinOptional(client, deadlineMs, (signal) => get(customerId, signal)),
    findBy: (field, values, { limit, deadlineMs }) =>
      withinOptional(client, deadlineMs, (signal) => findBy(field, { values, limit }, signal)),
    copy: (wanted, deadlineMs) => client.within(deadlineMs, (signal) => copy(wanted, signal)),
    write: (customerId, fields, deadlineMs) =>
      withinOptional(client, deadlineMs, (signal) => write(customerId, fields, signal)),
    addAddress: (customerId, address, { types, deadlineMs = client.config.ifs.writeTimeoutMs }) =>
      client.within(deadlineMs, (signal) => addAddress(customerId, { address, types }, signal)),
  };
}

const pathOf = <F extends string>(
  object: ObjectBinding<F>,
  key: Readonly<Partial<Record<NoInfer<F>, string>>>,
): string =>
  object.set +
  keyPredicate(object.key.map((field) => ({ property: property(object, field), value: text(key[field] ?? "") })));

/** A row whose key we chose: refused or in doubt, it is there when it can be read. */
async function unlessThere(create: () => Promise<unknown>, exists: () => Promise<boolean>): Promise<void> {
  try {
    await create();
  } catch (error) {
    const settled =
      error instanceof RefusedError || error instanceof UnknownOutcomeError || error instanceof ConflictError;
    if (!settled || !(await exists())) throw error;
  }
}
