import { type Identity, startIdentity } from "../iam/identity.ts";
import { connectorClient } from "../ifs/connector-client.ts";
import { createControl } from "../ifs/control.ts";
import { createGrants } from "../ifs/grants.ts";
import { createIfsModel, type IfsModel } from "../ifs/model.ts";
import { startIfs } from "../ifs/server.ts";
import type { IfsSettings } from "../ifs/settings.ts";
import { createFaults } from "../kernel/faults.ts";
import { inProcessFetch } from "../kernel/in-process-fetch.ts";
import { faultControl } from "../kernel/shell.ts";
import { seededRandom } from "../kernel/types.ts";
import { grantedBy, type IfsProfile } from "../profiles.ts";
import { type Controls, controlsOf, createProbe, type Target } from "./probe.ts";

/** A Tuesday morning in March, as in the model's other tests. */
const NOW = Date.parse("2026-03-10T09:30:00Z");
const clock = { now: () => NOW };
const REALM = "sandbox";

export type Opened = { target: Target; model: IfsModel; sandbox: Controls; close(): Promise<void> };

/** The two forms of the model that every check runs on. */
export const forms = [
  { form: "in process", open: openInProcess },
  { form: "over HTTP", open: openServer },
] as const;

async function openInProcess(profile: IfsProfile, settings: Partial<IfsSettings> = {}): Promise<Opened> {
  const url = "http://ifs.test";
  const client = grantedBy(profile, connectorClient);
  const grants = createGrants([client]);
  let identity: Identity | undefined;
  const model = createIfsModel({
    clock,
    random: seededRandom(7),
    settings: { ...profile.settings, ...settings },
    origin: url,
    authenticate: async (headers) => {
      const clientId = await identity?.clientOf(headers);
      return clientId === undefined ? undefined : grants.get(clientId);
    },
  });
  const realm = await startIdentity({
    publicUrl: url,
    realm: REALM,
    clients: [client],
    tokenSeconds: () => model.settings().tokenSeconds,
    isKnown: (clientId) => grants.get(clientId) !== undefined,
  });
  identity = realm;
  const control = createControl(model, grants);
  const faults = createFaults(seededRandom(3));
  const fetchHere = inProcessFetch({
    [url]: {
      faults,
      handler: async (request) => {
        if (request.path.startsWith("/auth/")) return realm.handle(request);
        if (request.path.startsWith("/sandbox/")) return faultControl(faults, request) ?? control(request);
        return model.handle(request);
      },
    },
  });
  return opened({ url, fetch: fetchHere, model, close: realm.close });
}

async function openServer(profile: IfsProfile, settings: Partial<IfsSettings> = {}): Promise<Opened> {
  const server = await startIfs({ port: 0, clock, random: seededRandom(7), profile, settings, realm: REALM });
  return opened({ url: server.url, fetch, model: server.model, close: server.close });
}

function opened(parts: { url: string; fetch: typeof fetch; model: IfsModel; close(): Promise<void> }): Opened {
  const target: Target = {
    url: parts.url,
    tokenUrl: `${parts.url}/auth/realms/${REALM}/protocol/openid-connect/token`,
    clientId: connectorClient.clientId,
    clientSecret: connectorClient.clientSecret,
    fetch: parts.fetch,
    now: clock.now,
  };
  const { raw } = createProbe({ target });
  return {
    target,
    model: parts.model,
    sandbox: controlsOf(raw),
    close: parts.close,
  };
}

export const sandboxSubject = { company: "10", discountChargeType: "DISCOUNT" };
