import { executeHere } from "../process.ts";
import type { FromLauncher, ToLauncher } from "./messages.ts";

/**
 * The process that a {@link Launcher} runs programs from. It does nothing else, and ends with the
 * one that started it; what runs then goes on.
 */

const send = (message: FromLauncher) => void (process.connected && process.send!(message, () => undefined));
const stops = new Map<number, AbortController>();

process.on("message", (message: ToLauncher) => {
  const { call } = message;
  if (message.type === "abort") return stops.get(call)?.abort();
  const stop = new AbortController();
  stops.set(call, stop);
  executeHere(message.program, { signal: stop.signal, onLine: (line) => send({ type: "line", call, line }) })
    .then(
      (outcome) => send({ type: "ended", call, outcome }),
      (error: unknown) => send({ type: "broken", call, error: String(error) }),
    )
    .finally(() => stops.delete(call));
});
// Not by process.exit: execa would end what runs, and an engine that is interrupted leaves halves
// behind.
process.on("disconnect", () => process.kill(process.pid, "SIGKILL"));
send({ type: "ready" });
