import type { CaseResult } from './suite.js';
import type { SuiteReport } from './suite-report.js';

/** JUnit's XML, which build servers read: a suite for each group. `save` gets the document in the end. */
export function createJunitReport(remote: string, save: (document: string) => void): SuiteReport {
  const groups = new Map<string, CaseResult[]>();
  return {
    group: ({ name }) => groups.set(name, []),
    result: (result) => groups.get(result.group)?.push(result),
    end({ total, failed, seconds }) {
      const counts = `tests="${total}" failures="${failed}" time="${seconds.toFixed(3)}"`;
      const suites = [...groups].map(([name, results]) => suite(name, results)).join('');
      const name = escaped(`testremote ${remote}`);
      save(
        `<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="${name}" ${counts}>\n${suites}</testsuites>\n`,
      );
    },
  };
}

function suite(name: string, results: readonly CaseResult[]): string {
  const failed = results.filter(({ failure }) => failure !== undefined).length;
  const seconds = results.reduce((sum, result) => sum + result.seconds, 0);
  const counts = `tests="${results.length}" failures="${failed}" time="${seconds.toFixed(3)}"`;
  return `  <testsuite name="${escaped(name)}" ${counts}>\n${results.map(testcase).join('')}  </testsuite>\n`;
}

function testcase({ group, name, seconds, failure }: CaseResult): string {
  const head = `    <testcase classname="${escaped(group)}" name="${escaped(name)}" time="${seconds.toFixed(3)}"`;
  if (failure === undefined) return `${head}/>\n`;
  const [first = ''] = failure.text.split('\n');
  return `${head}>\n      <failure message="${escaped(first)}">${escaped(failure.text)}</failure>\n    </testcase>\n`;
}

/** What XML cannot hold at all becomes U+FFFD: names and messages may hold anything. */
function escaped(text: string): string {
  return text
    .replace(/[^\t\n\r\x20-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
