import { z } from "zod";
import { TOPOLOGIES, type Topology } from "../sandbox/provider.ts";

/**
 * One zod schema is the single source of a scenario's shape: types, validation, the published JSON
 * Schema and the docs.
 */

export const LANGUAGES = ["en", "ko"] as const;
export type Language = (typeof LANGUAGES)[number];

/** A text for people: English always, other languages where they exist. */
export const textSchema = z.strictObject({ en: z.string().min(1), ko: z.string().min(1).optional() });
export type Text = z.infer<typeof textSchema>;

const slug = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/, "words of a-z and 0-9, joined by hyphens");

/** The domains of the CKA curriculum, with the published weights in percent. */
export const DOMAINS = {
  storage: { weight: 10, title: { en: "Storage", ko: "스토리지" } },
  troubleshooting: { weight: 30, title: { en: "Troubleshooting", ko: "트러블슈팅" } },
  workloads: { weight: 15, title: { en: "Workloads and Scheduling", ko: "워크로드와 스케줄링" } },
  "cluster-architecture": {
    weight: 25,
    title: { en: "Cluster Architecture, Installation and Configuration", ko: "클러스터 아키텍처, 설치와 구성" },
  },
  networking: { weight: 20, title: { en: "Services and Networking", ko: "서비스와 네트워킹" } },
} as const satisfies Record<string, { weight: number; title: Text }>;
export type Domain = keyof typeof DOMAINS;

/**
 * A check as scenario.yaml declares it; check.ts holds the function. After set-up no check that is
 * worth points may pass by itself (the contract test sees to it). What holds already before the
 * work ("the Deployment is still fully available") is either a guard, worth 0 points, or comes
 * after the check of the work in check.ts: `check("available", { after: ["emptied"] }, …)` fails as
 * long as "emptied" does. A near miss then names both.
 */
export const checkSpecSchema = z.strictObject({
  id: slug.describe("what check.ts and the near misses call it"),
  points: z.number().int().min(0).max(20).describe("0: judged and shown, but worth nothing (a guard)"),
  title: textSchema.describe("the state that is asked for, as a sentence: 'node01 takes no new pods'"),
});

/**
 * What the grader notes down of the state after set-up, outside of the sandbox, so that checks can
 * tell what was changed since.
 */
export const baselineSchema = z.strictObject({
  files: z.array(z.strictObject({ host: z.string(), path: z.string().startsWith("/") })).default([]),
  objects: z
    .array(z.strictObject({ apiVersion: z.string(), kind: z.string(), name: z.string(), namespace: z.string().optional() }))
    .default([]),
});

/**
 * Visitors of a Service from set-up on. They belong to the grader: no log, process or rule of
 * theirs lies in the sandbox.
 */
export const trafficSchema = z.strictObject({
  name: slug.describe("what check.ts calls it: net.traffic(name)"),
  service: z
    .string()
    .regex(/^[a-z0-9-]+\/[a-z0-9-]+$/, "namespace/name")
    .describe("the Service that is asked at its cluster address, as namespace/name"),
  port: z.number().int().min(1).max(65_535).optional().describe("default: the Service's first"),
  path: z.string().startsWith("/").default("/"),
  everyMs: z.number().int().min(50).max(10_000).default(200),
});

export const scenarioSchema = z.strictObject({
  title: textSchema,
  domain: z.enum(Object.keys(DOMAINS) as [Domain, ...Domain[]]),
  difficulty: z.enum(["easy", "medium", "hard"]),
  minutes: z.number().int().min(1).max(60).describe("the time that a prepared candidate needs"),
  topology: z.enum(Object.keys(TOPOLOGIES) as [Topology, ...Topology[]]),
  host: z.string().default("controlplane").describe("the host that the task says to ssh to"),
  points: z.number().int().min(1).max(20).describe("the sum of the points of the checks"),
  checks: z.array(checkSpecSchema).min(1),
  baseline: baselineSchema.default({ files: [], objects: [] }).describe("what checks compare with how it was after set-up"),
  traffic: z.array(trafficSchema).default([]).describe("requests that the grader sends from set-up on"),
  hints: z.array(textSchema).default([]),
  docs: z
    .array(z.strictObject({ title: z.string().min(1), url: z.url() }))
    .default([])
    .describe("pages that the exam allows"),
  tags: z.array(slug).default([]),
});

/** scenario.yaml, as written. */
export type ScenarioSpec = z.infer<typeof scenarioSchema>;

/**
 * A scenario as the rest of the program sees it, whatever format it was written in. Texts are
 * Markdown.
 */
export interface Scenario extends ScenarioSpec {
  slug: string;
  dir: string;
  /** What the learner reads. */
  task: Text;
  /**
   * The worked solution; its bash blocks are the ones the contract test runs, in order, on `host`.
   */
  solution: Text;
  /** Host → absolute path of its set-up script. */
  setups: Record<string, string>;
  /** Absolute path of the checker module. */
  checkPath: string;
  alternatives: { name: string; path: string }[];
  nearMisses: NearMiss[];
}

/**
 * A script that must not pass: one that goes wrong as learners do, or one that tries to fool the
 * checks.
 */
export interface NearMiss {
  /** The folder that it lies in. */
  kind: "wrong" | "fooling";
  name: string;
  path: string;
  /** The checks that it must fail. */
  fails: string[];
  /**
   * The script (an alternative or one of these) that is played after this one on the same cluster,
   * with the verdict that it has anywhere.
   */
  then?: string;
}
