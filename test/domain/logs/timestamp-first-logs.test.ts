import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseChunkings, chunkField, chunkLog } from '../../../src/domain/logs/chunk-log.js';
import { clusterLog, parseClusters } from '../../../src/domain/logs/cluster-log.js';
import { configLogPath, parseConfigLog, setConfigLog } from '../../../src/domain/logs/config-log.js';
import { contentIdentifierLog } from '../../../src/domain/logs/content-identifier-log.js';
import { exportField, exportLog } from '../../../src/domain/logs/export-log.js';
import { maxsizeLog, maxsizePath } from '../../../src/domain/logs/maxsize-log.js';
import { mincopiesLog, numcopiesLog } from '../../../src/domain/logs/numcopies-log.js';
import {
  groupPreferredContentLog,
  groupPreferredContentPath,
} from '../../../src/domain/logs/preferred-content-log.js';
import { proxyLog } from '../../../src/domain/logs/proxy-log.js';
import { remoteStateLog } from '../../../src/domain/logs/remote-state-log.js';
import { addTransitions, parseTransitions } from '../../../src/domain/logs/transitions-log.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import type { VectorClock } from '../../../src/domain/vector-clock.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { ascii } from '../../../src/lib/bytes.js';
import type { Judge } from '../judge.js';
import { createJudge } from '../judge.js';

let judge: Judge;
beforeAll(() => {
  judge = createJudge();
});
afterAll(() => judge.dispose());

const clock = '5.25' as VectorClock;

function bySetting(path: string, content: string, command: readonly string[]): string {
  judge.journal(path, content);
  judge.annex(command, { env: { GIT_ANNEX_VECTOR_CLOCK: clock } });
  return judge.git(['cat-file', '-p', `git-annex:${path}`]);
}

test.each([
  '1s 2\n2s 3\n2s 4\n0.5s 9\ngarbage\n3s x\n',
  '1s 2\n9s 3 4\n',
  '9s 5.5\n1s 2\n',
  '9s 7\n',
  '9.5s 05x\n\n',
  '9s -3\n',
  '7s 4\n7s 3\n',
  `${'9'.repeat(400)}s 2\n${'x'.repeat(100_000)}\n9s 1\0\n`,
])('numcopies.log %#', (content) => {
  expect(numcopiesLog.set(ascii(content), 7, clock)).toBe(
    bySetting('numcopies.log', content, ['numcopies', '7']),
  );
  expect(mincopiesLog.set(ascii(content), 7, clock)).toBe(
    bySetting('mincopies.log', content, ['mincopies', '7']),
  );
});

test('of equally old numcopies the largest', () => {
  expect(numcopiesLog.parse(ascii('7s 4\n7s 3\n6s 9\n'))).toEqual({ clock: '7', value: 4 });
  expect(numcopiesLog.parse(ascii('x\n'))).toBeUndefined();
});

const configLog =
  '1s annex.autocommit false\n2s annex.foo bar  baz\n2s annex.foo qux\nbad\n3s zz\n3s yy \n4s annex.a a=b c\n1s annex.autocommit true\n2s\n\n1s a\0 b\n1 q r\nxs q z\n9s annex.dotfiles false\n';

test('config.log', () => {
  const set = bySetting(configLogPath, configLog, ['config', '--set', 'annex.dotfiles', 'true']);
  expect(setConfigLog(ascii(configLog), ascii('annex.dotfiles'), ascii('true'), clock)).toBe(set);
  const unset = bySetting(configLogPath, set, ['config', '--unset', 'annex.dotfiles']);
  expect(setConfigLog(ascii(set), ascii('annex.dotfiles'), ascii(''), clock)).toBe(unset);
  expect(setConfigLog(ascii(set), ascii('annex.dotfiles'), ascii('true'), clock)).toBe(set);
  expect(parseConfigLog(ascii(unset)).get(ascii('annex.foo'))).toBe('qux');
  expect(parseConfigLog(ascii(unset)).has(ascii('annex.dotfiles'))).toBe(false);
});

test('group-preferred-content.log', () => {
  const content = '1s foo include=*  and bar\n2s foo x\n1s b standard\n1s c\nbad\n8s g (\n';
  const expression = 'include=x  or  include=y';
  expect(groupPreferredContentLog.set(ascii(content), ascii('g'), ascii(expression), clock)).toBe(
    bySetting(groupPreferredContentPath, content, ['groupwanted', 'g', expression]),
  );
});

test('maxsize.log', () => {
  const content =
    '1s bb 100\n2s bb 300\n1s aa 5\n1s cc x\n1s dd -5\n1s ee 5 6\n1s ff\n1s gg 5.5\n3s hh 1\n3s hh 2\n';
  expect(maxsizeLog.set(ascii(content), ascii(judge.uuid), 1_500_000, clock)).toBe(
    bySetting(maxsizePath, content, ['maxsize', 'here', '1.5 mb']),
  );
});

test('transitions.log', () => {
  const content = 'ForgetDeadRemotes 1s\nForgetGitHistory 1s\nForgetGitHistory 0.5s\n';
  const added = ['ForgetDeadRemotes' as const, 'ForgetGitHistory' as const].map((name) => ({ name, clock }));
  expect(addTransitions(ascii(''), added)).toBe(
    bySetting('transitions.log', '', ['forget', '--force', '--drop-dead']),
  );
  expect(addTransitions(ascii(content), added)).toBe(
    'ForgetGitHistory 0.5s\nForgetGitHistory 1s\nForgetDeadRemotes 1s\nForgetGitHistory 5.25s\nForgetDeadRemotes 5.25s\n',
  );
  expect(parseTransitions(ascii(content)).unknown).toBe(false);
  expect(parseTransitions(ascii(`${content}ForgetEverything 1s\n`)).unknown).toBe(true);
});

// What follows was recorded from git-annex 10.20250416 storing on chunked, external, export and proxied remotes.
const remote = '88ace329-8bfd-4f55-8db3-f9830e5640fa' as Uuid;

test('chunk log', () => {
  const content = ascii(
    '1s aa:100 1\n1s aa:20 1\n1s aa:x 1\n1s aa:3 1\n1s aa:020 7\n2s aa:z 1\n2s bb:1 5 6\n2s bb:2 05\n2s bb:3 5x\n2s cc: 1\n2s ab:5 1\n2s a:9 1\n3s bad\n1s q:w:5 2\n1s aa:21 -1\n',
  );
  const set = chunkLog.set(content, chunkField(remote, 1024), 5, '9' as VectorClock);
  expect(set).toBe(
    '9s 88ace329-8bfd-4f55-8db3-f9830e5640fa:1024 5\n2s a:9 1\n1s aa:3 1\n1s aa:20 7\n1s aa:100 1\n1s aa:x 1\n2s aa:z 1\n2s ab:5 1\n2s bb:2 5\n2s cc: 1\n1s q:w:5 2\n',
  );
  expect(parseChunkings(ascii('1s aa:10 2\n2s aa:10 0\n1s bb:5 3\n1s bb:x 3\n'))).toEqual([
    { uuid: 'bb', chunkSize: 5, chunks: 3 },
  ]);
});

test('remote state log', () => {
  const content = ascii('1s zz foo\n1s aa \n1s bb\n2s aa q\n2s aa r\nbad\n3s cc  a  b \n');
  expect(remoteStateLog.set(content, ascii('968d'), ascii('some  state x:y=z'), '7' as VectorClock)).toBe(
    '7s 968d some  state x:y=z\n2s aa r\n3s cc  a  b \n1s zz foo\n',
  );
});

test('content identifier log', () => {
  const content = ascii(
    '1s zz a:b:!YTpi\n2s aa x\n1s aa y\n2s aa z\nbad\n1s bb\n1s cc \n1s dd :\n1s ff a b\n1s gg a:a\n1s hh b:a\n',
  );
  expect(
    contentIdentifierLog.set(content, remote, [ascii('2269703 5000 1'), ascii('a:b')], '6' as VectorClock),
  ).toBe(
    '6s 88ace329-8bfd-4f55-8db3-f9830e5640fa 2269703 5000 1:!YTpi\n2s aa z\n1s cc \n1s dd :\n1s ff a b\n1s gg a:a\n1s hh b:a\n1s zz a:b:!YTpi\n',
  );
  expect(contentIdentifierLog.parse(content).get(ascii('zz'))?.value).toEqual(['a', 'b', 'a:b']);
});

test('export.log', () => {
  const tree = '2b5b91037c1bd79b7e98a2a1481dbafbd83b3a19' as ByteString;
  const content = ascii('1s a:b 4b82 1111\n2s a:b 2222 \n1s z:q 3333\nbad\n1s q 333\n');
  expect(
    exportLog.set(content, exportField('ff7c' as Uuid, 'b025' as Uuid), { tree, incomplete: [] }, clock),
  ).toBe(`2s a:b 2222\n5.25s ff7c:b025 ${tree}\n1s z:q 3333\n`);
  expect(exportLog.parse(ascii('1s a:b 1 2 3\n')).get(ascii('a:b'))?.value).toEqual({
    tree: '1',
    incomplete: ['2', '3'],
  });
});

test('proxy.log', () => {
  const content = ascii(
    '1s zz aa:foo bb:bar\n2s aa \n1s bb x\n2s cc q:w:e q:w  r:t\n3s dd\n1s ee a:b b:c a:a\n',
  );
  const remotes = [
    { uuid: '8b3f' as Uuid, name: ascii('ar') },
    { uuid: '3038' as Uuid, name: ascii('br') },
  ];
  expect(proxyLog.set(content, ascii('9d54'), remotes, '7' as VectorClock)).toBe(
    '7s 9d54 3038:br 8b3f:ar\n2s aa \n2s cc  r:t q:w q:w:e\n1s ee a:a a:b b:c\n1s zz aa:foo bb:bar\n',
  );
});

test('cluster.log', () => {
  const cluster = 'ac97ace9-8472-879f-9b8d-579686a2822d' as Uuid;
  const content = ascii(
    '1s zz aa bb\n2s aa \n1s ac111111-1111-8111-9111-111111111111 q p  q\n3s ac111111-1111-8111-9111-111111111112\n3s ac111111-1111-8111-9111-111111111113 \n',
  );
  const set = clusterLog.set(content, cluster, new Set(['8b3f', '3038'] as Uuid[]), '8' as VectorClock);
  expect(set).toBe(
    `2s aa \n3s ac111111-1111-8111-9111-111111111113 \n8s ${cluster} 3038 8b3f\n1s zz aa bb\n`,
  );
  expect([...parseClusters(set).keys()]).toEqual(['ac111111-1111-8111-9111-111111111113', cluster]);
});
