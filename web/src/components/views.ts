/** What the left side of a task's page can show, in the order of its tabs and of the keys 1 to 4. */
export const VIEWS = ["task", "checks", "help", "history"] as const;
export type View = (typeof VIEWS)[number];
