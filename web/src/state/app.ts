import { createContext } from "svelte";
import type { Api } from "../lib/api.ts";
import type { Clock } from "./clock.svelte.ts";
import type { Live } from "./live.svelte.ts";
import type { Notices } from "./notices.svelte.ts";
import type { Preferences } from "./preferences.svelte.ts";
import type { Router } from "./router.svelte.ts";

/** What every component may use. Made once, in main.ts. */
export interface App {
  api: Api;
  clock: Clock;
  live: Live;
  notices: Notices;
  preferences: Preferences;
  router: Router;
}

export const [getApp, setApp] = createContext<App>();
