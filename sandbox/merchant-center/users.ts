/** Who is signed in. The sandbox knows four kinds of visitor, and one of them is signed in at a time. */
export type UserName = "manager" | "viewer" | "stranger" | "nobody";

export type Language = "en" | "de";

export type User = {
  name: Exclude<UserName, "nobody">;
  id: string;
  firstName: string;
  lastName: string;
  email: string;
  rights: readonly ("view" | "manage")[];
};

const users: Record<User["name"], User> = {
  manager: {
    name: "manager",
    id: "7c1f6a52-58a4-4f0a-9f2b-000000000001",
    firstName: "Sandbox",
    lastName: "Manager",
    email: "manager@sandbox.invalid",
    // Manage implies view on the platform, and both are granted.
    rights: ["view", "manage"],
  },
  viewer: {
    name: "viewer",
    id: "7c1f6a52-58a4-4f0a-9f2b-000000000002",
    firstName: "Sandbox",
    lastName: "Viewer",
    email: "viewer@sandbox.invalid",
    rights: ["view"],
  },
  stranger: {
    name: "stranger",
    id: "7c1f6a52-58a4-4f0a-9f2b-000000000003",
    firstName: "Sandbox",
    lastName: "Stranger",
    email: "stranger@sandbox.invalid",
    rights: [],
  },
};

export function findUser(name: UserName): User | undefined {
  return name === "nobody" ? undefined : users[name];
}

export function isUserName(value: unknown): value is UserName {
  return value === "nobody" || (typeof value === "string" && Object.hasOwn(users, value));
}

export function isLanguage(value: unknown): value is Language {
  return value === "en" || value === "de";
}

/** `ifs-cloud` -> `IfsCloud`: how the Merchant Center names the permissions of an application with this entry point. */
export function permissionSuffix(entryPointUriPath: string): string {
  return entryPointUriPath
    .split("_")
    .map(upperFirst)
    .join("_")
    .split("-")
    .map((word, index) => (index > 0 && /^\d/.test(word) ? `/${word}` : upperFirst(word)))
    .join("");
}

/** As `FetchProject` names them: `canViewIfsCloud`. */
export function appliedPermissions(user: User, entryPointUriPath: string): { name: string; value: boolean }[] {
  return user.rights.map((right) => ({
    name: `can${upperFirst(right)}${permissionSuffix(entryPointUriPath)}`,
    value: true,
  }));
}

/**
 * How a forwarded token spells permissions is documented nowhere; the tests of the platform's own session package have
 * `viewOrders`, the application's own permissions are written `ViewOrders`. A receiver has to accept both.
 */
export type PermissionSpelling = "viewX" | "ViewX";

export function isPermissionSpelling(value: unknown): value is PermissionSpelling {
  return value === "viewX" || value === "ViewX";
}

/** As the forwarded token names them: `viewIfsCloud` or `ViewIfsCloud`. */
export function tokenPermissions(user: User, entryPointUriPath: string, spelling: PermissionSpelling): string[] {
  return user.rights.map(
    (right) => `${spelling === "ViewX" ? upperFirst(right) : right}${permissionSuffix(entryPointUriPath)}`,
  );
}

function upperFirst(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
