/** Package parts as they were minutes ago: what a kit is made of changes seldom, and reading it is a list of the whole site. */
import type { Contract } from "../domain/ids.ts";
import type { IfsPackage } from "../domain/ifs-records.ts";
import type { IfsAdapter } from "../ifs/adapter.ts";
import type { Clock } from "../runtime/clock.ts";
import { remember } from "./remember.ts";

const PACKAGES_MS = 5 * 60_000;

type Read = (contract: Contract) => Promise<readonly IfsPackage[]>;

/** By the adapter, which is one per process, configuration and lane. */
const known = new WeakMap<IfsAdapter["parts"], Read>();

export function rememberedPackages({ parts }: Pick<IfsAdapter, "parts">, { now }: Pick<Clock, "now">): Read {
  const made = known.get(parts) ?? bySite(parts, now);
  known.set(parts, made);
  return made;
}

function bySite(parts: IfsAdapter["parts"], now: () => number): Read {
  const sites = new Map<Contract, () => Promise<readonly IfsPackage[]>>();
  return (contract) => {
    const read = sites.get(contract) ?? remember({ ms: PACKAGES_MS, now }, () => parts.packages(contract));
    sites.set(contract, read);
    return read();
  };
}
