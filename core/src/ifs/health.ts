import { z } from "zod";
import { type Contract, contractSchema } from "../domain/ids.ts";
import { property } from "./binding.ts";
import type { IfsClient } from "./client.ts";
import { parseRows } from "./fields.ts";
import { keyTerm, readInChunks } from "./key-lists.ts";

export type SiteVisibility = {
  readonly visible: readonly Contract[];
  /** Configured, and not shown to the service user: not granted, or misspelled. */
  readonly missing: readonly Contract[];
};

/**
 * One cheap read that proves address, credential and grants: which of the configured sites the service user sees. Throws
 * AuthenticationError for a refused credential, RefusedError `grantMissing` or `projectionMissing`, TransientError.
 */
export async function ping(client: IfsClient): Promise<SiteVisibility> {
  const { site } = client.binding;
  const configured = client.config.sites.map((entry) => contractSchema.parse(entry.site));
  const rows = await readInChunks(client, site, {
    terms: configured.map((contract) => keyTerm(property(site, "contract"), contract)),
    fields: ["contract"],
  });
  const seen = new Set(parseRows(z.object({ contract: contractSchema }), rows, "site").map((row) => row.contract));
  return {
    visible: configured.filter((contract) => seen.has(contract)),
    missing: configured.filter((contract) => !seen.has(contract)),
  };
}
