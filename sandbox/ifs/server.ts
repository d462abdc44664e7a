import { type Identity, startIdentity } from "../iam/identity.ts";
import { createFaults, type Faults } from "../kernel/faults.ts";
import { startShell } from "../kernel/shell.ts";
import { type Clock, type Random, type SandboxRequest, seededRandom } from "../kernel/types.ts";
import { grantedBy, type IfsProfile } from "../profiles.ts";
import { connectorClient, type IfsClient } from "./connector-client.ts";
import { createControl } from "./control.ts";
import type { Deliver } from "./events/event-queue.ts";
import { deliverOnLoopback } from "./events/loopback.ts";
import { createGrants } from "./grants.ts";
import { createIfsModel, type IfsModel, type Seed } from "./model.ts";
import type { IfsSettings } from "./settings.ts";

export type StartIfsOptions = {
  /** 0 takes a free port. */
  port: number;
  clock: Clock;
  random: Random;
  seed?: Seed;
  /** Which kind of tenant this is. Its settings apply first, its grants are those of the connector's own client. */
  profile?: IfsProfile;
  settings?: Partial<IfsSettings>;
  /** The connector's client of the sandbox when absent. */
  clients?: IfsClient[];
  realm?: string;
  faults?: Faults;
  /** Makes the calls of event actions; over the network to this machine when absent. */
  deliver?: Deliver;
};

export type IfsServer = {
  url: string;
  port: number;
  realm: string;
  model: IfsModel;
  faults: Faults;
  close(): Promise<void>;
};

/**
 * IFS Cloud on one loopback port: tokens under `/auth/realms/{realm}/`, projections under `/main/ifsapplications/`,
 * controls under `/sandbox/`. Tokens live in real time whatever the model's clock says.
 */
export async function startIfs(options: StartIfsOptions): Promise<IfsServer> {
  const realm = options.realm ?? "sandbox";
  const { profile } = options;
  const clients = (options.clients ?? [connectorClient]).map((client) =>
    client.clientId === connectorClient.clientId ? grantedBy(profile, client) : client,
  );
  const grants = createGrants(clients);
  let identity: Identity | undefined;
  const model = createIfsModel({
    ...options,
    settings: { ...profile?.settings, ...options.settings },
    deliver: options.deliver ?? deliverOnLoopback,
    authenticate: async (headers) => {
      const clientId = await identity?.clientOf(headers);
      return clientId === undefined ? undefined : grants.get(clientId);
    },
  });
  const shell = await startShell({
    port: options.port,
    faults: options.faults ?? createFaults(seededRandom(Math.floor(options.random() * 2 ** 32))),
    handler: (request: SandboxRequest) =>
      request.path.startsWith("/auth/") && identity ? identity.handle(request) : model.handle(request),
    control: createControl(model, grants),
  });
  identity = await startIdentity({
    publicUrl: shell.url,
    realm,
    clients,
    tokenSeconds: () => model.settings().tokenSeconds,
    isKnown: (clientId) => grants.get(clientId) !== undefined,
  });
  return {
    url: shell.url,
    port: shell.port,
    realm,
    model,
    faults: shell.faults,
    async close() {
      await shell.close();
      await identity?.close();
    },
  };
}
