import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

/** Where `vite dev` finds the API: a Drydock server, or dev/main.ts, which only pretends. */
const target = process.env["DRYDOCK_SERVER"] ?? "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [svelte()],
  build: {
    // Browsers with light-dark() and popovers: everything since spring 2024.
    target: ["chrome123", "firefox125", "safari17.5"],
    reportCompressedSize: false,
    // The terminal comes in one piece, and from this machine.
    chunkSizeWarningLimit: 700,
  },
  server: {
    host: "127.0.0.1",
    // The server takes requests of its own origin only.
    proxy: { "/api": { target, changeOrigin: true, ws: true, headers: { origin: target } } },
  },
});
