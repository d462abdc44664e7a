/**
 * A refused credential stops all that needs IFS, and no record is to blame: one exception says so, for as long as it lasts.
 */
import type { CredentialPause } from "../ifs/token.ts";
import type { Connector } from "./connector.ts";
import type { FlowOutcome } from "./tick.ts";

export const CREDENTIAL_REFUSED = "credential-refused";

type WatchDeps = Pick<Connector, "logger"> & {
  readonly store: { readonly exceptions: Pick<Connector["store"]["exceptions"], "open" | "close"> };
};

/** After a tick: opens the exception while IFS is paused, and closes it once a flow ran through. */
export async function watchCredential(
  { store, logger }: WatchDeps,
  pause: CredentialPause | undefined,
  outcomes: readonly FlowOutcome[],
): Promise<void> {
  if (pause) {
    logger.error({ alert: true, ...pause }, "credential-refused");
    await store.exceptions.open({
      id: CREDENTIAL_REFUSED,
      flow: "order-sweep",
      code: "credentialRefused",
      recordType: "flow",
      recordId: "ifs",
      recordLabel: "Credential of IFS Cloud",
      message: `Everything that needs IFS is paused since ${new Date(pause.since).toISOString()}: ${pause.reason}.`,
      action:
        "Correct the IAM client in IFS, or set IFS_CLIENT_ID and IFS_CLIENT_SECRET and deploy again. The credential is tried again every five minutes.",
      owner: "operator",
    });
    return;
  }
  // A tick in which nothing was due proves nothing.
  if (outcomes.some(({ kind }) => kind === "succeeded")) await store.exceptions.close(CREDENTIAL_REFUSED);
}
