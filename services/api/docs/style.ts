/** The style of the pages, and the policy that allows this one and nothing else. */
import { createHash } from 'node:crypto';

export const STYLE = `
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --quiet: light-dark(#555, #aaa); --link: light-dark(#0b57d0, #8ab4f8); }
* { box-sizing: border-box; }
html { scroll-padding-top: 1rem; }
body { font: 16px/1.55 system-ui, sans-serif; margin: 0 auto; padding: 1rem; max-width: 72rem; overflow-wrap: break-word; }
a { color: var(--link); text-decoration: none; }
a:hover { text-decoration: underline; }
h1 { margin: .5rem 0; } h1 small { font-size: .5em; font-weight: normal; color: var(--quiet); }
h2 { margin: 2.5rem 0 .5rem; border-bottom: 2px solid var(--line); padding-bottom: .25rem; }
h3 { margin: 0 0 .5rem; font-size: 1.05rem; } h3 a { color: inherit; }
h4 { margin: 1rem 0 .25rem; font-size: .8rem; text-transform: uppercase; letter-spacing: .06em; color: var(--quiet); }
p { margin: .5rem 0; }
code, pre { font-family: ui-monospace, "SFMono-Regular", Menlo, Consolas, monospace; font-size: .875em; }
pre { overflow-x: auto; padding: .75rem 1rem; background: var(--soft); border-radius: .4rem; }
article { padding: 1.25rem 0; border-bottom: 1px solid var(--line); }
article:target { background: var(--soft); outline: .75rem solid var(--soft); }
dl { margin: .25rem 0; } dl > div { padding: .35rem 0; border-top: 1px solid var(--soft); }
dt code { font-weight: 600; } dd { margin: 0 0 0 1rem; }
.type, .key { color: var(--quiet); font-size: .9em; }
.must { font-size: .75em; border: 1px solid; border-radius: .3rem; padding: 0 .3em; color: light-dark(#a23, #f98); }
.method { display: inline-block; min-width: 4.6em; padding: 0 .2em; font: 700 .75rem/1.6 ui-monospace, monospace; text-align: center; border-radius: .3rem; background: var(--soft); color: light-dark(#0a5c2b, #7ddb9c); }
.method.post { color: light-dark(#1b4fa8, #93b8ff); } .method.delete { color: light-dark(#a02020, #ff9d94); }
.codes a { display: inline-block; margin-right: .5rem; }
nav ul { list-style: none; margin: .25rem 0 .75rem; padding: 0; } nav li a { display: flex; gap: .4em; align-items: baseline; } nav code { min-width: 0; overflow-wrap: anywhere; } nav summary, nav p { font-weight: 600; }
nav p a { margin-right: 1rem; }
details > summary { cursor: pointer; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem 1rem .2rem 0; vertical-align: top; }
tr:target { background: var(--soft); }
@media (min-width: 64rem) {
  body:has(nav) { display: grid; grid-template-columns: 22rem minmax(0, 1fr); column-gap: 2.5rem; max-width: 84rem; }
  header { grid-column: 1 / -1; }
  nav { position: sticky; top: 0; max-height: 100vh; overflow-y: auto; font-size: .875rem; padding-bottom: 2rem; }
}
`;

const digest = createHash('sha256').update(STYLE).digest('base64');

export const HTML_HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src 'sha256-${digest}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
};
