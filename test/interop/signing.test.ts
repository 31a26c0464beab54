import { writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type Annex, createScene, type Repository, type Scene } from '../support/scene.js';

let scene: Scene;

/** `a` has a file that its clone `b` lacks, and one more since; `b` signs its commits, and has a new file. */
beforeAll(() => {
  scene = createScene();
  const gpg = scene.path('gpg');
  const signature = '-----BEGIN PGP SIGNATURE-----\\n\\nx\\n-----END PGP SIGNATURE-----\\n';
  writeFileSync(
    gpg,
    `#!/bin/sh\ncat >/dev/null\necho '[GNUPG:] SIG_CREATED ' >&2\nprintf -- '${signature}'\n`,
    {
      mode: 0o755,
    },
  );
  const a = scene.create('start/a');
  add(a, 'one');
  const b = scene.clone('start/a', 'start/b');
  add(a, 'two');
  b.write('three', 'three\n');
  b.must('real', 'add', '-q', 'three');
  const settings = { 'commit.gpgsign': 'true', 'gpg.program': gpg, 'user.signingkey': 'x' };
  for (const [name, value] of Object.entries(settings)) b.git('config', name, value);
});
afterAll(() => scene.remove());

function add(repository: Repository, name: string): void {
  repository.write(name, `${name}\n`);
  repository.must('real', 'add', '-q', name);
  repository.git('commit', '-qm', name);
}

const isSigned = (b: Repository, commit: string) => b.git('cat-file', 'commit', commit).includes('\ngpgsig ');

/** What is signed after each step. */
function signatures(who: Annex, allow: string): Record<string, boolean> {
  const place = `${who}-${allow}`;
  scene.copy('start', place);
  const b = scene.repository(`${place}/b`);
  b.git('config', 'annex.allowsign', allow);
  const found: Record<string, boolean> = {};
  const step = (args: readonly string[], ...commits: string[]): void => {
    b.annex(who, ...args);
    for (const commit of commits) found[`${args.join(' ')}: ${commit}`] = isSigned(b, commit);
  };
  step(['get', 'one'], 'git-annex');
  step(['sync', '--no-content'], 'HEAD', 'HEAD^1', 'git-annex');
  step(['adjust', '--unlock'], 'HEAD');
  b.write('four', 'four\n');
  b.must('real', 'add', '-q', 'four');
  step(['sync', '--no-content'], 'HEAD', 'main');
  return found;
}

it.each(['false', 'true'])('what is signed with annex.allowsign=%s is what git-annex signs', (allow) => {
  const ours = signatures('ours', allow);
  expect(ours).toEqual(signatures('real', allow));
  expect(ours['get one: git-annex']).toBe(allow === 'true');
  expect(ours['sync --no-content: HEAD^1']).toBe(true);
});
