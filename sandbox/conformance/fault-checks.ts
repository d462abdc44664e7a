import { type Check, holds, same } from "./check.ts";
import { accepted, countByRef, headerDraft } from "./drafts.ts";
import { ORDERS, SITES } from "./names.ts";
import { Deviation } from "./outcome.ts";
import { type Answer, codeOf, type Probe } from "./probe.ts";

async function plan(probe: Probe, fault: object): Promise<void> {
  accepted(await probe.controls().call("POST", "faults", { times: 1, ...fault }), "planning a fault");
}

/** Undefined = the connection was lost. */
async function attempt(call: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await call;
  } catch (error) {
    if (error instanceof TypeError) return undefined;
    throw error;
  }
}

const sites = (probe: Probe) => probe.ask("GET", `${probe.names.url(SITES)}?$top=1`);

/** What the network and the gateway do to a client, on demand. */
export const faultChecks: readonly Check[] = [
  {
    id: "fault.throttled",
    title: "429 with Retry-After, once",
    confidence: "unverified",
    kind: "read-only",
    needs: "sandbox",
    async run(probe) {
      const path = probe.names.of("SitesHandling");
      await plan(probe, { kind: "status", status: 429, headers: { "retry-after": "2" }, path });
      const [first, second] = [await sites(probe), await sites(probe)];
      return same("answers", [first.status, first.headers.get("retry-after"), second.status], [429, "2", 200]);
    },
  },
  {
    id: "fault.unavailable",
    title: "5xx without an IFS body, once",
    confidence: "unverified",
    kind: "read-only",
    needs: "sandbox",
    async run(probe) {
      await plan(probe, { kind: "status", status: 503, path: probe.names.of("SitesHandling") });
      const [first, second] = [await sites(probe), await sites(probe)];
      return same("answers", [first.status, codeOf(first), second.status], [503, "", 200]);
    },
  },
  {
    id: "fault.latency",
    title: "A slow answer, once",
    confidence: "unverified",
    kind: "read-only",
    needs: "sandbox",
    async run(probe) {
      await plan(probe, { kind: "latency", delayMs: 250, path: probe.names.of("SitesHandling") });
      const start = performance.now();
      same("status", (await sites(probe)).status, 200);
      const took = Math.round(performance.now() - start);
      return holds(took >= 240, "it took its time", took);
    },
  },
  {
    id: "fault.lost-response",
    title: "A response is lost after the order was made",
    confidence: "unverified",
    kind: "writing",
    needs: "sandbox",
    async run(probe) {
      const ref = probe.mark();
      const body = await headerDraft(probe, { ExternalRef: ref });
      await plan(probe, { kind: "loseResponse", methods: ["POST"], path: probe.names.of(ORDERS) });
      const answer = await attempt(probe.ask("POST", probe.names.url(ORDERS), { body }));
      if (answer) throw new Deviation(`an answer came: ${answer.status}`);
      return same("orders made", await countByRef(probe, ref), 1);
    },
  },
  {
    id: "fault.reset",
    title: "A connection is reset before the request was seen",
    confidence: "unverified",
    kind: "writing",
    needs: "sandbox",
    async run(probe) {
      const ref = probe.mark();
      const body = await headerDraft(probe, { ExternalRef: ref });
      await plan(probe, { kind: "reset", methods: ["POST"], path: probe.names.of(ORDERS) });
      const answer = await attempt(probe.ask("POST", probe.names.url(ORDERS), { body }));
      if (answer) throw new Deviation(`an answer came: ${answer.status}`);
      return same("orders made", await countByRef(probe, ref), 0);
    },
  },
];
