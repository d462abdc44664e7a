import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import type { Clock } from "../kernel/types.ts";

export type ExchangeClaims = {
  userId: string;
  projectKey: string;
  /** What the receiver has to recognise as itself: an origin, or origin and path. */
  audience: string;
  /** Only when the page asked for them. */
  permissions?: readonly string[] | undefined;
  /** May be negative, for a token that is over already. */
  expiresInSeconds?: number;
};

export type ExchangeTokens = {
  sign(claims: ExchangeClaims): Promise<string>;
  jwks: { keys: JWK[] };
};

const LIFETIME_SECONDS = 60;

/** The gateway's own signature: RS256, with claims named as `@commercetools-backend/express` 27.10.0 reads them. */
export async function createExchangeTokens(options: { issuer: () => string; clock: Clock }): Promise<ExchangeTokens> {
  const pair = await generateKeyPair("RS256");
  const kid = "sandbox-gateway";
  return {
    jwks: { keys: [{ ...(await exportJWK(pair.publicKey)), kid, alg: "RS256", use: "sig" }] },
    sign: (claims) => {
      const issuer = options.issuer();
      const now = Math.floor(options.clock.now() / 1_000);
      const own: Record<string, unknown> = { [`${issuer}/claims/project_key`]: claims.projectKey };
      if (claims.permissions) own[`${issuer}/claims/user_permissions`] = claims.permissions;
      return new SignJWT(own)
        .setProtectedHeader({ alg: "RS256", kid })
        .setIssuer(issuer)
        .setSubject(claims.userId)
        .setAudience(claims.audience)
        .setIssuedAt(now)
        .setExpirationTime(now + (claims.expiresInSeconds ?? LIFETIME_SECONDS))
        .sign(pair.privateKey);
    },
  };
}
