import { useCallback } from "react";
import { useIntl } from "react-intl";
import type english from "../i18n/data/en.json";

/** Every text of the application by name; a name that English does not have is a compile error. */
export type TextId = keyof typeof english;

export type TextValues = Record<string, string | number>;

export function useText(): (id: TextId, values?: TextValues) => string {
  const intl = useIntl();
  return useCallback((id, values) => intl.formatMessage({ id }, values), [intl]);
}
