import { startFakeServer } from "./fake-server.ts";

/**
 * `npm -w web run fake`: the page with invented data. With `npm -w web run dev` beside it, changes
 * are seen at once.
 */
const port = Number(process.env["PORT"] ?? 8080);
await startFakeServer(port);
console.log(`Pretending to be Drydock on http://127.0.0.1:${port}`);
