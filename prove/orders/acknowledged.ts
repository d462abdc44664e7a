/** Watches every push: one that is acknowledged must have left its trace on the order, or the order a reason to need none. */
import type { World } from "../world.ts";
import { shopOrders } from "./verdict.ts";

/** An answer that took longer may be that of an event which left its order to the sweep. */
const PROMPT_MS = 3000;

/** The answer lists acknowledgements that were given before anything was stored. */
export function watchAcknowledgements(world: World): () => readonly string[] {
  const findings: string[] = [];
  const arrived = new Map<string, number[]>();
  world.network.before(({ origin, body }) => {
    if (!origin.includes("event-app")) return;
    arrived.set(body, [...(arrived.get(body) ?? []), world.time.elapsed()]);
  });
  world.network.after(({ origin, body }, status) => {
    if (!origin.includes("event-app")) return;
    const [at = 0, ...others] = arrived.get(body) ?? [];
    arrived.set(body, others);
    if (status < 200 || status > 299 || world.time.elapsed() - at > PROMPT_MS) return;
    const id = orderOf(body);
    const order = shopOrders(world).find((one) => one.id === id);
    if (!order || order.orderState === "Cancelled" || order.syncInfo.length > 0) return;
    findings.push(`the push about order ${id} was acknowledged before anything was stored`);
  });
  return () => findings;
}

/** The order that a push is about. */
function orderOf(body: string): string | undefined {
  const { message } = JSON.parse(body) as { message?: { data?: string } };
  const payload = JSON.parse(Buffer.from(message?.data ?? "", "base64").toString("utf8") || "{}") as {
    resource?: { typeId?: string; id?: string };
  };
  return payload.resource?.typeId === "order" ? payload.resource.id : undefined;
}
