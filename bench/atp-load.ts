/** Carts asked at door (a), as commercetools asks: over connections that stay open, and each answer with its time. */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { seededRandom } from "../sandbox/kernel/types.ts";
import { partOf } from "../sandbox/seed/any-catalogue.ts";

export type Answer = {
  readonly correlationId: string;
  readonly status: number;
  readonly ms: number;
};

export type Target = {
  /** Of the extension. */
  readonly url: string;
  readonly secret: string;
  /** Id of the supply channel. */
  readonly channelId: string;
  /** SKUs that carts are filled with. */
  readonly skus: number;
};

const MOST_LINES = 8;
let nth = 0;

/** Bodies are made before the clock runs. */
export function cartsFor({ channelId, skus }: Target, count: number, seed: number): Buffer[] {
  const random = seededRandom(seed);
  const whole = (below: number): number => Math.floor(random() * below);
  return Array.from({ length: count }, (_, index) => {
    const picked = new Set<number>();
    const lines = 1 + (index % MOST_LINES);
    while (picked.size < Math.min(lines, skus)) picked.add(whole(skus));
    const lineItems = [...picked].map((sku, line) => ({
      id: `l${line}`,
      quantity: 1,
      variant: { id: 1, sku: partOf(sku) },
      supplyChannel: { typeId: "channel", id: channelId },
      price: { value: { type: "centPrecision", currencyCode: "EUR", centAmount: 1990, fractionDigits: 2 } },
    }));
    const cart = { typeId: "cart", id: `cart-${seed}-${index}` };
    const obj = { id: `order-${seed}-${index}`, version: 1, cart, lineItems };
    return Buffer.from(JSON.stringify({ action: "Create", resource: { typeId: "order", id: obj.id, obj } }));
  });
}

const agent = (connections: number) => new Agent({ keepAlive: true, maxSockets: connections });

function ask({ url, secret }: Target, body: Buffer, by: Agent): Promise<Answer> {
  nth += 1;
  const correlationId = `bench-${nth}`;
  const headers = {
    "content-type": "application/json",
    "content-length": body.length,
    authorization: secret,
    "x-correlation-id": correlationId,
  };
  const from = performance.now();
  return new Promise((done, fail) => {
    const sent = request(url, { method: "POST", agent: by, headers }, (response) => {
      response.resume();
      response.on("end", () => done({ correlationId, status: response.statusCode ?? 0, ms: performance.now() - from }));
      response.on("error", fail);
    });
    sent.on("error", fail);
    sent.end(body);
  });
}

/** Each connection asks again as soon as it has its answer. */
export async function closedLoop(
  target: Target,
  { carts, connections, ms }: { carts: readonly Buffer[]; connections: number; ms: number },
): Promise<{ answers: Answer[]; seconds: number }> {
  const by = agent(connections);
  const answers: Answer[] = [];
  const from = performance.now();
  let next = 0;
  const one = async () => {
    while (performance.now() - from < ms) {
      const body = carts[next % carts.length] as Buffer;
      next += 1;
      answers.push(await ask(target, body, by));
    }
  };
  await Promise.all(Array.from({ length: connections }, one));
  const seconds = (performance.now() - from) / 1000;
  by.destroy();
  return { answers, seconds };
}

/** So many a second, whether the answers come or not. */
export async function openLoop(
  target: Target,
  { carts, perSecond, ms }: { carts: readonly Buffer[]; perSecond: number; ms: number },
): Promise<{ answers: Answer[]; seconds: number }> {
  const by = agent(Number.POSITIVE_INFINITY);
  const asked: Promise<Answer>[] = [];
  const from = performance.now();
  while (performance.now() - from < ms) {
    const due = ((performance.now() - from) / 1000) * perSecond;
    while (asked.length < due) asked.push(ask(target, carts[asked.length % carts.length] as Buffer, by));
    await sleep(1);
  }
  const answers = await Promise.all(asked);
  const seconds = (performance.now() - from) / 1000;
  by.destroy();
  return { answers, seconds };
}
