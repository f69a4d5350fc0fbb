import type { Config } from "../../labs/src/config.ts";
import type { OpenLab } from "./lab.ts";

/**
 * The real lab kit. It is loaded when the page is up already: it brings a good part of the program
 * with it.
 * @param onNoWall told, once sandboxes can be made, why nothing keeps them apart
 */
export function openRealLab(config: Config, onNoWall: (reason: string) => void = () => undefined): OpenLab {
  return async (progress, signal) => {
    const [{ openPlatform }, { setUp }, { runChecks }] = await Promise.all([
      import("../../labs/src/platform.ts"),
      import("../../labs/src/grading/set-up.ts"),
      import("../../labs/src/checks/run.ts"),
    ]);
    const platform = await openPlatform(config, progress, signal);
    return {
      provider: platform.provider,
      kubernetes: platform.kubernetes,
      async prepare() {
        await platform.prepare();
        const wall = await platform.ensureWall();
        if (!wall.up) onNoWall(wall.reason);
      },
      addExtras: () => platform.addExtras("server"),
      setUp: (sandbox, scenario, options) => setUp(scenario, sandbox, options),
      grade: (sandbox, scenario, options) => runChecks(scenario, sandbox, options),
    };
  };
}
