export function nodeHeaders(): Record<string, string>;
export function ensurePage(): Promise<boolean>;
