/** The binding's words against the tenant's metadata: enumeration members, actions, arrays and constant values. Pure. */
import type { Capabilities } from "../domain/capabilities.ts";
import { type Constants, type ObjectBinding, underProperties } from "../ifs/binding.ts";
import { closest } from "../ifs/near-miss.ts";
import { edmxOf, entityOf, severityOf, type TenantModel } from "./binding-check.ts";
import type { Edmx, EdmxEntity } from "./edmx.ts";
import type { ObjectName } from "./field-types.ts";
import type { Diagnosis, Finding } from "./finding.ts";
import type { DoctorConfig } from "./scope.ts";

/** `capabilities`: where a write probe saw an order cancelled another way, the metadata's word on it is no problem. */
export function checkVocabulary(
  model: TenantModel,
  routes: DoctorConfig["routes"],
  capabilities: Capabilities,
): Diagnosis {
  const { binding } = model;
  const { constants, singleOccurrence } = binding;
  return {
    findings: [
      ...(["order", "orderLine", "openDemand", "shipment", "rma", "rmaLine"] as const).flatMap((object) =>
        checkStates(model, object),
      ),
      ...checkConstants(model, "order", "constants.order", constants.order),
      ...checkConstants(model, "orderLine", "constants.orderLine", constants.orderLine),
      ...checkConstants(model, "orderLine", "constants.inventoryLine", constants.inventoryLine),
      ...checkConstants(model, "orderLine", "constants.nonInventoryLine", constants.nonInventoryLine),
      ...checkConstants(model, "orderLine", "constants.taxedLine", constants.taxedLine),
      ...checkConstants(model, "orderCharge", "constants.charge", constants.charge),
      ...checkConstants(model, "rma", "constants.rma", constants.rma),
      ...checkConstants(model, "rmaLine", "constants.rmaLine", constants.rmaLine),
      ...checkConstants(model, "order", "singleOccurrence.header", singleOccurrence.header),
      ...checkConstants(model, "orderLine", "singleOccurrence.line", singleOccurrence.line),
      ...checkConstants(model, "orderLine", "singleOccurrence.regularLine", singleOccurrence.regularLine),
      ...routes.flatMap(({ customers: { policy, fields } }, index) =>
        policy === "own"
          ? checkRouteFields(model, "customer", { path: `routes[${index}].customers.fields`, fields })
          : [],
      ),
      ...routes.flatMap(({ extra, mapping }, index) => [
        ...checkRouteFields(model, "order", { path: `routes[${index}].extra`, fields: extra }),
        ...checkRouteFields(model, "order", { path: `routes[${index}].mapping.header`, fields: mapping.header }),
        ...checkRouteFields(model, "orderLine", { path: `routes[${index}].mapping.line`, fields: mapping.line }),
        ...checkRouteFields(model, "orderCharge", { path: `routes[${index}].mapping.charge`, fields: mapping.charge }),
      ]),
      ...checkActions(model),
      ...(capabilities.answers.cancelReasonParameter === "no" ? [] : checkCancelParameter(model)),
      ...checkArrays(model),
      ...checkSourceRefType(model),
      ...checkActiveMembers(model),
    ],
    seen: entityOf(model, "order") ? ["binding: states, constants, actions and arrays compared with the metadata"] : [],
  };
}

/** Members of the enumeration behind a property; undefined where it is none or not known. */
function membersBehind(edmx: Edmx, entity: EdmxEntity, property: string | null): readonly string[] | undefined {
  const type = property === null ? undefined : entity.properties.get(property)?.type;
  return type === undefined ? undefined : edmx.enums.get(type);
}

const statesOf = {
  order: "order",
  orderLine: "orderLine",
  openDemand: "orderLine",
  shipment: "shipment",
  rma: "rma",
  rmaLine: "rma",
} as const;

function checkStates(model: TenantModel, object: keyof typeof statesOf): Finding[] {
  const { binding } = model;
  const bound: ObjectBinding = binding[object];
  const [edmx, entity] = [edmxOf(model, object), entityOf(model, object)];
  const property = bound.fields.state ?? null;
  const members = edmx && entity && membersBehind(edmx, entity, property);
  if (!edmx || !entity || !members) return [];
  return [
    ...checkEnumType(model, object, entity.properties.get(property ?? "")?.type ?? ""),
    ...unknownStates(model, object, members),
    ...(object === "openDemand" ? missingFinals(model, members) : []),
  ];
}

/** The type's name stands in filters: `IfsApp.{Projection}.{Type}'Member'`. */
function checkEnumType(model: TenantModel, object: keyof typeof statesOf, qualified: string): Finding[] {
  const bound: ObjectBinding = model.binding[object];
  const expected = bound.enums.state;
  const actual = qualified.replace(/^.*\./, "");
  if (expected === undefined || expected === actual) return [];
  return [
    {
      check: "ifs.enum",
      severity: severityOf(model.used, object, object === "openDemand" ? "error" : "info"),
      subject: `${object}.state`,
      message: `The states of ${bound.projection}/${bound.set} are of the enumeration ${actual}; the binding says ${expected}.`,
      owner: "merchant",
      action: `Set ifs.binding.${object}.enums.state to ${actual}: filters need the name of the type.`,
      proposal: actual,
    },
  ];
}

/** States that IFS may show and nobody told the connector what they mean. */
function unknownStates(model: TenantModel, object: keyof typeof statesOf, members: readonly string[]): Finding[] {
  if (object === "openDemand") return [];
  const states = model.binding.states[statesOf[object]];
  const unknown = members.filter((member) => !(member in states));
  if (unknown.length === 0) return [];
  return [
    {
      check: "ifs.unknown-state",
      severity: severityOf(model.used, object, "warning"),
      subject: `${object}.state`,
      message: `IFS knows states that the binding does not: ${unknown.join(", ")}.`,
      owner: "merchant",
      action: `Map them in ifs.binding.states.${statesOf[object]}; until then a record in such a state becomes an exception.`,
    },
  ];
}

/** Final states stand in a filter, and IFS refuses a filter that names a member it does not have. */
function missingFinals(model: TenantModel, members: readonly string[]): Finding[] {
  const { states, finalLineStates } = model.binding;
  const unmapped = members.filter((member) => !(member in states.orderLine));
  return Object.entries(states.orderLine)
    .filter(([member, logical]) => finalLineStates.includes(logical ?? "") && !members.includes(member))
    .map(([member]) => {
      const proposal = closest(member, unmapped);
      return {
        check: "ifs.enum-member",
        severity: severityOf(model.used, "openDemand", "error"),
        subject: "openDemand.state",
        message: `The states of order lines have no member ${member}, and every look for open demand names it.`,
        owner: "merchant",
        action: `Set ifs.binding.states.orderLine.${member} to null${proposal ? ` and map ${proposal} instead` : ""}.`,
        ...(proposal === undefined ? {} : { proposal }),
      } satisfies Finding;
    });
}

function checkConstants(model: TenantModel, object: ObjectName, path: string, constants: Constants): Finding[] {
  const [edmx, entity] = [edmxOf(model, object), entityOf(model, object)];
  if (!edmx || !entity) return [];
  return Object.entries(constants).flatMap(([property, value]) =>
    value === null ? [] : checkConstant({ model, object, path, edmx, entity, property, value }),
  );
}

type ConstantLook = {
  model: TenantModel;
  object: ObjectName;
  path: string;
  edmx: Edmx;
  entity: EdmxEntity;
  property: string;
  value: string | number | boolean;
};

function checkConstant(look: ConstantLook): Finding[] {
  const { model, object, path, edmx, entity, property, value } = look;
  const base = {
    severity: severityOf(model.used, object, "error"),
    subject: `${path}.${property}`,
    owner: "merchant",
  } as const;
  const found = entity.properties.get(property);
  if (!found) {
    const proposal = closest(property, entity.properties.keys());
    return [
      {
        ...base,
        check: "ifs.constant",
        message: `${entity.name} has no property ${property}, which every new one would be created with.`,
        action: `Set ifs.binding.${path}.${property} to null${proposal ? `, and ${proposal} to the value` : ""}.`,
        ...(proposal === undefined ? {} : { proposal }),
      },
    ];
  }
  const members = edmx.enums.get(found.type);
  if (members && !members.includes(String(value))) {
    const proposal = closest(String(value), members);
    return [
      {
        ...base,
        check: "ifs.enum-member",
        message: `${property} of ${entity.name} has no member "${value}"; it has ${members.join(", ")}.`,
        action: `Set ifs.binding.${path}.${property} to one of them.`,
        ...(proposal === undefined ? {} : { proposal }),
      },
    ];
  }
  if (members || takes(found.type, value)) return [];
  return [
    {
      ...base,
      check: "ifs.constant-type",
      message: `${property} of ${entity.name} is ${found.type}; the binding sends ${JSON.stringify(value)}.`,
      action: `Set ifs.binding.${path}.${property} to a value of that type.`,
    },
  ];
}

function takes(type: string, value: string | number | boolean): boolean {
  if (typeof value === "boolean") return type === "Edm.Boolean";
  if (typeof value === "number") return /^Edm\.(Decimal|Int|Double)/.test(type);
  return !/^Edm\.(Decimal|Int|Double|Boolean)/.test(type);
}

/** `fields`: by logical name or by IFS property, whatever their values are. */
function checkRouteFields(
  model: TenantModel,
  object: "order" | "orderLine" | "orderCharge" | "customer",
  { path, fields }: { readonly path: string; readonly fields: Readonly<Record<string, unknown>> },
): Finding[] {
  const entity = entityOf(model, object);
  if (!entity) return [];
  return Object.keys(underProperties<string, unknown>(model.binding[object], fields))
    .filter((property) => !entity.properties.has(property))
    .map((property) => {
      const proposal = closest(property, entity.properties.keys());
      return {
        check: "ifs.constant",
        severity: "error",
        subject: `${path}.${property}`,
        message: `${entity.name} has no property ${property}.`,
        owner: "merchant",
        action: "Correct the name in the route, or remove it.",
        ...(proposal === undefined ? {} : { proposal }),
      } satisfies Finding;
    });
}

const checkActions = (model: TenantModel): Finding[] => [...checkOrderActions(model), ...checkReturnActions(model)];

function checkReturnActions(model: TenantModel): Finding[] {
  const [edmx, entity] = [edmxOf(model, "rma"), entityOf(model, "rma")];
  if (!model.used.has("rma") || !edmx || !entity) return [];
  return operationMissing(model, edmx, {
    path: "actions.releaseRma",
    name: model.binding.actions.releaseRma,
    entity,
    object: "rma",
  });
}

function checkOrderActions(model: TenantModel): Finding[] {
  const { actions } = model.binding;
  const [edmx, order, line] = [edmxOf(model, "order"), entityOf(model, "order"), entityOf(model, "orderLine")];
  if (!edmx || !order) return [];
  return [
    ...operationMissing(model, edmx, { path: "actions.release", name: actions.release, entity: order }),
    ...operationMissing(model, edmx, { path: "actions.cancel", name: actions.cancel, entity: order }),
    ...operationMissing(model, edmx, { path: "actions.orderDefault", name: actions.orderDefault, entity: order }),
    ...(line
      ? operationMissing(model, edmx, { path: "actions.lineDefault", name: actions.lineDefault, entity: line })
      : []),
  ];
}

function checkCancelParameter(model: TenantModel): Finding[] {
  const { actions } = model.binding;
  const cancel = edmxOf(model, "order")?.operations.find(({ name }) => name === actions.cancel);
  if (!cancel || actions.cancelReason === null || cancel.parameters.includes(actions.cancelReason)) return [];
  const proposal = closest(actions.cancelReason, cancel.parameters);
  return [
    {
      check: "ifs.action-parameter",
      severity: "error",
      subject: "actions.cancelReason",
      message: `Action ${cancel.name} has no parameter ${actions.cancelReason}; it has ${cancel.parameters.join(", ") || "none"}.`,
      owner: "merchant",
      action:
        cancel.parameters.length > 0
          ? "Set ifs.binding.actions.cancelReason to the tenant's name."
          : "Set ifs.binding.actions.cancelReason to null, or run the write probe: the reason is then written to the order before.",
      ...(proposal === undefined ? {} : { proposal }),
    },
  ];
}

function operationMissing(
  model: TenantModel,
  edmx: Edmx,
  {
    path,
    name,
    entity,
    object = "order",
  }: { path: string; name: string | null; entity: EdmxEntity; object?: ObjectName },
): Finding[] {
  if (name === null) return [];
  const bound = edmx.operations.filter(({ boundTo }) => boundTo === entity.name).map((operation) => operation.name);
  if (bound.includes(name)) return [];
  const proposal = closest(name, bound);
  return [
    {
      check: "ifs.action",
      severity: "error",
      subject: path,
      message: `${entity.name} in projection ${model.binding[object].projection} has no action ${name}; it has ${bound.join(", ") || "none"}.`,
      owner: "merchant",
      action: `Set ifs.binding.${path} to the tenant's name.`,
      ...(proposal === undefined ? {} : { proposal }),
    },
  ];
}

/** Lines, charges and one-time addresses are posted to arrays of the order; lines of an RMA to one of the RMA. */
const checkArrays = (model: TenantModel): Finding[] => [
  ...checkArray(model, "order", "linesArray"),
  ...(model.used.has("rma") ? checkArray(model, "rma", "rmaLinesArray") : []),
];

function checkArray(model: TenantModel, object: "order" | "rma", setting: "linesArray" | "rmaLinesArray"): Finding[] {
  const header = entityOf(model, object);
  const array = model.binding[setting];
  if (!header || header.navigations.has(array)) return [];
  const proposal = closest(array, header.navigations.keys());
  return [
    {
      check: "ifs.array",
      severity: "error",
      subject: setting,
      message: `${header.name} has no array ${array}, to which lines are posted.`,
      owner: "merchant",
      action: `Set ifs.binding.${setting} to the tenant's name.`,
      ...(proposal === undefined ? {} : { proposal }),
    },
  ];
}

function checkSourceRefType(model: TenantModel): Finding[] {
  const [edmx, entity] = [edmxOf(model, "shipmentLine"), entityOf(model, "shipmentLine")];
  const property = model.binding.shipmentLine.fields.sourceRefType;
  const members = edmx && entity && membersBehind(edmx, entity, property);
  if (!members || members.includes(model.binding.sourceRefType)) return [];
  const proposal = closest(model.binding.sourceRefType, members);
  return [
    {
      check: "ifs.enum-member",
      severity: severityOf(model.used, "shipmentLine", "error"),
      subject: "sourceRefType",
      message: `${property} has no member ${model.binding.sourceRefType}: no shipment would ever belong to an order.`,
      owner: "merchant",
      action: `Set ifs.binding.sourceRefType to one of ${members.join(", ")}.`,
      ...(proposal === undefined ? {} : { proposal }),
    },
  ];
}

function checkActiveMembers(model: TenantModel): Finding[] {
  const [edmx, entity] = [edmxOf(model, "salesPart"), entityOf(model, "salesPart")];
  const members = edmx && entity && membersBehind(edmx, entity, model.binding.salesPart.fields.active);
  if (!members || members.some((member) => model.binding.activeMembers.includes(member))) return [];
  return [
    {
      check: "ifs.enum-member",
      severity: severityOf(model.used, "salesPart", "error"),
      subject: "activeMembers",
      message: `None of the members ${members.join(", ")} counts as active: every sales part would be inactive.`,
      owner: "merchant",
      action: "Add the member that means active to ifs.binding.activeMembers.",
    },
  ];
}
