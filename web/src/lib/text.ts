import type { Language, Text } from "@drydock/server/contract";

/**
 * A text in the wanted language where it exists, otherwise in English, with the language that it is
 * in (for `lang`).
 */
export function pick(text: Text, language: Language): { text: string; lang: Language } {
  const wanted = text[language];
  return wanted === undefined ? { text: text.en, lang: "en" } : { text: wanted, lang: language };
}
