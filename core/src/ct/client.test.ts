import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { AuthenticationError, ConflictError, RefusedError, TransientError } from "../domain/failure.ts";
import type { OrderId } from "../domain/ids.ts";
import { systemClock } from "../runtime/clock.ts";
import { metered, noRequests } from "../runtime/request-meter.ts";
import { createCt } from "./client.ts";
import { createOrders } from "./orders.ts";
import { clientOf, createPlatform, refusal, reply, silent } from "./testing/platform.ts";

const failureOf = async (work: Promise<unknown>): Promise<Error> => {
  try {
    await work;
  } catch (error) {
    return error as Error;
  }
  throw new Error("expected a failure");
};

const orderId = "o-1" as OrderId;

function setup(options: Parameters<typeof clientOf>[1] = {}) {
  const platform = createPlatform();
  const { ct, slept } = clientOf(platform, options);
  return { platform, slept, orders: createOrders(ct), ct };
}

describe("errors of the domain", () => {
  test("409 ConcurrentModification is a conflict and is sent once", async () => {
    const { platform, orders } = setup();
    platform.seed("orders", { id: orderId, orderState: "Open" });
    await orders.update({ id: orderId, version: 1 }, [{ action: "changeOrderState", orderState: "Confirmed" }]);
    const error = await failureOf(
      orders.update({ id: orderId, version: 1 }, [{ action: "changeOrderState", orderState: "Complete" }]),
    );
    expect(error).toBeInstanceOf(ConflictError);
    expect(error.message).toMatch(
      /^somebody else changed the resource of POST \/shop\/orders\/o-1 \(correlation id [0-9a-f-]{36}\): ConcurrentModification: Object has a different version than expected\.$/,
    );
    expect(platform.calls.map(({ method, path }) => `${method} ${path}`)).toEqual([
      "POST /orders/o-1",
      "POST /orders/o-1",
    ]);
  });

  test("a 4xx carries the platform's code, status and message", async () => {
    const { platform, orders } = setup();
    platform.intercept = ({ path }) =>
      path === "/oauth/token"
        ? undefined
        : refusal(400, "InvalidOperation", "The channel has not the role OrderExport.");
    const error = (await failureOf(orders.update({ id: orderId, version: 1 }, []))) as RefusedError;
    expect(error).toBeInstanceOf(RefusedError);
    expect([error.system, error.code, error.status]).toEqual(["commercetools", "InvalidOperation", 400]);
    expect(error.message).toContain("InvalidOperation: The channel has not the role OrderExport.");
  });

  test("a 4xx without error list is still a refusal, never an outage", async () => {
    const { platform, orders } = setup();
    platform.intercept = ({ path }) =>
      path === "/oauth/token" ? undefined : reply(400, { statusCode: 400, message: "bad", errors: [] });
    const error = (await failureOf(orders.get(orderId))) as RefusedError;
    expect([error.name, error.code, error.status]).toEqual(["RefusedError", "Http400", 400]);
  });

  test("a missing scope is named", async () => {
    const { platform, orders } = setup();
    platform.intercept = ({ path }) =>
      path === "/oauth/token"
        ? undefined
        : reply(403, { statusCode: 403, error: "insufficient_scope", message: "Insufficient scope." });
    const error = await failureOf(orders.update({ id: orderId, version: 1 }, []));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toMatch(/grant manage_orders\. The platform says: insufficient_scope: Insufficient scope\.$/);
  });

  test("a refused token is renewed once and the write goes out again", async () => {
    const { platform, orders } = setup();
    platform.seed("orders", { id: orderId, orderState: "Open" });
    platform.intercept = ({ path, headers }) =>
      path !== "/oauth/token" && headers.get("authorization") === "Bearer token-1"
        ? refusal(401, "invalid_token", "expired")
        : undefined;
    const order = await orders.update({ id: orderId, version: 1 }, [
      { action: "changeOrderState", orderState: "Confirmed" },
    ]);
    expect([order.orderState, platform.tokenRequests]).toEqual(["Confirmed", 2]);
  });

  test("a client that stays refused is an authentication error after two tokens", async () => {
    const { platform, orders } = setup();
    platform.intercept = ({ path }) => (path === "/oauth/token" ? undefined : refusal(401, "invalid_token", "revoked"));
    expect(await failureOf(orders.get(orderId))).toBeInstanceOf(AuthenticationError);
    expect([platform.calls.length, platform.tokenRequests]).toEqual([2, 2]);
  });

  test("wrong client credentials say which settings to check", async () => {
    const { platform, orders } = setup();
    platform.intercept = ({ path }) =>
      path === "/oauth/token" ? reply(401, { statusCode: 401, error: "invalid_client" }) : undefined;
    const error = await failureOf(orders.get(orderId));
    expect(error).toBeInstanceOf(AuthenticationError);
    expect(error.message).toBe(
      'commercetools does not accept the API client "client": check CTP_CLIENT_ID, CTP_CLIENT_SECRET and CTP_AUTH_URL (status 401)',
    );
  });

  test.each([
    [500, "General"],
    [502, "BadGateway"],
    [503, "OverCapacity"],
    [429, "TooManyRequests"],
    [409, "LockedField"],
  ])("a write that ends in %d %s is doubt: transient, sent once", async (status, code) => {
    const { platform, orders } = setup();
    platform.intercept = ({ path }) => (path === "/oauth/token" ? undefined : refusal(status, code, "later"));
    expect(await failureOf(orders.update({ id: orderId, version: 1 }, []))).toBeInstanceOf(TransientError);
    expect(platform.calls.length).toBe(1);
  });
});

describe("retries", () => {
  test("reads are repeated with growing, capped waits", async () => {
    const { platform, orders, slept } = setup({ readRetries: 6 });
    platform.seed("orders", { id: orderId, orderState: "Open" });
    let left = 6;
    platform.intercept = ({ path }) => {
      if (path === "/oauth/token" || left === 0) return undefined;
      left -= 1;
      return refusal(502, "BadGateway", "later");
    };
    expect((await orders.get(orderId))?.orderState).toBe("Open");
    const bounds = [400, 800, 1600, 3200, 5000, 5000];
    expect(slept.map((ms, index) => ms <= (bounds[index] ?? 0) && ms >= (bounds[index] ?? 0) / 2)).toEqual(
      bounds.map(() => true),
    );
  });

  test("Retry-After is obeyed when short, handed on when long", async () => {
    const short = setup();
    let answered = false;
    short.platform.intercept = ({ path }) => {
      if (path === "/oauth/token" || answered) return undefined;
      answered = true;
      return reply(429, {}, { "retry-after": "2" });
    };
    expect(await short.orders.get(orderId)).toBe(undefined);
    expect(short.slept).toEqual([2000]);

    const long = setup();
    long.platform.intercept = ({ path }) =>
      path === "/oauth/token" ? undefined : reply(503, {}, { "retry-after": "30" });
    const error = (await failureOf(long.orders.get(orderId))) as TransientError;
    expect([error.name, error.retryAfterMs, long.platform.calls.length]).toEqual(["ThrottledError", 30_000, 1]);
  });

  test("a price lock is the same request again after 300 ms, found by its code", async () => {
    const { platform, orders, slept } = setup();
    platform.seed("orders", { id: orderId, orderState: "Open" });
    let locks = 2;
    platform.intercept = ({ path }) => {
      if (path === "/oauth/token" || locks === 0) return undefined;
      locks -= 1;
      return refusal(400, "ExactLockConflict", "locked");
    };
    await orders.update({ id: orderId, version: 1 }, [{ action: "changeOrderState", orderState: "Confirmed" }]);
    expect(slept).toEqual([300, 300]);
    expect(platform.calls.map(({ body }) => body?.version)).toEqual([1, 1, 1]);
  });
});

describe("requests of one piece of work", () => {
  test("are counted with their repeats and without the token, for whoever asked, however they queue", async () => {
    const { platform, orders } = setup({ concurrency: 1 });
    platform.seed("orders", { id: orderId, orderState: "Open" });
    let fail = true;
    platform.intercept = ({ path }) => {
      if (path === "/oauth/token" || !fail) return undefined;
      fail = false;
      return refusal(502, "BadGateway", "later");
    };
    const [mine, others] = [noRequests(), noRequests()];
    const ask = (times: number) => Promise.all(Array.from({ length: times }, () => orders.get(orderId)));
    await Promise.all([metered(mine, () => ask(2)), metered(others, () => ask(3)), ask(4)]);
    expect([mine, others, platform.calls.length]).toEqual([
      { ctRequests: 3, ifsRequests: 0 },
      { ctRequests: 3, ifsRequests: 0 },
      10,
    ]);
  });
});

describe("token", () => {
  test("fifty callers at once share one token request", async () => {
    const { platform, orders } = setup();
    await Promise.all(Array.from({ length: 50 }, () => orders.get(orderId)));
    expect([platform.tokenRequests, platform.calls.length]).toEqual([1, 50]);
  });

  test("a short-lived token is renewed ahead of its end", async () => {
    const platform = createPlatform();
    let now = 0;
    platform.intercept = ({ path }) =>
      path === "/oauth/token" ? reply(200, { access_token: `t${platform.tokenRequests}`, expires_in: 100 }) : undefined;
    const { ct } = clientOf(platform, { clock: { ...systemClock, now: () => now, sleep: async () => {} } });
    const orders = createOrders(ct);
    await orders.get(orderId);
    now = 89_000;
    await orders.get(orderId);
    now = 91_000;
    await orders.get(orderId);
    expect(platform.calls.map(({ headers }) => headers.get("authorization"))).toEqual([
      "Bearer t1",
      "Bearer t1",
      "Bearer t2",
    ]);
  });

  test("a failed token request does not poison the next one", async () => {
    const { platform, orders } = setup();
    let broken = true;
    platform.intercept = ({ path }) => (path === "/oauth/token" && broken ? reply(503, {}) : undefined);
    expect(await failureOf(orders.get(orderId))).toBeInstanceOf(TransientError);
    broken = false;
    expect(await orders.get(orderId)).toBe(undefined);
  });
});

describe("over real sockets", () => {
  let server: Server | undefined;
  afterEach(
    () =>
      new Promise<void>((resolve) => {
        if (!server) return resolve();
        server.closeAllConnections();
        server.close(() => resolve());
        server = undefined;
      }),
  );

  const listen = (handler: Parameters<typeof createServer>[1]): Promise<string> =>
    new Promise((resolve) => {
      const started = createServer(handler);
      server = started;
      started.listen(0, "127.0.0.1", () => resolve(`http://127.0.0.1:${(started.address() as AddressInfo).port}`));
    });

  const clientAt = (url: string) =>
    createOrders(
      createCt({
        apiUrl: url,
        authUrl: url,
        projectKey: "shop",
        clientId: "client",
        clientSecret: "sandbox-secret",
        logger: silent,
        timeoutMs: 150,
        readRetries: 0,
      }),
    );

  test("a body that stalls after the headers ends at the deadline", async () => {
    const url = await listen((request, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      if (request.url === "/oauth/token") response.end('{"access_token":"t","expires_in":172800}');
      else response.write('{"id":');
    });
    const startedAt = performance.now();
    const error = await failureOf(clientAt(url).get(orderId));
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toMatch(/no complete answer within 150 ms$/);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test("a reset connection is an Error of the domain, not a plain object", async () => {
    const url = await listen((request, response) => {
      if (request.url === "/oauth/token") response.end('{"access_token":"t","expires_in":172800}');
      else request.socket.destroy();
    });
    const error = await failureOf(clientAt(url).update({ id: orderId, version: 1 }, []));
    expect(error).toBeInstanceOf(TransientError);
  });

  test("an HTML page of a load balancer keeps its status", async () => {
    const url = await listen((request, response) => {
      if (request.url === "/oauth/token") response.end('{"access_token":"t","expires_in":172800}');
      else response.writeHead(502, { "content-type": "text/html" }).end("<html>Bad Gateway</html>");
    });
    const error = await failureOf(clientAt(url).get(orderId));
    expect(error).toBeInstanceOf(TransientError);
    expect(error.message).toMatch(/Http502: <html>Bad Gateway<\/html>$/);
  });
});
