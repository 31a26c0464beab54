import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { Ended, Repository, RunOptions, Scene } from './scene.js';

export const CLUSTER = 'ac000000-0000-8000-8000-0000000000c1';
export const DEAD = '00000000-1111-4000-8000-0000000000d1';
export const UNTRUSTED = '11111111-1111-4000-8000-0000000000e1';
export const TRUSTED = '22222222-1111-4000-8000-0000000000e2';
export const HERE = 'aaaaaaaa-0000-4000-8000-00000000000a';
export const BETA = 'bbbbbbbb-0000-4000-8000-00000000000b';
export const WEB = '00000000-0000-0000-0000-000000000001';
export const BITTORRENT = '00000000-0000-0000-0000-000000000002';

/** Names that programs trip over, but for newlines, which git-annex does not find in batches. */
export const NAMES = [
  '-dash',
  'q"uo t\xc3\xa9',
  'bad\xff',
  'tab\there',
  'back\\slash',
  ' lead',
  "it's.txt",
  '--json',
];

/** A folder with `here`, its remote `b`, and repositories of every trust level, a cluster and urls in the logs. */
export function createQueryRepositories(scene: Scene, folder: string): void {
  const here = create(scene, `${folder}/here`, HERE, 'alpha');
  create(scene, `${folder}/b`, BETA, 'beta');
  for (const name of NAMES) here.write(name, `content of ${name}`);
  here.write('f', 'one');
  here.write('d/g.txt', 'two');
  here.write('d/e/twin', 'one');
  here.write('big.dat', Buffer.alloc(1_234_567));
  here.write('unlocked.bin', 'unlocked');
  here.write('new\nline', 'nl');
  here.must('real', 'add', '--quiet', '.');
  here.must('real', 'unlock', '--quiet', 'unlocked.bin', 'big.dat');
  here.write('plain', 'plain');
  here.git('-c', 'annex.largefiles=nothing', 'add', 'plain');
  here.git('commit', '-qm', 'files');
  here.git('remote', 'add', 'b', '../b');
  here.real('sync', '--quiet');
  here.must('real', 'copy', '--quiet', '--to', 'b', 'f', 'unlocked.bin');
  here.must('real', 'drop', '--quiet', '--force', "it's.txt");
  here.real('addurl', '--quiet', '--relaxed', '--file=url', 'http://localhost:1/x');
  here.git('commit', '-qm', 'url');
  const key = here.must('real', 'lookupkey', 'f').trim();
  for (const url of ['http://example.com/a b', 'yt:http://example.com/v', 'http://example.com/\xc3\xa9']) {
    here.must('real', 'registerurl', '--quiet', key, url);
  }
  here.must('real', 'registerurl', '--quiet', key, 'magnet:?xt=urn:btih:aaaa');
  here.must('real', 'merge', '--quiet');
  const described = (uuid: string, text: string): string => `${uuid} ${text} timestamp=1s\n`;
  journal(here, 'uuid.log', [
    here.git('show', 'git-annex:uuid.log'),
    '\n',
    described(CLUSTER, 'cluster mycl'),
    described(DEAD, 'dead repo'),
    described(UNTRUSTED, 'untr \xc3\xa9 desc'),
    described(TRUSTED, 'trusted one'),
    described('33333333-1111-4000-8000-0000000000e3', 'trust.me'),
  ]);
  journal(here, 'trust.log', [described(DEAD, 'X'), described(UNTRUSTED, '0'), described(TRUSTED, '1')]);
  journal(here, 'cluster.log', [`1s ${CLUSTER} ${BETA} ${TRUSTED}\n`]);
  for (const uuid of [DEAD, UNTRUSTED, TRUSTED, 'no-description', '33333333-1111-4000-8000-0000000000e3']) {
    here.must('real', 'setpresentkey', '--quiet', key, uuid, '1');
  }
  here.must('real', 'setpresentkey', '--quiet', here.must('real', 'lookupkey', 'd/g.txt').trim(), HERE, '0');
  here.must('real', 'merge', '--quiet');
}

function create(scene: Scene, name: string, uuid: string, description: string): Repository {
  const repository = scene.create(name, { by: 'none' });
  repository.git('config', 'annex.uuid', uuid);
  repository.must('real', 'init', '--quiet', description);
  return repository;
}

/** Puts a file of the git-annex branch where both programs look first. */
export function journal(repository: Repository, path: string, lines: readonly string[]): void {
  const folder = join(repository.path, '.git/annex/journal');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, path.replaceAll('/', '_')), Buffer.from(lines.join(''), 'latin1'));
}

/** Runs a query by both programs in the same repository; everything they say must be the same. */
export function sameAnswer(scene: Scene, args: readonly string[], cwd: string, options?: RunOptions): Ended {
  const real = scene.annex('real', args, cwd, options);
  const ours = scene.annex('ours', args, cwd, options);
  expect(comparable(ours), args.join(' ')).toEqual(comparable(real));
  return ours;
}

/** An outcome without what differs on purpose: the program's name, git-annex's usage texts, the free space. */
export function comparable({ status, stdout, stderr }: Ended): Ended {
  return {
    status,
    stdout: stdout.replace(
      /(available local disk space"?: ?"?)[^(]+\(/,
      (_, start: string) => `${start}FREE (`,
    ),
    stderr: stderr
      .replace(/^ *git-annex(?:-ts)?: /gm, '')
      .replace(/\n\nUsage: git-annex[\s\S]*$/, '\n')
      .replace(/^ {2}Usage: `git-annex-ts .*\n/m, '')
      .replace(/^CallStack[\s\S]*?(?=^\S|$(?![\s\S]))/m, ''),
  };
}
