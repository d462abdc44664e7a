/** Kinds of changes that can be too many at once, and numbers of them. */
import { z } from "zod";

export const holdKinds = ["zeros", "cuts", "raises"] as const;
export type HoldKind = (typeof holdKinds)[number];

/** What is released for itself: `ended` are zeros of entries whose sales part has ended. */
export const releaseKinds = [...holdKinds, "ended"] as const;
export type ReleaseKind = (typeof releaseKinds)[number];

const number = z.int().min(0).default(0);
export const kindCountsSchema = z.object({ zeros: number, cuts: number, raises: number });
export type KindCounts = Readonly<z.infer<typeof kindCountsSchema>>;
export const NONE_OF_ANY_KIND: KindCounts = { zeros: 0, cuts: 0, raises: 0 };
