import { defineBackup } from "./backup.ts";
import { defineCheck } from "./check.ts";
import { defineClean } from "./clean.ts";
import type { DefineCommand } from "./cli-context.ts";
import { defineDoctor } from "./doctor.ts";
import { defineDown } from "./down.ts";
import { defineGrade } from "./grade.ts";
import { defineLint } from "./lint.ts";
import { defineList } from "./list.ts";
import { defineNew } from "./new.ts";
import { definePrepare } from "./prepare.ts";
import { defineReset } from "./reset.ts";
import { defineRestore } from "./restore.ts";
import { defineSchema } from "./schema.ts";
import { defineShell } from "./shell.ts";
import { defineStatus } from "./status.ts";
import { defineSweep } from "./sweep.ts";
import { defineTest } from "./test.ts";
import { defineUp } from "./up.ts";

/** In the order of the help. */
export const COMMANDS: readonly DefineCommand[] = [
  defineList,
  defineUp,
  defineShell,
  defineCheck,
  defineReset,
  defineDown,
  defineTest,
  defineGrade,
  defineNew,
  defineLint,
  defineSchema,
  defineStatus,
  defineBackup,
  defineRestore,
  defineDoctor,
  definePrepare,
  defineClean,
  defineSweep,
];
