import { DrydockError } from "../../../labs/src/errors.ts";

/**
 * Runs one operation on the database and words what goes wrong. SQLite undoes what was half done by
 * itself.
 * @throws DrydockError `store.full`, `store.damaged`, `store.failed`; one that the work threw goes
 * through as it is
 */
export async function storing<T>(operation: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof DrydockError ? error : wordStoreError(operation, error);
  }
}

/** The error of a database operation in the words of a person. */
export function wordStoreError(operation: string, error: unknown): DrydockError {
  const code = (error as { code?: unknown }).code;
  const text = typeof code === "string" ? code : "";
  if (text === "SQLITE_FULL" || text === "ENOSPC" || text.startsWith("SQLITE_IOERR_WRITE") || text === "SQLITE_IOERR_SHMSIZE") {
    return new DrydockError("store.full", `${operation}: the disk of the data directory is full; nothing was saved`, {
      advice: "Free some space and try again",
      cause: error,
    });
  }
  if (text === "SQLITE_NOTADB" || text.startsWith("SQLITE_CORRUPT")) {
    return new DrydockError("store.damaged", `${operation}: the file is damaged, or no database at all`, {
      advice:
        "Put a backup in its place: `drydock restore <file>`. The folder `backups` in the data directory has the copies that the server made by itself",
      cause: error,
    });
  }
  const message = error instanceof Error ? error.message : String(error);
  return new DrydockError("store.failed", `${operation}: the database says "${message}"`, { cause: error });
}

/** Whether an insertion failed because another row has that key already. */
export function isDuplicate(error: unknown): boolean {
  const code = (error as { code?: unknown }).code;
  return typeof code === "string" && code.startsWith("SQLITE_CONSTRAINT");
}
