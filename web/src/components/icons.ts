/** Icons as paths on a 24×24 grid, drawn with a stroke of the text's colour. */
export const icons = {
  arrowLeft: "M19 12H5m6-6-6 6 6 6",
  chevronLeft: "m15 5-7 7 7 7",
  chevronRight: "m9 5 7 7-7 7",
  chevronDown: "m6 9 6 6 6-6",
  check: "m4.5 12.5 5 5 10-11",
  cross: "M6 6l12 12M18 6 6 18",
  plus: "M12 5v14M5 12h14",
  circle: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16",
  half: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16m0 0v16",
  spinner: "M12 3a9 9 0 1 0 9 9",
  play: "M8 5v14l11-7z",
  clock: "M12 4a8 8 0 1 0 0 16 8 8 0 0 0 0-16m0 3.5V12l3 2",
  question: "M9 9.2a3 3 0 1 1 4.3 2.7c-.9.5-1.3 1-1.3 2.1m0 3v.1",
  warning: "M12 4 2.8 19.5h18.4zm0 5.5V14m0 2.7v.1",
  search: "M10.5 4.5a6 6 0 1 0 0 12 6 6 0 0 0 0-12m4.4 10.4 5 5",
  expand: "M4 9V4h5m6 0h5v5m0 6v5h-5m-6 0H4v-5",
  sun: "M12 8a4 4 0 1 0 0 8 4 4 0 0 0 0-8m0-6v2m0 16v2M4.9 4.9l1.4 1.4m11.4 11.4 1.4 1.4M2 12h2m16 0h2M4.9 19.1l1.4-1.4M17.7 6.3l1.4-1.4",
  moon: "M20 14.5A8.5 8.5 0 0 1 9.5 4a8.5 8.5 0 1 0 10.5 10.5",
  system: "M3 5h18v11H3zm6 15h6m-3-4v4",
  external: "M13 5h6v6m0-6-9 9M17 14v5H5V7h5",
};
export type IconName = keyof typeof icons;
