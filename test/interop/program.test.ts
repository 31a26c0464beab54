import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PROGRAM, runProgram } from '../support/program.js';

describe('the program', () => {
  let folder: string;

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'program-'));
    symlinkSync(PROGRAM, join(folder, 'git-annex-ts'));
    symlinkSync(PROGRAM, join(folder, 'git-annex'));
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  const inPath = () => ({ ...process.env, PATH: `${folder}:${process.env['PATH']}` });

  test('is a git subcommand', () => {
    const { status, stdout } = spawnSync('git', ['annex-ts', 'version', '--raw'], {
      env: inPath(),
      encoding: 'utf8',
    });
    expect({ status, stdout }).toEqual({ status: 0, stdout: '10.20250416' });
  });

  test('answers under the name git-annex, too', () => {
    const { status, stdout } = spawnSync('git', ['annex', 'version'], { env: inPath(), encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stdout).toMatch(/^git-annex version: 10\.\d+\n/);
  });

  test.each([
    [[], 'Missing: COMMAND'],
    [['bogus'], "Invalid argument `bogus'"],
    [['--bogus'], "Invalid option `--bogus'"],
    [['version', '--bogus'], "Invalid option `--bogus'"],
    [['version', 'surplus'], "Invalid argument `surplus'"],
    [['version', '--numcopies', 'x'], "option --numcopies: cannot parse value `x'"],
    [['version', '--trust'], 'The option `--trust` expects an argument.'],
  ])('refuses %j with status 1, on stderr, without a trace', (args, message) => {
    const { status, stdout, stderr } = runProgram(args);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr.split('\n')[0]).toBe(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('shows where an error happened when asked to', () => {
    expect(runProgram(['bogus'], { env: { GIT_ANNEX_TS_DEBUG: '1' } }).stderr).toMatch(/^\s+at /m);
  });

  test.each([[['--help']], [['help']], [['version', '--help']], [['version', '-h']]])(
    'helps with %j',
    (args) => {
      const { status, stdout } = runProgram(args);
      expect(status).toBe(0);
      expect(stdout).toContain('USAGE');
    },
  );

  test('ends quietly when nobody reads its output', () => {
    const script = `"${process.execPath}" "${PROGRAM}" --help | true; echo "\${PIPESTATUS[0]}"`;
    const { stdout, stderr } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
    expect(stderr).toBe('');
    expect(['0\n', '141\n']).toContain(stdout);
  });

  test('works where the home is not writable and nothing is configured', () => {
    const home = join(folder, 'home');
    mkdirSync(home, { mode: 0o500 });
    writeFileSync(join(folder, 'empty'), '');
    const env = { HOME: home, XDG_CONFIG_HOME: home, GIT_CONFIG_GLOBAL: join(folder, 'empty') };
    expect(runProgram(['version', '--raw'], { cwd: folder, env }).status).toBe(0);
  });
});
