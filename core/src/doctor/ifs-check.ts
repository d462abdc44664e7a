/** What the facts from IFS mean. Pure. */
import { AuthenticationError, RefusedError } from "../domain/failure.ts";
import type { Failure } from "./attempt.ts";
import { severityOf } from "./binding-check.ts";
import type { ObjectName } from "./field-types.ts";
import { counted, type Diagnosis, type Finding, said } from "./finding.ts";
import type { IfsFacts, ReadFact, TimeZoneFact } from "./ifs-facts.ts";
import { median, type Observations } from "./observed-fetch.ts";
import type { DoctorConfig } from "./scope.ts";

/** Why nothing could be asked: the credential, the address or the server. */
export function checkSignIn(error: Failure, observed: Observations): Finding {
  const base = { severity: "error", subject: "IFS Cloud" } as const;
  if (error instanceof AuthenticationError && observed.token?.status !== 200) {
    return {
      ...base,
      check: "ifs.sign-in",
      message: said(`The identity provider refuses the credential: ${error.message}`),
      owner: "ifsAdministrator",
      action: "Compare IFS_CLIENT_ID, IFS_CLIENT_SECRET and the realm in IFS_TOKEN_URL with the IAM client in IFS.",
    };
  }
  if (error instanceof AuthenticationError) {
    return {
      ...base,
      check: "ifs.token-accepted",
      message: said(`A token is handed out, and the API does not accept it: ${error.message}`),
      owner: "ifsAdministrator",
      action: "See that IFS_BASE_URL and IFS_TOKEN_URL are of one system and that the IAM client has a service user.",
    };
  }
  return {
    ...base,
    check: "ifs.reachable",
    message: said(`IFS could not be used: ${error.message}`),
    owner: "operator",
    action: "Check IFS_BASE_URL and IFS_TOKEN_URL, and that this machine may reach them.",
  };
}

const SHORT_LIFE_S = 60;
const TOO_SHORT_LIFE_S = 10;

export function checkToken({ token }: Observations): Diagnosis {
  if (token?.expiresIn === undefined) return { findings: [], seen: [] };
  const seen = [`IFS token: accepted, lives ${token.expiresIn} s`];
  if (token.expiresIn >= SHORT_LIFE_S) return { findings: [], seen };
  const tooShort = token.expiresIn < TOO_SHORT_LIFE_S;
  return {
    seen,
    findings: [
      {
        check: "ifs.token-life",
        severity: tooShort ? "error" : "warning",
        subject: "IFS token",
        message: `Tokens live ${token.expiresIn} s; ${tooShort ? "a request can outlive its token" : "signing in again and again opens a session each time"}.`,
        owner: "ifsAdministrator",
        action: "Raise the access token lifespan of the IAM client; IFS's own default is 180 s.",
      },
    ],
  };
}

const SKEW_WARNING_MS = 30_000;
const SKEW_ERROR_MS = 120_000;

export function checkClock(system: "IFS" | "commercetools", { skews }: Observations): Diagnosis {
  const skew = median(skews);
  if (skew === undefined) return { findings: [], seen: [] };
  const words = `${Math.abs(Math.round(skew / 1000))} s ${skew > 0 ? "ahead of" : "behind"} the clock of this machine`;
  const seen = [`${system} clock: ${words}`];
  if (Math.abs(skew) < SKEW_WARNING_MS) return { findings: [], seen };
  return {
    seen,
    findings: [
      {
        check: system === "IFS" ? "ifs.clock" : "ct.clock",
        severity: Math.abs(skew) >= SKEW_ERROR_MS ? "error" : "warning",
        subject: `${system} clock`,
        message: `The clock of ${system} is ${words}: time windows of reads can miss changes.`,
        owner: "operator",
        action: "Set the clock of the server that is wrong (NTP). If both systems differ alike, it is this machine's.",
      },
    ],
  };
}

const SLOW_MS = 1000;

export function checkLatency({ latencies }: Observations, config: Pick<DoctorConfig, "stock" | "atp">): Diagnosis {
  const typical = median(latencies);
  if (typical === undefined) return { findings: [], seen: [] };
  const most = Math.max(...latencies);
  const seen = [
    `IFS round trip: ${Math.round(typical)} ms typical, ${Math.round(most)} ms at most, ${latencies.length} reads`,
  ];
  const checkout = config.stock.pools.length > 0 && typical > config.atp.deadlineMs / 2;
  if (!checkout && typical <= SLOW_MS) return { findings: [], seen };
  return {
    seen,
    findings: [
      {
        check: "ifs.latency",
        severity: "warning",
        subject: "IFS round trip",
        message: checkout
          ? `A read takes ${Math.round(typical)} ms, and the check at checkout has ${config.atp.deadlineMs} ms for two: it will often answer by its fail policy.`
          : `A read takes ${Math.round(typical)} ms.`,
        owner: "operator",
        action: "Deploy in a Region near IFS, look at the load of the IFS server, or raise atp.deadlineMs.",
      },
    ],
  };
}

export function checkCatalogue({ model, catalogueFailure }: IfsFacts): Diagnosis {
  if (!catalogueFailure) return { findings: [], seen: [`IFS catalogue: ${model.catalogue?.length ?? 0} projections`] };
  return {
    seen: [],
    findings: [
      {
        check: "ifs.catalogue",
        severity: "info",
        subject: "AllProjections",
        message: `The catalogue of projections could not be read (${catalogueFailure.message}); a missing projection gets no proposal.`,
        owner: "ifsAdministrator",
        action: "Nothing the connector needs; grant AllProjections to see proposals here.",
      },
    ],
  };
}

/** Sites and companies that are configured and not shown: without a grant lists are empty, with status 200. */
export function checkSites(facts: IfsFacts, config: DoctorConfig): Diagnosis {
  const { sites } = facts;
  if (!sites) return { findings: [], seen: [] };
  if (!sites.ok)
    return { findings: [readFailed(facts, { object: "site", scope: "all", read: sites }, sites.error)], seen: [] };
  const shown = sites.value;
  const companies = Map.groupBy(config.sites, ({ company }) => company);
  const findings = [...companies].flatMap(([company, ofCompany]) => {
    const missing = ofCompany.map(({ site }) => site).filter((site) => !shown.has(site));
    if (missing.length === ofCompany.length && !companyShown(facts, company)) return [companyHidden(company, missing)];
    return missing.map(siteHidden);
  });
  const foreign = config.sites.flatMap(({ site, company }): Finding[] => {
    const actual = shown.get(site);
    if (actual === undefined || actual === company) return [];
    return [
      {
        check: "ifs.site-company",
        severity: "error",
        subject: `site ${site}`,
        message: `Site ${site} belongs to company ${actual} in IFS; the configuration says ${company}.`,
        owner: "merchant",
        action: `Correct the company of site ${site} under sites and in the routes.`,
      },
    ];
  });
  return { findings: [...findings, ...foreign], seen: [`IFS sites shown: ${[...shown.keys()].join(", ") || "none"}`] };
}

/** Rows of the company prove that it is granted, so that only the site can be missing. */
const companyShown = ({ reads }: IfsFacts, company: string): boolean =>
  reads.some(({ scope, read }) => scope === `company ${company}` && read.ok && read.value.rows.length > 0);

const siteHidden = (site: string): Finding => ({
  check: "ifs.site-grant",
  severity: "error",
  subject: `site ${site}`,
  message: `IFS does not show site ${site} to the service user: every list of it is empty, without an error.`,
  owner: "ifsAdministrator",
  action: `Add site ${site} to the user-allowed sites of the service user, or correct the configuration.`,
});

const companyHidden = (company: string, sites: readonly string[]): Finding => ({
  check: "ifs.company-grant",
  severity: "error",
  subject: `company ${company}`,
  message: `IFS shows nothing of company ${company} (sites ${sites.join(", ")}): every list of it is empty, without an error.`,
  owner: "ifsAdministrator",
  action: `Add company ${company} to the Allowed Companies of the service user, and ${sites.join(", ")} to its sites; or correct the configuration.`,
});

export function checkReads(facts: IfsFacts, config: DoctorConfig): Diagnosis {
  const shown = facts.sites?.ok ? facts.sites.value : new Map<string, string>();
  const findings = facts.reads.flatMap((fact): Finding[] => {
    if (!fact.read.ok) return [readFailed(facts, fact, fact.read.error)];
    const hidden = fact.scope.startsWith("site ") && !shown.has(fact.scope.slice("site ".length));
    return fact.read.value.rows.length > 0 || hidden ? [] : emptyRead(fact, config);
  });
  const counts = Map.groupBy(facts.reads, ({ object }) => object);
  const seen = [...counts].map(([object, reads]) => {
    const filled = reads.filter(({ read }) => read.ok && read.value.rows.length > 0).length;
    return `read ${object}: ${counted(reads.length, "list")}, ${filled} with rows`;
  });
  return { findings: [...findings, ...checkEtags(facts), ...checkSentinels(facts, config)], seen };
}

function readFailed({ model }: IfsFacts, { object, scope }: ReadFact, error: Failure): Finding {
  const { projection, set } = model.binding[object];
  const denied = error instanceof RefusedError && error.code === "grantMissing";
  return {
    check: denied ? "ifs.projection-grant" : "ifs.read",
    severity: severityOf(model.used, object, "error"),
    subject: `${object}, ${scope}`,
    message: said(`Reading ${projection}/${set} failed: ${error.message}`),
    owner: "ifsAdministrator",
    action: denied
      ? `Grant ${projection} to the permission set of the service user.`
      : `See that the service user may read ${projection}, and that ifs.binding.${object} names what the tenant has.`,
  };
}

function emptyRead({ object, scope }: ReadFact, config: DoctorConfig): Finding[] {
  const words = emptyWords[object];
  const site = scope.replace(/^site /, "");
  if (!words || scope === "all") return [];
  if (object === "order" && (!config.routes.some((route) => route.site === site) || config.ifs.sentinelOrders[site]))
    return [];
  if (object === "stock" && !config.stock.pools.some((pool) => pool.site === site)) return [];
  return [{ check: "ifs.empty", severity: "warning", subject: `${object}, ${scope}`, ...words(scope) }];
}

type EmptyWords = (scope: string) => Pick<Finding, "message" | "owner" | "action">;

const emptyWords: Partial<Record<ObjectName, EmptyWords>> = {
  order: (scope) => ({
    message: `No order of ${scope} can be seen. A lost answer can then not be told from a missing grant, and such an order waits for a person.`,
    owner: "ifsAdministrator",
    action:
      "Grant the site; where it really has no order, create one that is never deleted and name it in ifs.sentinelOrders.",
  }),
  salesPart: (scope) => ({
    message: `No sales part of ${scope} can be seen: nothing of it can be sold.`,
    owner: "ifsAdministrator",
    action: "See that the site sells anything, and that the service user may see it.",
  }),
  stock: (scope) => ({
    message: `No stock of ${scope} can be seen: a full run would set its entries to zero.`,
    owner: "ifsAdministrator",
    action: "See that the site has stock, and that the service user may see it.",
  }),
  historyLog: (scope) => ({
    message: `The history log shows nothing of ${scope}: orders are read as without it, all open ones each time.`,
    owner: "ifsAdministrator",
    action:
      "Enable the logical unit for insert, modify and delete in History Log Administration; the message goes with the first change that is logged.",
  }),
  priceListPart: (scope) => ({
    message: `${scope} has no rows, or the service user does not see it.`,
    owner: "merchant",
    action: "Correct priceListNo under prices.lists, or have the list's company and site granted.",
  }),
};

/** Changes are refused by IFS, or overwrite somebody else's, where rows carry no ETag. */
function checkEtags({ reads, model }: IfsFacts): Finding[] {
  const rows = Map.groupBy(
    reads.flatMap(({ object, read }) => (read.ok ? read.value.rows.map((row) => ({ object, row })) : [])),
    ({ object }) => model.binding[object].projection,
  );
  return [...rows].flatMap(([projection, samples]): Finding[] => {
    if (samples.some(({ row }) => typeof row.etag === "string" && row.etag !== "")) return [];
    return [
      {
        check: "ifs.etag",
        severity: projection === model.binding.order.projection ? "error" : "info",
        subject: `projection ${projection}`,
        message: `Rows of ${projection} carry no @odata.etag: ${projection === model.binding.order.projection ? "orders cannot be cancelled at the version that was read" : "the connector does not need it there"}.`,
        owner: "ifsAdministrator",
        action:
          "See whether a gateway in front of IFS removes it, or asks for other metadata (odata.metadata=minimal is needed).",
      },
    ];
  });
}

function checkSentinels({ sentinels }: IfsFacts, config: DoctorConfig): Finding[] {
  return [...sentinels]
    .filter(([, visible]) => !visible)
    .map(([site]) => ({
      check: "ifs.sentinel",
      severity: "error",
      subject: `site ${site}`,
      message: `Sentinel order ${config.ifs.sentinelOrders[site]} of site ${site} cannot be seen: no look-up of an order can prove that it is absent.`,
      owner: "merchant",
      action: "Name an order of the site that exists and is never deleted in ifs.sentinelOrders.",
    }));
}

export function checkTimeZones({ timeZones, model }: IfsFacts): Diagnosis {
  return {
    findings: timeZones.flatMap((fact) => timeZoneFinding(fact, model.binding[fact.object].timeZoneAware)),
    seen: timeZones.map(
      ({ object, digits, withHeader }) =>
        `time zone of ${object}: ${instant(digits) === instant(withHeader) ? "digits are the site's own" : "real UTC with the header"}`,
    ),
  };
}

const instant = (value: string): number => Date.parse(value);

function timeZoneFinding(fact: TimeZoneFact, boundAsAware: boolean): Finding[] {
  const { object, site, digits, withHeader, expected } = fact;
  const honours = instant(digits) !== instant(withHeader);
  // Where the site's clock shows UTC nothing can be told apart, and nothing can go wrong.
  if (instant(digits) === instant(expected) && !honours) return [];
  if (!honours && boundAsAware) {
    return [
      {
        check: "ifs.time-zone",
        severity: "error",
        subject: object,
        message: `The binding says that ${object} answers in UTC; IFS ignores the header there, and its times are the site's own digits.`,
        owner: "merchant",
        action: `Remove ifs.binding.${object}.timeZoneAware, or switch the projection to time-zone aware in IFS.`,
      },
    ];
  }
  if (!honours || instant(withHeader) === instant(expected)) return [];
  return [
    {
      check: "ifs.site-time-zone",
      severity: "error",
      subject: `site ${site}`,
      message: `${digits} of site ${site} is ${withHeader} in UTC for IFS, and ${expected} by the configured time zone.`,
      owner: "merchant",
      action: `Set the timeZone of site ${site} to the zone that IFS has for it.`,
    },
  ];
}

/** Reasons are codes of the tenant; without one the connector sends its own word. */
export function checkCancelReasons({ model }: IfsFacts): Diagnosis {
  if (Object.keys(model.binding.cancelReasons).length > 0) return { findings: [], seen: [] };
  return {
    seen: [],
    findings: [
      {
        check: "ifs.cancel-reason",
        severity: "warning",
        subject: "cancelReasons",
        message: "No cancellation reason is bound; IFS will refuse a cancellation whose reason code it does not have.",
        owner: "merchant",
        action: 'Set ifs.binding.cancelReasons, for instance { "*": "WEB" }, to a code of the tenant.',
      },
    ],
  };
}
