import type { SuiteReport } from './suite-report.js';

/** The Test Anything Protocol, version 13. The plan comes last, since a remote that is silent is not asked to the end. */
export function createTapReport(write: (text: string) => void): SuiteReport {
  let count = 0;
  write('TAP version 13\n');
  return {
    group: ({ name }) => write(`# ${name}\n`),
    result({ group, name, failure }) {
      const title = `${group}: ${name}`.replace(/[\\#]/g, '\\$&');
      write(`${failure === undefined ? 'ok' : 'not ok'} ${++count} - ${title}\n`);
      if (failure !== undefined) write(`${failure.text.replace(/^/gm, '# ')}\n`);
    },
    end: () => write(`1..${count}\n`),
  };
}
