import type { Language } from "@drydock/server/contract";
import { en, type Messages } from "./en.ts";
import { ko } from "./ko.ts";

export type { Messages };

/** What the page says, by language. */
export const messages: Record<Language, Messages> = { en, ko };
