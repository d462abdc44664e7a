/**
 * IFS's textual key of a row, database names and values: `ORDER_NO=1001^LINE_NO=1^` (seen in history logs and in `keyref` of
 * every row). A value may contain anything but the circumflex. undefined for any other text.
 */
export function parseKeyref(keyref: string): ReadonlyMap<string, string> | undefined {
  const parts = keyref.split("^");
  if (parts.at(-1)?.trim() !== "" || parts.length < 2) return undefined;
  const values = new Map<string, string>();
  for (const part of parts.slice(0, -1)) {
    const [, name, value] = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(part.trim()) ?? [];
    if (name === undefined || value === undefined) return undefined;
    values.set(name, value);
  }
  return values;
}
