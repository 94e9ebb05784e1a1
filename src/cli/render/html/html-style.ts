/** The style of the page. Colours are by meaning; both schemes have contrast enough for small text. */
export const PAGE_STYLE = `
:root {
  color-scheme: light dark;
  --back: #ffffff; --text: #1c2127; --dim: #59636e; --line: #d5dae0; --panel: #f5f7f9; --link: #0a58ca;
  --good: #116329; --bad: #b3151b; --warn: #8a5200;
  --del: #ffecec; --del-word: #f9b9b9; --ins: #e6f8ea; --ins-word: #9fdfae; --none: #f0f2f4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --back: #12161b; --text: #e3e7eb; --dim: #9aa5b1; --line: #313942; --panel: #1a2027; --link: #79b0ff;
    --good: #57c97a; --bad: #ff8480; --warn: #e5b045;
    --del: #3a1b1d; --del-word: #7c2d30; --ins: #14301d; --ins-word: #226238; --none: #181d23;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1rem 1.25rem 3rem; max-width: 100rem; background: var(--back); color: var(--text);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
a { color: var(--link); }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; }
.skip, .hidden { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.skip:focus { position: static; width: auto; height: auto; clip-path: none; }
h1 { font-size: 1.5rem; margin: .5rem 0; }
h2 { font-size: 1.15rem; margin: 2rem 0 .5rem; }
code, .diff, .key { font-family: ui-monospace, monospace; font-size: .85rem; }
.badge, .status { display: inline-block; padding: 0 .5em; border: 1px solid currentColor; border-radius: 1em; font-size: .8rem; font-weight: 600; }
.good { color: var(--good); } .bad { color: var(--bad); } .warning { color: var(--warn); } .note, .more, .sizes { color: var(--dim); }
.status.A { color: var(--good); } .status.D { color: var(--bad); } .status.M, .status.T, .status.P { color: var(--warn); }
.notes { list-style: none; margin: 1rem 0; padding: 0; }
.notes li { margin: .35rem 0; padding: .35rem .75rem; border-left: .3rem solid currentColor; background: var(--panel); }
.notes b { margin-right: .3em; } .notes span { color: var(--text); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1.25rem; margin: 1rem 0; }
dt { color: var(--dim); } dd { margin: 0; }
pre { padding: .75rem; background: var(--panel); white-space: pre-wrap; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; }
.list th, .list td { padding: .35rem .75rem .35rem 0; text-align: left; vertical-align: top; border-bottom: 1px solid var(--line); }
.list th { color: var(--dim); font-weight: 600; white-space: nowrap; }
/* A word is broken only where it alone is wider than a column may be: else the table scrolls. */
.list th, .list td { overflow-wrap: break-word; max-width: 40rem; }
.list .id, .list .short { white-space: nowrap; }
.list td:last-child { min-width: 10rem; }
.key { color: var(--dim); }
details { margin: .5rem 0; }
summary { cursor: pointer; }
.file { border: 1px solid var(--line); border-radius: .4rem; }
.file > summary { padding: .5rem .75rem; background: var(--panel); border-radius: .4rem; }
.path { font-weight: 600; }
.content > p { margin: .75rem; }
.diff { table-layout: fixed; line-height: 1.4; }
.diff td { padding: 0 .5rem; vertical-align: top; white-space: pre-wrap; tab-size: 4; }
col.num { width: 4.5rem; }
.diff td.num { color: var(--dim); text-align: right; user-select: none; }
.diff .hunk th { padding: .2rem .75rem; text-align: left; font-weight: 400; color: var(--dim); background: var(--panel); }
.diff .del { background: var(--del); } .diff .ins { background: var(--ins); } .diff .none { background: var(--none); }
.diff .remark { color: var(--dim); font-style: italic; }
del, ins { text-decoration: none; border-radius: .2em; }
del { background: var(--del-word); } ins { background: var(--ins-word); }
.sign { display: inline-block; width: 1.2em; user-select: none; color: var(--dim); }
.images { display: flex; flex-wrap: wrap; gap: 1rem; padding: .75rem; }
figure { margin: 0; flex: 1 1 18rem; min-width: 0; }
figcaption { color: var(--dim); font-size: .85rem; }
img { max-width: 100%; max-height: 30rem; border: 1px solid var(--line);
  background: repeating-conic-gradient(#d0d0d0 0 25%, #f4f4f4 0 50%) 0 0 / 1rem 1rem; }
.chart { display: block; width: 100%; max-width: 52rem; height: auto; margin: .5rem 0; font: 13px system-ui, sans-serif; }
.chart text { fill: var(--text); } .chart .quiet { fill: var(--dim); }
.chart .there { fill: var(--link); } .chart .back { fill: var(--dim); }
.chart .pass { fill: var(--good); } .chart .fail { fill: var(--bad); }
.chart line { stroke: var(--line); } .chart .limit { stroke: var(--warn); stroke-dasharray: 6 4; stroke-width: 2; }
.legend span { display: inline-block; margin-right: 1.5em; } .legend svg { width: .8em; height: .8em; margin-right: .4em; }
.legend .there { fill: var(--link); } .legend .back { fill: var(--dim); }
@media (max-width: 48rem) {
  dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: .5rem; }
  .list { min-width: 44rem; }
  .diff, .diff tbody { display: block; } .diff colgroup { display: none; }
  .diff tr { display: grid; grid-template-columns: 3.5rem 1fr; }
  .diff .hunk { display: block; } .diff .hunk th { display: block; }
  .diff .none, .diff:not(.one) .same td:nth-child(-n + 2) { display: none; }
}
@media (forced-colors: active) { del { text-decoration: line-through; } ins { text-decoration: underline; } }
@media print {
  body { max-width: none; } .file { break-inside: avoid; }
  .scroll { overflow: visible; } .list { min-width: 0; font-size: .8rem; } .list th, .list td, .list .id { white-space: normal; overflow-wrap: anywhere; }
}
`;
