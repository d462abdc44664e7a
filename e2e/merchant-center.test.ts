import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HOST_RULES, type MerchantCenter, startMerchantCenter } from "../sandbox/merchant-center/merchant-center.ts";
import { buildMcApp } from "../scripts/mc-app.ts";
import { overviewFixture } from "./merchant-center-fixture.ts";
import { visitOverview } from "./merchant-center-page.ts";
import { type OverviewService, startOverviewService, startProject } from "./merchant-center-stand-ins.ts";

const root = fileURLToPath(new URL("..", import.meta.url));
const PORT = 13_071;
const PROJECT = "sandbox-shop";

let merchantCenter: MerchantCenter;
let project: Awaited<ReturnType<typeof startProject>>;
let service: OverviewService;

beforeAll(async () => {
  const { dir } = await buildMcApp({ root, port: PORT, entryPointUriPath: "ifs-cloud" });
  project = await startProject(PROJECT);
  merchantCenter = await startMerchantCenter({
    port: PORT,
    appDir: dir,
    commercetoolsUrl: project.url,
    projectKey: PROJECT,
    entryPointUriPath: "ifs-cloud",
  });
  service = await startOverviewService({
    issuer: merchantCenter.issuer,
    projectKey: PROJECT,
    overview: overviewFixture,
  });
  project.install(service.serviceUrl);
}, 900_000);

afterAll(async () => {
  await merchantCenter?.close();
  await service?.close();
  await project?.close();
});

test("the overview stands in the Merchant Center with its flows and exceptions", async () => {
  const visit = await visitOverview({
    pageUrl: merchantCenter.url,
    hostRules: HOST_RULES,
    screenshotPath: join(root, "artifacts", "merchant-center.png"),
  });
  console.log(visit);
  expect(visit.navigationEntry).toBe(true);
}, 120_000);
