// Runs after the deployment. The Merchant Center has no interface by which a deployment could register an application,
// so this says what a person has to do, and fails where the deployment was configured so that it can't work.
import { missingSettings } from "./settings.mjs";

const missing = missingSettings(process.env);
if (missing.length > 0) {
  process.stderr.write(
    `${missing.map(({ key, expects }) => `${key} is missing or still a placeholder: ${expects}`).join("\n")}\n`,
  );
  process.exitCode = 1;
} else {
  process.stdout.write(
    [
      "The Merchant Center application is built. To finish:",
      "  1. Merchant Center > Manage Organizations & Teams > Custom Applications > the registration of this application:",
      `     enter the URL of this deployment${process.env.APPLICATION_URL ? ` (${process.env.APPLICATION_URL})` : ""} as Application URL, and save.`,
      `  2. Check there that the entry point URI path is "${process.env.ENTRY_POINT_URI_PATH}" and the application id "${process.env.CUSTOM_APPLICATION_ID}".`,
      "  3. Set it to Ready, install it for the project, and give teams its View (and where wanted Manage) permission.",
      "",
    ].join("\n"),
  );
}
