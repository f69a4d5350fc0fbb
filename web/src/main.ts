import "./lib/no-eval.ts";
import { mount } from "svelte";
import App from "./App.svelte";
import { Api } from "./lib/api.ts";
import { Clock } from "./state/clock.svelte.ts";
import { Live } from "./state/live.svelte.ts";
import { Notices } from "./state/notices.svelte.ts";
import { Preferences } from "./state/preferences.svelte.ts";
import { Router } from "./state/router.svelte.ts";
import "./styles/tokens.css";
import "./styles/base.css";
import "./styles/prose.css";

const api = new Api(window.fetch.bind(window));
const clock = new Clock(Date.now);

mount(App, {
  target: document.getElementById("app")!,
  props: {
    app: {
      api,
      clock,
      live: new Live(() => new EventSource("/api/events"), api.askForEvents, Date.now),
      notices: new Notices(),
      preferences: new Preferences(window.localStorage, navigator.language),
      router: new Router(window),
    },
  },
});
