export const STYLE = `
:root { color-scheme: light dark; --ink: #1d2430; --dim: #5d6878; --line: #dde2ea; --page: #f6f7f9; --card: #fff;
  --good: #1a7f4b; --busy: #2563b8; --bad: #b42318; }
@media (prefers-color-scheme: dark) { :root { --ink: #e4e8ee; --dim: #98a3b3; --line: #2c3440; --page: #12161c;
  --card: #191f27; --good: #4cc38a; --busy: #74aaf5; --bad: #ff8a7d; } }
* { box-sizing: border-box; }
body { margin: 0; padding: 24px; background: var(--page); color: var(--ink); font: 14px/1.45 system-ui, sans-serif; }
main { max-width: 1320px; margin: 0 auto; }
header { display: flex; flex-wrap: wrap; align-items: baseline; gap: 4px 20px; margin-bottom: 16px; }
h1 { font-size: 20px; margin: 0; }
h1 a { color: inherit; text-decoration: none; }
nav { margin-left: auto; display: flex; gap: 16px; }
a { color: var(--busy); }
.facts { display: flex; flex-wrap: wrap; gap: 12px; margin: 0 0 16px; padding: 0; list-style: none; }
.facts li { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 8px 14px; min-width: 104px; }
.facts b { display: block; font-size: 18px; font-variant-numeric: tabular-nums; }
.facts span, i, .lag, .windows, footer { color: var(--dim); font-style: normal; }
.note { border-left: 4px solid var(--bad); background: var(--card); padding: 8px 14px; margin: 0 0 12px; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; min-width: 960px; table-layout: fixed; }
th, td { padding: 10px 14px; text-align: left; vertical-align: top; border-top: 1px solid var(--line); font-weight: 400; }
thead th { border-top: 0; color: var(--dim); font-size: 12px; text-transform: uppercase; letter-spacing: .04em; }
th:first-child { width: 19%; }
.name { font-weight: 600; color: inherit; display: block; overflow-wrap: anywhere; }
.line { display: flex; justify-content: space-between; align-items: center; gap: 10px; white-space: nowrap; font-variant-numeric: tabular-nums; }
.windows { min-width: 52px; text-align: right; }
.error { color: var(--bad); margin: 4px 0 0; font-size: 12px; overflow-wrap: anywhere; }
.line .badge { margin: 0; }
.badge { display: inline-block; margin: 4px 6px 0 0; padding: 0 8px; border: 1px solid currentColor; border-radius: 9px;
  font-size: 12px; line-height: 18px; text-decoration: none; white-space: nowrap; }
.good { color: var(--good); } .busy { color: var(--busy); } .bad { color: var(--bad); }
progress { appearance: none; flex: 1; min-width: 0; height: 6px; border: 0; border-radius: 3px; overflow: hidden; background: var(--line); }
progress::-webkit-progress-bar { background: var(--line); }
progress::-webkit-progress-value { background: currentColor; }
progress::-moz-progress-bar { background: currentColor; }
footer { margin-top: 12px; font-size: 12px; }
.stale { opacity: .45; }
`;
