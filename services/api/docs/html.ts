/** HTML as a tagged template: whatever is put in is escaped, unless it is HTML itself. */

export interface Html {
  readonly html: string;
}

type Content = string | number | Html | readonly Content[] | undefined | false;

export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Html {
  return { html: parts.map((part, index) => `${part}${render(contents[index])}`).join('') };
}

function render(content: Content): string {
  if (content === undefined || content === false) return '';
  if (typeof content === 'string') return escapeHtml(content);
  if (typeof content === 'number') return String(content);
  return 'html' in content ? content.html : content.map(render).join('');
}

/** Words of ours with `code` in backticks. */
export function prose(words: string): Html {
  const parts = words.split('`');
  return html`${parts.map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : part))}`;
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}
