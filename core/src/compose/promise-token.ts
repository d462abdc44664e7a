/** Promises as text: JSON Web Tokens, signed with the first key and good with each of them, so that keys can be replaced. */
import jwt from "jsonwebtoken";
import { z } from "zod";
import {
  heldText,
  type PromiseClaims,
  type PromiseRefusal,
  type Promises,
  promiseClaimsSchema,
} from "../domain/atp-promise.ts";
import type { Clock } from "../runtime/clock.ts";

export type PromiseKey = { readonly kid: string; readonly secret: string };

const ISSUER = "ifs-connector";

const headerSchema = z.object({ alg: z.literal("HS256"), kid: z.string() });

/** Undefined: without a key nothing is promised, and no promise is believed. */
export function createPromises(
  keys: readonly PromiseKey[],
  { projectKey, clock }: { readonly projectKey: string; readonly clock: Pick<Clock, "now"> },
): Promises | undefined {
  const [first] = keys;
  if (!first) return undefined;
  return {
    sign: ({ exp, holds, ...claims }: PromiseClaims): string =>
      jwt.sign({ ...claims, holds: heldText(holds), exp, iat: Math.floor(clock.now() / 1000) }, first.secret, {
        algorithm: "HS256",
        keyid: first.kid,
        issuer: ISSUER,
        audience: projectKey,
      }),
    verify(token) {
      const key = keyOf(keys, token);
      if (!key) return { ok: false, error: "forged" };
      try {
        const verified = jwt.verify(token, key.secret, {
          algorithms: ["HS256"],
          issuer: ISSUER,
          audience: projectKey,
          clockTimestamp: Math.floor(clock.now() / 1000),
        });
        const claims = promiseClaimsSchema.safeParse(verified);
        return claims.success ? { ok: true, value: claims.data } : { ok: false, error: "unreadable" };
      } catch (error) {
        return { ok: false, error: refusalOf(error) };
      }
    },
  };
}

/** The key that the token names; a token of another algorithm, or of none, names no key. */
function keyOf(keys: readonly PromiseKey[], token: string): PromiseKey | undefined {
  const header = headerSchema.safeParse(jwt.decode(token, { complete: true })?.header);
  return header.success ? keys.find(({ kid }) => kid === header.data.kid) : undefined;
}

function refusalOf(error: unknown): PromiseRefusal {
  if (error instanceof jwt.TokenExpiredError) return "expired";
  if (error instanceof jwt.JsonWebTokenError) return "forged";
  throw error;
}
