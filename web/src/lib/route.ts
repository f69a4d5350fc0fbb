/** The page's addresses. `unknown` is whatever is none of them. */
export type Route = { page: "catalogue" } | { page: "lab"; slug: string } | { page: "unknown" };

/** Reads a path such as `/tasks/drain-node01`; a slash at the end does not matter. */
export function parsePath(path: string): Route {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.length === 0) return { page: "catalogue" };
  const [first, slug] = parts;
  if (first === "tasks" && slug !== undefined && parts.length === 2 && /^[a-z0-9-]+$/.test(slug)) return { page: "lab", slug };
  return { page: "unknown" };
}

/** The path of a task's page. */
export const labPath = (slug: string): string => `/tasks/${slug}`;
