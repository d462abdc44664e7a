/**
 * `npm run exceptions -- list | retry | edit | ignore | unignore`: the inbox of the Merchant Center page without a browser. The systems
 * are named by the environment as for the applications; without CTP_PROJECT_KEY they are the running sandbox's.
 */
import { runExceptionsCommand } from "../core/src/compose/exceptions-command.ts";
import { createInterventions } from "../core/src/compose/interventions.ts";
import { interventionDeps, readExceptionList } from "../core/src/compose/operator-routes.ts";
import { openProject } from "./project.ts";

try {
  const project = await openProject();
  try {
    process.exitCode = await runExceptionsCommand(process.argv.slice(2), {
      print: (line) => process.stdout.write(`${line}\n`),
      list: (filter) => readExceptionList(project, filter),
      people: createInterventions(interventionDeps(project)),
    });
  } finally {
    await project.close();
  }
} catch (error) {
  process.stderr.write(`${(error as Error).message}\n`);
  process.exitCode = 2;
}
