import { type Handler, json, type SandboxRequest, type SandboxResponse } from "../kernel/types.ts";
import { clerkCommands } from "./clerk.ts";
import { summarizeOrder } from "./clerk-input.ts";
import { OdataError } from "./errors.ts";
import type { Grants } from "./grants.ts";
import type { IfsModel } from "./model.ts";
import { parseSettings } from "./settings.ts";

/**
 * Calls under `/sandbox/`: `settings` (GET, POST), `clerk/{command}` (POST), `state/orders`, `state/counters` (GET),
 * `grants` (GET) and `grants/{clientId}` (POST, DELETE), `reset` (POST).
 */
export function createControl(model: IfsModel, grants: Grants): Handler {
  return async (request) => {
    try {
      return route(model, grants, request);
    } catch (error) {
      return refusal(error);
    }
  };
}

function route(model: IfsModel, grants: Grants, request: SandboxRequest): SandboxResponse {
  const path = (request.path.split("?")[0] ?? "").replace(/^\/sandbox\//, "");
  const [area = "", name = ""] = path.split("/").map(decodeURIComponent);
  const isPost = request.method === "POST";
  switch (area) {
    case "settings":
      if (!isPost) return json(200, model.settings());
      return json(200, model.changeSettings(settingsIn(request)));
    case "clerk":
      if (isPost) return json(200, model.clerk(name, bodyOf(request)));
      return json(200, { commands: Object.keys(clerkCommands) });
    case "state":
      return state(model, name);
    case "grants":
      return grantsCall(grants, request, name);
    case "reset":
      if (!isPost) break;
      model.reset();
      return json(200, { reset: true });
  }
  return json(404, { message: `no sandbox control at ${request.method} /sandbox/${path}` });
}

function bodyOf(request: SandboxRequest): Record<string, unknown> {
  const text = request.body.toString("utf8").trim();
  const value: unknown = text === "" ? {} : JSON.parse(text);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new SyntaxError("the body is no JSON object");
  return value as Record<string, unknown>;
}

function settingsIn(request: SandboxRequest) {
  try {
    return parseSettings(bodyOf(request));
  } catch (error) {
    throw new OdataError(400, "SETTINGS", error instanceof Error ? error.message : String(error));
  }
}

function state(model: IfsModel, name: string): SandboxResponse {
  if (name === "counters") return json(200, model.counters());
  if (name === "orders") {
    const world = model.world();
    return json(
      200,
      [...world.table("CustomerOrder").all()].map((order) => summarizeOrder(world, order)),
    );
  }
  return json(404, { message: "state is orders or counters" });
}

function grantsCall(grants: Grants, request: SandboxRequest, clientId: string): SandboxResponse {
  if (request.method === "GET") return json(200, grants.list());
  if (request.method === "DELETE") {
    grants.remove(clientId);
    return json(200, grants.list());
  }
  const changed = grants.change(clientId, grantIn(bodyOf(request)));
  return changed ? json(200, changed) : json(404, { message: `there is no client "${clientId}"` });
}

function grantIn(body: Record<string, unknown>) {
  const isList = (value: unknown): value is string[] =>
    Array.isArray(value) && value.every((item) => typeof item === "string");
  const changes: { companies?: string[]; sites?: string[]; projections?: string[] | "all" } = {};
  for (const [name, value] of Object.entries(body)) {
    if (name === "projections" && value === "all") changes.projections = "all";
    else if ((name === "companies" || name === "sites" || name === "projections") && isList(value))
      changes[name] = value;
    else throw new OdataError(400, "GRANTS", `"${name}" is companies, sites or projections with a list of texts.`);
  }
  return changes;
}

function refusal(error: unknown): SandboxResponse {
  if (error instanceof SyntaxError) return json(400, { message: `the body is no JSON: ${error.message}` });
  if (!(error instanceof OdataError)) throw error;
  const detail = error.details[0]?.message.replace(/^ORA-\d+: [\w.]+: /, "");
  return json(error.business ? 409 : error.status, { message: detail ?? error.message });
}
