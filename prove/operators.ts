/** What people see and do with single orders, by the code behind service-app's endpoints and the commands. */
import { createConnector } from "../core/src/compose/connector.ts";
import { createInterventions, type Interventions } from "../core/src/compose/interventions.ts";
import { interventionDeps } from "../core/src/compose/operator-routes.ts";
import { serverSettings } from "../core/src/compose/settings.ts";
import { readTimeline, type Timeline } from "../core/src/compose/timeline.ts";
import { environmentOf } from "./addresses.ts";
import { surroundingsOf } from "./install.ts";
import type { World } from "./world.ts";

const connectorOf = (world: World) =>
  createConnector({
    app: "people",
    settings: serverSettings.parse({ ...environmentOf("job-app"), LOG_LEVEL: "error" }),
    lanes: ["orders"],
    ...surroundingsOf(world, "people"),
  });

/** Throws where no order has the name. */
export async function timelineNamed(world: World, name: string): Promise<Timeline> {
  const connector = connectorOf(world);
  connector.budget.start();
  const timeline = await world.drive(readTimeline(connector, name));
  await world.drive(connector.budget.stop());
  if (!timeline) throw new Error(`no order is named ${name}`);
  return timeline;
}

/** One action of a person, done when it is answered. */
export async function intervene<T>(world: World, act: (people: Interventions) => Promise<T>): Promise<T> {
  const connector = connectorOf(world);
  connector.budget.start();
  const answer = await world.drive(act(createInterventions(interventionDeps(connector))));
  await world.drive(connector.budget.stop());
  return answer;
}
