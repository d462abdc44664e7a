/** The binding's objects against the tenant's metadata: projections, sets, keys, fields and their types. Pure. */
import type { Binding, ObjectBinding } from "../ifs/binding.ts";
import { closest } from "../ifs/near-miss.ts";
import type { Edmx, EdmxEntity } from "./edmx.ts";
import { type FieldKind, fieldUses, kindWords, type ObjectName, serves } from "./field-types.ts";
import { counted, type Diagnosis, type Finding, type Severity, said } from "./finding.ts";
import type { MetadataFact } from "./metadata-fact.ts";
import { objectNames } from "./scope.ts";

export type TenantModel = {
  readonly binding: Binding;
  readonly used: ReadonlySet<ObjectName>;
  /** By projection; only those that were asked for. */
  readonly metadata: ReadonlyMap<string, MetadataFact>;
  /** Names of the tenant's projections; undefined where the catalogue could not be read. */
  readonly catalogue: readonly string[] | undefined;
};

/** What nothing enabled needs is worth knowing, and no more. */
export const severityOf = (used: ReadonlySet<ObjectName>, object: ObjectName, severity: Severity): Severity =>
  used.has(object) ? severity : "info";

/** Used only where the configuration chose them. */
const chosen: readonly ObjectName[] = ["historyLog", "packageComponent", "purchaseOrderLine", "shopOrder"];

/** The flows work without it, unless the configuration chose to use it. */
const isSpared = ({ binding }: TenantModel, object: ObjectName): boolean =>
  binding[object].optional && !chosen.includes(object);

const bindIt = (path: string): string => `Set ifs.binding.${path} to the tenant's name, or have it added in IFS.`;

export function checkBinding(model: TenantModel): Diagnosis {
  const findings = [...model.metadata].flatMap(([projection, fact]) => projectionFindings(model, projection, fact));
  const looks = objectNames.map((object) => checkObject(model, object));
  return {
    findings: [...findings, ...looks.flatMap((look) => look?.findings ?? [])],
    seen: looks.flatMap((look) => look?.seen ?? []),
  };
}

function projectionFindings(model: TenantModel, projection: string, fact: MetadataFact): Finding[] {
  const objects = objectNames.filter((object) => model.binding[object].projection === projection);
  const used = objects.filter((object) => model.used.has(object));
  const optional = used.every((object) => isSpared(model, object));
  const worst = used.length === 0 ? "info" : optional ? "warning" : "error";
  const base = { severity: worst, subject: `projection ${projection}`, owner: "ifsAdministrator" } as const;
  const needed = `needed for ${objects.join(", ")}`;
  switch (fact.kind) {
    case "read":
      return [];
    case "missing": {
      const proposal = closest(projection, model.catalogue ?? []);
      return [
        {
          ...base,
          check: "ifs.projection",
          message: `The tenant has no projection ${projection} (${needed}).`,
          action: bindIt(`${objects[0]}.projection`),
          ...(proposal === undefined ? {} : { proposal }),
        },
      ];
    }
    case "notGranted":
      return [
        {
          ...base,
          check: "ifs.projection-grant",
          message: `The service user may not use projection ${projection} (${needed}).`,
          action: `Grant ${projection} to the permission set of the service user.`,
        },
      ];
    case "failed":
      return [
        {
          ...base,
          check: "ifs.metadata",
          message: said(`The metadata of projection ${projection} could not be read (${needed}): ${fact.why}`),
          action: "Try again; if it stays, look into the log of the IFS server.",
        },
      ];
  }
}

/** The entity type behind a bound object; undefined where its projection or its set is not there. */
export function entityOf(model: Pick<TenantModel, "binding" | "metadata">, object: ObjectName): EdmxEntity | undefined {
  const bound = model.binding[object];
  const edmx = edmxOf(model, object);
  if (!edmx) return undefined;
  const direct = edmx.sets.get(bound.set);
  if (direct !== undefined) return edmx.entities.get(direct);
  const child = parentEntity(model, object)?.navigations.get(bound.set);
  return child === undefined ? undefined : edmx.entities.get(child);
}

/** The entity type whose array a bound object is; undefined for entity sets. */
function parentEntity(model: Pick<TenantModel, "binding" | "metadata">, object: ObjectName): EdmxEntity | undefined {
  const { parent, parentSet } = model.binding[object];
  if (parent === null) return undefined;
  const edmx = edmxOf(model, object);
  const set = parentSet === null ? undefined : edmx?.sets.get(parentSet);
  return set === undefined ? entityOf(model, parent as ObjectName) : edmx?.entities.get(set);
}

export function edmxOf(model: Pick<TenantModel, "binding" | "metadata">, object: ObjectName): Edmx | undefined {
  const fact = model.metadata.get(model.binding[object].projection);
  return fact?.kind === "read" ? fact.edmx : undefined;
}

function checkObject(model: TenantModel, object: ObjectName): Diagnosis | undefined {
  const edmx = edmxOf(model, object);
  if (!edmx) return undefined;
  const bound: ObjectBinding = model.binding[object];
  const entity = entityOf(model, object);
  if (!entity) return { findings: setMissing(model, object, edmx), seen: [] };
  const fields = Object.entries(bound.fields).flatMap(([field, property]) =>
    property === null ? [] : checkField(model, { object, field, property, entity }),
  );
  const boundFields = Object.values(bound.fields).filter((property) => property !== null).length;
  return {
    findings: [...checkKey(model, object, entity), ...fields],
    seen: [
      `${object}: ${bound.projection}/${bound.set} has its key and ${counted(boundFields, "bound field")} looked at`,
    ],
  };
}

function setMissing(model: TenantModel, object: ObjectName, edmx: Edmx): Finding[] {
  const { projection, set } = model.binding[object];
  const children = parentEntity(model, object)?.navigations.keys() ?? [];
  const bound = new Set(objectNames.map((name) => model.binding[name].set));
  const proposal = closest(
    set,
    [...edmx.sets.keys(), ...children].filter((name) => !bound.has(name)),
  );
  return [
    {
      check: "ifs.set",
      severity: severityOf(model.used, object, isSpared(model, object) ? "warning" : "error"),
      subject: object,
      message: `Projection ${projection} has no set ${set}.`,
      owner: "ifsAdministrator",
      action: bindIt(`${object}.set`),
      ...(proposal === undefined ? {} : { proposal }),
    },
  ];
}

function checkKey(model: TenantModel, object: ObjectName, entity: EdmxEntity): Finding[] {
  const bound: ObjectBinding = model.binding[object];
  const key = bound.key.map((field) => bound.fields[field] ?? field);
  const [missing, extra] = [
    entity.key.filter((property) => !key.includes(property)),
    // A property that does not exist at all is reported as a field.
    key.filter((property) => !entity.key.includes(property) && entity.properties.has(property)),
  ];
  if (missing.length === 0 && extra.length === 0) return [];
  const boundSomewhere = new Set(Object.values(bound.fields));
  const curable = extra.length > 0 || missing.some((property) => boundSomewhere.has(property));
  return [
    {
      check: "ifs.key",
      // Single orders are addressed by key; everywhere else it only keeps the order of pages stable.
      severity: severityOf(model.used, object, object === "order" ? "error" : curable ? "warning" : "info"),
      subject: object,
      message: `The key of ${bound.projection}/${bound.set} is ${entity.key.join(", ")}; the binding says ${key.join(", ")}. Rows that are equal in one and not in the other may change places between pages.`,
      owner: curable ? "merchant" : "developer",
      action: curable
        ? `Set ifs.binding.${object}.key and fields so that they name the tenant's key.`
        : `The binding has no name for ${missing.join(", ")}; it matters only where rows differ in nothing else.`,
    },
  ];
}

type FieldLook = { object: ObjectName; field: string; property: string; entity: EdmxEntity };

function checkField(model: TenantModel, look: FieldLook): Finding[] {
  const { object, field, property, entity } = look;
  const use = useOf(object, field);
  const found = entity.properties.get(property);
  if (!found) return [fieldMissing(model, look, use.optional)];
  const findings: Finding[] = [];
  if (!serves(use.kind, found.type)) {
    findings.push({
      check: "ifs.field-type",
      severity: severityOf(model.used, object, "error"),
      subject: `${object}.${field}`,
      message: `Property ${property} of ${entity.name} is ${found.type}; the connector needs ${kindWords[use.kind]}.`,
      owner: "merchant",
      action: `Bind ifs.binding.${object}.fields.${field} to a property of that type${use.optional ? ", or to null" : ""}.`,
    });
  }
  const length = shortest(model.binding, object, field);
  if (length && found.maxLength !== undefined && found.maxLength < length.characters) {
    findings.push({
      check: "ifs.field-length",
      severity: severityOf(model.used, object, "error"),
      subject: `${object}.${field}`,
      message: `Property ${property} of ${entity.name} holds ${found.maxLength} characters; ${length.why} needs ${length.characters}.`,
      owner: "merchant",
      action: length.action,
    });
  }
  return findings;
}

function fieldMissing(model: TenantModel, look: FieldLook, optional: boolean): Finding {
  const { object, field, property, entity } = look;
  const bound = new Set<string | null>(Object.values(model.binding[object].fields));
  const proposal = closest(
    property,
    [...entity.properties.keys()].filter((name) => !bound.has(name)),
  );
  return {
    check: "ifs.field",
    severity: severityOf(model.used, object, optional ? "warning" : "error"),
    subject: `${object}.${field}`,
    message: `${entity.name} in projection ${model.binding[object].projection} has no property ${property}.`,
    owner: "merchant",
    action: optional
      ? `Set ifs.binding.${object}.fields.${field} to the tenant's name, or to null where it has none.`
      : bindIt(`${object}.fields.${field}`),
    ...(proposal === undefined ? {} : { proposal }),
  };
}

export function useOf(object: ObjectName, field: string): { kind: FieldKind; optional: boolean } {
  const use = (fieldUses[object] as Readonly<Record<string, string>>)[field] ?? "text";
  return { kind: use.replace("?", "") as FieldKind, optional: use.endsWith("?") };
}

/** commercetools ids are UUIDs. */
const ID_LENGTH = 36;
const RETURN_REFERENCE = ID_LENGTH + 1 + 12;
const MARKED_ID = ID_LENGTH + "[ref ]".length;

/** The least length where a shorter property would cut what the connector needs to find again. */
function shortest(binding: Binding, object: ObjectName, field: string) {
  if (object === "order" && field === "externalRef") {
    return {
      characters: ID_LENGTH,
      why: "the id of the commercetools order",
      action:
        "Bind ifs.binding.order.fields.externalRef to a property that holds 36 characters: orders are found by it.",
    };
  }
  if (object === "rma" && field === "reference") {
    return {
      characters: RETURN_REFERENCE,
      why: "the reference of a return (order id and 12 digits)",
      action: "Bind ifs.binding.rma.fields.reference to a property that holds 49 characters: RMAs are found by it.",
    };
  }
  if (object === "rmaLine" && field === "reference") {
    return {
      characters: ID_LENGTH,
      why: "the id of a return item",
      action: "Bind ifs.binding.rmaLine.fields.reference to a longer property, or to null.",
    };
  }
  if (object !== "orderLine") return undefined;
  const { field: place, maxLength } = binding.lineReference;
  if (field === "customerPoLineNo" && place === "customerPoLineNo") {
    return {
      characters: maxLength,
      why: "ifs.binding.lineReference.maxLength",
      action: "Lower ifs.binding.lineReference.maxLength to what the property holds.",
    };
  }
  if (field === "noteText") {
    return {
      characters: MARKED_ID,
      why: "the reference of the commercetools line",
      action: "Bind ifs.binding.orderLine.fields.noteText to a longer property: lines are told apart by it.",
    };
  }
  return undefined;
}
