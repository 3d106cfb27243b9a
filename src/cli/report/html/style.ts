/** Light and dark as the reader has it; nothing is loaded from anywhere. */
export const style = `
:root {
  color-scheme: light dark;
  --page: #f6f7f9; --card: #ffffff; --ink: #16202c; --soft: #5b6878; --line: #e3e7ec; --shade: #eef1f5;
  --good: #12805c; --bad: #c22f2f; --wait: #a76a00;
  --release: #7a8ba3; --process: #2f6fed; --traffic: #0f9a8a; --database: #a3640e; --hook: #8a56c9;
  --v0: #9aa7b8; --v1: #2f6fed; --v2: #0f9a8a; --v3: #8a56c9; --v4: #c9860e; --v5: #c2489b; --untold: #d3dae3;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10151b; --card: #181f28; --ink: #e6ebf1; --soft: #93a1b1; --line: #2a3440; --shade: #202935;
    --good: #3fbf8f; --bad: #f07070; --wait: #e0a94a;
    --release: #8092aa; --process: #5b90f7; --traffic: #2fbfae; --database: #d99a4a; --hook: #b38ae6;
    --v0: #66758a; --v1: #5b90f7; --v2: #2fbfae; --v3: #b38ae6; --v4: #e0a94a; --v5: #e07dbd; --untold: #3d4957;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.55 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 40px 24px 64px; }
h1 { font-size: 26px; line-height: 1.25; margin: 10px 0 4px; letter-spacing: -0.01em; text-wrap: balance; }
h2 { font-size: 15px; margin: 0 0 14px; }
p { margin: 0 0 10px; }
.dim { color: var(--soft); }
.pill { display: inline-block; padding: 2px 12px; border-radius: 99px; font-size: 13px; font-weight: 600; color: var(--card); background: var(--soft); }
.pill.new { background: var(--good); } .pill.old { background: var(--bad); } .pill.paused { background: var(--wait); }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(165px, 1fr)); gap: 12px; margin: 24px 0; }
.card, section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
.card { padding: 14px 16px; }
.card b { display: block; font-size: 22px; font-weight: 600; line-height: 1.3; font-variant-numeric: tabular-nums; }
.card.good b { color: var(--good); } .card.bad b { color: var(--bad); } .card.wait b { color: var(--wait); }
.card span { color: var(--soft); font-size: 13px; }
section { padding: 20px 22px; margin: 0 0 16px; }
section > :last-child, .finding > :last-child { margin-bottom: 0; }
h3 { font-size: 13px; font-weight: 600; color: var(--soft); margin: 22px 0 6px; }
svg { display: block; width: 100%; min-width: 820px; height: auto; font: 11px system-ui, sans-serif; }
svg text { fill: var(--soft); font-variant-numeric: tabular-nums; }
svg text.host { fill: var(--ink); font-size: 12px; }
.row { fill: var(--shade); } .grid { stroke: var(--line); } .window { fill: var(--shade); } .span { fill: var(--process); }
.bar.release { fill: var(--release); } .bar.process { fill: var(--process); } .bar.traffic { fill: var(--traffic); }
.bar.database { fill: var(--database); } .bar.hook { fill: var(--hook); } .bar.failed { fill: var(--bad); }
.paper { fill: var(--card); } .hatch { stroke: var(--line); } path.cut { stroke: var(--soft); } svg .gap text { fill: var(--soft); font-weight: 600; stroke: var(--card); stroke-width: 4px; paint-order: stroke; }
.mark path { stroke: var(--soft); stroke-dasharray: 2 3; fill: none; } .mark circle { fill: var(--soft); } .mark text { fill: var(--card); font-size: 10px; font-weight: 600; }
.mark.bad circle { fill: var(--bad); } .mark.bad path { stroke: var(--bad); } .mark.good circle { fill: var(--good); } .mark.good path { stroke: var(--good); }
.v0 { fill: var(--v0); background: var(--v0); } .v1 { fill: var(--v1); background: var(--v1); } .v2 { fill: var(--v2); background: var(--v2); }
.v3 { fill: var(--v3); background: var(--v3); } .v4 { fill: var(--v4); background: var(--v4); } .v5 { fill: var(--v5); background: var(--v5); }
.none { fill: var(--untold); background: var(--untold); } .lost { fill: var(--bad); background: var(--bad); }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; } .line.p50 { stroke: var(--process); } .line.p99 { stroke: var(--database); }
i.p50 { background: var(--process); } i.p99 { background: var(--database); }
i.release { background: var(--release); } i.process { background: var(--process); } i.traffic { background: var(--traffic); }
i.database { background: var(--database); } i.hook { background: var(--hook); } i.failed { background: var(--bad); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 18px; margin: 6px 0 0; padding: 0; font-size: 13px; color: var(--soft); }
.legend i { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 7px; }
.marks { margin: 14px 0 0; padding-left: 22px; font-size: 14px; } .marks .bad { color: var(--bad); } .marks .good { color: var(--good); }
.note { margin: 10px 0 0; font-size: 14px; } .legend + .wide { margin-top: 14px; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 14px; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; }
th, td { padding: 6px 16px 6px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tbody tr:last-child td { border-bottom: 0; }
.figures th:not(:first-child), .figures td:not(:first-child) { text-align: right; white-space: nowrap; }
.steps td:first-child, .steps td:nth-child(3) { white-space: nowrap; color: var(--soft); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 0; } dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
code, pre { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
pre { background: var(--shade); border-radius: 8px; padding: 12px 14px; overflow: auto; max-height: 420px; margin: 8px 0 0; }
details { margin-top: 14px; } summary { cursor: pointer; color: var(--soft); font-size: 14px; }
.finding + .finding { margin-top: 18px; padding-top: 18px; border-top: 1px solid var(--line); }
footer { color: var(--soft); font-size: 13px; margin-top: 24px; }
@media print { body { background: none; } pre { max-height: none; white-space: pre-wrap; } section, .card { break-inside: avoid; } }
`;
