import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** The built program. */
export const PROGRAM = fileURLToPath(new URL('../../bin/git-annex-ts', import.meta.url));

/**
 * The command line of the program under test. `ANNEX_TS_SUBJECT` names another one: a build elsewhere, a program broken
 * on purpose, or git-annex itself, to try the tests.
 */
export function subjectCommand(): readonly [string, ...string[]] {
  const other = process.env['ANNEX_TS_SUBJECT'];
  if (other === undefined || other === '') return [process.execPath, PROGRAM];
  return [other];
}

/** How a run of the program ended. */
export interface ProgramResult {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built program. */
export function runProgram(
  args: readonly string[],
  options: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv } = {},
): ProgramResult {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    timeout: 60_000,
    killSignal: 'SIGKILL',
  });
  return { status, stdout, stderr };
}
