import { parseChunkImport, type TMessageTranslations } from "@commercetools-frontend/i18n";

/** `locale` is the user's, as the Merchant Center knows it: `en`, `de`, `fr-FR` ... English where we have no translation. */
export async function loadMessages(locale: string): Promise<TMessageTranslations> {
  const chunk = locale.startsWith("de") ? await import("./i18n/data/de.json") : await import("./i18n/data/en.json");
  return parseChunkImport(chunk);
}
