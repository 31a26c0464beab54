import { execFileSync } from 'node:child_process';
import type { Reporter } from '../../report/reporter.js';
import { streamSinks } from '../../report/sink.js';

/** The options that decide how a command reports. */
interface ReportingFlags {
  readonly [name: string]: unknown;
}

/** The reporter that the options and the terminal ask for; only its own module is loaded. */
export async function openReporter(flags: ReportingFlags, jobs: number): Promise<Reporter> {
  const { out, err } = streamSinks(process.stdout, process.stderr);
  const quotePath = askQuotePath();
  if (flags['json'] || flags['json-progress'] || flags['json-error-messages']) {
    const { jsonReporter } = await import('../../report/json.js');
    return jsonReporter(out, err, {
      errorMessages: flags['json-error-messages'] === true,
      progress: flags['json-progress'] === true,
      quotePath,
    });
  }
  const options = { concurrent: jobs > 1, quiet: flags['quiet'] === true, quotePath };
  const { plainReporter } = await import('../../report/plain.js');
  const plain = plainReporter(out, err, options);
  if (options.quiet || !process.stderr.isTTY || !process.stdout.isTTY) return plain;
  const { terminalReporter } = await import('../../report/terminal.js');
  return terminalReporter(plain);
}

/** Whether git escapes bytes above 127; asked once, and only when a name has any, to keep the start short. */
function askQuotePath(): () => boolean {
  let quotes: boolean | undefined;
  return () => {
    quotes ??= readQuotePath();
    return quotes;
  };
}

function readQuotePath(): boolean {
  try {
    const args = ['config', '--type=bool', '--default=true', 'core.quotePath'];
    return (
      execFileSync('git', args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim() === 'true'
    );
  } catch {
    return true;
  }
}
