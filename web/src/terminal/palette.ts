/**
 * The terminal's colours, in light and in dark. xterm wants plain values, so these are the only
 * ones outside of tokens.css.
 */
export interface Palette {
  background: string;
  foreground: string;
  cursor: string;
  cursorAccent: string;
  selectionBackground: string;
  selectionInactiveBackground: string;
  black: string;
  red: string;
  green: string;
  yellow: string;
  blue: string;
  magenta: string;
  cyan: string;
  white: string;
  brightBlack: string;
  brightRed: string;
  brightGreen: string;
  brightYellow: string;
  brightBlue: string;
  brightMagenta: string;
  brightCyan: string;
  brightWhite: string;
}

export const dark: Palette = {
  background: "#11171c",
  foreground: "#d9e0e6",
  cursor: "#5cc3d4",
  cursorAccent: "#11171c",
  selectionBackground: "#2f5863",
  selectionInactiveBackground: "#2c3a42",
  black: "#232b32",
  red: "#f1848b",
  green: "#8bc98f",
  yellow: "#e0bd6c",
  blue: "#82b1f0",
  magenta: "#cb9ee6",
  cyan: "#68c8d6",
  white: "#cbd3da",
  brightBlack: "#86939e",
  brightRed: "#ffa3a8",
  brightGreen: "#a8e0ab",
  brightYellow: "#f2d48b",
  brightBlue: "#a5c9fb",
  brightMagenta: "#dfbcf4",
  brightCyan: "#8fe0ec",
  brightWhite: "#f4f7f9",
};

export const light: Palette = {
  background: "#fbfcfc",
  foreground: "#1d262d",
  cursor: "#0b6c7d",
  cursorAccent: "#fbfcfc",
  selectionBackground: "#b5dde4",
  selectionInactiveBackground: "#d7e1e5",
  black: "#1d262d",
  red: "#b3261e",
  green: "#1f6f34",
  yellow: "#7c5800",
  blue: "#1b55b8",
  magenta: "#86329e",
  cyan: "#0b6676",
  white: "#5b6770",
  brightBlack: "#5b6770",
  brightRed: "#c4342c",
  brightGreen: "#287c3e",
  brightYellow: "#8a6300",
  brightBlue: "#2463c8",
  brightMagenta: "#9741b0",
  brightCyan: "#0d7384",
  brightWhite: "#3a454d",
};

/** Marks of a search, for light and dark: the match that is chosen, and the others. */
export const searchMarks = {
  dark: { match: "#4a4420", active: "#8a6d00" },
  light: { match: "#f3e6b0", active: "#f0c33c" },
};
