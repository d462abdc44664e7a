import type { Edmx } from "./edmx.ts";

/** What asking for a projection's `$metadata` gave. */
export type MetadataFact =
  | { readonly kind: "read"; readonly edmx: Edmx }
  | { readonly kind: "missing" }
  | { readonly kind: "notGranted" }
  | { readonly kind: "failed"; readonly why: string };
