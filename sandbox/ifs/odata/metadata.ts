import type { SandboxResponse } from "../../kernel/types.ts";
import type { Column } from "../schema.ts";
import type { World } from "../world.ts";
import { odataJson } from "./execute.ts";
import { servedName } from "./tenant-columns.ts";
import type { CompiledProjection, View } from "./view.ts";

/** `GET X.svc/`: the sets of the projection. */
export function serviceDocument(projection: CompiledProjection, serviceUrl: string): SandboxResponse {
  const sets = [...projection.sets.keys()].map((name) => ({ name, kind: "EntitySet", url: name }));
  return odataJson(200, { "@odata.context": `${serviceUrl}/$metadata`, value: sets });
}

/** `GET X.svc/$metadata`: EDMX without Nullable and without annotations, as the provider writes it. */
export function edmx(projection: CompiledProjection, world: World): SandboxResponse {
  const types = entityTypes(projection);
  const body = [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices>',
    `<Schema xmlns="http://docs.oasis-open.org/odata/ns/edm" Namespace="IfsApp.${projection.name}">`,
    ...enumTypes(types, world),
    ...[...types.values()].map((view) => entityType(view, types)),
    ...complexTypes,
    ...operations(projection, types),
    container(projection),
    "</Schema></edmx:DataServices></edmx:Edmx>",
  ].join("");
  return { status: 200, headers: { "content-type": "application/xml", "odata-version": "4.0" }, body };
}

/** One view per entity type; sets that share a type have the same columns. */
function entityTypes(projection: CompiledProjection): Map<string, View> {
  const types = new Map<string, View>();
  const visit = (view: View) => {
    if (!types.has(view.def.entity)) types.set(view.def.entity, view);
    for (const { view: child } of view.arrays.values()) visit(child);
  };
  for (const view of projection.sets.values()) visit(view);
  return types;
}

function enumTypes(types: Map<string, View>, world: World): string[] {
  const names = new Set(["FndBoolean"]);
  for (const view of types.values()) {
    for (const column of view.columns.values()) if (column.enumName) names.add(column.enumName);
  }
  return [...names].map((name) => {
    const members = world.members(name).map((member, index) => `<Member Name="${member}" Value="${index}"/>`);
    return `<EnumType Name="${name}" IsFlags="false" UnderlyingType="Edm.Int32">${members.join("")}</EnumType>`;
  });
}

function entityType(view: View, types: Map<string, View>): string {
  const keys = view.table.def.keys
    .flatMap((key) => [...view.columns.values()].filter(({ source }) => source === key))
    .map(({ name }) => `<PropertyRef Name="${name}"/>`);
  return [
    `<EntityType Name="${view.def.entity}"><Key>${keys.join("")}</Key>`,
    '<Property Name="luname" Type="Edm.String" MaxLength="80"/>',
    '<Property Name="keyref" Type="Edm.String" MaxLength="4000"/>',
    '<Property Name="Objgrants" Type="Edm.String" MaxLength="2000"/>',
    ...[...view.columns.values()].map((column) => property(column, view.projection)),
    ...[...view.arrays.values()].map(
      ({ view: child }) =>
        `<NavigationProperty Name="${child.name}" Type="Collection(IfsApp.${view.projection}.${child.def.entity})"/>`,
    ),
    ...references(view, types),
    "</EntityType>",
  ].join("");
}

function references(view: View, types: Map<string, View>): string[] {
  return Object.entries(view.def.refs ?? {}).map(([name, ref]) => {
    const target = [...types.values()].find((candidate) => candidate.def.name === ref.set);
    const constraints = Object.entries(ref.on).map(
      ([own, other]) =>
        `<ReferentialConstraint Property="${servedName(view.columns, own)}" ReferencedProperty="${target ? servedName(target.columns, other) : other}"/>`,
    );
    const type = `IfsApp.${view.projection}.${target?.def.entity ?? ref.set}`;
    return `<NavigationProperty Name="${name}" Type="${type}">${constraints.join("")}</NavigationProperty>`;
  });
}

function property(column: Column, projection: string): string {
  switch (column.kind) {
    case "str":
      return `<Property Name="${column.name}" Type="Edm.String" MaxLength="${column.max}"/>`;
    case "num":
      return `<Property Name="${column.name}" Type="Edm.Decimal" Precision="130" Scale="65"/>`;
    case "bool":
      return `<Property Name="${column.name}" Type="Edm.Boolean"/>`;
    case "date":
      return `<Property Name="${column.name}" Type="Edm.Date"/>`;
    case "ts":
      return `<Property Name="${column.name}" Type="Edm.DateTimeOffset"/>`;
    case "enum":
      return `<Property Name="${column.name}" Type="IfsApp.${projection}.${column.enumName ?? ""}"/>`;
  }
}

const texts = (...names: string[]) => names.map((name) => `<Property Name="${name}" Type="Edm.String"/>`).join("");

const complexTypes = [
  `<ComplexType Name="EntityDec">${texts("ETag", "Info", "Attr")}</ComplexType>`,
  `<ComplexType Name="ConfigEntityDec">${texts("ETag", "Info", "Attr")}</ComplexType>`,
  `<ComplexType Name="StreamInfoRec">${texts("FileName", "MimeType")}</ComplexType>`,
];

const edmTypes: Record<string, string> = { str: "Edm.String", num: "Edm.Decimal", bool: "Edm.Boolean" };

function parameters(declared: Record<string, string>): string {
  return Object.entries(declared)
    .map(([name, type]) => `<Parameter Name="${name}" Type="${edmTypes[type] ?? "Edm.String"}"/>`)
    .join("");
}

function operations(projection: CompiledProjection, types: Map<string, View>): string[] {
  const space = `IfsApp.${projection.name}`;
  const bound = [...types.values()].flatMap((view) => [
    ...(view.def.actions ?? []).map(
      (action) =>
        `<Action Name="${action.name}" IsBound="true"><Parameter Name="Entity" Type="${space}.${view.def.entity}"/>${parameters(action.parameters)}</Action>`,
    ),
    ...(view.def.functions ?? []).map(
      (fn) =>
        `<Function Name="${fn.name}" IsBound="true"><Parameter Name="Entities" Type="Collection(${space}.${view.def.entity})"/><ReturnType Type="${space}.${view.def.entity}"/></Function>`,
    ),
  ]);
  const actions = [...projection.actions.values()].map((action) => {
    const returns = action.returns ? `<ReturnType Type="${edmTypes[action.returns]}"/>` : "";
    return `<Action Name="${action.name}">${parameters(action.parameters)}${returns}</Action>`;
  });
  const functions = [...projection.functions.values()].map(
    (fn) => `<Function Name="${fn.name}">${parameters(fn.parameters)}<ReturnType Type="Edm.String"/></Function>`,
  );
  return [...bound, ...actions, ...functions];
}

function container(projection: CompiledProjection): string {
  const space = `IfsApp.${projection.name}`;
  const sets = [...projection.sets.values()].map((view) => {
    const bindings = Object.entries(view.def.refs ?? {}).map(
      ([name, ref]) => `<NavigationPropertyBinding Path="${name}" Target="${targetName(projection, ref.set)}"/>`,
    );
    return `<EntitySet Name="${view.name}" EntityType="${space}.${view.def.entity}">${bindings.join("")}</EntitySet>`;
  });
  const actions = [...projection.actions.keys()].map(
    (name) => `<ActionImport Name="${name}" Action="${space}.${name}"/>`,
  );
  const functions = [...projection.functions.keys()].map(
    (name) => `<FunctionImport Name="${name}" Function="${space}.${name}" IncludeInServiceDocument="true"/>`,
  );
  return `<EntityContainer Name="DefaultContainer">${[...sets, ...actions, ...functions].join("")}</EntityContainer>`;
}

function targetName(projection: CompiledProjection, set: string): string {
  return [...projection.sets.values()].find((view) => view.def.name === set)?.name ?? set;
}
