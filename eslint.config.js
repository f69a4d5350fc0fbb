import js from "@eslint/js";
import svelte from "eslint-plugin-svelte";
import globals from "globals";
import ts from "typescript-eslint";

/** One rule per boundary of ARCHITECTURE.md: a folder may not import what these patterns match. */
const boundary = (files, patterns, message) => ({
  files,
  rules: { "no-restricted-imports": ["error", { patterns: [{ regex: patterns.join("|"), message }] }] },
});

export default ts.config(
  { ignores: ["**/node_modules/", "**/dist/", "test/fixtures/", "test-results/"] },
  js.configs.recommended,
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: {
      "@typescript-eslint/no-unused-vars": ["error", { argsIgnorePattern: "^_", varsIgnorePattern: "^_" }],
      "no-undef": "off",
      eqeqeq: "error",
      "prefer-const": "error",
      // Prose; code is Prettier's. Tables and examples (several spaces, quoted code) may be wider.
      "max-len": ["error", { code: 1000, comments: 100, ignoreUrls: true, ignorePattern: "\\S {3,}\\S|`.{40}" }],
    },
  },
  // Props with a bindable one among them need `let`; the plugin's own rule knows that.
  { files: ["**/*.svelte"], rules: { "prefer-const": "off", "svelte/prefer-const": "error" } },
  { files: ["**/*.svelte", "**/*.svelte.ts"], languageOptions: { parserOptions: { parser: ts.parser } } },
  boundary(
    ["labs/src/**/*.ts"],
    ["@drydock/(server|web)", "^(\\.\\./)+(server|web)/"],
    "labs knows nothing of the server or the page",
  ),
  boundary(
    ["terminal/src/**/*.ts"],
    ["@drydock/", "^(\\.\\./)+(labs|server|web)/"],
    "what the terminals have in common knows nothing of the rest",
  ),
  boundary(["server/src/**/*.ts"], ["@drydock/web", "^(\\.\\./)+web/"], "the server knows nothing of the page"),
  boundary(
    ["web/src/**/*.{ts,svelte}"],
    ["@drydock/labs", "^(\\.\\./)+labs/", "@drydock/server(?!/contract$)", "^(\\.\\./)+server/"],
    "the page imports the API contract only",
  ),
  boundary(["scenarios/**/*.ts"], ["^(?!@drydock/labs/checks$|\\./)"], "a scenario imports the checker SDK only"),
  {
    files: ["labs/src/**/*.ts", "server/src/**/*.ts"],
    ignores: ["labs/src/process.ts", "**/*.test.ts"],
    rules: {
      "no-restricted-syntax": [
        "error",
        {
          selector: "ImportDeclaration[source.value=/^(node:)?child_process$|^execa$/]",
          message: "only labs/src/process.ts spawns processes",
        },
      ],
    },
  },
  {
    files: ["server/src/**/*.ts"],
    ignores: ["server/src/store/**"],
    rules: {
      "@typescript-eslint/no-restricted-imports": [
        "error",
        { patterns: [{ regex: "^(libsql|kysely)$", message: "only server/src/store knows SQL" }] },
      ],
    },
  },
);
