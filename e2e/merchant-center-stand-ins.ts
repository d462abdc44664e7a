/** The two neighbours of the page, as small as they can be: a project that stores one document, and a service that answers one call. */
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { createSessionMiddleware } from "@commercetools-backend/express";
import express, { type Express, type NextFunction, type Request, type RequestHandler, type Response } from "express";
import type { Overview } from "../core/src/domain/overview.ts";

export type Project = {
  url: string;
  /** Stores the service address, or takes it away again. */
  install(serviceUrl: string | undefined): void;
  close(): Promise<void>;
};

/** commercetools, as far as the page asks it: a token, and the document with the service address by GraphQL. */
export async function startProject(projectKey: string): Promise<Project> {
  let serviceUrl: string | undefined;
  const app = express();
  app.use(express.json());
  app.post("/oauth/token", (_request, response) => {
    response.json({ access_token: "sandbox-token", expires_in: 172_800, token_type: "Bearer" });
  });
  app.post(`/${projectKey}/graphql`, (request, response) => {
    const variables = request.body.variables as { container: string; key: string };
    const known = variables.container === "ifs-connector-config" && variables.key === "service-url" && serviceUrl;
    response.json({
      data: {
        customObject: known ? { __typename: "CustomObject", id: "document", value: { url: serviceUrl } } : null,
      },
    });
  });
  const server = await listen(app);
  return {
    url: server.url,
    install: (url) => {
      serviceUrl = url;
    },
    close: server.close,
  };
}

export type OverviewService = {
  serviceUrl: string;
  /** Calls that passed the session check. */
  sessions: { userId: string; projectKey: string; userPermissions?: string[] }[];
  /** What it answers from now on. */
  answer(status: number, body: unknown): void;
  close(): Promise<void>;
};

/** The package's types are those of express 4; it uses nothing that differs in express 5. */
function sessionCheck(options: { audience: string; issuer: string }): RequestHandler {
  return createSessionMiddleware(options) as unknown as RequestHandler;
}

type WithSession = Request & { session?: { userId: string; projectKey: string; userPermissions?: string[] } };

/** The connector's service, as far as the page asks it, behind the platform's own session check. */
export async function startOverviewService(options: {
  issuer: string;
  projectKey: string;
  overview: Overview;
}): Promise<OverviewService> {
  const sessions: OverviewService["sessions"] = [];
  let next = { status: 200, body: options.overview as unknown };
  const app = express();
  // Its own address is known only after it listens, and the audience of a token is that address.
  let origin = "";
  app.get(
    "/service/mc/overview",
    (request, response, done) => sessionCheck({ audience: origin, issuer: options.issuer })(request, response, done),
    (request: WithSession, response) => {
      const session = request.session;
      if (session?.projectKey !== options.projectKey) {
        response.status(403).json({ message: "another project" });
        return;
      }
      sessions.push(session);
      response.status(next.status).json(next.body);
    },
  );
  app.use((error: Error, _request: Request, response: Response, _next: NextFunction) => {
    response.status(401).json({ message: error.message });
  });
  const server = await listen(app);
  origin = server.url;
  return {
    serviceUrl: `${server.url}/service`,
    sessions,
    answer: (status, body) => {
      next = { status, body };
    },
    close: server.close,
  };
}

async function listen(app: Express): Promise<{ url: string; close(): Promise<void> }> {
  const server = await new Promise<Server>((done, fail) => {
    const starting = app.listen(0, "127.0.0.1", (error) => (error ? fail(error) : done(starting)));
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((done) => {
        server.close(() => done());
        server.closeAllConnections();
      }),
  };
}
