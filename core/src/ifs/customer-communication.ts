/** How an IFS customer can be reached: rows of its own array, one for each e-mail address or telephone number. */
import { z } from "zod";
import { decimal } from "../domain/decimal.ts";
import type { IfsCommChange, IfsCommDraft, IfsCommRow } from "../domain/ifs-customers.ts";
import type { TimedSignal } from "../runtime/limit.ts";
import { tagged } from "./answers.ts";
import { property, underProperties } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { parseRows, str, strOrEmpty, strOrNull } from "./fields.ts";
import { keyPredicate, number, text } from "./filter.ts";
import { toBody } from "./json.ts";

/** `deadlineMs` counts from the call. A change goes out at the ETag that was read: ConflictError when somebody wrote first. */
export type CustomerCommunication = {
  /** All rows of the customer, whoever entered them. */
  communication(customerId: string, deadlineMs: number): Promise<IfsCommRow[]>;
  /** IFS numbers the row. UnknownOutcomeError: it may be there now, and is found by its mark. */
  addCommunication(customerId: string, draft: IfsCommDraft, deadlineMs: number): Promise<void>;
  writeCommunication(
    customerId: string,
    given: { readonly row: IfsCommRow; readonly change: IfsCommChange },
    deadlineMs: number,
  ): Promise<void>;
};

const rowSchema = z.object({
  commId: str,
  methodId: strOrEmpty,
  value: strOrEmpty,
  mark: strOrEmpty,
  validTo: strOrNull.transform((value) => value?.slice(0, 10) ?? null),
});

export function createCustomerCommunication(
  client: IfsClient,
  customerPath: (customerId: string) => string,
): CustomerCommunication {
  const { customerCommMethod: rows } = client.binding;
  const endsBound = rows.fields.validTo !== null;
  const fields = (["commId", "methodId", "value", "mark", "validTo"] as const).filter(
    (field) => rows.fields[field] !== null,
  );
  const arrayOf = (customerId: string): string => `${customerPath(customerId)}/${rows.set}`;

  function pathOf(customerId: string, commId: string): string {
    const key = { customerId, commId } as const;
    const parts = rows.key.map((field) => {
      const value = field === "customerId" || field === "commId" ? key[field] : "";
      const literal = rows.keyTypes?.[field] === "number" ? number(decimal(value)) : text(value);
      return { property: property(rows, field), value: literal };
    });
    return `${arrayOf(customerId)}${keyPredicate(parts)}`;
  }

  async function communication(customerId: string, signal: AbortSignal): Promise<IfsCommRow[]> {
    const found = await client.list(rows, { parent: customerPath(customerId), fields, signal });
    return found.map((row) => {
      const [known] = parseRows(rowSchema, [row], "customerCommMethod");
      if (!known) throw new Error("a row that was parsed is there");
      const { etag } = tagged(rows, row);
      return { ...known, etag, validTo: endsBound ? known.validTo : undefined };
    });
  }

  async function add(customerId: string, { isDefault, ...draft }: IfsCommDraft, signal: TimedSignal): Promise<void> {
    const values = {
      ...draft,
      ...(rows.fields.customerId !== null && { customerId }),
      ...(isDefault && rows.fields.methodDefault !== null && { methodDefault: true }),
    };
    const body = toBody(underProperties<string, string | boolean | undefined>(rows, values));
    await client.create(rows, arrayOf(customerId), body, signal);
  }

  async function write(
    customerId: string,
    { row, change: { validTo, value } }: Parameters<CustomerCommunication["writeCommunication"]>[1],
    signal: AbortSignal,
  ): Promise<void> {
    const body = {
      ...(value !== undefined && toBody(underProperties(rows, { value }))),
      ...(validTo !== undefined && endsBound && { [property(rows, "validTo")]: validTo }),
    };
    await client.patch(rows, pathOf(customerId, row.commId), { ifMatch: row.etag, body, signal });
  }

  return {
    communication: (customerId, deadlineMs) => client.within(deadlineMs, (signal) => communication(customerId, signal)),
    addCommunication: (customerId, draft, deadlineMs) =>
      client.within(deadlineMs, (signal) => add(customerId, draft, signal)),
    writeCommunication: (customerId, given, deadlineMs) =>
      client.within(deadlineMs, (signal) => write(customerId, given, signal)),
  };
}
