import { LANGUAGES, type Language } from "@drydock/server/contract";
import { messages } from "../messages/index.ts";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

export const FONT_SIZES_PX = { least: 10, most: 28, usual: 14 };

/**
 * What a reader chose, remembered by this browser: language, theme, the terminal's text size, and
 * how keys and screen readers are served.
 */
export class Preferences {
  language: Language = $state("en");
  theme: Theme = $state("system");
  fontSizePx = $state(FONT_SIZES_PX.usual);
  /** Single keys such as `[` outside of the terminal; some speech input types them by accident. */
  singleKeys = $state(true);
  screenReader = $state(false);
  readonly #storage: Storage;

  /** The page's own words in the chosen language. */
  get messages() {
    return messages[this.language];
  }

  /** @param browserLanguage what to speak where nothing was chosen, for example `ko-KR` */
  constructor(storage: Storage, browserLanguage: string) {
    this.#storage = storage;
    this.language = this.#read("language", oneOf(LANGUAGES)) ?? (browserLanguage.startsWith("ko") ? "ko" : "en");
    this.theme = this.#read("theme", oneOf(THEMES)) ?? "system";
    this.fontSizePx =
      this.#read("fontSizePx", (value) => (typeof value === "number" ? clampFont(value) : undefined)) ?? FONT_SIZES_PX.usual;
    this.singleKeys = this.#read("singleKeys", boolean) ?? true;
    this.screenReader = this.#read("screenReader", boolean) ?? false;
  }

  setLanguage(language: Language): void {
    this.language = language;
    this.#write("language", language);
  }

  setTheme(theme: Theme): void {
    this.theme = theme;
    this.#write("theme", theme);
  }

  /** Kept between the least and the most of FONT_SIZES_PX. */
  setFontSize(px: number): void {
    this.fontSizePx = clampFont(px);
    this.#write("fontSizePx", this.fontSizePx);
  }

  setSingleKeys(on: boolean): void {
    this.singleKeys = on;
    this.#write("singleKeys", on);
  }

  setScreenReader(on: boolean): void {
    this.screenReader = on;
    this.#write("screenReader", on);
  }

  #read<T>(name: string, accept: (value: unknown) => T | undefined): T | undefined {
    try {
      return accept(JSON.parse(this.#storage.getItem(`drydock.${name}`) ?? "null"));
    } catch {
      return undefined;
    }
  }

  /** A browser that stores nothing still shows the page. */
  #write(name: string, value: unknown): void {
    try {
      this.#storage.setItem(`drydock.${name}`, JSON.stringify(value));
    } catch {
      // Private windows and full disks: the choice holds until the page is closed.
    }
  }
}

const clampFont = (px: number) => Math.min(FONT_SIZES_PX.most, Math.max(FONT_SIZES_PX.least, Math.round(px)));
const boolean = (value: unknown) => (typeof value === "boolean" ? value : undefined);
const oneOf =
  <T extends string>(values: readonly T[]) =>
  (value: unknown): T | undefined =>
    values.find((one) => one === value);
