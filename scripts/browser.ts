/** Finds a Chromium on this machine or gets one from the package sources that are there anyway. */
import { spawn } from "node:child_process";
import { access, constants, readFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { chromium } from "playwright-core";

export type BrowserChoice = {
  executablePath: string;
  args: string[];
  /** Where it came from, for the log. */
  source: "PATH" | "@sparticuz/chromium" | "apt-get";
};

const NAMES = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
const INSTALL_DEADLINE_MS = 300_000;
const LAUNCH_DEADLINE_MS = 30_000;

let found: Promise<BrowserChoice> | undefined;

/** Each candidate has to start before it is chosen. Throws with what to install where none does. */
export function findChromium(progress: (line: string) => void = () => {}): Promise<BrowserChoice> {
  found ??= search(progress).catch((error: unknown) => {
    found = undefined;
    throw error;
  });
  return found;
}

async function search(progress: (line: string) => void): Promise<BrowserChoice> {
  const refused: string[] = [];
  for (const candidate of [onPath, fromPackage]) {
    const choice = await candidate();
    if (!choice) continue;
    const problem = await tryOut(choice);
    if (problem === undefined) return choice;
    refused.push(`${choice.executablePath} (${choice.source}): ${problem}`);
  }
  if (await mayInstall()) {
    progress("No Chromium that starts was found, installing Debian's (apt-get install chromium) ...");
    const problem = await install();
    const choice = problem === undefined ? await onPath() : undefined;
    if (choice) {
      const failure = await tryOut(choice);
      if (failure === undefined) return { ...choice, source: "apt-get" };
      refused.push(`${choice.executablePath} (apt-get): ${failure}`);
    } else refused.push(`apt-get: ${problem ?? "no chromium on the PATH afterwards"}`);
  }
  throw new Error(
    [
      "No Chromium could be started. Install one (Debian and Ubuntu: `apt-get install chromium`; macOS and others: Google Chrome or Chromium on the PATH) and run the command again.",
      ...refused.map((line) => `  tried ${line}`),
    ].join("\n"),
  );
}

// Chromium's sandbox needs kernel rights that containers and root do not have; the pages it opens here are our own.
const ARGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--hide-scrollbars"];

async function onPath(): Promise<BrowserChoice | undefined> {
  for (const name of NAMES) {
    for (const folder of (process.env.PATH ?? "").split(delimiter)) {
      const executablePath = join(folder, name);
      if (folder !== "" && (await isExecutable(executablePath))) return { executablePath, args: ARGS, source: "PATH" };
    }
  }
  return undefined;
}

/** A Chromium inside an npm package: unpacked from node_modules, nothing is downloaded. Linux on x64 only. */
async function fromPackage(): Promise<BrowserChoice | undefined> {
  if (process.platform !== "linux" || process.arch !== "x64") return undefined;
  const { default: packaged } = await import("@sparticuz/chromium");
  const executablePath = await packaged.executablePath();
  return { executablePath, args: [...ARGS, "--headless=shell"], source: "@sparticuz/chromium" };
}

/** undefined when it starts and renders, else why not. */
async function tryOut(choice: BrowserChoice): Promise<string | undefined> {
  try {
    const browser = await chromium.launch({ ...choice, timeout: LAUNCH_DEADLINE_MS });
    try {
      const page = await browser.newPage();
      await page.setContent("<p>ready</p>", { timeout: LAUNCH_DEADLINE_MS });
      const text = await page.textContent("p", { timeout: LAUNCH_DEADLINE_MS });
      return text === "ready" ? undefined : "it starts, but renders nothing";
    } finally {
      await browser.close();
    }
  } catch (error) {
    return error instanceof Error ? (error.message.split("\n")[0] ?? error.message) : String(error);
  }
}

async function mayInstall(): Promise<boolean> {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return false;
  const release = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^ID(_LIKE)?=.*debian/m.test(release);
}

/** undefined when it went well, else why not. */
async function install(): Promise<string | undefined> {
  const command = "apt-get update -qq && apt-get install -y -qq --no-install-recommends chromium";
  return new Promise((done) => {
    const child = spawn("sh", ["-c", command], {
      stdio: ["ignore", "ignore", "pipe"],
      env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    });
    let output = "";
    child.stderr.on("data", (chunk: Buffer) => {
      output = (output + chunk.toString("utf8")).slice(-1_000);
    });
    const timer = setTimeout(() => child.kill("SIGKILL"), INSTALL_DEADLINE_MS);
    child.on("error", (error) => done(error.message));
    child.on("close", (code) => {
      clearTimeout(timer);
      done(code === 0 ? undefined : `ended with ${code ?? "a kill"}: ${output}`);
    });
  });
}

async function isExecutable(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
