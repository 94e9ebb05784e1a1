/** What the page of a report has besides the style of all pages. */
export const REPORT_STYLE = `
body { max-width: 80rem; }
.dim { color: var(--dim); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr)); gap: .75rem; margin: 1.25rem 0; padding: 0; list-style: none; }
.cards li { display: flex; flex-direction: column; padding: .75rem 1rem; border: 1px solid var(--line); border-top: .3rem solid currentColor; border-radius: .4rem; background: var(--panel); }
.cards b { font-size: 1.35rem; line-height: 1.3; }
.cards .title { color: var(--text); font-weight: 600; } .cards .detail { color: var(--dim); font-size: .85rem; }
nav a { display: inline-block; margin-right: .75rem; }
section p { margin: .35rem 0; }
.list td, .list th { font-size: .9rem; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(16rem, 1fr)); gap: 1rem; margin: 1rem 0; }
.charts figure { padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .4rem; }
.charts svg { display: block; width: 100%; height: 7rem; }
.charts .bar { fill: var(--link); } .charts .bar.over { fill: var(--bad); }
.charts .limit { stroke: var(--bad); stroke-dasharray: 4 3; }
.charts .base { stroke: var(--line); }
@media print { .cards li, .charts figure, section { break-inside: avoid; } nav { display: none; } }
`;
