/**
 * Inventories through the Import API (documented): requests of at most 20 resources into a container, worked off later and in no order,
 * each with an absolute quantity. Only for what nobody can buy yet: an absolute quantity gives back what was sold meanwhile.
 */
import type { InventoryEntryDraft } from "@commercetools/platform-sdk";
import { z } from "zod";
import { type CtClient, isNotFound, isRefused } from "./client.ts";

/** Documented. */
export const MAX_IMPORT_RESOURCES = 20;
const FAILED_SHOWN = 20;

const errorsSchema = z.array(z.object({ code: z.string(), message: z.string() })).default([]);
const submittedSchema = z.object({
  operationStatus: z.array(z.object({ state: z.string(), errors: errorsSchema })),
});
const summarySchema = z.object({ states: z.record(z.string(), z.int().min(0)) });
const operationsSchema = z.object({
  results: z.array(
    z.object({ resourceKey: z.string(), state: z.string(), createdAt: z.string(), errors: errorsSchema }),
  ),
});

/** How many operations of a container, of the last 48 hours, are where. */
export type ImportStates = {
  /** Not worked off yet. */
  readonly processing: number;
  readonly imported: number;
  /** Refused, or waiting for something that does not exist. */
  readonly failed: number;
};

export type FailedImport = { readonly key: string; readonly state: string; readonly message: string };

/** `ct`: a client whose API address is that of the Import API, `https://import.<region>.commercetools.com`. */
export function createImports(ct: CtClient) {
  const containerPath = (key: string): string => `/import-containers/${encodeURIComponent(key)}`;

  async function exists(key: string): Promise<boolean> {
    try {
      await ct.send({ method: "GET", path: containerPath(key) });
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  async function open(key: string): Promise<void> {
    if (await exists(key)) return;
    try {
      await ct.send({ method: "POST", path: "/import-containers", body: { key, resourceType: "inventory" } });
    } catch (error) {
      if (!isRefused(error, "DuplicateField")) throw error;
    }
  }

  /** The container of an earlier load may end in the middle of this one. */
  async function handOver(key: string, resources: readonly object[]): Promise<unknown> {
    const request = {
      method: "POST",
      path: `/inventories${containerPath(key)}`,
      body: { type: "inventory", resources },
    } as const;
    try {
      return await ct.send(request);
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await open(key);
      return ct.send(request);
    }
  }

  return {
    /** The container is there afterwards. It ends by itself 72 hours after it was created (documented). */
    open,

    /** New entries of one supply channel, at most MAX_IMPORT_RESOURCES, each with a key. Those that were refused at once. */
    async submit(
      key: string,
      { channel, drafts }: { readonly channel: string; readonly drafts: readonly InventoryEntryDraft[] },
    ): Promise<FailedImport[]> {
      const resources = drafts.map((draft) => importOf(draft, channel));
      const answer = submittedSchema.parse(await handOver(key, resources));
      return answer.operationStatus.flatMap(({ state, errors }, at) =>
        state === "validationFailed" ? [{ key: resources[at]?.key ?? "", state, message: inWords(errors) }] : [],
      );
    },

    async states(key: string): Promise<ImportStates> {
      const { states } = summarySchema.parse(
        await ct.send({ method: "GET", path: `${containerPath(key)}/import-summaries` }),
      );
      const of = (...names: string[]): number => names.reduce((sum, name) => sum + (states[name] ?? 0), 0);
      return {
        processing: of("processing", "waitForMasterVariant"),
        imported: of("imported"),
        failed: of("validationFailed", "unresolved", "rejected", "canceled", "partiallyImported"),
      };
    },

    /** Up to twenty of each state of those that failed since a moment (ISO 8601), with the platform's words; the newest first. */
    async failures(key: string, since: string): Promise<FailedImport[]> {
      const failed: FailedImport[] = [];
      for (const state of ["validationFailed", "rejected", "unresolved"]) {
        // Those of earlier loads are listed for two days: without an order (documented) they could be all that is shown.
        const query = `state=${state}&sort=createdAt%20desc&limit=${FAILED_SHOWN}`;
        const path = `${containerPath(key)}/import-operations?${query}`;
        const { results } = operationsSchema.parse(await ct.send({ method: "GET", path }));
        failed.push(
          ...results
            .filter(({ createdAt }) => createdAt >= since)
            .map((row) => ({ key: row.resourceKey, state: row.state, message: inWords(row.errors) })),
        );
      }
      return failed;
    },
  };
}

export type Imports = ReturnType<typeof createImports>;

const inWords = (errors: z.infer<typeof errorsSchema>): string =>
  errors.map(({ code, message }) => `${code}: ${message}`).join("; ") || "no reason given";

/** An import says neither limits of a cart nor stock levels (documented): the first ordinary run adds them. */
const importOf = ({ key, sku, quantityOnStock, restockableInDays }: InventoryEntryDraft, channel: string) => ({
  key,
  sku,
  supplyChannel: { typeId: "channel", key: channel },
  quantityOnStock,
  ...(restockableInDays !== undefined && { restockableInDays }),
});
