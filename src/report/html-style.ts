/**
 * How a report looks in a browser and on paper. Colours are those that the common kinds of colour blindness keep apart
 * (after Okabe and Ito), darker on white and lighter on black so that each has contrast enough.
 */

const light = `
  --ground: #ffffff; --raised: #f6f7f9; --text: #1c2128; --soft: #57606a; --line: #d5dae0;
  --good: #1a7431; --warning: #8a5a00; --critical: #b3261e;
  --peak: #1c2128; --held: #9cc7e8; --reserved: #0067a5; --cache: #d7e8f5; --stranded: #cc79a7; --others: #e3b341;
  --free: #f0f2f4; --budget: #b34700; --total: #57606a; --lost: #b34700; --fit: #b34700; --series: #0067a5; --event: #b3261e;`;
const dark = `
  --ground: #14171c; --raised: #1d2128; --text: #e3e8ee; --soft: #a3adb8; --line: #39414b;
  --good: #6cc786; --warning: #e8b339; --critical: #ff8b80;
  --peak: #f2f5f8; --held: #2f6690; --reserved: #6cb6ff; --cache: #1f3a52; --stranded: #a8588a; --others: #8f6a12;
  --free: #20252c; --budget: #ff9f4a; --total: #a3adb8; --lost: #ff9f4a; --fit: #ff9f4a; --series: #6cb6ff; --event: #ff8b80;`;

export const style = `
:root { color-scheme: light dark; ${light} }
@media (prefers-color-scheme: dark) { :root { ${dark} } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; overflow-wrap: break-word; }
h1 { margin: 0; font-size: 1.6rem; line-height: 1.25; }
h2 { margin: 2.25rem 0 .75rem; padding-bottom: .25rem; border-bottom: 1px solid var(--line); font-size: 1.2rem; }
h3 { margin: 0; font-size: 1rem; }
.facts { margin: .35rem 0 0; color: var(--soft); }
.facts span + span::before { content: " · "; }
.verdict { margin: 1.25rem 0 0; padding: .9rem 1.1rem; border-left: 6px solid var(--soft); background: var(--raised); font-size: 1.15rem; }
p.verdict { color: var(--text); }
.verdict b { display: block; font-size: .85rem; letter-spacing: .06em; text-transform: uppercase; color: var(--soft); }
.verdict.good { border-color: var(--good); } .verdict.good b { color: var(--good); }
.verdict.warning { border-color: var(--warning); } .verdict.warning b { color: var(--warning); }
.verdict.critical { border-color: var(--critical); } .verdict.critical b { color: var(--critical); }
.answers { display: grid; grid-template-columns: repeat(auto-fit, minmax(15rem, 1fr)); gap: 1rem; }
.answers > div { padding: .8rem 1rem; background: var(--raised); border-radius: 6px; }
.answers h3 { font-weight: 400; color: var(--soft); font-size: .9rem; }
.answers b { display: block; font-size: 1.2rem; line-height: 1.3; margin: .1rem 0 .3rem; }
.answers p { margin: 0; font-size: .92rem; }
.good { color: var(--good); } .warning { color: var(--warning); } .critical { color: var(--critical); } .dim { color: var(--soft); }
article { margin: 0 0 1rem; padding: .9rem 1.1rem; background: var(--raised); border-radius: 6px; }
article h3 span { font-weight: 400; color: var(--soft); }
article p { margin: .3rem 0; }
article ul, article ol { margin: .3rem 0; padding-left: 1.4rem; }
article li { margin: .15rem 0; }
article li small { color: var(--soft); font-size: .85rem; }
small span { white-space: nowrap; } small span + span::before { content: " · "; }
code { font: .9em ui-monospace, "DejaVu Sans Mono", monospace; }
blockquote { margin: .5rem 0; padding: .6rem .9rem; border-left: 4px solid var(--line); background: var(--raised); font: .88rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; white-space: pre-wrap; }
.table { overflow-x: auto; margin: 0 0 1rem; }
table { border-collapse: collapse; max-width: 100%; font-size: .92rem; font-variant-numeric: tabular-nums; }
td:last-child { white-space: nowrap; } td.long { white-space: normal; }
th, td { text-align: left; vertical-align: top; padding: .3rem .9rem .3rem 0; border-bottom: 1px solid var(--line); }
thead th { color: var(--soft); font-weight: 600; }
tbody th { font-weight: 400; }
tr.dim, tr.dim th { color: var(--soft); }
.list { padding-left: 1.2rem; color: var(--soft); font-size: .92rem; }
figure { margin: 1.4rem 0; }
figcaption span { color: var(--soft); font-size: .92rem; }
.plot { overflow-x: auto; }
.plot:focus-visible, .table:focus-visible { outline: 2px solid var(--series); outline-offset: 2px; }
.plot svg { display: block; width: 100%; min-width: 34rem; height: auto; }
.legend { display: flex; flex-wrap: wrap; gap: .1rem 1.2rem; margin: .2rem 0 0; padding: 0; list-style: none; font-size: .88rem; color: var(--soft); }
.legend svg { vertical-align: -1px; margin-right: .4rem; }
footer { margin-top: 2.5rem; color: var(--soft); font-size: .88rem; }
path { fill: none; stroke-linejoin: round; vector-effect: non-scaling-stroke; }
text { fill: var(--soft); font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
.rule { stroke: var(--line); } .axis { stroke: var(--soft); }
.line { stroke-width: 1.5; } .line.main { stroke-width: 2; }
.dots { stroke-width: 3.5; stroke-linecap: round; }
.area, .bars { stroke: none; } .band { stroke: none; opacity: .22; }
.line.peak, .dots.peak { stroke: var(--peak); }
.line.reserved { stroke: var(--reserved); } .line.reserved:not(.main) { stroke-dasharray: 2 3; }
.line.budget { stroke: var(--budget); stroke-dasharray: 8 4; }
.line.total { stroke: var(--total); stroke-dasharray: 1 2; }
.line.fit { stroke: var(--fit); stroke-dasharray: 6 3; }
.line.series { stroke: var(--series); }
.area.held { fill: var(--held); } .area.cache { fill: var(--cache); stroke: var(--held); stroke-width: .5; }
.area.stranded { fill: var(--stranded); } .area.others { fill: var(--others); } .area.free { fill: var(--free); stroke: var(--line); stroke-width: .5; }
.bars.lost { fill: var(--lost); } .band.fit { fill: var(--fit); } .band.lost { fill: var(--event); }
.guide { stroke-width: 1.2; stroke-dasharray: 4 3; } .guide.warning { stroke: var(--warning); } .guide.critical { stroke: var(--critical); }
.guide-name { font-size: 11px; }
.mark { stroke: var(--event); stroke-width: 1.6; } .mark.spike { fill: var(--event); stroke: none; } .mark.restart { stroke: var(--soft); stroke-dasharray: 3 3; }
.mark.failed { stroke-width: 2.2; }
@page { size: A4; margin: 15mm 14mm; }
@media print {
  :root { color-scheme: light; ${light} }
  body { font-size: 9.5pt; line-height: 1.4; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  h2 { break-after: avoid; margin-top: 1.2rem; }
  figure { margin: .8rem 0; }
  figure, article, .verdict, .answers > div, tr, blockquote { break-inside: avoid; }
  figcaption { break-after: avoid; }
  thead { display: table-header-group; }
  .answers { grid-template-columns: repeat(3, 1fr); }
  .plot, .table { overflow: visible; }
  .plot svg { min-width: 0; }
}
`;
