import { parsePath, type Route } from "../lib/route.ts";

/** What one page asks of the next: `start` begins the session without another click. */
export type Intent = "start";

/**
 * The address bar as state. Plain links to this origin are followed without loading the page again.
 */
export class Router {
  route: Route = $state.raw({ page: "catalogue" });
  /**
   * How many times the route changed: pages move the focus when it does, but not on the first load.
   */
  moves = $state(0);
  #intent: Intent | undefined;
  readonly #window: Window;

  constructor(window: Window) {
    this.#window = window;
    this.route = parsePath(window.location.pathname);
  }

  /** Listens to the browser; returns what ends that. */
  listen(): () => void {
    const onPop = () => this.#show();
    const onClick = (event: MouseEvent) => this.#follow(event);
    this.#window.addEventListener("popstate", onPop);
    this.#window.addEventListener("click", onClick);
    return () => {
      this.#window.removeEventListener("popstate", onPop);
      this.#window.removeEventListener("click", onClick);
    };
  }

  go(path: string, intent?: Intent): void {
    this.#window.history.pushState(null, "", path);
    this.#intent = intent;
    this.#show();
  }

  /** What the page before asked for, once: a reload does not ask again. */
  takeIntent(): Intent | undefined {
    const intent = this.#intent;
    this.#intent = undefined;
    return intent;
  }

  #show(): void {
    this.route = parsePath(this.#window.location.pathname);
    this.moves += 1;
  }

  #follow(event: MouseEvent): void {
    const plain = event.button === 0 && !event.metaKey && !event.ctrlKey && !event.shiftKey && !event.altKey;
    const link = event.target instanceof Element ? event.target.closest("a") : null;
    if (!plain || event.defaultPrevented || link === null || link.target === "_blank" || link.hasAttribute("download")) return;
    if (link.origin !== this.#window.location.origin || link.hash !== "") return;
    event.preventDefault();
    this.go(link.pathname);
  }
}
