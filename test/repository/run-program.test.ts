import { tmpdir } from 'node:os';
import { expect, it } from 'vitest';
import { runProgram } from '../../src/repository/run-program.js';

const sh = (script: string) => runProgram('/bin/sh', ['-c', script], { stdout: 'pipe', stderr: 'ignore' });

it('gives the bytes that a program prints, and how it ends', async () => {
  const { exitCode, stdout, problem } = await sh("printf '\\351\\n\\n'; exit 3");
  expect([...stdout]).toEqual([0xe9, 10, 10]);
  expect(exitCode).toBe(3);
  expect(problem).toBeUndefined();
});

it('passes bytes, folder and environment on, and nothing of its own environment', async () => {
  const input = Buffer.from([0, 0xff, 10]);
  const env = { PATH: process.env['PATH'], ONLY: 'this' };
  const cat = await runProgram('cat', [], { input, stdout: 'pipe' });
  expect([...cat.stdout]).toEqual([...input]);
  const told = await runProgram(
    '/bin/sh',
    ['-c', 'pwd; env | grep -v "^PWD\\|^SHLVL\\|^_\\|^OLDPWD" | sort'],
    {
      cwd: tmpdir(),
      env,
      stdout: 'pipe',
    },
  );
  expect(Buffer.from(told.stdout).toString()).toBe(`${tmpdir()}\nONLY=this\nPATH=${env.PATH}\n`);
});

it('says that a program is not there, or was ended by a signal', async () => {
  const absent = await runProgram('git-annex-no-such-program', [], {});
  expect(absent.exitCode).toBeUndefined();
  expect(absent.problem).toContain('ENOENT');
  const killed = await sh('kill -9 $$');
  expect(killed).toMatchObject({ exitCode: undefined, problem: undefined });
});
