/**
 * The connector as its post-deploy scripts and a first tick of job-app leave it in commercetools. Both run once for all seeds of a
 * process, in a world of their own: what they make is the same in every world, and would be most of what a short seed costs.
 */
import type { TypeId } from "../sandbox/commercetools/definition.ts";
import { copyOf, type Resource } from "../sandbox/commercetools/json.ts";
import { appNames } from "./addresses.ts";
import { configurationOf, type Document, deploy, storeConfiguration } from "./install.ts";
import { openWorld, type World } from "./world.ts";

type Made = { readonly typeId: TypeId; readonly resource: Resource };

let made: Promise<readonly Made[]> | undefined;

/** Every world of the shop gives the same ids in the same order: what is made here has none that a seed would come to. */
const IDS_OF_A_SEED = 20_000;

/** What flows remember of their last run: in a seed they are not all due at once. */
const memories = ["cursors", "leases", "run-history", "runs", "sales"].map((name) => `ifs-connector-${name}`);

/** No entries and no prices: a seed has its own, and finds them by itself. */
const quiet: Document = { stock: { pools: [] }, prices: { lists: [] }, atp: { cover: { windowDays: 1 } } };

async function installed(): Promise<readonly Made[]> {
  const world = await openWorld({ size: "small" });
  try {
    const { world: shop } = world.commercetools.model;
    for (let count = 0; count < IDS_OF_A_SEED; count += 1) shop.newId();
    const all = (): Made[] =>
      shop
        .definitions()
        .flatMap(({ typeId }) => [...shop.collection(typeId).values()].map((resource) => ({ typeId, resource })))
        .filter(({ typeId, resource }) => typeId !== "message" && isOfConnector(resource));
    // There is no configuration yet: to arm the check, the script would hash a secret, slowly and on purpose.
    for (const app of appNames) await deploy(world, app);
    const byScripts = all();
    await storeConfiguration(world, configurationOf(world, quiet));
    const [job] = world.start("job-app");
    await world.tick();
    if (job) await world.drive(job.stop());
    const remembered = all().filter(({ resource }) => memories.includes(String(resource.container)));
    if (world.time.elapsed() > MADE_MS) throw new Error(`to install took ${world.time.elapsed()} ms`);
    return [...byScripts, ...remembered];
  } finally {
    world.close();
  }
}

const isOfConnector = ({ createdBy }: Resource): boolean =>
  (createdBy as { clientId?: string } | undefined)?.clientId === "connector";

/** To be asked for before a world is opened: there is one world at a time. */
export function prepareInstallation(): Promise<readonly Made[]> {
  made ??= installed();
  return made;
}

/** What was made is stamped with the first seconds of a world; a flow that is due every twenty is due again. */
const MADE_MS = 30_000;

/** The first thing that happens in a world. */
export async function installInto(world: World): Promise<void> {
  for (const { typeId, resource } of await prepareInstallation()) {
    world.commercetools.model.world.collection(typeId).put(copyOf(resource));
  }
  await world.run(MADE_MS);
}
