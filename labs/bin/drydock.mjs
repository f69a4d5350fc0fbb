#!/usr/bin/env node
// The `drydock` command. TypeScript is run by tsx, so that a clone needs no build.
import { register } from "tsx/esm/api";

register();
const { main } = await import("../src/cli.ts");
await main(process.argv, process.env);
