export { ensureNodeImage, IMAGE_PHASES, type NodeImage } from "./build.ts";
export type { BuildContext } from "./context.ts";
export { ensureExtras } from "./extras.ts";
export { ensureKind } from "./kind.ts";
export { PINS } from "./pins.ts";
