import {
  chmodSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ascii } from '../../src/lib/bytes.js';
import { tryFileLock } from '../../src/repository/locks/file-lock.js';
import { annexFolder, keyFor } from '../support/census.js';
import {
  deleteObject,
  isQuarantined,
  misplaceObject,
  modesOf,
  objectOf,
  overwriteObject,
} from '../support/objects.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';
import { createTwins, type Twins } from '../support/twins.js';

const NAMES = ['f1', 'f2', 'f3', 'f4', 'sub/f5', 'a "b"\xc3\xa9'];
const contentOf = (name: string) => `content of ${name}\n`;
const keyOf = (name: string) => keyFor(Buffer.from(contentOf(name), 'latin1'));

let scene: Scene;
let count = 0;

/** `here` has all files; `there` and the bare `store` have them too, `gone` is a clone that is nowhere. */
beforeAll(() => {
  scene = createScene({ resident: true });
  const here = scene.create('base/here', { description: 'here desc' });
  for (const name of NAMES) here.write(name, Buffer.from(contentOf(name), 'latin1'));
  here.must('real', 'add', '-q', '.');
  here.git('commit', '-qm', 'files');
  const there = scene.clone('base/here', 'base/there', { description: 'there desc' });
  scene.clone('base/here', 'base/store', { bare: true, description: 'store desc' });
  here.git('remote', 'add', 'there', '../there');
  here.git('remote', 'add', 'store', '../store');
  here.must('real', 'copy', '-q', '--to=there');
  here.must('real', 'copy', '-q', '--to=store', 'f1', 'f2');
  there.must('real', 'merge', '-q');
}, 120_000);

afterAll(() => scene.remove());

const twins = (): Twins => createTwins(scene, 'base', `t${++count}`);

/** The repositories whose contents were checked, as the git-annex branch has it. */
function activity(repository: Repository): string[] {
  const log = repository.git('show', 'git-annex:activity.log');
  return log
    .replace(/timestamp=\d+(\.\d+)?s/g, '')
    .split('\n')
    .sort();
}

function expectSameActivity(pair: Twins, name = 'here'): void {
  expect(activity(pair.ours(name))).toEqual(activity(pair.real(name)));
}

const uuidOf = (repository: Repository) => repository.git('config', 'annex.uuid');

/**
 * The same but that git-annex may add that it updates an inode cache, and may have filled pointers before it looks at
 * files.
 */
function expectSameFsck(pair: Twins, files: readonly string[]): void {
  const [ours, real] = [pair.ours('here').ours('fsck', ...files), pair.real('here').real('fsck', ...files)];
  const notes = (text: string) =>
    text.replaceAll('(fixing worktree content) ', '').replace(/ \n(?=ok)/g, ' ');
  const updating = / {2}f\d: Stale or missing inode cache; updating\.\n/g;
  expect({ ...ours, stdout: notes(ours.stdout) }).toEqual({
    ...real,
    stdout: notes(real.stdout),
    stderr: real.stderr.replace(updating, ''),
  });
}

describe('fsck here', { timeout: 120_000 }, () => {
  test('finds nothing where nothing is wrong, says so in every form, and records that it was run', () => {
    const pair = twins();
    for (const args of [
      [],
      ['--fast'],
      ['--json'],
      ['--quiet'],
      ['sub', 'f1'],
      ['--all', '--json-error-messages'],
    ]) {
      expect(pair.same('here', ['fsck', ...args]).status, args.join(' ')).toBe(0);
    }
    expectSameActivity(pair);
    expect(pair.same('there', ['fsck', '-J2', 'f1']).status).toBe(0);
    expect(pair.same('store', ['fsck']).status).toBe(0);
  });

  test('moves bad content aside and corrects the log', () => {
    const pair = twins();
    pair.both('here', (here) => {
      overwriteObject(here, keyOf('f1'), contentOf('f1').replace('f1', 'F1'));
      overwriteObject(here, keyOf('f2'), 'short');
      overwriteObject(here, keyOf('f3'), `${contentOf('f3')}and more\n`);
      overwriteObject(here, keyOf('sub/f5'), '');
      overwriteObject(here, keyOf('a "b"\xc3\xa9'), 'short');
    });
    expect(pair.same('here', ['fsck', '--fast', 'f1']).status).toBe(0);
    expect(pair.same('here', ['fsck', 'f1', 'f2', '-N3']).stderr).toContain('Bad file content; moved to');
    expect(pair.same('here', ['fsck', '--fast', '--json', 'f3', 'a "b"\xc3\xa9']).status).toBe(1);
    expect(pair.same('here', ['fsck', '--key', keyOf('sub/f5'), '--json-error-messages']).status).toBe(1);
    for (const name of ['f1', 'f2', 'f3', 'sub/f5']) {
      expect(isQuarantined(pair.ours('here'), keyOf(name)), name).toBe(true);
      expect(isQuarantined(pair.real('here'), keyOf(name)), name).toBe(true);
    }
    expect(pair.same('here', ['fsck']).status).toBe(0);
  });

  test('names where bad content went as seen from the current directory', () => {
    const pair = twins();
    pair.both('here', (here) => overwriteObject(here, keyOf('sub/f5'), 'short'));
    const run = (repository: Repository, who: 'ours' | 'real') =>
      scene.annex(who, ['fsck', 'f5'], join(repository.path, 'sub'));
    const real = run(pair.real('here'), 'real');
    expect(run(pair.ours('here'), 'ours')).toEqual(real);
    expect(real.stderr).toContain('moved to ../.git/annex/bad/');
  });

  test('gives way to what is there when the log says something else', () => {
    const pair = twins();
    pair.both('here', (here) => {
      deleteObject(here, keyOf('f1'));
      deleteObject(here, keyOf('f2'));
      deleteObject(here, keyOf('a "b"\xc3\xa9'));
      here.must('real', 'setpresentkey', keyOf('f4'), uuidOf(here), '0');
    });
    expect(pair.same('here', ['fsck', 'f1', 'f4', 'f3']).stdout).toContain('(fixing location log)');
    expect(pair.same('here', ['fsck', '--json', 'f2', '-N3', 'a "b"\xc3\xa9']).status).toBe(1);
    expect(pair.same('here', ['fsck']).status).toBe(0);
  });

  test('says a thing once for files with the same content', () => {
    const pair = twins();
    pair.both('here', (here) => {
      here.git('mv', 'f2', 'g2');
      here.git('checkout', '-q', 'HEAD', '--', 'f2');
      deleteObject(here, keyOf('f2'));
    });
    expect(pair.same('here', ['fsck', 'f2', 'g2']).stdout.match(/fixing location log/g)).toHaveLength(1);
  });

  test('puts modes, places and links right', () => {
    const pair = twins();
    pair.both('here', (here) => {
      chmodSync(objectOf(here, keyOf('f1')), 0o666);
      chmodSync(join(objectOf(here, keyOf('f2')), '..'), 0o777);
      misplaceObject(here, keyOf('f3'), 'abc/def');
      const lower = here.must('real', 'examinekey', '--format=${hashdirlower}', keyOf('f4'));
      misplaceObject(here, keyOf('f4'), lower);
      here.git('mv', 'f4', 'sub/f4');
      here.git('mv', 'sub/f5', 'f5');
      rmSync(here.file('f2'));
      symlinkSync(`../.git/annex/objects/zz/zz/${keyOf('f2')}/${keyOf('f2')}`, here.file('f2'));
      utimesSync(objectOf(here, keyOf('f1')), 1e9, 1e9);
    });
    const { stdout } = pair.same('here', ['fsck', 'f1', 'f2', 'sub/f4', 'f5']);
    expect(stdout).toContain('fsck sub/f4 (fixing link) (normalizing object location) (checksum...) ok');
    for (const name of ['f1', 'f2', 'f4']) {
      expect(modesOf(pair.ours('here'), keyOf(name)), name).toEqual(modesOf(pair.real('here'), keyOf(name)));
    }
    pair.both('here', (here) => expect(readFileSync(here.file('sub/f4'), 'latin1')).toBe(contentOf('f4')));
    expect(pair.same('here', ['fsck', 'f3']).stdout).toContain('(fixing location log)');
  });

  test('leaves a link to another content than the one in the index alone', () => {
    const ours = twins().ours('here');
    rmSync(ours.file('f1'));
    symlinkSync(`wrong/annex/objects/zz/zz/${keyOf('f2')}/${keyOf('f2')}`, ours.file('f1'));
    expect(ours.ours('fsck', 'f1').stdout).not.toContain('fixing link');
    expect(ours.git('diff', '--name-only')).toBe('f1');
  });

  test('fills pointers whose content is here, and does not judge a file that was written through', () => {
    const pair = twins();
    pair.both('here', (here) => {
      here.must('real', 'unlock', '-q', 'f1', 'f2', 'f3');
      here.git('commit', '-qm', 'unlocked');
      rmSync(here.file('f1'));
      writeFileSync(here.file('f1'), `/annex/objects/${keyOf('f1')}\n`);
      writeFileSync(here.file('f2'), 'changed\n');
      overwriteObject(here, keyOf('f3'), 'short');
      writeFileSync(here.file('f3'), 'changed\n');
    });
    expectSameFsck(pair, ['f1', 'f2', 'f3']);
    pair.both('here', (here) => {
      rmSync(here.file('f1'));
      writeFileSync(here.file('f1'), `/annex/objects/${keyOf('f1')}\n`);
    });
    const again = pair.ours('here').ours('fsck', 'f1').stdout;
    expect(again).toContain('fsck f1 (fixing worktree content) (checksum...) ok\n');
    pair.real('here').real('fsck', 'f1');
    pair.both('here', (here) => {
      here.git('config', 'annex.thin', 'true');
      here.must('real', 'unlock', '-q', 'f4');
      here.git('commit', '-qm', 'thin');
      writeFileSync(here.file('f4'), 'changed through the link\n');
    });
    expectSameFsck(pair, ['f4']);
    for (const name of ['f1', 'f2', 'f3', 'f4']) {
      const content = readFileSync(pair.ours('here').file(name), 'latin1');
      expect(content, name).toBe(readFileSync(pair.real('here').file(name), 'latin1'));
    }
    expect(pair.ours('here').git('status', '--porcelain')).toBe(
      pair.real('here').git('status', '--porcelain'),
    );
  });

  test('restores the object of an unlocked file that still has the content', () => {
    const here = twins().ours('here');
    here.must('real', 'unlock', '-q', 'f1');
    here.git('commit', '-qm', 'unlocked');
    overwriteObject(here, keyOf('f1'), contentOf('f1').replace('f1', 'F1'));
    const { status, stdout } = here.ours('fsck', 'f1');
    expect({ status, stdout }).toEqual({
      status: 1,
      stdout: 'fsck f1 (checksum...) \n(restored from the work tree) failed\n(recording state in git...)\n',
    });
    expect(isQuarantined(here, keyOf('f1'))).toBe(true);
    expect(here.real('fsck').status).toBe(0);
    // Whatever git-annex makes of the work tree now, the content stays.
    here.must('real', 'unlock', '-q', 'f2');
    expect(readFileSync(here.file('f1'), 'latin1')).toBe(contentOf('f1'));
    expect(here.git('status', '--porcelain', 'f1')).toBe('');
  });

  test('counts copies by trust, and lists where more may be', () => {
    const pair = twins();
    const check = (...args: string[]) => {
      pair.same('here', ['fsck', ...args]);
      pair.same('here', ['fsck', '--json-error-messages', ...args]);
    };
    check('-N4', 'f1', 'f3');
    pair.both('here', (here) => void here.must('real', 'untrust', 'there'));
    check('-N3', 'f1', 'f3');
    pair.both('here', (here) => deleteObject(here, keyOf('f3')));
    check('f3', 'f4');
    check('--key', keyOf('f3'));
    pair.both('here', (here) => {
      here.must('real', 'dead', 'store');
      deleteObject(here, keyOf('f1'));
    });
    check('-N3', 'f1', 'f2');
    check('--all', '-N2', '--json');
    pair.both('here', (here) => void here.must('real', 'untrust', 'here'));
    check('f2', 'f4', 'a "b"\xc3\xa9');
    pair.both('here', (here) => void here.must('real', 'numcopies', '3'));
    pair.same('here', ['fsck', '--quiet', 'f4']);
    pair.both('here', (here) => void here.must('real', 'dead', 'here'));
    check('f4');
    expectSameActivity(pair);
  });

  test('complains about required content that is missing', () => {
    const pair = twins();
    pair.both('here', (here) => {
      here.must('real', 'required', 'there', 'include=f1 or include=f2');
      here.must('real', 'required', 'store', 'include=*');
      here.must('real', 'required', 'here', 'include=f3');
      here.must('real', 'drop', '-q', '--force', '--from=there', 'f1');
      deleteObject(here, keyOf('f3'));
    });
    expect(pair.same('here', ['fsck', 'f2']).status).toBe(0);
    expect(pair.same('here', ['fsck', '-N3']).stderr).toContain('Required content f1 is missing');
    pair.same('here', ['fsck', '--json-error-messages', '-N3', 'f1', 'f2', 'f3', 'f4']);
    pair.same('here', ['fsck', '--from=there', '--fast']);
    pair.same('here', ['fsck', '--key', keyOf('f1')]);
    pair.both('here', (here) => void here.must('real', 'dead', 'store'));
    pair.same('here', ['fsck', 'f3', 'f4']);
  });

  test('looks at what matching options say', () => {
    const pair = twins();
    pair.both('here', (here) => deleteObject(here, keyOf('f2')));
    pair.same('here', ['fsck', '--in=store', '--not', '--include=f1']);
    pair.same('here', ['fsck', '--not', '--in=here']);
    pair.same('here', ['fsck', '--all', '--copies=3', '--fast']);
    pair.same('here', ['fsck', '--from=there', '--in=store', '--json']);
    expectSameActivity(pair);
  });

  test('knows keys that were declared lost', () => {
    const pair = twins();
    pair.both('here', (here) => {
      here.must('real', 'drop', '-q', '--force', 'f3');
      here.must('real', 'drop', '-q', '--force', '--from=there', 'f3');
      here.must('real', 'dead', '--key', keyOf('f3'));
    });
    for (const args of [
      ['f3'],
      ['f3', '--json'],
      ['--key', keyOf('f3')],
      ['--all'],
      ['--from=there', 'f3'],
    ]) {
      expect(pair.same('here', ['fsck', ...args]).status).toBe(0);
    }
  });

  test('names files of branches as git-annex does', () => {
    const pair = twins();
    pair.both('here', (here) => deleteObject(here, keyOf('f2')));
    pair.same('here', ['fsck', '--branch=main', '-N2']);
    pair.same('here', ['fsck', '--branch=HEAD', '--json', '-N3']);
    expectSameActivity(pair);
  });

  test('treats each backend as git-annex does', () => {
    const pair = twins();
    const digest = keyFor(contentOf('f1')).split('--')[1] as string;
    pair.both('here', (here) => {
      for (const backend of ['WORM', 'MD5', 'SHA1E', 'SHA512', 'SHA3_256', 'BLAKE2B256E']) {
        here.write(backend, `in ${backend}\n`);
        utimesSync(here.file(backend), 1e9, 1e9);
        here.must('real', 'add', '-q', `--backend=${backend}`, backend);
      }
      const keys = [
        `SHA256--${digest}`,
        `SHA256E-s14--\\${digest}`,
        `SHA256E-s14--${digest}.a-b`,
        'WORM-s3-m1--a b',
      ];
      for (const [i, key] of [...keys, 'FOO-s3--abc', 'GIT-s3--abc'].entries()) {
        here.must('real', 'fromkey', '-q', '--force', key, `key${i}`);
        if (i > 2) continue;
        here.write('content', contentOf('f1'));
        here.must('real', 'setkey', '-q', key, 'content');
      }
      here.must('real', 'fromkey', '-q', '--force', 'URL--http://x/y', 'url');
      here.git('-c', 'annex.gitaddtoannex=false', 'commit', '-qm', 'backends');
    });
    pair.same('here', ['fsck']);
    pair.same('here', ['fsck', '--json-error-messages']);
    pair.same('here', ['fsck', '--all', '--fast']);
    pair.both('here', (here) => void here.git('config', 'annex.securehashesonly', 'true'));
    expect(pair.same('here', ['fsck', 'MD5', 'SHA1E', 'WORM', 'SHA512']).stderr).toContain(
      'Despite annex.secure',
    );
  });

  test('uses the equivalent keys of a VURL key', () => {
    const ours = twins().ours('here');
    ours.must('real', 'fromkey', '-q', '--force', 'VURL--http://x/y', 'v');
    ours.write('content', contentOf('f1'));
    ours.must('real', 'setkey', '-q', 'VURL--http://x/y', 'content');
    expect(ours.ours('fsck', 'v').stdout).toBe('fsck v (checksum...) ok\n(recording state in git...)\n');
  });

  test('complains about paths that git does not know, and still records that it was run', () => {
    const pair = twins();
    expect(pair.same('here', ['fsck', 'nosuch', 'f1']).status).toBe(1);
    expect(pair.same('here', ['fsck', 'nosuch', 'norsuch']).stderr).toContain('fsck: 1 failed');
    expectSameActivity(pair);
  });

  test('stops at the time limit', () => {
    const pair = twins();
    for (const args of [[], ['--json'], ['--quiet']]) {
      expect(pair.same('here', ['fsck', '--time-limit=0s', ...args]).status).toBe(101);
    }
    expectSameActivity(pair);
  });

  test('does not look for content in a bare repository where it would not put it, but finds it', () => {
    const pair = twins();
    pair.both('store', (store) => {
      const mixed = store.must('real', 'examinekey', '--format=${hashdirmixed}', keyOf('f1'));
      misplaceObject(store, keyOf('f1'), mixed);
      overwriteObject(store, keyOf('f2'), 'short');
    });
    expect(pair.same('store', ['fsck', '--key', keyOf('f1')]).stdout).not.toContain('normalizing');
    pair.same('store', ['fsck', '--key', keyOf('f2')]);
  });
});

describe('fsck --from', { timeout: 120_000 }, () => {
  test('reads what the remote has, and corrects the log', () => {
    const pair = twins();
    for (const args of [[], ['--fast'], ['--json', 'f1'], ['-N4', 'f1']]) {
      pair.same('here', ['fsck', '--from=there', ...args]);
    }
    pair.both('there', (there) => deleteObject(there, keyOf('f1')));
    pair.both('here', (here) => void here.must('real', 'setpresentkey', keyOf('f2'), uuidOf(here), '1'));
    expect(pair.same('here', ['fsck', '--from=there', 'f1', 'f2', '-N3']).status).toBe(1);
    pair.both('here', (here) => deleteObject(here, keyOf('f3')));
    expect(pair.same('here', ['fsck', '--from=there', 'f3']).status).toBe(0);
    pair.same('here', ['fsck', '--from=store', '--key', keyOf('f1')]);
    expectSameActivity(pair);
  });

  test('drops bad content from the remote', () => {
    const pair = twins();
    pair.both('there', (there) => {
      overwriteObject(there, keyOf('f1'), contentOf('f1').replace('f1', 'F1'));
      overwriteObject(there, keyOf('f2'), contentOf('f2').replace('f2', 'F2'));
      overwriteObject(there, keyOf('f3'), 'short');
    });
    expect(pair.same('here', ['fsck', '--from=there', 'f1']).stderr).toContain(
      'Bad file content; dropped from there',
    );
    pair.same('here', ['fsck', '--from=there', '--json-error-messages', '-N3', 'f2']);
    pair.same('there', ['whereis', '--all']);
    // Here git-annex goes on to look for the content that it has dropped.
    const { stderr, status } = pair.ours('here').ours('fsck', '--from=there', 'f3');
    expect({ stderr, status }).toEqual({
      stderr: '  f3: Bad file size (9 B smaller); dropped from there\nfsck: 1 failed\n',
      status: 1,
    });
    expect(pair.ours('here').real('fsck').status).toBe(0);
  });

  test('cannot drop from a remote that may not be written', () => {
    const pair = twins();
    pair.both('there', (there) => overwriteObject(there, keyOf('f1'), contentOf('f1').replace('f1', 'F1')));
    pair.both('here', (here) => void here.git('config', 'remote.there.annex-readonly', 'true'));
    expect(pair.same('here', ['fsck', '--from=there', 'f1']).status).toBe(1);
  });

  test('says when the remote is out of reach or unknown', () => {
    const pair = twins();
    pair.same('here', ['fsck', '--from=there', 'f1']);
    pair.both('there', (there) => renameSync(there.path, `${there.path}-away`));
    pair.same('here', ['fsck', '--from=there', 'f1', 'f2']);
    pair.same('here', ['fsck', '--from=there', '--fast', '--json', 'f1']);
    pair.same('here', ['fsck', '--from=nosuch']);
    pair.same('here', ['fsck', '--from=here']);
    expectSameActivity(pair);
  });
});

describe('incremental fsck', { timeout: 120_000 }, () => {
  const folder = (here: Repository) => join(annexFolder(here), 'fsck', uuidOf(here));
  const state = (here: Repository) => join(folder(here), 'state');

  test('goes on where either program stopped', () => {
    const ours = twins().ours('here');
    const checked = (text: string) => [...text.matchAll(/^fsck (\S+) /gm)].map(([, name]) => name);
    expect(checked(ours.ours('fsck', '--incremental', 'f1').stdout)).toEqual(['f1']);
    expect(checked(ours.real('fsck', '--more', 'f1', 'f2').stdout)).toEqual(['f2']);
    expect(checked(ours.ours('fsck', '--more', 'f1', 'f2', 'f3').stdout)).toEqual(['f3']);
    expect(checked(ours.ours('fsck', 'f4', 'f1').stdout)).toEqual(['f4', 'f1']);
    expect(checked(ours.real('fsck', '--more', 'f4', 'sub').stdout)).toEqual(['sub/f5']);
    expect(checked(ours.ours('fsck', '--incremental', 'f1').stdout)).toEqual(['f1']);
    expect(checked(ours.real('fsck', '--more', 'f1', 'f2').stdout)).toEqual(['f2']);
    expect(checked(ours.real('fsck', '--incremental', 'f1').stdout)).toEqual(['f1']);
    expect(checked(ours.ours('fsck', '--more', 'f1', 'f2').stdout)).toEqual(['f2']);
  });

  test('checks again what was not in order', () => {
    const pair = twins();
    pair.both('here', (here) => deleteObject(here, keyOf('f1')));
    pair.same('here', ['fsck', '--incremental', '-N3', 'f1', 'f2']);
    expect(pair.same('here', ['fsck', '--more', '-N3', 'f1', 'f2']).status).toBe(1);
  });

  test('follows a schedule', () => {
    const pair = twins();
    const begin = (here: Repository, text: string, seconds: number) => {
      writeFileSync(state(here), text);
      utimesSync(state(here), seconds, seconds);
    };
    const schedule = (every: string) =>
      pair.same('here', ['fsck', `--incremental-schedule=${every}`, 'f1']).stdout;
    const exists = () =>
      [pair.ours('here'), pair.real('here')].map(
        (here) => statSync(state(here), { throwIfNoEntry: false }) !== undefined,
      );
    expect(schedule('1h')).toContain('fsck f1');
    expect(exists()).toEqual([true, true]);
    expect(schedule('1h')).not.toContain('fsck f1');
    pair.both('here', (here) => begin(here, '1000s', 1000));
    expect(schedule('1h')).not.toContain('fsck f1');
    expect(exists()).toEqual([false, false]);
    expect(schedule('1h')).toContain('fsck f1');
    pair.both('here', (here) => begin(here, '1000s', 5000));
    expect(schedule('1h')).toContain('fsck f1');
    pair.both('here', (here) => begin(here, 'rubbish', 5000));
    expect(schedule('1h')).toContain('fsck f1');
    for (const here of [pair.ours('here'), pair.real('here')]) {
      expect(readFileSync(state(here), 'latin1')).toBe(
        `${Math.floor(statSync(state(here)).mtimeMs / 1000)}s`,
      );
    }
  });

  test('does not start anew while another program is at it', () => {
    const pair = twins();
    pair.same('here', ['fsck', 'f1']);
    const locks = [pair.ours('here'), pair.real('here')].map((here) =>
      tryFileLock(ascii(join(folder(here), 'fsck.lck')), 'shared'),
    );
    try {
      expect(pair.same('here', ['fsck', '--incremental', 'f2']).stderr).toBe(
        'git-annex-ts: Cannot start a new --incremental fsck pass; another fsck process is already running.\n',
      );
      pair.same('here', ['fsck', 'f2']);
      pair.same('here', ['fsck', '--more', 'f1', 'f3']);
    } finally {
      for (const lock of locks) lock?.release();
    }
    expectSameActivity(pair);
  });

  test('keeps its files where annex.dbdir says', () => {
    const pair = twins();
    pair.both('here', (here) => void here.git('config', 'annex.dbdir', `${here.path}-db`));
    const ours = pair.ours('here');
    ours.ours('fsck', '--incremental', 'f1');
    expect(ours.real('fsck', '--more', 'f1', 'f2').stdout).toBe(
      'fsck f2 (checksum...) ok\n(recording state in git...)\n',
    );
  });

  test('takes only one of its options', () => {
    const ours = twins().ours('here');
    for (const other of ['--more', '--incremental-schedule=1d']) {
      const { status, stdout } = ours.ours('fsck', '--incremental', other);
      expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    }
    expect(ours.ours('fsck', '--incremental-schedule=x').stderr).toContain(
      'option --incremental-schedule: failed to parse duration "x" (expected eg "5m" or "1h5m")',
    );
  });
});
