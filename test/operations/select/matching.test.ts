import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ByteString, fromText } from '../../../src/lib/bytes.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import { type MatchingOption, parseMatching } from '../../../src/operations/select/matching.js';
import { select } from '../../../src/operations/select/select.js';
import { createSandbox, run, type Sandbox } from '../../support/annex-repository.js';
import { cloned, write } from '../transfer/run-operation.js';

let sandbox: Sandbox;
let b: string;

beforeAll(() => {
  sandbox = createSandbox();
  const a = sandbox.annex('a', 'a');
  write(a, { f1: 'one', 'f2.mp3': 'two!', 'sub/f3.mp3': 'three', 'sub/same': 'one', big: 'x'.repeat(5000) });
  write(a, { '.gitattributes': 'big annex.numcopies=3\n' });
  run('git', ['annex', 'add', '-q', '.'], a);
  run('git', ['commit', '-q', '-m', 'files'], a);
  b = cloned(a, join(sandbox.directory, 'b'));
  run('git', ['annex', 'get', '-q', 'f1', 'sub/f3.mp3'], b);
  run('git', ['annex', 'unlock', '-q', 'sub/f3.mp3'], b);
  run('git', ['annex', 'group', '-q', 'origin', 'archive'], b);
  run('git', ['annex', 'group', '-q', 'here', 'client'], b);
  run('git', ['annex', 'wanted', '-q', 'here', 'standard'], b);
  run('git', ['annex', 'wanted', '-q', 'origin', 'include=*.mp3 or (groupwanted)'], b);
  run('git', ['annex', 'groupwanted', '-q', 'archive', 'largerthan=1kb'], b);
  run('git', ['annex', 'metadata', '-q', 'f2.mp3', '-s', 'artist=Someone', '-s', 'year=2001'], b);
});
afterAll(() => sandbox.remove());

/** `--include=x -( --not`, as the option reader gives them. */
function optionsOf(words: readonly string[]): MatchingOption[] {
  return words.map((word) => {
    const [, name = '', value] = /^(?:--|-)([^=]+)(?:=(.*))?$/s.exec(word) ?? [];
    return { name, value: value === undefined ? undefined : fromText(value) };
  });
}

async function chosen(words: readonly string[], directory = ''): Promise<string[]> {
  const here = await openRepository(fromText(b));
  try {
    const cwd = fromText(join(b, directory));
    const selection = select(here, { operands: [], cwd, matching: optionsOf(words) }, () => undefined);
    const shown: string[] = [];
    for await (const item of selection.items) shown.push(item.shown as ByteString);
    return shown;
  } finally {
    await here.close();
  }
}

const cases: readonly (readonly string[])[] = [
  ['--include=*.mp3'],
  ['--exclude=*.mp3', '--largerthan=3b'],
  ['--not', '--include=sub/*'],
  ['--in=here'],
  ['--not', '--in=here', '--and', '--in=origin'],
  ['--in=a', '--or', '--in=b'],
  ['--copies=2'],
  ['--copies=archive:1'],
  ['--copies=semitrusted+:2'],
  ['--lackingcopies=1'],
  ['--approxlackingcopies=1'],
  ['--inbackend=SHA256E'],
  ['--securehash'],
  ['--inallgroup=archive'],
  ['--onlyingroup=archive'],
  ['--smallerthan=4b'],
  ['--metadata=artist=some*'],
  ['--metadata=year>2000'],
  ['--metadata=year<2000'],
  ['--want-get'],
  ['--want-drop'],
  ['--want-get-by=origin'],
  ['--want-drop-by=origin'],
  ['--locked'],
  ['--unlocked'],
  ['--expected-present'],
  ['--anything'],
  ['--nothing'],
  ['--accessedwithin=1d'],
  ['--includesamecontent=sub/*'],
  ['--excludesamecontent=f1'],
  ['--mimeencoding=us-ascii'],
  ['-(', '--include=f*', '--or', '--include=big', '-)', '--not', '--in=here'],
  ['--include=f1', '--or', '--not', '-(', '--include=sub/*', '--or', '--include=*.mp3', '-)'],
  ['--in=here@{1 year ago}'],
];

describe('matching options', () => {
  it.each(cases.map((words) => [words.join(' '), words] as const))('%s', async (_, words) => {
    const real = run('git', ['annex', 'find', ...words], b)
      .split('\n')
      .filter(Boolean);
    expect(await chosen(words)).toEqual(real);
  });

  it('holds globs against paths relative to the current directory', async () => {
    const real = run(
      'git',
      ['annex', 'find', '--include=f3*', '--or', '--include=sub/*', '..'],
      join(b, 'sub'),
    );
    const here = await chosen(['--include=f3*', '--or', '--include=sub/*'], 'sub');
    expect(here).toEqual(real.split('\n').filter((name) => !name.startsWith('..')));
  });

  it.each([
    ['--copies=x', 'bad number for copies'],
    ['--largerthan=x', 'bad size'],
  ])('refuses %s', (word, message) => {
    expect(() => parseMatching(optionsOf([word]))).toThrow(message);
  });

  it('refuses repositories nobody knows', async () => {
    await expect(chosen(['--in=nosuch'])).rejects.toThrow('there is no available git remote named "nosuch"');
  });
});
