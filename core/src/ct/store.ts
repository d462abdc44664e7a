import { z } from "zod";
import { type CapabilitiesDocument, capabilitiesDocumentSchema } from "../domain/capabilities.ts";
import { flowNames, type RunRecord, runRecordSchema } from "../domain/records.ts";
import type { Clock } from "../runtime/clock.ts";
import { type Random, systemRandom } from "../runtime/random.ts";
import { createAmendmentRecords } from "./amendments.ts";
import { createAtpMetricsStore } from "./atp-metrics.ts";
import { createBudgetLedger } from "./budget.ts";
import { createCallerCarts } from "./caller-carts.ts";
import type { CtClient } from "./client.ts";
import { createConfigStore } from "./config-store.ts";
import { containers, createDocuments, type Documents, documentKey } from "./documents.ts";
import { createExceptions } from "./exceptions.ts";
import { createHints } from "./hints.ts";
import { createHolds } from "./holds.ts";
import { createCorrections, createIgnored } from "./interventions.ts";
import { createJournal } from "./journal.ts";
import { createLeases } from "./leases.ts";
import { retryConflicts } from "./retry-conflicts.ts";
import { createRunHistory } from "./run-history.ts";
import { createSales } from "./sales.ts";

export type Store = ReturnType<typeof createStore>;

/** What the connector keeps about its own work, in CustomObjects of the project. */
export function createStore(ct: CtClient, clock: Pick<Clock, "now">, random: Pick<Random, "uuid"> = systemRandom) {
  const documents = createDocuments(ct);
  return {
    leases: createLeases(documents, clock),
    cursors: createCursors(documents),
    runs: createRuns(documents),
    runHistory: createRunHistory(documents),
    exceptions: createExceptions(documents, clock),
    journal: createJournal(documents, random),
    corrections: createCorrections(documents),
    amendments: createAmendmentRecords(documents),
    ignored: createIgnored(documents),
    config: createConfigStore(documents),
    serviceUrl: createServiceUrl(documents),
    activation: createActivation(documents),
    capabilities: createCapabilities(documents),
    holds: createHolds(documents),
    callerCarts: createCallerCarts(documents),
    hints: createHints(documents),
    budget: createBudgetLedger(documents),
    atpMetrics: createAtpMetricsStore(documents),
    sales: createSales(documents),
  };
}

/** How far a flow came. The caller parses the value; `null` inside is not stored by the platform. */
function createCursors(documents: Documents) {
  return {
    async read(name: string): Promise<{ value: unknown; version: number } | undefined> {
      const document = await documents.read(containers.cursors, documentKey(name));
      return document && { value: document.value, version: document.version };
    },
    /** At the version read, 0 for one that was not there yet; the new version. ConflictError: another run moved it. */
    write: async (name: string, value: unknown, version: number): Promise<number> =>
      (await documents.write(containers.cursors, documentKey(name), value, version === 0 ? undefined : version))
        .version,
  };
}

/** The last run of each flow. Replicas may write at once: the last one counts. */
function createRuns(documents: Documents) {
  return {
    async write(run: RunRecord): Promise<void> {
      await retryConflicts(() => documents.write(containers.runs, run.flow, run));
    },
    async all(): Promise<RunRecord[]> {
      const { rows } = await documents.list(containers.runs, { sort: "key asc", limit: 100 });
      const known = rows.filter(({ key }) => (flowNames as readonly string[]).includes(key));
      return known.map(({ key, value }) => {
        const parsed = runRecordSchema.safeParse(value);
        if (!parsed.success) throw new Error(`run record "${key}" is damaged: ${z.prettifyError(parsed.error)}`);
        return parsed.data;
      });
    },
  };
}

const SERVICE_URL = "service-url";
const serviceUrlSchema = z.object({ url: z.url() });

/** Where service-app is reached, written at its deployment: the Merchant Center application never gets told otherwise. */
function createServiceUrl(documents: Documents) {
  return {
    async read(): Promise<string | undefined> {
      const document = await documents.read(containers.config, SERVICE_URL);
      return document && serviceUrlSchema.parse(document.value).url;
    },
    async write(url: string): Promise<void> {
      await documents.write(containers.config, SERVICE_URL, serviceUrlSchema.parse({ url }));
    },
  };
}

const ACTIVATION = "activation";
const activationSchema = z.object({ at: z.iso.datetime() });

/** When this installation was first deployed: orders created later and never claimed need no look-up before their export. */
function createActivation(documents: Documents) {
  const read = async (): Promise<string | undefined> => {
    const document = await documents.read(containers.config, ACTIVATION);
    return document && activationSchema.parse(document.value).at;
  };
  return {
    read,
    /** Written once; the moment that counts and whether it was written now. */
    async stamp(at: string): Promise<{ at: string; written: boolean }> {
      const known = await read();
      if (known) return { at: known, written: false };
      await documents.write(containers.config, ACTIVATION, activationSchema.parse({ at }));
      return { at: (await read()) ?? at, written: true };
    },
  };
}

const CAPABILITIES = "capabilities";

/** What the write probe found out about the tenant. The last probe counts. */
function createCapabilities(documents: Documents) {
  return {
    /** undefined: nobody probed, or in words of another release; either way nothing is known, and nothing is assumed. */
    async read(): Promise<CapabilitiesDocument | undefined> {
      const document = await documents.read(containers.config, CAPABILITIES);
      const parsed = capabilitiesDocumentSchema.safeParse(document?.value);
      return parsed.success ? parsed.data : undefined;
    },
    async write(found: CapabilitiesDocument): Promise<void> {
      await retryConflicts(() =>
        documents.write(containers.config, CAPABILITIES, capabilitiesDocumentSchema.parse(found)),
      );
    },
  };
}
