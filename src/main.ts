import { AnnexError } from './domain/errors.js';
import { optimizeLater } from './lib/optimize-later.js';
import { DEBUG_VARIABLE, fatalReport } from './report/fatal.js';

/** A command that git starts very often: it reads its own arguments and gives the exit code, without oclif. */
interface DirectCommand {
  run(argv: readonly string[]): Promise<number>;
}

/**
 * The commands of git's filters and hooks, by name. Their `--help` goes to oclif like everyone's.
 */
const DIRECT: Readonly<Record<string, () => Promise<DirectCommand>>> = {
  'filter-process': () => import('./operations/git-filters/filter-process.js'),
  smudge: () => import('./operations/git-filters/smudge.js'),
  'pre-commit': () => import('./operations/git-filters/pre-commit.js'),
  'post-receive': () => import('./operations/git-filters/post-receive.js'),
  'check-push': () => import('./operations/lock-cluster/check-push.js'),
  'announce-changes': () => import('./operations/background-sync/run-changed.js'),
  'tell-gateways': () => import('./operations/tell-gateways/tell-gateways.js'),
  'background-sync': () => import('./commands/base/run-background-sync.js'),
};

/** Runs the program; the exit code is left in `process.exitCode`. */
export async function main(argv: readonly string[], root: string): Promise<void> {
  optimizeLater();
  ignoreClosedOutput();
  try {
    expectFolder();
    const [name, ...rest] = argv;
    if (name === 'sync' && rest.includes('--retry') && (await nothingToRetry(rest))) return;
    const direct = name !== undefined && Object.hasOwn(DIRECT, name) ? DIRECT[name] : undefined;
    if (direct !== undefined && !rest.includes('--help')) {
      process.exitCode = await (await direct()).run(rest);
    } else {
      const { runCommand } = await import('./commands/base/run-command.js');
      await runCommand(argv, root);
    }
  } catch (error) {
    const { text, exitCode } = fatalReport(error, process.env[DEBUG_VARIABLE] === '1');
    process.stderr.write(text);
    process.exitCode = exitCode;
  }
}

/** Throws when the folder that the program was started in is there no more. */
function expectFolder(): void {
  try {
    process.cwd();
  } catch (cause) {
    const hint = 'Change to a folder that exists.';
    throw new AnnexError('usage', 'git-annex-ts: the current folder was removed', { hint, cause });
  }
}

/** From cron this is asked every minute, so the answer is found before oclif is loaded. */
async function nothingToRetry(argv: readonly string[]): Promise<boolean> {
  const module = await import('./operations/background-sync/nothing-to-retry.js');
  return module.nothingToRetry(argv);
}

/** A reader that went away (`| head`) ends the program quietly, the way SIGPIPE ends others. */
function ignoreClosedOutput(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      process.exit(error.code === 'EPIPE' ? CLOSED_OUTPUT : 1);
    });
  }
}

/** The exit code when nobody reads the output any more, as shells report SIGPIPE. */
const CLOSED_OUTPUT = 141;
