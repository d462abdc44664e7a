/** Who buys: a commercetools customer or business unit, as far as the IFS customer depends on it. */
import { z } from "zod";
import type { CustomersConfig } from "../domain/customer-config.ts";
import type { Rejection } from "../domain/failure.ts";
import { ok, type Result } from "../domain/result.ts";
import { refuse } from "./refuse.ts";

export type Party = {
  readonly kind: "customer" | "businessUnit";
  readonly id: string;
  readonly version: number;
  /** Of a business unit; empty for a customer. */
  readonly key: string;
  /** What people call it in messages. */
  readonly label: string;
  readonly name: string;
  readonly email: string | undefined;
  readonly emailVerified: boolean;
  readonly vatId: string | undefined;
  /** IFS customer number that it carries. */
  readonly number: string | undefined;
  /** false: a business unit without custom type has no field for it. */
  readonly canKeepNumber: boolean;
};

const optionalText = z
  .string()
  .nullish()
  .transform((value) => value?.trim() || undefined);

const base = { id: z.string().min(1), version: z.int() };
const customerSchema = z.object({
  ...base,
  email: optionalText,
  isEmailVerified: z.boolean().nullish(),
  firstName: optionalText,
  lastName: optionalText,
  companyName: optionalText,
  vatId: optionalText,
  externalId: optionalText,
});
const unitSchema = z.object({
  ...base,
  key: z.string().min(1),
  name: z.string().min(1),
  contactEmail: optionalText,
  custom: z.object({ fields: z.record(z.string(), z.unknown()) }).nullish(),
});

/** Rejection `invalidInput` where the platform answered something that is no customer. */
export function parseCustomer(value: unknown): Result<Party, Rejection> {
  const parsed = customerSchema.safeParse(value);
  if (!parsed.success) return unreadable("customer", parsed.error);
  const { id, version, email, firstName, lastName, companyName, vatId, externalId, isEmailVerified } = parsed.data;
  const person = [firstName, lastName].filter((part) => part !== undefined).join(" ");
  return ok({
    kind: "customer",
    id,
    version,
    key: "",
    label: `customer ${id}`,
    name: companyName ?? (person || (email ?? id)),
    email,
    emailVerified: isEmailVerified ?? false,
    vatId,
    number: externalId,
    canKeepNumber: true,
  });
}

export function parseBusinessUnit(
  value: unknown,
  { number, field }: CustomersConfig["businessUnits"],
): Result<Party, Rejection> {
  const parsed = unitSchema.safeParse(value);
  if (!parsed.success) return unreadable("business unit", parsed.error);
  const { id, version, key, name, contactEmail, custom } = parsed.data;
  const kept = optionalText.safeParse(custom?.fields[field]);
  return ok({
    kind: "businessUnit",
    id,
    version,
    key,
    label: `business unit ${key}`,
    name,
    email: contactEmail,
    // The address of a department, which several units may share: it never links.
    emailVerified: false,
    vatId: undefined,
    number: number === "key" ? key : kept.success ? kept.data : undefined,
    canKeepNumber: number === "key" || (custom !== undefined && custom !== null),
  });
}

function unreadable(what: string, error: z.ZodError): Result<never, Rejection> {
  const [issue] = error.issues;
  const path = issue?.path.map(String).join(".") || what;
  return refuse("invalidInput", "developer", {
    message: `The order's ${what} cannot be read: ${path}: ${issue?.message ?? "unknown structure"}.`,
    action: "Report the field: the connector does not know this form of it.",
    field: path,
  });
}
