/**
 * The whole sandbox in one process: IFS Cloud with its identity provider, commercetools with its push delivery, and the
 * Merchant Center's gateway. Prints one JSON line when everything listens.
 *
 * Settings: SANDBOX_IFS_PORT, SANDBOX_COMMERCETOOLS_PORT, SANDBOX_MERCHANT_CENTER_PORT (0 takes a free one), SANDBOX_MC_APP_DIR
 * (the built application; without it there is no Merchant Center), SANDBOX_ENTRY_POINT, SANDBOX_EVENT_URL (where events are
 * pushed), SANDBOX_EVENT_TOPIC, SANDBOX_PUBSUB_JAR (Google's emulator pushes instead of the sandbox's own deliverer),
 * SANDBOX_CONNECTOR_SCOPES (scope names as in connect.yaml), SANDBOX_SEED, SANDBOX_IFS_PROFILE (which kind of tenant the IFS is, see profiles.ts).
 */
import { startCommercetools } from "./commercetools/start.ts";
import { startIfs } from "./ifs/server.ts";
import { seededRandom, systemClock } from "./kernel/types.ts";
import { startMerchantCenter } from "./merchant-center/merchant-center.ts";
import { ifsProfile } from "./profiles.ts";
import { createEmulatorHub, startEmulator } from "./pubsub/emulator.ts";
import { SHOP_PROJECT_KEY, seedShop } from "./seed/commercetools-shop.ts";

const setting = (name: string, fallback: string): string => process.env[`SANDBOX_${name}`] ?? fallback;
const port = (name: string): number => Number(setting(`${name}_PORT`, "0"));

const seed = Number(setting("SEED", "1"));
const clock = systemClock;
const profile = ifsProfile(setting("IFS_PROFILE", "standard"));
const eventUrl = setting("EVENT_URL", "");
const scopes = setting("CONNECTOR_SCOPES", "")
  .split(" ")
  .filter((scope) => scope !== "");
const topic = setting("EVENT_TOPIC", "connector-events");

const jar = setting("PUBSUB_JAR", "");
const emulator = jar === "" ? undefined : await startEmulator(jar);
const hub = emulator && createEmulatorHub({ emulator, maxBackoffSeconds: 5 });
if (hub && eventUrl !== "") await hub.setEndpoint(topic, eventUrl);

const ifs = await startIfs({ port: port("IFS"), clock, random: seededRandom(seed), profile });
const commercetools = await startCommercetools({
  port: port("COMMERCETOOLS"),
  clock,
  random: seededRandom(seed + 1),
  projectKey: SHOP_PROJECT_KEY,
  seed: async (model) => {
    await seedShop(model);
    // The connector gets the scopes that its deployment would get, no more.
    if (scopes.length > 0) model.auth.addClient({ id: "connector", secret: "sandbox-secret", scopes });
  },
  push: { endpoints: eventUrl === "" ? {} : { [topic]: eventUrl } },
  ...(hub ? { deliver: hub.deliver } : {}),
});
const appDir = setting("MC_APP_DIR", "");
const merchantCenter =
  appDir === ""
    ? undefined
    : await startMerchantCenter({
        port: port("MERCHANT_CENTER"),
        appDir,
        commercetoolsUrl: commercetools.url,
        projectKey: SHOP_PROJECT_KEY,
        entryPointUriPath: setting("ENTRY_POINT", "ifs-cloud"),
      });

process.stdout.write(
  `${JSON.stringify({
    ready: true,
    ifs: ifs.url,
    commercetools: commercetools.url,
    merchantCenter: merchantCenter?.url ?? null,
    issuer: merchantCenter?.issuer ?? null,
  })}\n`,
);

let stopping = false;
const stop = () => {
  if (stopping) return;
  stopping = true;
  Promise.all([ifs.close(), commercetools.close(), merchantCenter?.close(), hub?.close(), emulator?.close()]).then(
    () => process.exit(0),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
};
process.on("SIGTERM", stop);
process.on("SIGINT", stop);
