/** Orders that IFS has with less than they are made of: asked at every checkout that asks IFS, read every few seconds. */
import type { OrderId } from "../domain/ids.ts";
import { readPartlyThere } from "../flows/stock-sync/state.ts";
import type { Connector } from "./connector.ts";
import { isOutage, remember } from "./remember.ts";

const READ_MS = 5000;
/** The stock flow itself finds them minutes apart. */
const BRIDGE_MS = 60_000;

type Deps = { readonly clock: Pick<Connector["clock"], "now">; readonly store: Store };
type Store = { readonly cursors: Pick<Connector["store"]["cursors"], "read"> };

export const rememberedPartlyThere = ({ clock, store }: Deps): (() => Promise<readonly OrderId[]>) =>
  remember({ ms: READ_MS, now: clock.now, ahead: true, bridge: { ms: BRIDGE_MS, over: isOutage } }, () =>
    readPartlyThere(store.cursors),
  );
