/** The `/sandbox/` controls of both models. */

/** Milliseconds until each of the two answers. */
export type Latency = { readonly ct: number; readonly ifs: number };

export async function delayed(url: string, delayMs: number): Promise<void> {
  await control(url, "DELETE", "faults");
  if (delayMs > 0) await control(url, "POST", "faults", { kind: "latency", delayMs });
}

/** Throws with the model's own words where it refuses. */
export async function control<T>(url: string, method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${url}/sandbox/${path}`, { method, ...(body && { body: JSON.stringify(body) }) });
  if (!answer.ok) throw new Error(`${method} /sandbox/${path}: ${answer.status} ${await answer.text()}`);
  return (await answer.json()) as T;
}
