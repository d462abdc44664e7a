/** What an IFS administrator must set up, from the binding and the enabled flows. Pure; asks neither system. */

import { returnsAreOn } from "../domain/config.ts";
import type { Binding } from "../ifs/binding.ts";
import { type DoctorConfig, enabledFlows, neededActions, neededObjects, projectionsOf } from "./scope.ts";

export type GrantList = {
  readonly flows: readonly string[];
  /** Sorted by name. `actions`: only of projections that the connector writes to. */
  readonly projections: readonly {
    readonly projection: string;
    readonly objects: readonly string[];
    readonly access: "read" | "read, create, change";
    readonly actions: readonly string[];
  }[];
  readonly companies: readonly string[];
  readonly sites: readonly string[];
  readonly basicData: readonly string[];
};

export function grantsOf(binding: Binding, config: DoctorConfig): GrantList {
  const needed = neededObjects(binding, config);
  const projections = [...projectionsOf(binding, needed.keys())].map(([projection, objects]) => {
    const writes = objects.some((object) => needed.get(object) === "write");
    return {
      projection,
      objects: objects.toSorted(),
      access: writes ? ("read, create, change" as const) : ("read" as const),
      actions: neededActions(binding, config, projection),
    };
  });
  return {
    flows: enabledFlows(config),
    projections: projections.toSorted((a, b) => (a.projection < b.projection ? -1 : 1)),
    companies: distinct(config.sites.map(({ company }) => company)),
    sites: distinct(config.sites.map(({ site }) => site)),
    basicData: basicData(binding, config),
  };
}

const distinct = (values: readonly (string | undefined)[]): string[] =>
  [...new Set(values)].filter((value): value is string => value !== undefined).toSorted();

const chargeTypes = ({
  shipping,
  discount,
  rounding,
  externalTax,
  customLineItems = {},
}: Partial<DoctorConfig["charges"]>): (string | undefined)[] => [
  shipping,
  discount,
  rounding,
  externalTax,
  ...Object.values(customLineItems),
];

function reasonsOf({ orders }: DoctorConfig): (string | undefined)[] {
  const { codes, unusable, default: otherwise } = orders.afterExport.returns.reasons;
  return [...Object.values(codes), unusable, otherwise];
}

function basicData(binding: Binding, config: DoctorConfig): string[] {
  const { routes, charges, tax, prices, ifs } = config;
  const rules = [...tax.rules, ...routes.flatMap((route) => route.tax.rules)];
  const lines: [string, readonly (string | undefined)[]][] = [
    ["customer", routes.map(({ customerNo, addressNo }) => `${customerNo} with address ${addressNo}`)],
    ["order type", routes.map(({ orderType }) => orderType)],
    ["coordinator", routes.map(({ coordinator }) => coordinator)],
    ["delivery terms", routes.map(({ deliveryTerms }) => deliveryTerms)],
    [
      "payment terms",
      routes.map(({ paymentTerms, company }) => paymentTerms && `${paymentTerms} in company ${company}`),
    ],
    ["ship-via code", routes.flatMap(({ shipVia, defaultShipVia }) => [...Object.values(shipVia), defaultShipVia])],
    ["language", routes.map(({ language }) => language)],
    ["charge type", [charges, ...routes.map((route) => route.charges)].flatMap(chargeTypes)],
    ["tax code", [...rules.map(({ taxCode }) => taxCode), tax.external.taxCode, tax.untaxedCode]],
    ["tax calculation structure", rules.map(({ taxCalcStructure }) => taxCalcStructure)],
    [
      "price list",
      [...prices.lists.map(({ priceListNo }) => priceListNo), ...routes.map(({ priceList }) => priceList)],
    ],
    ["cancellation reason", Object.values(binding.cancelReasons)],
    ["return reason", returnsAreOn(config) ? reasonsOf(config) : []],
    ["return approver", returnsAreOn(config) ? [config.orders.afterExport.returns.approver] : []],
    [
      "RMA that is never deleted",
      Object.entries(ifs.sentinelReturns).map(([site, rmaNo]) => `${rmaNo} of site ${site}`),
    ],
    ["order that is never deleted", Object.entries(ifs.sentinelOrders).map(([site, no]) => `${no} of site ${site}`)],
  ];
  return lines.flatMap(([what, values]) => {
    const names = distinct(values);
    return names.length > 0 ? [`${what}: ${names.join(", ")}`] : [];
  });
}

export function formatGrants(grants: GrantList): string {
  const { flows, projections, companies, sites, basicData: data } = grants;
  const lines = [
    `For the flows ${flows.join(", ")}:`,
    "",
    "1. IAM client: confidential (not public), service account on, user name filled so that IFS creates the service user.",
    "2. A permission set for this user with",
    ...projections.map(
      ({ projection, access, objects, actions }) =>
        `   ${projection.padEnd(32)} ${access.padEnd(22)} ${[...objects, ...actions.map((name) => `action ${name}`)].join(", ")}`,
    ),
    "   AllProjections                   read                   optional: names close to a missing one",
    `3. Allowed companies of the user: ${companies.join(", ") || "those of the configured sites"}`,
    `4. User-allowed sites: ${sites.join(", ") || "those that are configured"}; without them lists are empty, without an error.`,
    "5. Basic data that must exist:",
    ...data.map((line) => `   ${line}`),
  ];
  return lines.join("\n");
}
