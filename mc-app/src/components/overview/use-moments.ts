import { useApplicationContext } from "@commercetools-frontend/application-shell-connectors";
import { useIntl } from "react-intl";
import { toAge } from "./time.ts";

export type Moments = {
  /** `1 Mar 2026, 10:00`, in the user's language and time zone. */
  full(iso: string): string;
  /** `10:00:05` */
  clock(iso: string): string;
  /** `5 minutes ago` */
  ago(seconds: number): string;
  /** `5 minutes` */
  duration(seconds: number): string;
};

export function useMoments(): Moments {
  const intl = useIntl();
  // The user's own setting in the Merchant Center, which may differ from the machine's.
  const timeZone = useApplicationContext((context) => context.user?.timeZone) ?? undefined;
  return {
    full: (iso) => intl.formatDate(iso, { dateStyle: "medium", timeStyle: "short", timeZone }),
    clock: (iso) => intl.formatTime(iso, { timeStyle: "medium", timeZone }),
    ago: (seconds) => {
      const age = toAge(seconds);
      return intl.formatRelativeTime(-age.value, age.unit, { numeric: "auto" });
    },
    duration: (seconds) => {
      const age = toAge(seconds);
      return intl.formatNumber(age.value, { style: "unit", unit: age.unit, unitDisplay: "long" });
    },
  };
}
