/**
 * The connector as its three post-deploy scripts leave it in commercetools. They run once for all seeds of a process, in a world
 * of their own: what they make is the same in every world, and would be most of what a short seed costs.
 */
import type { TypeId } from "../../sandbox/commercetools/definition.ts";
import type { Resource } from "../../sandbox/commercetools/json.ts";
import { appNames } from "../addresses.ts";
import { deploy } from "../install.ts";
import { openWorld, type World } from "../world.ts";

type Made = { readonly typeId: TypeId; readonly resource: Resource };

let made: Promise<readonly Made[]> | undefined;

/** Every world of the shop gives the same ids in the same order: what is made here has none that a seed would come to. */
const IDS_OF_A_SEED = 20_000;

async function installed(): Promise<readonly Made[]> {
  const world = await openWorld({ size: "small" });
  try {
    const { world: shop } = world.commercetools.model;
    for (let count = 0; count < IDS_OF_A_SEED; count += 1) shop.newId();
    // There is no configuration yet: to arm the check, the script would hash a secret, slowly and on purpose.
    for (const app of appNames) await deploy(world, app);
    return shop
      .definitions()
      .flatMap(({ typeId }) => [...shop.collection(typeId).values()].map((resource) => ({ typeId, resource })))
      .filter(({ typeId, resource }) => typeId !== "message" && isOfConnector(resource));
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

/** What was made is stamped with the first seconds of a world. */
const MADE_MS = 5000;

export async function installInto(world: World): Promise<void> {
  for (const { typeId, resource } of await prepareInstallation()) {
    world.commercetools.model.world.collection(typeId).put(structuredClone(resource));
  }
  await world.run(MADE_MS);
}
