/** One value of the text format of Prometheus. */
export interface Sample {
  name: string;
  labels: Record<string, string>;
  value: number;
}

const LINE = /^([A-Za-z_:][\w:]*)(?:\{(.*)\})?\s+([+-]?(?:[\d.]+(?:e[+-]?\d+)?|Inf)|Na[Nn])(?:\s+-?\d+)?$/;
const LABEL = /([A-Za-z_]\w*)="((?:[^"\\]|\\.)*)"/g;
const NUMBERS: Record<string, number> = { "+Inf": Infinity, "-Inf": -Infinity, Nan: NaN, NaN };

/**
 * Reads the text format of Prometheus, as far as servers print it: comments, names, labels, values.
 * A line of anything else is left out.
 */
export function parsePrometheus(text: string): Sample[] {
  return text.split("\n").flatMap((line) => {
    const match = LINE.exec(line.trim());
    if (!match) return [];
    const [, name = "", labels = "", value = ""] = match;
    return [{ name, labels: parseLabels(labels), value: NUMBERS[value] ?? Number(value) }];
  });
}

function parseLabels(text: string): Record<string, string> {
  return Object.fromEntries([...text.matchAll(LABEL)].map(([, key = "", value = ""]) => [key, unescape(value)]));
}

function unescape(value: string): string {
  return value.replace(/\\(.)/g, (_, char: string) => (char === "n" ? "\n" : char));
}
