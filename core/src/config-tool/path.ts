/** Where something is in a document: property names and list positions. */
export type Segment = string | number;

/** ["routes", 0, "site"] -> "routes[0].site"; names with other characters are quoted. Empty for the document itself. */
export function formatPath(segments: readonly PropertyKey[]): string {
  let path = "";
  for (const segment of segments) {
    if (typeof segment === "number") path += `[${segment}]`;
    else if (/^[A-Za-z_][A-Za-z0-9_]*$/.test(String(segment)))
      path += path === "" ? String(segment) : `.${String(segment)}`;
    else path += `[${JSON.stringify(String(segment))}]`;
  }
  return path;
}

/** "routes[0].site" -> ["routes", 0, "site"]: the reverse of `formatPath`. */
export function parsePath(path: string): Segment[] {
  const segments: Segment[] = [];
  for (const [, name, index, quoted] of path.matchAll(
    /\.?([A-Za-z_][A-Za-z0-9_]*)|\[(\d+)\]|\[("(?:[^"\\]|\\.)*")\]/g,
  )) {
    if (name !== undefined) segments.push(name);
    else if (index !== undefined) segments.push(Number(index));
    else if (quoted !== undefined) segments.push(JSON.parse(quoted) as string);
  }
  return segments;
}
