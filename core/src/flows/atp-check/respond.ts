/** A decision -> what commercetools accepts from an API Extension: 200, or 400 with `errors`. */
import type { AvailabilityDecision, LineDecision } from "./decide.ts";

export type LineRefusal = {
  readonly code: "InvalidInput";
  readonly message: string;
  readonly localizedMessage: Readonly<Record<string, string>>;
  /** Enough for a storefront to write its own message. */
  readonly extensionExtraInfo: {
    readonly sku: string;
    readonly supplyChannel: string | null;
    readonly requested: number;
    readonly available: number | null;
    readonly reason: LineDecision["reason"];
    readonly lineItemIds: readonly string[];
  };
};

export type ExtensionResponse =
  | { readonly status: 200; readonly body: Readonly<Record<string, never>> }
  | { readonly status: 400; readonly body: { readonly errors: readonly LineRefusal[] } };

/** One error per SKU and channel that can't be ordered. */
export function toExtensionResponse(decision: AvailabilityDecision): ExtensionResponse {
  const failing = decision.lines.filter(({ passes }) => !passes);
  if (failing.length === 0) return { status: 200, body: {} };
  const groups = Map.groupBy(failing, ({ sku, supplyChannel }) => JSON.stringify([sku, supplyChannel ?? null]));
  return { status: 400, body: { errors: [...groups.values()].map(toError) } };
}

function toError(lines: readonly LineDecision[]): LineRefusal {
  const { sku, supplyChannel, requested, available, reason } = lines[0] as LineDecision;
  const texts = textsOf(sku, requested, available);
  return {
    code: "InvalidInput",
    message: texts.en,
    localizedMessage: texts,
    extensionExtraInfo: {
      sku,
      supplyChannel: supplyChannel ?? null,
      requested,
      available,
      reason,
      lineItemIds: lines.map(({ ref }) => ref),
    },
  };
}

function textsOf(sku: string, requested: number, available: number | null) {
  if (available === null) {
    return {
      en: `The availability of ${sku} could not be checked. Please try again later.`,
      de: `Die Verfügbarkeit von ${sku} konnte nicht geprüft werden. Bitte versuchen Sie es später erneut.`,
    };
  }
  if (available === 0) return { en: `${sku} is sold out.`, de: `${sku} ist ausverkauft.` };
  return {
    en: `Only ${available} of ${requested} pieces of ${sku} are available.`,
    de: `Von ${sku} sind nur ${available} von ${requested} Stück verfügbar.`,
  };
}
