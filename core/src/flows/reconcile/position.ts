/** Where in a period the ledger stands: a text that a caller hands back to go on. */
export type Position =
  | { readonly side: "commercetools"; readonly after: string | undefined }
  | { readonly side: "ifs"; readonly site: string; readonly after: string | undefined };

export const FIRST: Position = { side: "commercetools", after: undefined };

/** "commercetools:<id>", "ifs:<site>:<OrderNo>"; site and number percent-encoded. */
export const formatPosition = (position: Position): string =>
  position.side === "commercetools"
    ? `commercetools:${position.after ?? ""}`
    : `ifs:${encodeURIComponent(position.site)}:${encodeURIComponent(position.after ?? "")}`;

/** Undefined for what `formatPosition` does not write. */
export function parsePosition(text: string): Position | undefined {
  const shop = /^commercetools:([0-9a-f-]{0,64})$/.exec(text);
  if (shop) return { side: "commercetools", after: shop[1] || undefined };
  const ifs = /^ifs:([^:]{1,60}):([^:]{0,60})$/.exec(text);
  if (!ifs) return undefined;
  try {
    const [site = "", after = ""] = ifs.slice(1).map(decodeURIComponent);
    return { side: "ifs", site, after: after || undefined };
  } catch {
    return undefined;
  }
}
