/**
 * Shares out `total` whole units level by level. A level raises everybody to what they want up to and including it; where that is
 * too much, those who have least are raised first, to the same height. So an urgent want comes before any less urgent one of
 * anybody, and who gets much for an urgent want does not get as much again for the rest. Everybody who computes it from the same
 * wants gets the same result; a missing level counts as 0; what nobody wants is left over.
 */
export function fill(wants: ReadonlyMap<string, readonly number[]>, total: number): Map<string, number> {
  const ids = [...wants.keys()].sort();
  const shares = new Map(ids.map((id) => [id, 0]));
  const caps = new Map(ids.map((id) => [id, 0]));
  const levels = Math.max(0, ...[...wants.values()].map((ofOne) => ofOne.length));
  for (let level = 0; level < levels; level++) {
    for (const id of ids) caps.set(id, (caps.get(id) as number) + (wants.get(id)?.[level] ?? 0));
    raise(shares, caps, Math.max(0, total));
  }
  return shares;
}

function raise(shares: Map<string, number>, caps: ReadonlyMap<string, number>, total: number): void {
  const raised = (id: string, height: number) =>
    Math.max(shares.get(id) as number, Math.min(caps.get(id) as number, height));
  const needed = (height: number) => [...shares.keys()].reduce((sum, id) => sum + raised(id, height), 0);
  let [low, high] = [0, Math.max(0, ...caps.values())];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (needed(middle) <= total) low = middle;
    else high = middle - 1;
  }
  let left = total - needed(low);
  for (const id of [...shares.keys()]) {
    const share = raised(id, low);
    // What does not divide evenly goes to the first ones in order.
    const more = left > 0 && share === low && (caps.get(id) as number) > low ? 1 : 0;
    shares.set(id, share + more);
    left -= more;
  }
}
