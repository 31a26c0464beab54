import { expect, it } from 'vitest';
import type { AnnexEvent } from '../../../src/domain/events.js';
import type { Key } from '../../../src/domain/key.js';
import { ascii, type ByteString, fromText } from '../../../src/lib/bytes.js';
import { collectChanges } from '../../../src/operations/background-sync/changed-report.js';

const repository = { path: ascii('/r'), uuid: ascii('u') };
const ended = (command: string, file: string, success = true, remote?: string): AnnexEvent => ({
  type: 'end',
  action: { command, file: file as ByteString, key: `SHA256-s1--${file}` as Key },
  success,
  ...(remote === undefined ? {} : { fields: { remote } }),
});

it('says nothing when nothing has changed', () => {
  const changes = collectChanges();
  changes.take(ended('get', 'f', false));
  changes.take(ended('fsck', 'f'));
  changes.take({ type: 'end', action: { command: 'pull', subject: ascii('origin') }, success: true });
  const refs = new Map([['refs/heads/main', 'a']]);
  expect(changes.report(repository, refs, new Map(refs))).toBeUndefined();
});

it('tells refs, files and remotes', () => {
  const changes = collectChanges();
  changes.take(ended('get', fromText('ä'), true, fromText('hüb')));
  changes.take(ended('put', 'b', true, 'nas'));
  changes.take(ended('drop', 'c'));
  const before = new Map([
    ['refs/heads/main', '1'],
    ['refs/heads/old', '2'],
    ['refs/tags/same', '3'],
  ]);
  const after = new Map([
    ['refs/heads/main', '4'],
    ['refs/remotes/origin/main', '4'],
    ['refs/tags/same', '3'],
  ]);
  expect(changes.report(repository, before, after)).toEqual({
    version: 1,
    repository: { path: '/r', uuid: 'u' },
    refs: [
      { name: 'refs/heads/main', before: '1', after: '4' },
      { name: 'refs/heads/old', before: '2', after: null },
      { name: 'refs/remotes/origin/main', before: null, after: '4' },
    ],
    files: {
      got: [{ file: 'ä', key: expect.stringContaining('SHA256-s1--'), remote: 'hüb' }],
      sent: [{ file: 'b', key: 'SHA256-s1--b', remote: 'nas' }],
      dropped: [{ file: 'c', key: 'SHA256-s1--c' }],
    },
    counts: { refs: 3, got: 1, sent: 1, dropped: 1 },
    remotes: ['hüb', 'nas', 'origin'],
  });
});

it('stays small', () => {
  const changes = collectChanges();
  for (let i = 0; i < 10_005; i++) changes.take(ended('get', `f${i}`));
  const report = changes.report(repository, new Map(), new Map());
  expect(report?.['counts']).toMatchObject({ got: 10_005 });
  expect(report).toHaveProperty('files.got.length', 10_000);
});
