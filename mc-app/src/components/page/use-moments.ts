import { useApplicationContext } from "@commercetools-frontend/application-shell-connectors";
import { useIntl } from "react-intl";
import { toAge } from "./time.ts";

export type Moments = {
  /** `1 Mar 2026, 10:00`, in the user's language and time zone. */
  full(iso: string): string;
  /** `10:00` on the day of `now`, with the date on any other day, with the year in any other year. */
  short(iso: string, now: number): string;
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
    short: (iso, now) => {
      const year = intl.formatDate(iso, { year: "numeric", timeZone });
      const day = intl.formatDate(iso, { dateStyle: "short", timeZone });
      const sameDay = day === intl.formatDate(now, { dateStyle: "short", timeZone });
      const sameYear = year === intl.formatDate(now, { year: "numeric", timeZone });
      return intl.formatDate(iso, {
        ...(sameDay ? {} : { day: "numeric", month: "short" }),
        ...(sameYear ? {} : { year: "numeric" }),
        hour: "numeric",
        minute: "2-digit",
        timeZone,
      });
    },
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
