import { existsSync } from "node:fs";
import { join } from "node:path";
import express, { Router } from "express";

/**
 * The built page: hashed files are kept by the browser for ever, everything else is asked for each
 * time; a path without a file is the page's own business.
 */
export function servePage(dir: string): Router {
  const router = Router();
  const index = join(dir, "index.html");
  router.use(
    "/assets",
    express.static(join(dir, "assets"), { immutable: true, maxAge: "365d", fallthrough: false, index: false }),
  );
  router.use(express.static(dir, { index: false, setHeaders: (response) => response.setHeader("Cache-Control", "no-cache") }));
  router.get("/{*path}", (_request, response) => {
    if (!existsSync(index))
      return void response
        .status(503)
        .type("text")
        .send("The page is not built: npm start does that, and npm -w web run build.\n");
    response.sendFile(index, { headers: { "Cache-Control": "no-cache" } });
  });
  return router;
}
