import { type ChildProcess, execFile, spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";
import { PubSub } from "@google-cloud/pubsub";

/** Google's emulator of Pub/Sub as a process of its own. */
export type Emulator = { host: string; port: number; close(): Promise<void> };

/** The same inlet as a push hub's, delivered by Google's emulator instead. */
export type EmulatorHub = {
  deliver(notification: { topic: string; payload: unknown; subscription: { id: string; key?: string } }): void;
  /** Creates topic and push subscription where needed and points them to the endpoint. */
  setEndpoint(topic: string, url: string): Promise<void>;
  /** What was handed to the emulator, and what it refused. */
  state(): { published: number; failures: string[] };
  /** Resolves when everything handed over was taken by the emulator. */
  flushed(): Promise<void>;
  close(): Promise<void>;
};

export type EmulatorHubOptions = {
  emulator: Emulator;
  ackDeadlineSeconds?: number;
  minBackoffSeconds?: number;
  maxBackoffSeconds?: number;
};

const START_TIMEOUT_MS = 20_000;
const KNOWN_ROOTS = ["/usr/lib/google-cloud-sdk", "/opt/google-cloud-sdk", "/usr/local/google-cloud-sdk"];
const run = promisify(execFile);

/**
 * The emulator's jar: from the variable `PUBSUB_EMULATOR_JAR`, from the usual installation folders, or from where gcloud
 * says that it is installed. Undefined when it is not on this machine.
 */
export async function findEmulatorJar(environment: NodeJS.ProcessEnv = process.env): Promise<string | undefined> {
  const named = environment.PUBSUB_EMULATOR_JAR;
  if (named) return existsSync(named) ? named : undefined;
  const known = KNOWN_ROOTS.map(jarUnder).find((jar) => jar !== undefined);
  if (known) return known;
  const root = await run("gcloud", ["info", "--format=value(installation.sdk_root)"], { timeout: 15_000 }).catch(
    () => undefined,
  );
  return root ? jarUnder(root.stdout.trim()) : undefined;
}

function jarUnder(root: string): string | undefined {
  const folder = join(root, "platform", "pubsub-emulator", "lib");
  if (!existsSync(folder)) return undefined;
  const jar = readdirSync(folder).find((file) => /^cloud-pubsub-emulator.*\.jar$/.test(file));
  return jar ? join(folder, jar) : undefined;
}

/**
 * Starts the jar on a free loopback port and waits until this very process listens: on a busy port it would only log an
 * error and stay, and one would talk to somebody else's emulator.
 */
export async function startEmulator(jar: string): Promise<Emulator> {
  const port = await freePort();
  const child = spawn("java", ["-jar", jar, "--host=127.0.0.1", `--port=${port}`], {
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    await listening(child, port);
  } catch (error) {
    child.kill("SIGKILL");
    throw error;
  }
  return { host: `127.0.0.1:${port}`, port, close: () => stop(child) };
}

function listening(child: ChildProcess, port: number): Promise<void> {
  return new Promise((done, fail) => {
    let log = "";
    const timer = setTimeout(
      () => fail(new Error(`the Pub/Sub emulator did not start in time: ${log}`)),
      START_TIMEOUT_MS,
    );
    const settle = (end: () => void) => {
      clearTimeout(timer);
      end();
    };
    const read = (chunk: Buffer) => {
      log = (log + chunk.toString("utf8")).slice(-4000);
      if (log.includes("BindException")) settle(() => fail(new Error(`port ${port} is taken`)));
      else if (log.includes(`listening on ${port}`)) settle(done);
    };
    child.stdout?.on("data", read);
    child.stderr?.on("data", read);
    child.once("error", (error) => settle(() => fail(error)));
    child.once("exit", (code) => settle(() => fail(new Error(`the Pub/Sub emulator ended with ${code}: ${log}`))));
  });
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((done) => {
    if (child.exitCode !== null) {
      done();
      return;
    }
    child.once("exit", () => done());
    child.kill("SIGTERM");
  });
}

function freePort(): Promise<number> {
  return new Promise((done, fail) => {
    const probe = createServer();
    probe.once("error", fail);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => (address && typeof address === "object" ? done(address.port) : fail(new Error("no port"))));
    });
  });
}

/** Publishes to the emulator, which pushes to the endpoints. It acknowledges by 200, 201, 203 and 204 only. */
export function createEmulatorHub(options: EmulatorHubOptions): EmulatorHub {
  // The client would otherwise look for a cloud's metadata server, which an emulator does not need.
  process.env.METADATA_SERVER_DETECTION ??= "none";
  const client = new PubSub({ projectId: "sandbox", apiEndpoint: options.emulator.host, emulatorMode: true });
  const failures: string[] = [];
  const underWay = new Set<Promise<unknown>>();
  const topics = new Map<string, Promise<unknown>>();
  let published = 0;

  const ready = (name: string) => {
    const known = topics.get(name) ?? client.createTopic(name);
    topics.set(name, known);
    return known;
  };

  return {
    deliver({ topic, payload, subscription }) {
      published += 1;
      const sent = ready(topic)
        .then(() =>
          client.topic(topic).publishMessage({
            data: Buffer.from(JSON.stringify(payload), "utf8"),
            attributes: { subscription: subscription.key ?? subscription.id },
          }),
        )
        .catch((error: unknown) => failures.push(String(error)))
        .finally(() => underWay.delete(sent));
      underWay.add(sent);
    },
    async setEndpoint(topic, url) {
      await ready(topic);
      await client.topic(topic).createSubscription(`${topic}-push`, {
        pushConfig: { pushEndpoint: url },
        ackDeadlineSeconds: options.ackDeadlineSeconds ?? 10,
        retryPolicy: {
          minimumBackoff: { seconds: options.minBackoffSeconds ?? 1 },
          maximumBackoff: { seconds: options.maxBackoffSeconds ?? 60 },
        },
      });
    },
    state: () => ({ published, failures: [...failures] }),
    flushed: async () => {
      await Promise.all(underWay);
    },
    close: () => client.close(),
  };
}
