/** Cross-origin calls of storefronts and checkouts: only from origins that are configured, only where a route says so. */
import type { RequestHandler } from "express";

const HEADERS = "authorization, content-type, x-session-id, x-storefront-key, x-correlation-id";

/** Marks answers for allowed origins and answers their preflights; everybody else gets no permission and no hint. */
export function crossOrigin(allowedOrigins: readonly string[], method: string): RequestHandler {
  return (request, response, next) => {
    response.vary("origin");
    const origin = request.header("origin");
    if (origin !== undefined && allowedOrigins.includes(origin)) {
      response.setHeader("access-control-allow-origin", origin);
      response.setHeader("access-control-expose-headers", "x-correlation-id, retry-after");
      if (request.method === "OPTIONS") {
        response.setHeader("access-control-allow-methods", method.toUpperCase());
        response.setHeader("access-control-allow-headers", HEADERS);
        response.setHeader("access-control-max-age", "600");
      }
    }
    if (request.method === "OPTIONS") response.status(204).end();
    else next();
  };
}
