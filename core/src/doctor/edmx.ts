/** A projection's `$metadata` (OData 4 EDMX) -> what the binding is compared with. Pure. */
import { XMLParser } from "fast-xml-parser";
import { z } from "zod";

export type EdmxProperty = {
  readonly name: string;
  /** `Edm.String`, or the qualified name of an enumeration. */
  readonly type: string;
  readonly maxLength: number | undefined;
};

export type EdmxEntity = {
  readonly name: string;
  /** Property names in order. */
  readonly key: readonly string[];
  readonly properties: ReadonlyMap<string, EdmxProperty>;
  /** Child arrays and references: name -> entity type without namespace. */
  readonly navigations: ReadonlyMap<string, string>;
};

export type EdmxOperation = {
  readonly name: string;
  /** Entity type it is bound to, without namespace; undefined for unbound ones. */
  readonly boundTo: string | undefined;
  /** Names of its parameters, the bound one left out. */
  readonly parameters: readonly string[];
};

export type Edmx = {
  readonly namespace: string;
  readonly entities: ReadonlyMap<string, EdmxEntity>;
  /** Entity set -> entity type without namespace. */
  readonly sets: ReadonlyMap<string, string>;
  /** Qualified name -> members. */
  readonly enums: ReadonlyMap<string, readonly string[]>;
  readonly operations: readonly EdmxOperation[];
};

const ARRAYS = new Set([
  "Schema",
  "EntityType",
  "EnumType",
  "Property",
  "PropertyRef",
  "NavigationProperty",
  "Member",
  "Action",
  "Function",
  "Parameter",
  "EntitySet",
  "EntityContainer",
]);

const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: "",
  removeNSPrefix: true,
  parseAttributeValue: false,
  processEntities: false,
  // Attributes such as EntityType share their names with elements.
  isArray: (name, _path, _leaf, isAttribute) => !isAttribute && ARRAYS.has(name),
});

/** Elements without attributes and content come as empty text. */
const element = <S extends z.ZodRawShape>(shape: S) =>
  z.preprocess((value) => (value === "" ? {} : value), z.object(shape));
const list = <S extends z.ZodType>(schema: S) => z.array(schema).default([]);

const named = { Name: z.string() };
const typed = { ...named, Type: z.string() };
const operation = z.object({
  ...named,
  IsBound: z.string().optional(),
  Parameter: list(z.object(typed)),
});
const schemaElement = z.object({
  Namespace: z.string(),
  EnumType: list(z.object({ ...named, Member: list(z.object(named)) })),
  EntityType: list(
    z.object({
      ...named,
      BaseType: z.string().optional(),
      Key: element({ PropertyRef: list(z.object(named)) }).optional(),
      Property: list(z.object({ ...typed, MaxLength: z.string().optional() })),
      NavigationProperty: list(z.object(typed)),
    }),
  ),
  Action: list(operation),
  Function: list(operation),
  EntityContainer: list(element({ EntitySet: list(z.object({ ...named, EntityType: z.string() })) })),
});
type SchemaElement = z.infer<typeof schemaElement>;
const documentSchema = z.object({
  Edmx: z.object({ DataServices: z.object({ Schema: z.array(schemaElement).min(1) }) }),
});

/** Throws an Error that says what is wrong with the document. */
export function parseEdmx(text: string): Edmx {
  const parsed = documentSchema.safeParse(parser.parse(text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Error(`not an OData metadata document: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const schemas = parsed.data.Edmx.DataServices.Schema;
  return {
    namespace: schemas[0]?.Namespace ?? "",
    entities: new Map(schemas.flatMap((schema) => schema.EntityType.map((type) => [type.Name, entityOf(type)]))),
    sets: new Map(
      schemas.flatMap((schema) =>
        schema.EntityContainer.flatMap(({ EntitySet }) => EntitySet.map((set) => [set.Name, local(set.EntityType)])),
      ),
    ),
    enums: new Map(
      schemas.flatMap((schema) =>
        schema.EnumType.map((type) => [`${schema.Namespace}.${type.Name}`, type.Member.map(({ Name }) => Name)]),
      ),
    ),
    operations: schemas.flatMap((schema) => [...schema.Action, ...schema.Function].map(operationOf)),
  };
}

const entityOf = (type: SchemaElement["EntityType"][number]): EdmxEntity => ({
  name: type.Name,
  key: type.Key?.PropertyRef.map(({ Name }) => Name) ?? [],
  properties: new Map(
    type.Property.map(({ Name, Type, MaxLength }) => [
      Name,
      { name: Name, type: Type, maxLength: /^\d+$/.test(MaxLength ?? "") ? Number(MaxLength) : undefined },
    ]),
  ),
  navigations: new Map(type.NavigationProperty.map(({ Name, Type }) => [Name, local(Type)])),
});

function operationOf(declared: z.infer<typeof operation>): EdmxOperation {
  const bound = declared.IsBound === "true";
  const [first] = declared.Parameter;
  return {
    name: declared.Name,
    boundTo: bound && first ? local(first.Type) : undefined,
    parameters: declared.Parameter.slice(bound ? 1 : 0).map(({ Name }) => Name),
  };
}

/** `Collection(IfsApp.ShipmentHandling.ShipmentLine)` -> `ShipmentLine`. */
const local = (qualified: string): string => qualified.replace(/^Collection\((.*)\)$/, "$1").replace(/^.*\./, "");
