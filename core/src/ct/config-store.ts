import { z } from "zod";
import { type ConnectorConfig, connectorConfigSchema } from "../domain/config.ts";
import { configInconsistencies } from "../domain/config-findings.ts";
import { containers, type Documents } from "./documents.ts";
import { retryConflicts } from "./retry-conflicts.ts";

const ACTIVE = "active";
const SEQUENCE = "sequence";

const pointerSchema = z.object({ version: z.int().min(1) });
const sequenceSchema = z.object({ last: z.int().min(0) });

export const noVersionYet = { last: 0 } satisfies z.infer<typeof sequenceSchema>;
export const sequenceKey = SEQUENCE;

/** 1 -> "v000001": sorts by number up to a million versions. */
export const versionKey = (version: number): string => `v${String(version).padStart(6, "0")}`;

/** The stored document is not a configuration that this release understands. Every line names a path and what is expected. */
export class ConfigurationError extends Error {
  readonly findings: readonly string[];
  /** `subject`: "configuration version 3". */
  constructor(subject: string, findings: readonly string[]) {
    super(`${subject} can't be used:\n${findings.map((line) => `  ${line}`).join("\n")}`);
    this.name = "ConfigurationError";
    this.findings = findings;
  }
}

/** A version as it is stored: JSON in a text, because the platform drops null fields, and `null` in a binding has a meaning. */
const storedSchema = z.object({ json: z.string() });

type Pointer = {
  /** Number of the configuration that counts. */
  readonly active: number;
  /** Of the document, as the platform counts. */
  readonly version: number;
  /** Another one after every write, also where everything was deleted and installed again. */
  readonly stamp: string;
};

/** Immutable versions and a pointer to the one that counts. */
export function createConfigStore(documents: Documents) {
  /** What the pointer led to: as long as it is the same, so is the version, which is never changed. */
  let found: { readonly stamp: string; readonly version: number; readonly config: ConnectorConfig } | undefined;
  /** An application asks every few seconds, and a large configuration takes a while to check. */
  let last: { readonly json: string; readonly config: ConnectorConfig } | undefined;

  async function version(number: number): Promise<ConnectorConfig | undefined> {
    const document = await documents.read(containers.configVersions, versionKey(number));
    if (!document) return undefined;
    const { json } = storedSchema.parse(document.value);
    if (last?.json !== json) last = { json, config: parseConfig(`configuration version ${number}`, JSON.parse(json)) };
    return last.config;
  }

  async function pointer(): Promise<Pointer | undefined> {
    const document = await documents.read(containers.config, ACTIVE);
    if (!document) return undefined;
    const { version, createdAt, lastModifiedAt } = document;
    const stamp = JSON.stringify([version, createdAt, lastModifiedAt]);
    return { active: pointerSchema.parse(document.value).version, version, stamp };
  }

  /** Reserves a number that nobody else gets: two pushes at a time never write the same version. */
  async function nextNumber(): Promise<number> {
    return retryConflicts(async () => {
      const document = await documents.read(containers.config, SEQUENCE);
      const last = document ? sequenceSchema.parse(document.value).last : 0;
      await documents.write(containers.config, SEQUENCE, { last: last + 1 }, document?.version);
      return last + 1;
    });
  }

  async function activate(number: number): Promise<void> {
    if (!(await version(number))) throw new RangeError(`there is no configuration version ${number}`);
    await retryConflicts(async () => {
      const current = await pointer();
      await documents.write(containers.config, ACTIVE, { version: number }, current?.version);
    });
  }

  return {
    /**
     * What counts now; undefined before the first push. ConfigurationError when the document does not fit this release,
     * an Error when the pointer names a version that is missing.
     */
    async active(): Promise<{ version: number; config: ConnectorConfig } | undefined> {
      const current = await pointer();
      if (!current) return undefined;
      const { active, stamp } = current;
      if (found?.stamp !== stamp) {
        const config = await version(active);
        if (!config) throw new Error(`the active configuration, version ${active}, is missing: activate another one`);
        found = { stamp, version: active, config };
      }
      return { version: found.version, config: found.config };
    },

    /** Stores a new version and makes it the active one; its number. ConfigurationError for an inconsistent document. */
    async push(config: ConnectorConfig): Promise<number> {
      const checked = parseConfig("the pushed configuration", config);
      const number = await nextNumber();
      await documents.write(containers.configVersions, versionKey(number), { json: JSON.stringify(checked) });
      await activate(number);
      return number;
    },

    /** One version as it was pushed, with the defaults of this release. */
    version,

    /** Makes an older (or newer) version the active one: roll-back. RangeError for an unknown number. */
    activate,

    /** The newest first: number, ISO time of the push and whether it is the active one; `limit` at most 500. */
    async versions(limit: number): Promise<{ version: number; pushedAt: string; active: boolean }[]> {
      const current = await pointer();
      const { rows } = await documents.list(containers.configVersions, { sort: "key desc", limit });
      return rows.map(({ key, createdAt }) => {
        const number = Number(key.slice(1));
        return { version: number, pushedAt: createdAt, active: number === current?.active };
      });
    },
  };
}

function parseConfig(subject: string, value: unknown): ConnectorConfig {
  const parsed = connectorConfigSchema.safeParse(value);
  if (!parsed.success) {
    throw new ConfigurationError(
      subject,
      parsed.error.issues.map((issue) => `${z.core.toDotPath(issue.path) || "(document)"}: ${issue.message}`),
    );
  }
  const findings = configInconsistencies(parsed.data);
  if (findings.length > 0) {
    throw new ConfigurationError(
      subject,
      findings.map(({ path, message }) => `${path}: ${message}`),
    );
  }
  return parsed.data;
}
