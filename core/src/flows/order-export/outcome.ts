import type { Rejection } from "../../domain/failure.ts";

/** How the work on one order ended. Every kind is safe to acknowledge; what has to come again is thrown. */
export type ExportOutcome =
  | { readonly kind: "skipped"; readonly reason: string }
  /** Not now: the rule, another worker, a pause or a late commit. `at` in milliseconds since the epoch. */
  | { readonly kind: "waiting"; readonly reason: string; readonly at: number | undefined }
  /** The sweep goes on with it: too large for an event, or no time left in a run. An event that has no time left comes again. */
  | { readonly kind: "deferred"; readonly reason: string }
  | { readonly kind: "linked"; readonly orderNo: string }
  | { readonly kind: "unchanged"; readonly orderNo: string }
  /** Changed in commercetools after the export, and changed in IFS accordingly. */
  | { readonly kind: "amended"; readonly orderNo: string }
  /** Returns of the order are in IFS, as these RMAs. */
  | { readonly kind: "returned"; readonly orderNo: string; readonly rmaNos: readonly string[] }
  | { readonly kind: "cancelled"; readonly orderNo: string | undefined }
  | { readonly kind: "unknown"; readonly at: number }
  | { readonly kind: "rejected"; readonly rejection: Rejection }
  /** `at`: when it is judged again by itself, where nothing else brings it back. */
  | { readonly kind: "held"; readonly rejection: Rejection; readonly orderNo: string; readonly at?: number };
