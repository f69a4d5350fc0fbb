import DOMPurify from "dompurify";
import MarkdownIt from "markdown-it";

/**
 * Raw HTML in a task stays text: markdown-it escapes it, and DOMPurify goes over the result once
 * more.
 */
const markdown = new MarkdownIt({ html: false, linkify: false, typographer: false });
const escape = markdown.utils.escapeHtml;

/**
 * Code that copies on a click or on Enter (see copy.ts). Inside of a link it stays plain, as a
 * click there follows the link.
 */
markdown.renderer.rules.code_inline = (tokens, index, _options, env) => {
  const { copyLabel } = env as Env;
  const content = escape(tokens[index]?.content ?? "");
  if (insideLink(tokens, index)) return `<code>${content}</code>`;
  return `<code class="copyable" role="button" tabindex="0" title="${escape(copyLabel)}">${content}</code>`;
};

markdown.renderer.rules.fence = (tokens, index, _options, env) => codeBlock(tokens[index]?.content ?? "", env as Env);
markdown.renderer.rules.code_block = (tokens, index, _options, env) => codeBlock(tokens[index]?.content ?? "", env as Env);

markdown.renderer.rules.link_open = (tokens, index, options, _env, self) => {
  tokens[index]?.attrSet("target", "_blank");
  tokens[index]?.attrSet("rel", "noopener noreferrer");
  return self.renderToken(tokens, index, options);
};

/**
 * The first paragraph names the host and the context: it is shown as a line of its own, and copies
 * as a whole.
 */
markdown.core.ruler.push("host-line", (state) => {
  const [open, inline] = state.tokens;
  const names = inline?.children?.some((token) => token.type === "code_inline");
  if ((state.env as Env).hostLine && open?.type === "paragraph_open" && names) open.attrSet("class", "host-line");
});

type Env = Record<string, unknown> & { copyLabel: string; hostLine: boolean };

/**
 * A block scrolls sideways, so the keyboard must be able to reach it; the button beside it copies.
 */
function codeBlock(content: string, env: Env): string {
  const label = escape(env.copyLabel);
  return `<div class="code-block"><pre tabindex="0"><code>${escape(content)}</code></pre><button type="button" class="copy-block" title="${label}">${label}</button></div>`;
}

function insideLink(tokens: readonly { type: string }[], index: number): boolean {
  const before = tokens.slice(0, index).map((token) => token.type);
  return before.lastIndexOf("link_open") > before.lastIndexOf("link_close");
}

/**
 * Markdown as HTML that is safe to insert. Needs a browser: without a DOM DOMPurify cleans nothing,
 * so that this throws.
 * @param copyLabel what the copy buttons are called, in the reader's language
 * @param hostLine whether the first paragraph is the one that names the host
 */
export function renderMarkdown(
  source: string,
  { copyLabel, hostLine = false }: { copyLabel: string; hostLine?: boolean },
): string {
  if (!DOMPurify.isSupported) throw new Error("Markdown can be cleaned in a browser only");
  return DOMPurify.sanitize(markdownToHtml(source, { copyLabel, hostLine }), {
    ADD_ATTR: ["target"],
    FORBID_TAGS: ["style", "form", "input", "img"],
  });
}

/** The first half of renderMarkdown, for its tests: not to be inserted anywhere. */
export const markdownToHtml = (source: string, env: Env): string => markdown.render(source, env);
