import { expect, it } from "vitest";
import { missingRights } from "./rights.ts";

it.each([
  ["root", { user: "root", isRoot: true, dockerSocket: "missing" }, undefined],
  ["a user who may use Docker", { user: "ann", isRoot: false, dockerSocket: "open" }, undefined],
  [
    "a user whom Docker does not let in",
    { user: "ann", isRoot: false, dockerSocket: "closed" },
    /ann is neither root nor in the group docker/,
  ],
  ["a user without Docker", { user: "ann", isRoot: false, dockerSocket: "missing" }, /ann is not root, and no Docker runs/],
] as const)("%s", (_, rights, lacking) => {
  const found = missingRights(rights);
  if (lacking)
    expect(found).toMatchObject({
      what: expect.stringMatching(lacking) as string,
      advice: expect.stringContaining("sudo") as string,
    });
  else expect(found).toBeUndefined();
});
