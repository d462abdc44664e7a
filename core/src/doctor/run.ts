/** The doctor: signs in to both systems, looks, and says what is wrong. It writes nothing anywhere. */
import { createCt } from "../ct/client.ts";
import { createStore } from "../ct/store.ts";
import { type CapabilitiesDocument, capabilitiesOf } from "../domain/capabilities.ts";
import { type ConnectorConfig, connectorConfigSchema } from "../domain/config.ts";
import { AuthenticationError, RefusedError } from "../domain/failure.ts";
import { resolveBinding } from "../ifs/binding.ts";
import type { BudgetGate } from "../ifs/budget/budget.ts";
import type { Lane } from "../ifs/budget/lanes.ts";
import { createIfsClient, type IfsClient, type IfsConnection } from "../ifs/client.ts";
import type { Clock } from "../runtime/clock.ts";
import { type HttpFetch, http } from "../runtime/http.ts";
import type { Logger } from "../runtime/logger.ts";
import { type Attempt, attempt, type Failure } from "./attempt.ts";
import { checkBinding } from "./binding-check.ts";
import { checkProbed } from "./capability-check.ts";
import { checkCt, checkCtSignIn, checkScopes } from "./ct-check.ts";
import { gatherCt } from "./ct-facts.ts";
import { type Diagnosis, type Finding, joined, type Report, reportOf } from "./finding.ts";
import { checkHolds } from "./hold-check.ts";
import { gatherHolds } from "./hold-facts.ts";
import {
  checkCancelReasons,
  checkCatalogue,
  checkClock,
  checkLatency,
  checkReads,
  checkSignIn,
  checkSites,
  checkTimeZones,
  checkToken,
} from "./ifs-check.ts";
import { gatherIfs, readCatalogue } from "./ifs-facts.ts";
import { type ObservedFetch, observe } from "./observed-fetch.ts";
import { type DoctorConfig, usedObjects } from "./scope.ts";
import { checkThresholds } from "./threshold-check.ts";
import { gatherThresholds } from "./threshold-facts.ts";
import { checkVocabulary } from "./vocabulary-check.ts";

export type DoctorDeps = {
  readonly commercetools: {
    readonly apiUrl: string;
    readonly authUrl: string;
    readonly projectKey: string;
    readonly clientId: string;
    readonly clientSecret: string;
  };
  /** Undefined: only commercetools is looked at. */
  readonly ifs: IfsConnection | undefined;
  /** A configuration to be tried; the active one of the project when absent. */
  readonly config?: { readonly name: string; readonly value: ConnectorConfig };
  readonly clock: Clock;
  readonly logger: Logger;
  readonly fetch?: HttpFetch;
  /** In a running application: whose budget requests to IFS spend, how urgent they are, and how long one may wait and take. */
  readonly ifsRequests?: { readonly budget: BudgetGate; readonly lane: Lane; readonly readMs: number };
};

const only = (...findings: Finding[]): Diagnosis => ({ findings, seen: [] });

/** Rejects only on a defect: what does not answer, or refuses, is a finding. */
export async function runDoctor(deps: DoctorDeps): Promise<Report> {
  const at = new Date(deps.clock.now()).toISOString();
  const observedCt = observedFetch(deps, `${deps.commercetools.authUrl.replace(/\/+$/, "")}/oauth/token`);
  const ct = createCt({
    ...deps.commercetools,
    fetch: observedCt.fetch,
    clock: deps.clock,
    logger: deps.logger,
    readRetries: 1,
  });
  const store = createStore(ct, deps.clock);
  const stored = await readConfiguration(deps, () => store.config.active());
  const config = stored.value ?? emptyConfig();
  const shop = stored.signedIn
    ? joined(
        checkScopes(observedCt.observed),
        checkClock("commercetools", observedCt.observed),
        checkCt(await gatherCt({ ct, store, clock: deps.clock, fetch: deps.fetch }, config), config),
        checkHolds(await attempt(() => gatherHolds(store)), config),
        checkThresholds(await attempt(() => gatherThresholds({ ct, store, clock: deps.clock }, config)), config),
      )
    : only(checkCtSignIn(stored.error, observedCt.observed));
  const probed = stored.signedIn ? await attempt(() => store.capabilities.read()) : undefined;
  const erp = deps.ifs ? await diagnoseIfs(deps, deps.ifs, { config, probed }) : only(ifsUnknown);
  const about = {
    at,
    projectKey: deps.commercetools.projectKey,
    configuration: stored.name,
    owners: stored.value?.owners ?? {},
  };
  return reportOf(about, joined(only(...stored.findings), erp, shop));
}

function observedFetch(deps: Pick<DoctorDeps, "clock" | "fetch">, tokenUrl: string): ObservedFetch {
  return observe({ tokenUrl, clock: deps.clock, fetch: deps.fetch ?? http });
}

const ifsUnknown: Finding = {
  check: "ifs.settings",
  severity: "error",
  subject: "IFS Cloud",
  message: "It is not known where IFS Cloud is, so nothing of it was looked at.",
  owner: "operator",
  action: "Set IFS_BASE_URL, IFS_TOKEN_URL, IFS_CLIENT_ID and IFS_CLIENT_SECRET.",
};

/** What the checks work with before anybody pushed a configuration: the default binding, no site. */
const emptyConfig = (): DoctorConfig => {
  const { ifs, orders, charges, tax, stock, prices, atp, statuses, customers, skus } = connectorConfigSchema.shape;
  const parse = <T>(schema: { parse(value: unknown): T }): T => schema.parse(undefined);
  return {
    sites: [],
    routes: [],
    orders: orders.parse({ exportFrom: new Date(0).toISOString() }),
    ifs: parse(ifs),
    charges: parse(charges),
    tax: parse(tax),
    stock: parse(stock),
    prices: parse(prices),
    atp: parse(atp),
    statuses: parse(statuses),
    customers: parse(customers),
    skus: parse(skus),
  };
};

type StoredConfiguration = {
  readonly name: string;
  readonly value: ConnectorConfig | undefined;
  readonly findings: Finding[];
} & ({ readonly signedIn: true } | { readonly signedIn: false; readonly error: Failure });

/** The configuration to check with; reading it is also what signs in to commercetools. */
async function readConfiguration(
  deps: DoctorDeps,
  read: () => Promise<{ version: number; config: ConnectorConfig } | undefined>,
): Promise<StoredConfiguration> {
  const given = deps.config;
  let damaged: Error | undefined;
  const answer = await attempt(async () => {
    try {
      return await read();
    } catch (error) {
      // A document that this release does not understand, or a pointer to nothing: text for people in either case.
      if (!(error instanceof Error) || !(error.name === "ConfigurationError" || error.constructor === Error))
        throw error;
      damaged = error;
      return undefined;
    }
  });
  if (!answer.ok) {
    return { name: given?.name ?? "unknown", value: given?.value, findings: [], signedIn: false, error: answer.error };
  }
  if (given) return { name: given.name, value: given.value, findings: [], signedIn: true };
  if (answer.value) {
    return { name: `version ${answer.value.version}`, value: answer.value.config, findings: [], signedIn: true };
  }
  const finding: Finding = {
    check: "ct.configuration",
    severity: "error",
    subject: "configuration",
    message: damaged
      ? damaged.message
      : "No configuration was pushed yet: the connector does nothing, and no site is known to look at.",
    owner: "merchant",
    action: "npm run config -- push <file>, or try a file with npm run doctor -- --config <file>.",
  };
  return { name: "none", value: undefined, findings: [finding], signedIn: true };
}

/** People wait for the answer; a read that takes longer is what they should hear of. */
const LONGEST_READ_MS = 15_000;

/** A refusal of the catalogue is an answer. An outage may be the catalogue's own, so a second projection is asked. */
async function isUsable(client: IfsClient, error: Failure): Promise<boolean> {
  if (error instanceof RefusedError) return true;
  if (error instanceof AuthenticationError) return false;
  return (await attempt(() => client.metadata(client.binding.site))).ok;
}

type Known = {
  readonly config: DoctorConfig;
  /** The last write probe; undefined or failed where the shop's documents cannot be read, which the shop's side tells. */
  readonly probed: Attempt<CapabilitiesDocument | undefined> | undefined;
};

async function diagnoseIfs(deps: DoctorDeps, connection: IfsConnection, { config, probed }: Known): Promise<Diagnosis> {
  const binding = resolveBinding(config.ifs.binding);
  if (!binding.ok) {
    return only(
      ...binding.error.map(
        ({ path, message }): Finding => ({
          check: "config.binding",
          severity: "error",
          subject: `ifs.binding.${path}`,
          message: `The binding cannot be used: ${message}.`,
          owner: "merchant",
          action: "Correct the configuration; npm run config -- validate <file> says more.",
        }),
      ),
    );
  }
  const observed = observedFetch(deps, connection.tokenUrl);
  const { ifsRequests: requests } = deps;
  const patient = {
    ...config,
    ifs: { ...config.ifs, readTimeoutMs: requests?.readMs ?? Math.min(config.ifs.readTimeoutMs, LONGEST_READ_MS) },
  };
  const client = createIfsClient({
    connection,
    config: patient,
    clock: deps.clock,
    logger: deps.logger,
    fetch: observed.fetch,
    ...(requests ? { budget: requests.budget, lane: requests.lane } : {}),
  });
  const catalogue = await attempt(() => readCatalogue(client));
  if (!catalogue.ok && !(await isUsable(client, catalogue.error))) {
    return joined(
      checkToken(observed.observed),
      checkClock("IFS", observed.observed),
      only(checkSignIn(catalogue.error, observed.observed)),
    );
  }
  const capabilities = capabilitiesOf(probed?.ok ? probed.value : undefined, connection.baseUrl);
  const facts = await gatherIfs(client, config, { used: usedObjects(binding.value, config), catalogue });
  return joined(
    checkToken(observed.observed),
    checkClock("IFS", observed.observed),
    checkCatalogue(facts),
    checkBinding(facts.model),
    checkVocabulary(facts.model, config.routes, capabilities),
    checkSites(facts, config),
    checkReads(facts, config),
    checkTimeZones(facts),
    checkCancelReasons(facts),
    checkLatency(observed.observed, config),
    ...(probed?.ok ? [checkProbed(probed.value, connection.baseUrl, config)] : []),
  );
}
