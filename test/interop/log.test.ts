import { afterAll, beforeAll, expect, test } from 'vitest';
import { comparable } from '../support/query-scene.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

const HERE = 'aaaaaaaa-0000-4000-8000-00000000000a';
const BETA = 'bbbbbbbb-0000-4000-8000-00000000000b';

let scene: Scene;
let here: Repository;

beforeAll(() => {
  scene = createScene({ resident: true });
  here = history(scene);
}, 120_000);
afterAll(() => scene.remove());

/** Two repositories whose git-annex branches part and join again, a day between two steps. */
function history(scene: Scene): Repository {
  const repository = scene.create('here', { by: 'none' });
  const beta = scene.create('beta', { by: 'none' });
  let day = 0;
  const step = (who: Repository, ...args: string[]) => {
    const seconds = 1_700_000_000 + day++ * 86_400;
    const date = `${seconds} +0000`;
    const env = { GIT_ANNEX_VECTOR_CLOCK: String(seconds), GIT_COMMITTER_DATE: date, GIT_AUTHOR_DATE: date };
    const { status, stderr } = scene.annex('real', args, who.path, { env });
    expect(status, `${args.join(' ')}: ${stderr}`).toBe(0);
  };
  repository.git('config', 'annex.uuid', HERE);
  beta.git('config', 'annex.uuid', BETA);
  step(repository, 'init', 'here, "the" \xc3\xa9');
  step(beta, 'init', 'beta');
  repository.write('one', 'a'.repeat(100));
  repository.write('two', 'b'.repeat(2500));
  repository.write('d/\xc3\xa9', 'c'.repeat(1_234_567));
  step(repository, 'add', 'one', 'two');
  repository.git('commit', '-qm', 'one');
  repository.git('remote', 'add', 'beta', '../beta');
  step(repository, 'copy', '--to', 'beta', 'one');
  step(repository, 'drop', 'one');
  step(repository, 'add', 'd');
  repository.git('commit', '-qm', 'two');
  step(repository, 'move', '--to', 'beta', 'd', '--force');
  beta.git('fetch', '-q', '../here', 'git-annex:refs/remotes/here/git-annex');
  step(beta, 'merge');
  repository.git('fetch', '-q', 'beta');
  step(repository, 'merge');
  step(repository, 'get', 'd');
  step(repository, 'move', '--from', 'beta', 'one');
  step(repository, 'untrust', 'beta');
  step(repository, 'setpresentkey', keyOf(repository), 'dddddddd-0000-4000-8000-00000000000d', '1');
  step(repository, 'merge');
  return repository;
}

const keyOf = (repository: Repository): string => repository.must('real', 'lookupkey', 'one').trim();

function same(args: readonly string[], env: NodeJS.ProcessEnv = {}): void {
  const outcome = (who: 'real' | 'ours') => {
    const ended = comparable(scene.annex(who, args, here.path, { env }));
    // Histories of sizes end with the time of the call.
    return args.join().includes('size')
      ? { ...ended, stdout: ended.stdout.replace(/^.*\n$(?![\s\S])/m, '') }
      : ended;
  };
  expect(outcome('ours'), args.join(' ')).toEqual(outcome('real'));
}

test('histories of files and keys', () => {
  same(['log']);
  same(['log', 'one', 'd', '--raw-date'], { TZ: 'America/New_York' });
  same(['log', 'two'], { TZ: 'Europe/Paris' });
  same(['log', '--all']);
  same(['log', '--json', 'one', 'two']);
  same(['log', '--json', '--all', '--since=2023-11-20']);
  same(['log', '--gource']);
  same(['log', '--key', keyOf(here), '--until', '2023-11-20']);
  same(['log', '--branch=main~1', '--max-count=1']);
  same(['log', 'nosuch']);
  same(['log', '--after=2023-11-18', '--before=2023-11-21']);
}, 120_000);

test('histories of sizes', () => {
  same(['log', '--sizes']);
  same(['log', '--sizesof=here', '--raw-date', '--bytes']);
  same(['log', '--sizesof=beta', '--interval=2d']);
  same(['log', '--totalsizes', '--received']);
  same(['log', '--sizes', '--received', '--bytes']);
  same(['log', '--sizesof=nosuch']);
  same(['log', '--sizes', '--interval=foo']);
}, 120_000);
