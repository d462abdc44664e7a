import type { FieldDefinition, FieldType, Type, TypeDraft } from "@commercetools/platform-sdk";
import { absentAsUndefined, type CtClient } from "./client.ts";
import { InstallationError, type Installed, settled } from "./installed.ts";

const field = (name: string, type: FieldType, label: string): FieldDefinition => ({
  name,
  type,
  label: { en: label },
  required: false,
});

export const orderTypeKey = "ifs-order";

/**
 * What has no native field. All names begin with `ifs`. An order that already has a Type of the merchant keeps it.
 */
export const connectorTypes: readonly TypeDraft[] = [
  {
    key: orderTypeKey,
    name: { en: "IFS Cloud: order" },
    resourceTypeIds: ["order"],
    fieldDefinitions: [
      field("ifsOrderNo", { name: "String" }, "IFS order number"),
      field("ifsOrderState", { name: "String" }, "IFS order state"),
      field("ifsBlockedReason", { name: "String" }, "Why IFS blocks the order"),
      field("ifsInvoiceNumbers", { name: "Set", elementType: { name: "String" } }, "IFS invoices"),
    ],
  },
];

/**
 * Creates a Type, or adds the field definitions that an existing one lacks; fields of the merchant stay as they are.
 * Throws an InstallationError where the existing Type can't be completed, because nothing is ever deleted or recreated.
 */
export const ensureType = (ct: CtClient, draft: TypeDraft): Promise<Installed> =>
  settled(async () => {
    const resource = `type ${draft.key}`;
    const known = await absentAsUndefined(ct.root.types().withKey({ key: draft.key }).get().execute());
    const wanted = draft.fieldDefinitions ?? [];
    if (!known) {
      await ct.root.types().post({ body: draft }).execute();
      return { resource, done: "created", detail: `fields ${names(wanted)}` };
    }
    const missing = missingFields(known, draft);
    if (missing.length === 0) return { resource, done: "unchanged", detail: `fields ${names(wanted)}` };
    const actions = missing.map((fieldDefinition) => ({ action: "addFieldDefinition" as const, fieldDefinition }));
    await ct.root
      .types()
      .withKey({ key: draft.key })
      .post({ body: { version: known.version, actions } })
      .execute();
    return { resource, done: "updated", detail: `added fields ${names(missing)}` };
  });

function missingFields(known: Type, draft: TypeDraft): FieldDefinition[] {
  const foreign = draft.resourceTypeIds.filter((id) => !known.resourceTypeIds.includes(id));
  if (foreign.length > 0) {
    throw new InstallationError(
      `type "${known.key}" exists for ${known.resourceTypeIds.join(", ")} and can't be extended to ${foreign.join(", ")}: give the existing type another key (action changeKey), then deploy again`,
    );
  }
  return (draft.fieldDefinitions ?? []).filter((wanted) => {
    const existing = known.fieldDefinitions.find(({ name }) => name === wanted.name);
    if (!existing) return true;
    if (describeType(existing.type) === describeType(wanted.type)) return false;
    throw new InstallationError(
      `field "${wanted.name}" of type "${known.key}" is ${describeType(existing.type)}, the connector needs ${describeType(wanted.type)}: give the existing type another key (action changeKey), then deploy again`,
    );
  });
}

const describeType = (type: FieldType): string =>
  type.name === "Set" ? `Set of ${describeType(type.elementType)}` : type.name;

const names = (fields: readonly FieldDefinition[]): string => fields.map(({ name }) => name).join(", ");

/** The id of a Type, or undefined where it is not installed. */
export async function typeIdByKey(ct: CtClient, key: string): Promise<string | undefined> {
  return (await absentAsUndefined(ct.root.types().withKey({ key }).get().execute()))?.id;
}
