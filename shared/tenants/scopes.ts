/** What an API key may do. */
export const SCOPES = ['runs', 'runs:read', 'webhooks', 'admin'] as const;
export type Scope = (typeof SCOPES)[number];

/** What each scope is for, in the words of errors and documents. */
export const scopeWords: Readonly<Record<Scope, string>> = {
  runs: 'responses, chat completions, files, batches, data and fine-tuning jobs: read and write',
  'runs:read': 'the same, read only',
  webhooks: 'webhook endpoints and their secrets',
  admin: 'API keys, tenants and the audit of the whole cluster',
};

/** `runs` includes `runs:read`; nothing else includes anything. */
export function allows(scopes: readonly Scope[], wanted: Scope): boolean {
  return scopes.includes(wanted) || (wanted === 'runs:read' && scopes.includes('runs'));
}
