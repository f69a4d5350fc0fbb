/** What the left side of a task's page can show. */
export type View = "task" | "checks" | "help" | "history";
