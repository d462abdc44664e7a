import type { IfsSettings } from "../ifs/settings.ts";

/**
 * What is known of a tenant beforehand, in the words of the sandbox's switches: its names, and its readings of unsettled points.
 * All of it may be absent: names are then the usual ones, and a reading is found out instead of compared.
 */
export type Tenant = Partial<IfsSettings> & {
  grants?: { projections?: readonly string[] | "all" };
};

export type Names = {
  /** Last name part of `Projection`, `Projection/Set`, `Projection/Set/Array` or one of these with `/Property`. */
  of(path: string): string;
  /** `Projection/Set` as it stands in a URL after `/projection/v1/`. */
  url(path: string): string;
  /** Properties of a set, separated by blanks -> their names, separated by commas. */
  list(path: string, properties: string): string;
  member(enumName: string, member: string): string;
  /** Qualified literal of a member, for filters. */
  literal(projection: string, enumName: string, member: string): string;
  isThere(property: string): boolean;
};

export function createNames(tenant: Tenant): Names {
  const of = (path: string) => tenant.renames?.[path] ?? path.slice(path.lastIndexOf("/") + 1);
  const member = (enumName: string, name: string) => tenant.memberNames?.[`${enumName}/${name}`] ?? name;
  return {
    of,
    url: (path) => `${of(path.split("/")[0] ?? "")}.svc/${of(path)}`,
    list: (path, properties) =>
      properties
        .split(" ")
        .map((property) => of(`${path}/${property}`))
        .join(","),
    member,
    literal: (projection, enumName, name) => `IfsApp.${of(projection)}.${enumName}'${member(enumName, name)}'`,
    isThere: (property) => !tenant.hiddenProperties?.includes(property),
  };
}

/** A text literal for a key or a filter, encoded for a URL. */
export function quoted(value: unknown): string {
  return `'${encodeURIComponent(String(value).replaceAll("'", "''"))}'`;
}

export const SITES = "SitesHandling/Reference_CompanySite";
export const ORDERS = "CustomerOrderHandling/CustomerOrderSet";
export const LINES = "CustomerOrderHandling/CustomerOrderLineSet";
export const LINES_OF_ORDER = `${ORDERS}/OrderLinesArray`;
export const CHARGES_OF_ORDER = `${ORDERS}/CustomerOrderChargeArray`;
export const STOCK = "InventoryPartInStockHandling/InventoryPartInStockSet";
export const PARTS = "SalesPartHandling/SalesPartSet";
