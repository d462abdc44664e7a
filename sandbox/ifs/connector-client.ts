/** The connector's own client at the identity provider of the sandbox. Apart from the server, which worlds in one process do not need. */
import type { Grant } from "./grants.ts";

export type IfsClient = Grant & { clientSecret: string };

/** May see both companies and all sites. */
export const connectorClient: IfsClient = {
  clientId: "ctconnector",
  clientSecret: "sandbox-secret",
  companies: ["10", "20"],
  sites: ["101", "102", "201"],
  projections: "all",
};
