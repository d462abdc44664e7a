/** Changes of customers as the event application and the job run them: Deps made of the two adapters and the store. */
import { customerGroupKeysById } from "../ct/customer-groups.ts";
import { createParties } from "../ct/customers.ts";
import type { CustomerSweepDeps, CustomerSyncDeps } from "../flows/customer-sync/deps.ts";
import type { Active, Connector } from "./connector.ts";

export function customerSyncDeps({ ct, store, clock, logger }: Connector, active: Active): CustomerSyncDeps {
  return {
    // Orders come first: whoever imports customers by the thousand must not keep one waiting.
    customers: { ifsCustomers: active.ifs.inLane("statuses").customers, parties: createParties(ct) },
    customerGroupKeys: (ids) => customerGroupKeysById(ct, ids),
    exceptions: store.exceptions,
    journal: store.journal,
    settings: { config: active.config, configVersion: active.version },
    clock,
    logger,
  };
}

/** A run ends well before the platform's 30 minutes, so that its lease and record are its own. */
const RUN_MS = 10 * 60_000;

export function customerSweepDeps(connector: Connector, active: Active): CustomerSweepDeps {
  const { ct, store } = connector;
  const { customerPage, businessUnitPage } = createParties(ct);
  return {
    ...customerSyncDeps(connector, active),
    pages: { customers: customerPage, businessUnits: businessUnitPage },
    openExceptions: store.exceptions.list,
    cursors: store.cursors,
    limits: { pageSize: 100, runMs: RUN_MS, partyMs: active.config.ifs.writeTimeoutMs },
  };
}
