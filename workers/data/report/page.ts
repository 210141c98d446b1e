/** The page: one document without a script, a font or a picture from elsewhere. */
import { escapeText, type Html, html } from './html.ts';

const STYLE = `
:root{color-scheme:light dark;--paper:#fff;--ink:#1b1f24;--dim:#59636e;--rule:#d1d9e0;--panel:#f6f8fa;--fault:#b02a15}
@media (prefers-color-scheme:dark){:root{--paper:#0f1318;--ink:#e6edf3;--dim:#9aa4ae;--rule:#343b44;--panel:#171c23;--fault:#ff9d85}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
main{max-width:1080px;margin:0 auto;padding:1.25rem 1rem 4rem}
h1{font-size:1.7rem;margin:.2rem 0}h2{font-size:1.3rem;margin:2.5rem 0 .6rem;padding-top:.8rem;border-top:1px solid var(--rule)}h3{font-size:1.05rem;margin:1.2rem 0 .4rem}
p{margin:.5rem 0}.note,.dim{color:var(--dim);font-size:.875rem}
svg text:not([font-size]){font-size:12px}svg text:not([fill]){fill:currentColor}svg text.dim{fill:var(--dim)}
.rule{stroke:var(--rule)}
.tiles{list-style:none;margin:1rem 0;padding:0;display:grid;gap:.6rem;grid-template-columns:repeat(auto-fit,minmax(150px,1fr))}
.tiles li{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:.6rem .8rem;color:var(--dim);font-size:.875rem}.tiles strong{display:block;color:var(--ink);font-size:1.35rem}
.chart{margin:1rem 0}.chart figcaption{font-weight:600;margin-bottom:.4rem}
.pair{display:grid;gap:0 2.5rem;grid-template-columns:repeat(auto-fit,minmax(min(100%,420px),1fr));align-items:start}
.bars{display:grid;grid-template-columns:minmax(5rem,12rem) 1fr auto;gap:.25rem .6rem;align-items:center;font-size:.875rem}
.pair .bars{grid-template-columns:minmax(5rem,11rem) 1fr minmax(3.5rem,auto)}
.bars svg{display:block;background:var(--panel)}.bars .value{text-align:right;font-variant-numeric:tabular-nums}
.bars .name{overflow:hidden;display:-webkit-box;-webkit-line-clamp:2;-webkit-box-orient:vertical;line-height:1.2}
.long .bars{grid-template-columns:minmax(7rem,26rem) 1fr auto}.long .bars .name{-webkit-line-clamp:4}
.axis{color:var(--dim);font-size:.75rem;margin-top:.15rem}.ends{display:flex;justify-content:space-between;border-top:1px solid var(--rule)}
.legend{list-style:none;display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin:0 0 .5rem;padding:0;font-size:.875rem}
.scroll{overflow-x:auto;margin:.6rem 0}table{border-collapse:collapse;font-size:.875rem;min-width:50%}
th,td{text-align:right;padding:.3rem .6rem;border-bottom:1px solid var(--rule);font-variant-numeric:tabular-nums;overflow-wrap:normal}tbody td code,tbody th{overflow-wrap:anywhere}
th:first-child{text-align:left;font-weight:600}thead th{color:var(--dim);font-weight:600;vertical-align:bottom}
.chain{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:.8rem 1rem;margin:1rem 0}.chain h3{margin:0}
.badge{border-radius:4px;padding:.1rem .4rem;font-size:.8rem;font-weight:600;white-space:nowrap}
.question{white-space:pre-wrap;font-weight:600}.thought{white-space:pre-wrap;margin:.2rem 0}
.pictures{display:flex;flex-wrap:wrap;gap:.8rem;align-items:flex-start}.shown{margin:.4rem 0;flex:0 1 440px;min-width:min(100%,220px)}.shown figcaption{color:var(--dim);font-size:.8rem}
.picture{display:block;width:100%;height:auto;border:1px solid var(--rule);background:#fff}.paper{fill:#fff}
.picture text{fill:#111}.picture .ink{fill:#333}.picture .halo{fill:#111;stroke:#fff;stroke-width:3px;paint-order:stroke;font-weight:600}
.steps{padding-left:1.4rem}.steps li{margin:.7rem 0}.steps li::marker{color:var(--dim)}
pre{white-space:pre-wrap;font:13px/1.45 ui-monospace,monospace;background:var(--paper);border:1px solid var(--rule);border-radius:6px;padding:.4rem .6rem;margin:.35rem 0;max-height:22rem;overflow:auto}
summary{cursor:pointer;color:var(--dim);font-size:.9rem}.fault{color:var(--fault);white-space:pre-wrap}
dl{display:grid;grid-template-columns:auto 1fr;gap:.15rem .8rem;margin:.6rem 0 0}dt{color:var(--dim)}dd{margin:0;white-space:pre-wrap}
@media (max-width:520px){.bars,.pair .bars{grid-template-columns:minmax(4.5rem,7.5rem) 1fr auto}.long .bars{grid-template-columns:11rem 1fr auto}main{padding-inline:.75rem}.chain{padding:.7rem}}
tbody th{min-width:6.5rem}
@media print{.chain{break-inside:avoid}}
`;

/**
 * @param parts sections in order; `false` for one that there is not
 * @param style more rules, of our own
 */
export function page(title: string, head: Html, parts: readonly (Html | false)[], style = ''): string {
  const body = html`<main>${head}${parts}</main>`;
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${escapeText(title)}</title><style>${STYLE}${style}</style></head>
<body>${body.text}</body></html>
`;
}
