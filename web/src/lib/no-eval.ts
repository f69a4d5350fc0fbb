import { config } from "zod";

// Zod compiles schemas with `new Function`, which the page's policy forbids: it tries as the first
// schema is made, and the console shows a violation. So this is imported before everything else.
config({ jitless: true });
