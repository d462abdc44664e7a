import { z } from "zod";
import { ConflictError, TransientError } from "../domain/failure.ts";
import { flowNames, type Lease } from "../domain/records.ts";
import type { Clock } from "../runtime/clock.ts";
import { containers, type Documents, type StoredDocument } from "./documents.ts";

/** Job leases that installation creates. A lease outside of this list does not exist. */
export const leaseNames = [...flowNames, "retention", "order-watch", "threshold-sales"] as const;
export type LeaseName = (typeof leaseNames)[number];

/** `owner` empty: free. `fence` grows with every change of hands. Milliseconds since the epoch. */
const leaseValueSchema = z.object({ owner: z.string(), expiresAt: z.int(), fence: z.int() });
type LeaseValue = z.infer<typeof leaseValueSchema>;

/** A turn that somebody shortens is noticed by the other replicas after so long at the latest. */
const LONGEST_WAIT_MS = 5 * 60_000;

export const freeLease: LeaseValue = { owner: "", expiresAt: 0, fence: 0 };

/**
 * Leases by compare-and-swap on documents that exist since installation. A lease is advisory: its holder may sleep past the
 * end, so writes that must not happen twice are guarded by the version of what they write. Owners are unique per attempt
 * to work (not per machine), and clocks of replicas may differ by seconds: choose times to live well above that.
 */
export function createLeases(documents: Documents, clock: Pick<Clock, "now">) {
  const toLease = (name: string, { value, version }: { value: LeaseValue; version: number }): Lease => ({
    name,
    owner: value.owner,
    version,
    expiresAt: value.expiresAt,
    fence: value.fence,
  });

  async function read(name: string): Promise<{ value: LeaseValue; version: number }> {
    const document = await documents.read(containers.leases, name);
    if (!document)
      throw new Error(`lease "${name}" does not exist: run the post-deploy script of the installation again`);
    return { value: parseLease(name, document), version: document.version };
  }

  /** A write that is answered is proof enough, at that version; one whose answer was lost is read back. */
  async function swap(name: string, version: number, value: LeaseValue): Promise<Lease | undefined> {
    try {
      return toLease(name, {
        value,
        version: (await documents.write(containers.leases, name, value, version)).version,
      });
    } catch (error) {
      if (error instanceof ConflictError) return undefined;
      if (!(error instanceof TransientError)) throw error;
    }
    const now = await read(name);
    return now.value.owner === value.owner && now.value.fence === value.fence ? toLease(name, now) : undefined;
  }

  /** Until when turns last, as far as this process has seen. */
  const turns = new Map<string, { readonly end: number; readonly seenAt: number }>();

  async function acquire(name: LeaseName, owner: string, ttlMs: number): Promise<Lease | undefined> {
    if (owner === "") throw new RangeError("a lease needs an owner");
    const { value, version } = await read(name);
    turns.set(name, { end: value.expiresAt, seenAt: clock.now() });
    if (value.owner !== "" && value.owner !== owner && value.expiresAt > clock.now()) return undefined;
    return swap(name, version, { owner, expiresAt: clock.now() + ttlMs, fence: value.fence + 1 });
  }

  return {
    /** undefined: somebody else holds it, or was faster. */
    acquire,

    /**
     * The same for a lease that nobody releases: it is left to run out, so that all replicas together do something once in this time.
     * Nothing is read before the end that was read last, or the next five minutes.
     */
    async turn(name: LeaseName, owner: string, ttlMs: number): Promise<Lease | undefined> {
      const now = clock.now();
      const { end, seenAt } = turns.get(name) ?? { end: now, seenAt: now };
      if (now < end && now < seenAt + LONGEST_WAIT_MS) return undefined;
      return acquire(name, owner, ttlMs);
    },

    /** undefined: it was lost. Only at the version last written, so a takeover in between always shows. */
    async renew(lease: Lease, ttlMs: number): Promise<Lease | undefined> {
      const { value, version } = await read(lease.name);
      if (version !== lease.version || value.owner !== lease.owner) return undefined;
      return swap(lease.name, version, { ...value, expiresAt: clock.now() + ttlMs, fence: value.fence + 1 });
    },

    /**
     * Frees it if it is still ours; a lost lease is left to its new holder. Nothing is read before: at the version that this holder
     * wrote last, the document says what it wrote. Where an uninstallation took the document away, the write is refused, or leaves
     * a free lease behind, as the next installation would.
     */
    async release({ name, version, fence }: Lease): Promise<void> {
      try {
        await documents.write(containers.leases, name, { ...freeLease, fence }, version);
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
      }
    },
  };
}

function parseLease(name: string, document: StoredDocument): LeaseValue {
  const parsed = leaseValueSchema.safeParse(document.value);
  if (!parsed.success) throw new Error(`lease "${name}" is damaged: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}
