import { fromText } from '../../lib/bytes.js';
import { runGitConfig } from '../../repository/settings/git-config.js';
import { parseJobs } from '../../repository/settings/parse-jobs.js';

/**
 * How many things are done at once by `annex.jobs`, a number or `cpus`; 1 when it is not set, or no such value. It is read before
 * the repository is opened, since reports depend on it.
 */
export async function jobsSetting(): Promise<number> {
  try {
    const value = (await runGitConfig(fromText(process.cwd()), ['--get', 'annex.jobs'], [1])).trim();
    return parseJobs(value) ?? 1;
  } catch {
    // What is wrong with the configuration is said when it is read as a whole.
    return 1;
  }
}
