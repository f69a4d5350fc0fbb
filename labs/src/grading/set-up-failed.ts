import { DrydockError } from "../errors.ts";

/**
 * A scenario's set-up that did not succeed. `message` ends with what the script printed; `summary`
 * and `output` are its two halves, for places that show them apart.
 */
export class SetUpFailed extends DrydockError {
  /** One sentence: which script on which host, and how it ended. */
  readonly summary: string;
  /** The end of what the script printed; undefined where it printed nothing or did not run. */
  readonly output: string | undefined;

  constructor(summary: string, options: { output?: string; cause?: unknown } = {}) {
    const { output, cause } = options;
    super("setup.failed", output ? `${summary}:\n${output}` : summary, { advice: "Reset the sandbox and try again", cause });
    this.name = "SetUpFailed";
    this.summary = summary;
    this.output = output || undefined;
  }
}
