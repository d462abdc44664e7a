/** What the write probe's facts mean for the flows. Pure. */
import {
  type Answer,
  type CapabilitiesDocument,
  type CapabilityName,
  capabilitiesOf,
  isSameTenant,
} from "../domain/capabilities.ts";
import type { Diagnosis, Finding } from "./finding.ts";
import type { DoctorConfig } from "./scope.ts";

const PROBE =
  "npm run doctor -- --write-probe --company <company> settles them with one Planned order that is cancelled again.";

/** The stored facts, or that there are none about this tenant. */
export function checkProbed(
  document: CapabilitiesDocument | undefined,
  ifsBaseUrl: string,
  config: DoctorConfig,
): Diagnosis {
  const other = document && !isSameTenant(document.ifsBaseUrl, ifsBaseUrl);
  if (document && !other) {
    const { findings, seen } = checkCapabilities(document, config);
    return {
      findings,
      seen: [`write probe: of ${document.probedAt}, company ${document.company}, site ${document.site}`, ...seen],
    };
  }
  const finding: Finding = {
    check: "ifs.write-probe",
    severity: "info",
    subject: "write probe",
    message: other
      ? `The last write probe was of ${document.ifsBaseUrl}, which is another tenant: what only a write can show is not known, and done the careful way.`
      : "No write probe ran: what only a write can show (change sets, order numbers, discounts, tax codes, release, cancellation) is not known, and done the careful way.",
    owner: "operator",
    action: PROBE,
  };
  return { findings: [finding], seen: [] };
}

type Meaning = Omit<Finding, "message"> & { readonly when: Answer; readonly message: string };

const meanings: Partial<Record<CapabilityName, Meaning>> = {
  changeSets: {
    when: "no",
    check: "ifs.change-sets",
    severity: "info",
    subject: "change sets",
    message:
      "IFS does not take an order in one change set; the connector creates header, lines and charges one by one, and completes what an outage cuts off.",
    owner: "ifsAdministrator",
    action: "Nothing is needed. Where a gateway stands before IFS, see whether it lets multipart $batch requests pass.",
  },
  changeSetsAtomic: {
    when: "no",
    check: "ifs.change-sets",
    severity: "warning",
    subject: "change sets, all or nothing",
    message:
      "A part of a refused change set stays in IFS, which OData forbids; the connector therefore sends single requests.",
    owner: "ifsAdministrator",
    action: "See what stands between the connector and IFS and takes change sets apart.",
  },
  release: {
    when: "no",
    check: "ifs.release",
    severity: "error",
    subject: "actions.release",
    message: "An order that is complete cannot be released: all orders stay Planned.",
    owner: "ifsAdministrator",
    action: "Grant the action, or set ifs.binding.actions.release to the one that releases; see the evidence above.",
  },
  cancel: {
    when: "no",
    check: "ifs.cancel",
    severity: "error",
    subject: "actions.cancel",
    message: "An order cannot be cancelled the way the binding says: cancellations of the shop do not reach IFS.",
    owner: "ifsAdministrator",
    action:
      "Set ifs.binding.actions.cancel, actions.cancelReason and cancelReasons to what the evidence above says works.",
  },
  cancelReasonParameter: {
    when: "no",
    check: "ifs.cancel",
    severity: "info",
    subject: "actions.cancelReason",
    message: "The cancel action takes no reason; the connector writes it on the order before.",
    owner: "ifsAdministrator",
    action: "Nothing is needed.",
  },
  staleEtagRefused: {
    when: "no",
    check: "ifs.precondition",
    severity: "warning",
    subject: "If-Match, out of date",
    message:
      "IFS accepts an ETag that is out of date: an order that somebody changes at the same moment is cancelled without being looked at.",
    owner: "ifsAdministrator",
    action: "See whether a gateway removes If-Match on the way to IFS.",
  },
  missingEtagRefused: {
    when: "no",
    check: "ifs.precondition",
    severity: "info",
    subject: "If-Match, missing",
    message: "IFS accepts an action without an ETag. The connector always sends one.",
    owner: "ifsAdministrator",
    action: "Nothing is needed.",
  },
  taxCodeKept: {
    when: "no",
    check: "ifs.tax-code",
    severity: "warning",
    subject: "orderLine.taxCode",
    message:
      "IFS does not keep the tax code that a line is sent with; orders whose tax then differs are held (ifsAmountsDiffer).",
    owner: "ifsAdministrator",
    action:
      "Compare tax.rules with the tax codes of the company, and ifs.binding.constants.taxedLine with what stops IFS from finding its own.",
  },
};

export function checkCapabilities(document: CapabilitiesDocument, config: Pick<DoctorConfig, "charges">): Diagnosis {
  const { facts } = document;
  const evidence = (name: CapabilityName): string => facts[name]?.evidence ?? "";
  const findings = Object.entries(meanings).flatMap(([name, meaning]): Finding[] => {
    const { when, message, ...rest } = meaning;
    if (facts[name as CapabilityName]?.answer !== when) return [];
    return [{ ...rest, message: `${message} Seen: ${evidence(name as CapabilityName)}` }];
  });
  return {
    findings: [...findings, ...discountSign(document, config)],
    seen: Object.entries(facts).flatMap(([name, fact]) => (fact ? [`${name}: ${fact.answer} (${fact.evidence})`] : [])),
  };
}

/** A discount must lower the total; with which sign is a matter of the charge type. */
function discountSign(document: CapabilitiesDocument, { charges }: Pick<DoctorConfig, "charges">): Finding[] {
  const { facts, discountChargeType } = document;
  const seen = [facts.negativeCharge, facts.negativeChargeKept, facts.positiveChargeTurned]
    .flatMap((fact) => fact?.evidence ?? [])
    .join("; ");
  const { turnedChargeType } = capabilitiesOf(document, document.ifsBaseUrl);
  const base = { check: "ifs.discount-sign", subject: `charge type ${discountChargeType}` } as const;
  if (discountChargeType === null || discountChargeType !== charges.discount) return [];
  if (turnedChargeType !== undefined) {
    return [
      {
        ...base,
        severity: "info",
        message: `IFS turns the sign of charges of type ${turnedChargeType}; the connector sends its discounts as positive amounts. Seen: ${seen}`,
        owner: "ifsAdministrator",
        action: "Nothing is needed.",
      },
    ];
  }
  const lowers = facts.negativeChargeKept?.answer;
  if (facts.negativeCharge?.answer !== "no" && lowers !== "no") return [];
  return [
    {
      ...base,
      severity: "error",
      message: `A discount of charge type ${discountChargeType} cannot lower the total of an order: orders with a discount on the total are refused or held. Seen: ${seen}`,
      owner: "ifsAdministrator",
      action: "Let the charge type take negative amounts, or name another one under charges.discount.",
    },
  ];
}
