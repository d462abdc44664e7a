/** What the facts from commercetools mean. Pure. */
import type { FieldType, MessageSubscription, Order } from "@commercetools/platform-sdk";
import { exportChannels } from "../ct/resources-channels.ts";
import { differs, extensionKey, isParked } from "../ct/resources-extension.ts";
import { subscribedMessages, subscriptionKey } from "../ct/resources-subscription.ts";
import { connectorTypes } from "../ct/resources-types.ts";
import { followsCustomers } from "../domain/customer-route.ts";
import { AuthenticationError } from "../domain/failure.ts";
import { GOOD_PART_OF_TIMEOUT, LOOKS_TO_ARM } from "../domain/guard-looks.ts";
import type { Attempt, Failure } from "./attempt.ts";
import type { CtFacts } from "./ct-facts.ts";
import { counted, type Diagnosis, type Finding, joined, said } from "./finding.ts";
import type { Observations } from "./observed-fetch.ts";
import type { DoctorConfig } from "./scope.ts";

/** As connect.yaml asks for them. */
export const connectorScopes = [
  "manage_orders",
  "manage_products",
  "manage_standalone_prices",
  "manage_channels",
  "view_customer_groups",
  "manage_customers",
  "manage_business_units",
  "manage_types",
  "manage_key_value_documents",
  "manage_subscriptions",
  "manage_extensions",
  "view_payments",
  "view_sessions",
  "view_messages",
  "introspect_oauth_tokens",
] as const;

/** What does not work without a scope that only a part of the connector needs. */
const partsOf: Readonly<Partial<Record<(typeof connectorScopes)[number], string>>> = {
  view_sessions: "the availability check at checkout needs",
  introspect_oauth_tokens: "the availability check at checkout needs",
  view_messages: "the timeline of an order and the sweep over messages need",
  manage_customers: "routes need whose customers have an IFS customer of their own",
  manage_business_units: "routes need whose customers have an IFS customer of their own",
};

const nothing: Diagnosis = { findings: [], seen: [] };

export function checkCtSignIn(error: Failure, observed: Observations): Finding {
  const base = { severity: "error", subject: "commercetools", owner: "operator" } as const;
  if (error instanceof AuthenticationError) {
    const accepted = observed.token?.status === 200;
    return {
      ...base,
      check: accepted ? "ct.scope" : "ct.sign-in",
      message: said(error.message),
      action: accepted
        ? "Give the API client the scopes that the README lists."
        : "Compare CTP_CLIENT_ID, CTP_CLIENT_SECRET, CTP_PROJECT_KEY and CTP_AUTH_URL with the API client in the Merchant Center.",
    };
  }
  return {
    ...base,
    check: "ct.reachable",
    message: said(`commercetools could not be used: ${error.message}`),
    action: "Check CTP_API_URL and CTP_AUTH_URL, and that this machine may reach them.",
  };
}

export function checkScopes({ token }: Observations): Diagnosis {
  if (!token?.scopes) return nothing;
  const granted = new Set(token.scopes.map((scope) => scope.split(":")[0] ?? ""));
  const missing = connectorScopes.filter(
    (scope) =>
      !granted.has(scope) && !granted.has(scope.replace(/^view_/, "manage_")) && !granted.has("manage_project"),
  );
  return {
    seen: [`commercetools token: accepted, ${counted(granted.size, "scope")}`],
    findings: missing.map((scope) => ({
      check: "ct.scope",
      severity: partsOf[scope] ? "warning" : "error",
      subject: scope,
      message: `The API client lacks the scope ${scope}${partsOf[scope] ? `, which ${partsOf[scope]}` : ""}.`,
      owner: "operator",
      action: "Deploy the connector with the API client of connect.yaml, or give this client the scope.",
    })),
  };
}

export function checkCt(facts: CtFacts, config: DoctorConfig): Diagnosis {
  return joined(
    checkChannels(facts, config),
    checkTypes(facts),
    checkActivation(facts),
    checkSubscription(facts, config),
    checkExtension(facts, config),
    checkService(facts, config),
    checkMessages(facts),
    checkInventoryModes(facts),
  );
}

/** A read that failed is a finding of its own; the rest goes on. */
function unread<T>(what: string, fact: Attempt<T>): Diagnosis | undefined {
  if (fact.ok) return undefined;
  const scope = fact.error instanceof AuthenticationError;
  return {
    seen: [],
    findings: [
      {
        check: scope ? "ct.scope" : "ct.read",
        severity: "error",
        subject: what,
        message: said(`The ${what} could not be read: ${fact.error.message}`),
        owner: "operator",
        action: scope ? "Give the API client the scope that is named." : "Try again; see status.commercetools.com.",
      },
    ],
  };
}

const POST_DEPLOY = "Run the connector's deployment (post-deploy script) again: it creates what is missing.";

function checkChannels({ channels }: CtFacts, config: DoctorConfig): Diagnosis {
  if (!channels.ok) return unread("channels", channels) ?? nothing;
  const wanted: { key: string; role: string; why: string; own: boolean }[] = [
    ...exportChannels.map(({ key }) => ({
      key,
      role: "OrderExport",
      why: "orders cannot be marked as exported",
      own: true,
    })),
    ...config.stock.pools.flatMap((pool) =>
      pool.channels.map(({ supplyChannel }) => ({
        key: supplyChannel,
        role: "InventorySupply",
        why: `stock pool ${pool.name} has nowhere to go`,
        own: false,
      })),
    ),
    ...config.prices.lists.flatMap(({ priceListNo, channel }) =>
      channel === undefined
        ? []
        : [
            {
              key: channel,
              role: "ProductDistribution",
              why: `price list ${priceListNo} has nowhere to go`,
              own: false,
            },
          ],
    ),
  ];
  const findings = wanted.flatMap(({ key, role, why, own }): Finding[] => {
    const channel = channels.value.get(key);
    if (channel?.roles.includes(role)) return [];
    const action = `${channel ? `Add role ${role} to` : "Create"} channel ${key}${channel ? "" : ` with role ${role}`} in the Merchant Center, or correct the configuration.`;
    return [
      {
        check: channel ? "ct.channel-role" : "ct.channel",
        severity: "error",
        subject: `channel ${key}`,
        message: `${channel ? `Channel ${key} lacks the role ${role}` : `There is no channel ${key}`}: ${why}.`,
        owner: own ? "operator" : "merchant",
        action: own ? POST_DEPLOY : action,
      },
    ];
  });
  return { findings, seen: [`commercetools channels: ${wanted.length} looked at`] };
}

function checkTypes({ types }: CtFacts): Diagnosis {
  if (!types.ok) return unread("types", types) ?? nothing;
  const findings = connectorTypes.flatMap((draft): Finding[] => {
    const base = { severity: "error", subject: `type ${draft.key}`, owner: "operator", action: POST_DEPLOY } as const;
    const type = types.value.get(draft.key);
    if (!type)
      return [{ ...base, check: "ct.type", message: `There is no type ${draft.key} for the IFS fields of orders.` }];
    return (draft.fieldDefinitions ?? []).flatMap((wanted): Finding[] => {
      const found = type.fieldDefinitions.find(({ name }) => name === wanted.name);
      if (!found)
        return [{ ...base, check: "ct.type-field", message: `Type ${draft.key} has no field ${wanted.name}.` }];
      if (spelled(found.type) === spelled(wanted.type)) return [];
      return [
        {
          ...base,
          check: "ct.type-field",
          message: `Field ${wanted.name} of type ${draft.key} is ${spelled(found.type)}; the connector needs ${spelled(wanted.type)}.`,
          action: `Give the existing type another key (action changeKey), then deploy again.`,
        },
      ];
    });
  });
  return { findings, seen: [`commercetools types: ${connectorTypes.length} looked at`] };
}

const spelled = (type: FieldType): string => (type.name === "Set" ? `Set of ${spelled(type.elementType)}` : type.name);

function checkActivation({ activation }: CtFacts): Diagnosis {
  if (!activation.ok) return unread("connector's documents", activation) ?? nothing;
  if (activation.value !== undefined) return { findings: [], seen: [`connector: active since ${activation.value}`] };
  return {
    seen: [],
    findings: [
      {
        check: "ct.installation",
        severity: "error",
        subject: "connector",
        message:
          "The connector is not installed in this project: it has no activation stamp, and nothing runs without it.",
        owner: "operator",
        action: POST_DEPLOY,
      },
    ],
  };
}

function checkSubscription({ subscription }: CtFacts, config: DoctorConfig): Diagnosis {
  if (!subscription.ok) return unread("subscription", subscription) ?? nothing;
  const base = { subject: `subscription ${subscriptionKey}`, owner: "operator", action: POST_DEPLOY } as const;
  const found = subscription.value;
  if (!found) {
    return {
      seen: [],
      findings: [
        {
          ...base,
          check: "ct.subscription",
          severity: "error",
          message: "There is no subscription: new orders wait for the sweep of job-app instead of going out at once.",
        },
      ],
    };
  }
  const findings: Finding[] = [];
  if (found.status !== "Healthy") {
    findings.push({
      ...base,
      check: "ct.subscription-health",
      severity: found.status === "TemporaryError" ? "warning" : "error",
      message: `The subscription is ${found.status}: commercetools cannot, or does not, deliver events.`,
      action:
        "See that the destination (topic) exists and lets commercetools publish; deploying again repairs its permissions.",
    });
  }
  const missing = missingMessages(found.messages, config);
  if (missing.length > 0) {
    findings.push({
      ...base,
      check: "ct.subscription-messages",
      severity: "error",
      message: `The subscription does not deliver ${missing.join(", ")}.`,
    });
  }
  return { findings, seen: [`subscription: ${found.status}, destination ${found.destination.type}`] };
}

/** An absent or empty list of types means all of them. */
function missingMessages(messages: readonly MessageSubscription[], config: DoctorConfig): string[] {
  const needed = followsCustomers(config)
    ? subscribedMessages
    : subscribedMessages.filter(({ resourceTypeId }) => resourceTypeId === "order" || resourceTypeId === "payment");
  return needed.flatMap(({ resourceTypeId, types }) => {
    const found = messages.find((message) => message.resourceTypeId === resourceTypeId);
    if (!found) return [`all of ${resourceTypeId}`];
    if (!found.types || found.types.length === 0) return [];
    return (types ?? []).filter((type) => !found.types?.includes(type));
  });
}

function checkExtension({ extension, service }: CtFacts, { atp }: DoctorConfig): Diagnosis {
  if (!extension.ok) return unread("extension", extension) ?? nothing;
  const base = { subject: `extension ${extensionKey}`, owner: "operator" } as const;
  const armed = atp.extension === "armed";
  const found = extension.value;
  const state = found ? (isParked(found) ? "installed, and switched off" : "installed") : "not installed";
  const seen = [`checkout guard: configured ${atp.extension}, ${state}`];
  if (armed && !found) {
    const message =
      "The configuration arms the check at order creation, and it is not installed: orders go through unchecked.";
    const action = "Deploy service-app again; it installs the check when its public URL answers quickly enough.";
    return { seen, findings: [{ ...base, check: "ct.extension", severity: "error", message, action }] };
  }
  if (!found) return { seen, findings: [] };
  if (!armed) {
    const message = "The check at order creation is installed though the configuration switches it off.";
    const action = "The next run of job-app removes it; see whether job-app runs.";
    return { seen, findings: [{ ...base, check: "ct.extension", severity: "warning", message, action }] };
  }
  const { destination } = found;
  const url = service.ok ? service.value.url : undefined;
  if (destination.type === "HTTP" && url !== undefined && !destination.url.startsWith(url)) {
    const message = `The check at order creation calls ${destination.url}; service-app is at ${url}.`;
    const action = "Deploy service-app again: commercetools fails each order whose check does not answer.";
    return { seen, findings: [{ ...base, check: "ct.extension", severity: "error", message, action }] };
  }
  if (isParked(found)) {
    const message =
      "The check at order creation is switched off, because service-app could not be relied on: orders go through unchecked.";
    const action = `Repair service-app. job-app switches the check on after ${LOOKS_TO_ARM} good answers in a row, one look with each run.`;
    return { seen, findings: [{ ...base, check: "ct.extension", severity: "error", message, action }] };
  }
  if (differs(found, atp)) {
    const message =
      "Triggers, condition or time-out of the check at order creation are not those of the configuration.";
    const action = "The next run of job-app sets them; see whether job-app runs, and who else changes this Extension.";
    return { seen, findings: [{ ...base, check: "ct.extension", severity: "warning", message, action }] };
  }
  return { seen, findings: [] };
}

function checkService({ service }: CtFacts, { atp }: DoctorConfig): Diagnosis {
  if (!service.ok) return unread("service URL", service) ?? nothing;
  const { url, answer } = service.value;
  const base = { subject: "service-app", owner: "operator" } as const;
  if (url === undefined || !answer) {
    const message = "service-app's public URL is not known: the Merchant Center application cannot show anything.";
    return {
      seen: [],
      findings: [{ ...base, check: "ct.service-url", severity: "warning", message, action: POST_DEPLOY }],
    };
  }
  const armed = atp.extension === "armed";
  if (!answer.ok) {
    const severity = armed ? "error" : "warning";
    const message = said(`service-app does not answer at its public URL: ${answer.why}`);
    const action = armed
      ? "Bring it back, or switch atp.extension off: commercetools fails each order whose check does not answer."
      : "Bring it back: the Merchant Center application and the availability check need it.";
    return { seen: [], findings: [{ ...base, check: "ct.service", severity, message, action }] };
  }
  const p95 = `${Math.round(answer.p95Ms)} ms`;
  const seen = [`service-app: answers ${url} in ${p95} (95 of 100 answers)`];
  if (!armed || answer.p95Ms < atp.extensionTimeoutMs * GOOD_PART_OF_TIMEOUT) return { findings: [], seen };
  const message = `service-app answers in ${p95} (95 of 100 answers); the check at order creation has ${atp.extensionTimeoutMs} ms, and a look half of it.`;
  const action = "Look at its load and at where it runs, or raise atp.extensionTimeoutMs.";
  return { seen, findings: [{ ...base, check: "ct.service", severity: "warning", message, action }] };
}

/** The connector lives on its Subscription, which works either way. */
function checkMessages({ project }: CtFacts): Diagnosis {
  if (!project.ok)
    return { findings: [], seen: ["messages feature: not looked at, the API client may not read the project"] };
  if (project.value.messages.enabled) return { findings: [], seen: ["messages feature: on"] };
  return {
    seen: [],
    findings: [
      {
        check: "ct.messages",
        severity: "info",
        subject: "messages feature",
        message:
          "Messages of this project are not kept. The connector does not need them, but nobody can look up afterwards what happened to an order.",
        owner: "merchant",
        action: "Switch it on in the Merchant Center under project settings, if you want to look things up.",
      },
    ],
  };
}

const meaning: Readonly<Record<string, string>> = {
  None: "commercetools neither checks nor lowers stock when such an order is created, so until IFS's next figure arrives the same pieces can be sold again",
  TrackOnly: "commercetools lowers stock and never refuses, so two buyers can take the last piece",
};

/** Which protection against overselling orders really have, by what recent ones say. */
function checkInventoryModes({ orders }: CtFacts): Diagnosis {
  if (!orders.ok) return unread("orders", orders) ?? nothing;
  const counts = new Map<string, number>();
  for (const mode of orders.value.flatMap(modesOf)) counts.set(mode, (counts.get(mode) ?? 0) + 1);
  const words = [...counts].map(([mode, count]) => `${count} ${mode}`).join(", ") || "none to look at";
  const findings = [...counts].flatMap(([mode, count]): Finding[] => {
    const consequence = meaning[mode];
    if (consequence === undefined) return [];
    return [
      {
        check: "ct.inventory-mode",
        severity: mode === "None" ? "warning" : "info",
        subject: `inventoryMode ${mode}`,
        message: `${count} of the latest ${orders.value.length} orders use inventoryMode ${mode}: ${consequence}.`,
        owner: "merchant",
        action:
          "Create carts with inventoryMode ReserveOnOrder, and arm the check at order creation (atp.extension) where stock is scarce.",
      },
    ];
  });
  return { findings, seen: [`inventory modes of the latest ${orders.value.length} orders: ${words}`] };
}

/** Once per order and mode: lines may differ from their order. */
const modesOf = (order: Order): string[] => {
  const own = order.inventoryMode ?? "None";
  const lines = order.lineItems.map((line) => line.inventoryMode ?? own);
  return [...new Set(lines.length > 0 ? lines : [own])];
};
