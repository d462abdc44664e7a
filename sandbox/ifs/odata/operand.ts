import type { Kind, Scalar } from "../schema.ts";
import type { Row } from "../store.ts";

/** A part of a filter that has a value for each row. `kind` undefined = the literal null. */
export type Operand = { kind: Kind | undefined; enumName?: string; literal: boolean; read: (row: Row) => Scalar };
