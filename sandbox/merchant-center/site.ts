import { readFile, stat } from "node:fs/promises";
import { extname, join, normalize, sep } from "node:path";
import { json, type SandboxRequest, type SandboxResponse } from "../kernel/types.ts";

const types: Record<string, string> = {
  ".html": "text/html;charset=utf-8",
  ".js": "text/javascript;charset=utf-8",
  ".css": "text/css;charset=utf-8",
  ".json": "application/json;charset=utf-8",
  ".map": "application/json;charset=utf-8",
  ".svg": "image/svg+xml",
  ".png": "image/png",
  ".ico": "image/x-icon",
  ".woff2": "font/woff2",
};

/** The built application: files as they are, and `index.html` for every path that is a page of the application. */
export async function serveSite(appDir: string, request: SandboxRequest): Promise<SandboxResponse> {
  if (request.method !== "GET" && request.method !== "HEAD") return json(405, { message: "only GET" });
  const path = decodePath(request.path);
  if (path === undefined) return json(400, { message: "the path is not decodable" });
  const file = join(appDir, normalize(path));
  if (file !== appDir && !file.startsWith(appDir + sep))
    return json(400, { message: "the path leaves the application" });
  if (await isFile(file)) return answer(file);
  // A missing script must be a 404 and not a page, or the browser reports nothing but a syntax error.
  return extname(path) === ""
    ? answer(join(appDir, "index.html"))
    : json(404, { message: `${path} is not part of the build` });
}

async function answer(file: string): Promise<SandboxResponse> {
  return {
    status: 200,
    headers: { "content-type": types[extname(file)] ?? "application/octet-stream", "cache-control": "no-store" },
    body: await readFile(file),
  };
}

async function isFile(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isFile();
  } catch {
    return false;
  }
}

function decodePath(path: string): string | undefined {
  try {
    return decodeURIComponent(path.split("?")[0] ?? "/");
  } catch {
    return undefined;
  }
}
