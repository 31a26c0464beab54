import { expect, it } from 'vitest';
import { programKind, servesOthers } from '../../src/planning/program-kind.js';

it('tells what kind of process a command line is', () => {
  const kinds = (text: string) => [programKind(text.split(' ')), servesOthers(text.split(' '))];
  expect(kinds('/usr/bin/git-annex get big')).toEqual(['git-annex', false]);
  expect(kinds('git-annex transferrer')).toEqual(['git-annex', false]);
  expect(kinds('/usr/bin/git-annex p2phttp --jobs=4')).toEqual(['git-annex-server', true]);
  expect(kinds('git-annex assistant --foreground')).toEqual(['git-annex-server', false]);
  expect(kinds('git-annex-shell -c p2pstdio')).toEqual(['git-annex-server', true]);
  expect(kinds('/usr/bin/node /x/bin/git-annex-ts get big')).toEqual(['ours', false]);
  expect(kinds('node /x/bin/git-annex-ts-shell p2pstdio /r')).toEqual(['ours', true]);
  expect(kinds('git-annex-ts p2phttp')).toEqual(['ours', true]);
  for (const other of [
    '',
    'git annex get',
    'vim git-annex',
    'git-annex',
    'node x.js',
    'cat git-annex-ts.log git-annex',
  ])
    expect(programKind(other.split(' ')), other).toBe('unknown');
});
