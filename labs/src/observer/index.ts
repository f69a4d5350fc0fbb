export { Observer } from "./observer.ts";
export type * from "./questions.ts";
