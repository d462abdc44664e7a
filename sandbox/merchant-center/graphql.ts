import { json, type SandboxRequest, type SandboxResponse } from "../kernel/types.ts";
import type { AskProject } from "./commercetools.ts";
import type { MerchantCenterSettings, UnknownOperation, Visit } from "./settings.ts";
import { appliedPermissions, findUser, permissionSuffix, type User } from "./users.ts";

export type GraphqlContext = {
  settings: MerchantCenterSettings;
  visit: Visit;
  askProject: AskProject;
  unknownOperations: UnknownOperation[];
};

type GraphqlCall = { operationName: string; query: string; variables: Record<string, unknown> };

/** `POST /graphql` of the gateway; the header `x-graphql-target` says whose schema is meant. */
export async function answerGraphql(context: GraphqlContext, request: SandboxRequest): Promise<SandboxResponse> {
  const call = readCall(request);
  if (!call) return json(400, graphqlError("The body is not a GraphQL request with an operationName."));
  const user = findUser(context.visit.user);
  if (!user) return json(401, graphqlError("You are not signed in.", "UNAUTHENTICATED"));
  const target = request.headers["x-graphql-target"] ?? "";
  if (target === "ctp") {
    const project = request.headers["x-project-key"];
    if (project !== context.settings.projectKey) return json(403, graphqlError(`No access to project ${project}.`));
    return context.askProject(request.body);
  }
  const answer = operations[`${target} ${call.operationName}`]?.(context, user, call);
  if (!answer) return unknown(context, target, call.operationName);
  return json(200, { data: answer });
}

/** `POST /api/graphql` of the page's own host: the menu of the Merchant Center's other applications, of which there are none. */
export function answerMenu(context: GraphqlContext, request: SandboxRequest): SandboxResponse {
  const call = readCall(request);
  if (!call) return json(400, graphqlError("The body is not a GraphQL request with an operationName."));
  if (call.operationName !== "FetchApplicationsMenu") return unknown(context, "proxy", call.operationName);
  return json(200, {
    data: {
      applicationsMenu: {
        __typename: "ApplicationsMenu",
        appBar: [],
        // The shell hangs a project's own applications into the group with the key 2, so it has to be there.
        navBarGroups: ["1", "2", "3"].map((key) => ({ __typename: "NavbarMenuGroup", key, items: [] })),
      },
    },
  });
}

type Operation = (context: GraphqlContext, user: User, call: GraphqlCall) => Record<string, unknown>;

const operations: Record<string, Operation> = {
  "mc AmILoggedIn": () => ({ amILoggedIn: true }),
  "mc FetchLoggedInUser": fetchLoggedInUser,
  "mc FetchProject": fetchProject,
  "mc FetchUserId": (_context, user) => ({ user: { __typename: "User", id: user.id } }),
  "mc FetchUserProjects": ({ settings }, user) => ({
    user: { __typename: "User", id: user.id, projects: projectList(settings) },
  }),
  "settings FetchProjectExtensionsNavbar": fetchProjectExtensionsNavbar,
  "settings FetchProjectExtensionImageRegex": ({ settings }) => ({
    projectExtension: { __typename: "ProjectExtension", id: `extension-${settings.projectKey}`, imageRegex: null },
  }),
};

function fetchLoggedInUser({ settings, visit }: GraphqlContext, user: User) {
  return {
    user: {
      __typename: "User",
      id: user.id,
      email: user.email,
      createdAt: "2026-01-01T00:00:00.000Z",
      gravatarHash: "0",
      firstName: user.firstName,
      lastName: user.lastName,
      language: visit.language,
      numberFormat: visit.language,
      timeZone: "Europe/Berlin",
      launchdarklyTrackingId: "sandbox",
      launchdarklyTrackingGroup: "sandbox",
      launchdarklyTrackingSubgroup: null,
      launchdarklyTrackingTeam: [],
      launchdarklyTrackingCloudEnvironment: "sandbox",
      defaultProjectKey: settings.projectKey,
      businessRole: "Other",
      projects: projectList(settings),
      idTokenUserInfo: null,
    },
  };
}

function projectList({ projectKey }: MerchantCenterSettings) {
  return {
    __typename: "ProjectQueryResult",
    total: 1,
    results: [
      {
        __typename: "Project",
        name: projectKey,
        key: projectKey,
        suspension: { __typename: "ProjectSuspension", isActive: false },
        expiry: { __typename: "ProjectExpiry", isActive: false },
        isProductionProject: false,
      },
    ],
  };
}

function fetchProject({ settings }: GraphqlContext, user: User, call: GraphqlCall) {
  // A project that the user does not know is null, which the shell shows as "not found".
  if (call.variables.projectKey !== settings.projectKey) return { project: null };
  const rights = {
    allAppliedPermissions: appliedPermissions(user, settings.entryPointUriPath).map((permission) => ({
      __typename: "AppliedPermission",
      ...permission,
    })),
    allAppliedActionRights: [],
    allAppliedDataFences: [],
  };
  return {
    project: {
      __typename: "Project",
      key: settings.projectKey,
      version: 1,
      name: settings.projectKey,
      countries: ["DE", "SE"],
      currencies: ["EUR", "SEK"],
      languages: ["en", "de", "sv"],
      initialized: true,
      expiry: { __typename: "ProjectExpiry", isActive: false, daysLeft: null },
      suspension: { __typename: "ProjectSuspension", isActive: false, reason: null },
      isProductionProject: false,
      ...rights,
      allPermissionsForAllApplications: { __typename: "AllPermissionsForAllApplications", ...rights },
      owner: { __typename: "Organization", id: "sandbox-organization", name: "Sandbox" },
      sampleDataImportDataset: null,
      isUserAdminOfCurrentProject: false,
      productCatalogModel: null,
    },
  };
}

const ICON =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><circle cx="5" cy="12" r="3"/><circle cx="19" cy="12" r="3"/><path d="M8 11h8v2H8z"/></svg>';

function fetchProjectExtensionsNavbar({ settings }: GraphqlContext) {
  return {
    projectExtension: {
      __typename: "ProjectExtension",
      id: `extension-${settings.projectKey}`,
      installedApplications: [
        {
          __typename: "RestrictedCustomApplicationInstallationForProject",
          application: {
            __typename: "RestrictedCustomApplicationForProject",
            id: settings.applicationId,
            entryPointUriPath: settings.entryPointUriPath,
            icon: ICON,
            mainMenuLink: {
              __typename: "CustomApplicationMenuLink",
              id: `${settings.applicationId}-menu`,
              permissions: [`View${permissionSuffix(settings.entryPointUriPath)}`],
              defaultLabel: settings.applicationName,
              labelAllLocales: [],
            },
            submenuLinks: [],
          },
        },
      ],
    },
  };
}

function readCall(request: SandboxRequest): GraphqlCall | undefined {
  let body: unknown;
  try {
    body = JSON.parse(request.body.toString("utf8"));
  } catch {
    return undefined;
  }
  const call = body as { operationName?: unknown; query?: unknown; variables?: unknown } | null;
  if (request.method !== "POST" || typeof call?.operationName !== "string" || typeof call.query !== "string") {
    return undefined;
  }
  return {
    operationName: call.operationName,
    query: call.query,
    variables: (call.variables ?? {}) as Record<string, unknown>,
  };
}

function unknown(context: GraphqlContext, target: string, operationName: string): SandboxResponse {
  // Bounded, because a page that polls would otherwise fill the memory of a long visit.
  if (context.unknownOperations.length < 100) context.unknownOperations.push({ target, operationName });
  return json(200, graphqlError(`The sandbox does not know ${operationName} of ${target || "no target"}.`));
}

function graphqlError(message: string, code = "BAD_REQUEST") {
  return { data: null, errors: [{ message, extensions: { code } }] };
}
