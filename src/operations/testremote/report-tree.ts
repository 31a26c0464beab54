import type { SuiteReport, SuiteSummary } from './suite-report.js';

/** git-annex's tree of groups and cases; `names` are those of all cases. */
export function createTreeReport(names: readonly string[], write: (text: string) => void): SuiteReport {
  const width = Math.max(0, ...names.map((name) => name.length));
  write('Remote Tests\n');
  return {
    group: ({ name }) => write(`  ${name}\n`),
    result({ group, name, seconds, failure }) {
      const time = seconds < 0.01 ? '' : ` (${seconds.toFixed(2)}s)`;
      const pad = ' '.repeat(Math.max(0, width - name.length));
      write(`    ${name}: ${pad}${failure === undefined ? 'OK' : 'FAIL'}${time}\n`);
      if (failure === undefined) return;
      const again = `Use --only='${group}.${name}' to run this test alone.`;
      write([...failure.text.split('\n'), again].map((line) => `      ${line}\n`).join(''));
    },
    end: (summary) => write(`\n${lastLine(summary)}\n`),
  };
}

function lastLine({ total, failed, seconds, stopped }: SuiteSummary): string {
  const time = `(${seconds.toFixed(2)}s)`;
  if (stopped) return `Stopped after ${total} tests, of which ${failed} failed ${time}`;
  if (failed === 0) return `All ${total} tests passed ${time}`;
  return `${failed} out of ${total} tests failed ${time}`;
}
