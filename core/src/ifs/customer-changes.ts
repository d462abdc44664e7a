/** Changes of an IFS customer that exists: its card, its addresses with their types, and what one company knows of it. */
import { z } from "zod";
import {
  addressTexts,
  cardFields,
  type IfsAddressChange,
  type IfsAddressRow,
  type IfsAddressTypes,
  type IfsCardChange,
  type IfsCustomerCard,
  type IfsTaxLiability,
} from "../domain/ifs-customers.ts";
import type { TimedSignal } from "../runtime/limit.ts";
import { tagged } from "./answers.ts";
import { type ObjectBinding, property, underProperties } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { flag, parseRows, str, strOrNull } from "./fields.ts";
import { type BodyValue, jsonNumber, toBody } from "./json.ts";

/**
 * `deadlineMs` counts from the call and covers all its requests. Each write goes out at the ETag that was read: ConflictError when
 * somebody wrote first.
 */
export type CustomerChanges = {
  /** `extra`: further properties to read. undefined: not there, or not visible to the service user. */
  readCard(customerId: string, extra: readonly string[], deadlineMs: number): Promise<IfsCustomerCard | undefined>;
  writeCard(card: IfsCustomerCard, change: IfsCardChange, deadlineMs: number): Promise<void>;
  /** All addresses of the customer. */
  addresses(customerId: string, deadlineMs: number): Promise<IfsAddressRow[]>;
  writeAddress(
    customerId: string,
    address: { readonly row: IfsAddressRow; readonly change: IfsAddressChange },
    deadlineMs: number,
  ): Promise<void>;
  /** Adds the types that an address lacks and makes it the default of others. True where something was written. */
  ensureTypes(
    customerId: string,
    address: IfsAddressTypes & { readonly addressId: string },
    deadlineMs: number,
  ): Promise<boolean>;
  /** undefined: the company has no invoice data of this customer. */
  readTaxLiability(customerId: string, company: string, deadlineMs: number): Promise<IfsTaxLiability | undefined>;
  writeTaxLiability(row: IfsTaxLiability, to: string, deadlineMs: number): Promise<void>;
};

/** Paths of the customer's rows, and how a row is created whose key we chose. */
export type CustomerPaths = {
  readonly customer: (customerId: string) => string;
  readonly address: (customerId: string, addressId: string) => string;
  readonly of: <F extends string>(
    object: ObjectBinding<F>,
    key: Readonly<Partial<Record<NoInfer<F>, string>>>,
  ) => string;
  readonly unlessThere: (create: () => Promise<unknown>, exists: () => Promise<boolean>) => Promise<void>;
};

const extraValue = z
  .union([z.string(), z.boolean()])
  .nullish()
  .transform((value) => (value === null || value === undefined || value === "" ? null : String(value)));
const typeSchema = z.object({ addressTypeCode: str, defAddress: flag });
const dateOrNull = strOrNull.transform((value) => value?.slice(0, 10) ?? null);

export function createCustomerChanges(client: IfsClient, paths: CustomerPaths): CustomerChanges {
  const { customer, customerAddress, customerAddressType, customerInvoice } = client.binding;
  const boundTexts = addressTexts.filter((field) => customerAddress.fields[field] !== null);
  const endsBound = customerAddress.fields.validTo !== null;
  const addressFields = [...boundTexts, ...(endsBound ? (["validTo"] as const) : [])];

  /** What the merchant names stands under its own name, beside the logical fields. */
  const cardWith = (extra: readonly string[]): ObjectBinding => ({
    ...customer,
    fields: { ...customer.fields, ...Object.fromEntries(extra.map((name) => [name, name])) },
  });

  const toCard = (row: Readonly<Record<string, unknown>>, extra: readonly string[]): IfsCustomerCard => {
    const values = cardFields.map((field) => {
      const bound = customer.fields[field] !== null;
      return [field, bound ? parseRows(strOrNull, [row[field]], "customer")[0] : undefined] as const;
    });
    return {
      customerId: parseRows(str, [row.customerId], "customer")[0] ?? "",
      etag: tagged(customer, row).etag,
      ...(Object.fromEntries(values) as Omit<IfsCustomerCard, "customerId" | "etag" | "extra">),
      extra: Object.fromEntries(extra.map((name) => [name, parseRows(extraValue, [row[name]], "customer")[0] ?? null])),
    };
  };

  const toAddress = (row: Readonly<Record<string, unknown>>): IfsAddressRow => ({
    addressId: parseRows(str, [row.addressId], "customerAddress")[0] ?? "",
    etag: tagged(customerAddress, row).etag,
    texts: Object.fromEntries(
      boundTexts.map((field) => [field, parseRows(strOrNull, [row[field]], "customerAddress")[0] ?? ""]),
    ),
    validTo: endsBound ? (parseRows(dateOrNull, [row.validTo], "customerAddress")[0] ?? null) : undefined,
  });

  async function readCard(customerId: string, extra: readonly string[], signal: AbortSignal) {
    const known = cardFields.filter((field) => customer.fields[field] !== null);
    const fields = ["customerId", ...known, ...extra];
    const row = await client.row(cardWith(extra), paths.customer(customerId), { fields, signal });
    return row && toCard(row, extra);
  }

  async function writeCard({ customerId, etag }: IfsCustomerCard, change: IfsCardChange, signal: AbortSignal) {
    const further = Object.entries(change.extra).map(([name, value]): [string, BodyValue] => [
      name,
      typeof value === "number" ? jsonNumber(value) : value,
    ]);
    const body = toBody({ ...underProperties(customer, change.fields), ...Object.fromEntries(further) });
    await client.patch(customer, paths.customer(customerId), { ifMatch: etag, body, signal });
  }

  async function writeAddress(
    customerId: string,
    { row, change: { validTo, ...texts } }: Parameters<CustomerChanges["writeAddress"]>[1],
    signal: AbortSignal,
  ): Promise<void> {
    const body = {
      ...toBody(underProperties(customerAddress, texts)),
      ...(validTo !== undefined && endsBound && { [property(customerAddress, "validTo")]: validTo }),
    };
    await client.patch(customerAddress, paths.address(customerId, row.addressId), {
      ifMatch: row.etag,
      body,
      signal,
    });
  }

  async function ensureTypes(
    customerId: string,
    { addressId, types, defaults }: IfsAddressTypes & { readonly addressId: string },
    signal: TimedSignal,
  ): Promise<boolean> {
    const parent = paths.address(customerId, addressId);
    const read = async () => {
      const fields = ["addressTypeCode", "defAddress"] as const;
      const rows = parseRows(
        typeSchema,
        await client.list(customerAddressType, { parent, fields, signal }),
        "customerAddressType",
      );
      return new Map(rows.map((row) => [row.addressTypeCode, row.defAddress]));
    };
    const known = await read();
    const missing = types.filter((type) => !known.has(type));
    for (const addressTypeCode of missing) {
      const values = {
        customerId,
        addressId,
        addressTypeCode,
        ...(defaults.includes(addressTypeCode) && { defAddress: true }),
      };
      const body = toBody(underProperties<string, string | boolean | undefined>(customerAddressType, values));
      await paths.unlessThere(
        () => client.create(customerAddressType, `${parent}/${customerAddressType.set}`, body, signal),
        async () => (await read()).has(addressTypeCode),
      );
    }
    const others = defaults.filter((type) => known.get(type) === false);
    for (const addressTypeCode of others) {
      await client.update(
        customerAddressType,
        `${parent}/${paths.of(customerAddressType, { customerId, addressId, addressTypeCode })}`,
        (row) =>
          parseRows(flag, [row.defAddress], "customerAddressType")[0]
            ? undefined
            : toBody(underProperties(customerAddressType, { defAddress: true })),
        { fields: ["defAddress"], signal },
      );
    }
    return missing.length + others.length > 0;
  }

  const invoicePath = (customerId: string, company: string): string =>
    `${paths.customer(customerId)}/${paths.of(customerInvoice, { company, identity: customerId })}`;

  async function readTaxLiability(customerId: string, company: string, signal: AbortSignal) {
    const fields = ["taxLiability"] as const;
    const row = await client.row(customerInvoice, invoicePath(customerId, company), { fields, signal });
    if (!row) return undefined;
    const taxLiability = parseRows(strOrNull, [row.taxLiability], "customerInvoice")[0] ?? null;
    return { customerId, company, etag: tagged(customerInvoice, row).etag, taxLiability };
  }

  return {
    readCard: (customerId, extra, deadlineMs) =>
      client.within(deadlineMs, (signal) => readCard(customerId, extra, signal)),
    writeCard: (card, change, deadlineMs) => client.within(deadlineMs, (signal) => writeCard(card, change, signal)),
    addresses: (customerId, deadlineMs) =>
      client.within(deadlineMs, async (signal) => {
        const fields = ["addressId", ...addressFields] as const;
        const rows = await client.list(customerAddress, { parent: paths.customer(customerId), fields, signal });
        return rows.map(toAddress);
      }),
    writeAddress: (customerId, address, deadlineMs) =>
      client.within(deadlineMs, (signal) => writeAddress(customerId, address, signal)),
    ensureTypes: (customerId, address, deadlineMs) =>
      client.within(deadlineMs, (signal) => ensureTypes(customerId, address, signal)),
    readTaxLiability: (customerId, company, deadlineMs) =>
      client.within(deadlineMs, (signal) => readTaxLiability(customerId, company, signal)),
    writeTaxLiability: ({ customerId, company, etag }, to, deadlineMs) =>
      client.within(deadlineMs, (signal) =>
        client.patch(customerInvoice, invoicePath(customerId, company), {
          ifMatch: etag,
          body: toBody(underProperties(customerInvoice, { taxLiability: to })),
          signal,
        }),
      ),
  };
}
