import { chmodSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLogTwins } from '../support/log-twins.js';
import {
  BETA,
  createQueryRepositories,
  DEAD,
  HERE,
  journal,
  TRUSTED,
  UNTRUSTED,
} from '../support/query-scene.js';
import { createScene, type Repository, type Scene } from '../support/scene.js';

/** The editor keeps what it was shown and edits it by the perl script of its turn; without one it fails. */
const EDITOR = `#!/bin/sh
turn=$(ls "$SHOWN" | wc -l)
cp "$1" "$SHOWN/$turn"
eval "script=\\$TURN$turn"
[ -n "$script" ] && perl -0777 -i -pe "$script" "$1"
`;

let scene: Scene;
let editor: string;
beforeAll(() => {
  scene = createScene();
  createQueryRepositories(scene, 'base');
  fillLogs(scene.repository('base/here'));
  scene.repository('base/here').must('real', 'merge', '--quiet');
  editor = scene.path('editor');
  writeFileSync(editor, EDITOR);
  chmodSync(editor, 0o755);
});
afterAll(() => scene.remove());

/** Values of every kind, in no order, and some that nobody understands. */
function fillLogs(here: Repository): void {
  const log = (path: string, values: Record<string, string>) =>
    journal(
      here,
      path,
      Object.entries(values).map(([uuid, value]) => `${uuid} ${value} timestamp=1s\n`),
    );
  log('group.log', { [HERE]: 'b a', [BETA]: 'a', [DEAD]: '', [TRUSTED]: 'a c \xc3\xa0' });
  log('preferred-content.log', { [HERE]: 'standard', [BETA]: 'include=*\xc3\xa0 x', [TRUSTED]: '' });
  log('required-content.log', { [BETA]: 'anything', [UNTRUSTED]: 'present' });
  log('schedule.log', {
    [HERE]: 'fsck self 1h every week divisible by 2 at 16:30; fsck self 90 every day at any time',
    [BETA]: 'junk',
  });
  journal(here, 'maxsize.log', [`1s ${HERE} 5000\n`, `1s ${BETA} 1234567\n`, `1s ${DEAD} 0\n`]);
  journal(here, 'group-preferred-content.log', ['1s zz anything\n', '1s archive anything\n', '1s q \n']);
  journal(here, 'config.log', ['1s annex.zzz 1\n', '1s annex.autocommit true\n', '1s annex.x \n']);
  journal(here, 'numcopies.log', ['1s 3\n']);
}

/** Both programs edit by the same scripts, and must show and record the same. */
function edits() {
  const twins = createLogTwins(scene, 'base', 'here');
  const folders = { real: `${twins.real.path}/.git/shown`, ours: `${twins.ours.path}/.git/shown` };
  const shownBy = (who: 'real' | 'ours') =>
    [0, 1, 2, 3]
      .map((turn) => join(folders[who], String(turn)))
      .filter((file) => existsSync(file))
      .map((file) => readFileSync(file, 'latin1'));
  return (...scripts: string[]) => {
    for (const folder of Object.values(folders)) {
      rmSync(folder, { recursive: true, force: true });
      scene.run('mkdir', [folder], scene.directory);
    }
    const turns = Object.fromEntries(scripts.map((script, turn) => [`TURN${turn}`, script]));
    const { stderr } = twins.sameLogs(['vicfg'], { env: { EDITOR: editor, SHOWN: '.git/shown', ...turns } });
    expect(shownBy('ours')).toEqual(shownBy('real'));
    return { shown: shownBy('ours'), stderr };
  };
}

test('the same text, and the same records of what was changed', () => {
  const edit = edits();
  const { shown } = edit('1');
  expect(shown[1]).toContain('# ** Parse error in next line: Parse failure: near "x"\nwanted');
  edit('s/ x$//m');
  edit(
    `s/^#trust (${HERE})/trust $1/m; s/^group ${BETA}.*/group ${BETA} = y  x y/m; s/^wanted ${HERE}.*\\n//m;` +
      `s/^#required (${HERE}).*/  required\t$1   =present  /m; s/^#groupwanted b =.*/groupwanted b = present/m;` +
      `s/^maxsize ${BETA}.*\\n//m; s/^#maxsize (${UNTRUSTED}).*/maxsize $1 = 1 kb/m; s/^schedule.*//m;` +
      `s/^#schedule (${BETA}).*/schedule $1 = fsck x 2h on day 3 of every month at 0:05; fsck self 5m every year at 12/m;` +
      's/^numcopies.*/numcopies default = 0/m; s/^# mincopies.*/mincopies default=2/m;' +
      's/^# Other.*/config annex.foo = bar baz\\nconfig annex.bare\\r/m; s/^config annex.zzz.*\\n//m;' +
      's/^groupwanted zz.*//m;',
  );
  const errors = edit(
    '$_ = join("\\n", "foo", "foo bar = 1", "trust x", "trust = trusted", "trust x = bogus", "trust nosuch = trusted",' +
      '"wanted zzz = foo=1 bar", "maxsize zzz = xx", "maxsize zzz =", "maxsize zzz = 1 gb foo", "schedule z = blah",' +
      '"schedule zzz = fsck self 1h every day at 4 AM; fsck self -1h every day at any time", "numcopies default 3",' +
      '"numcopies default = x", "config = x", "trust\\tr2 = dead", "groupwanted = x", "required zzz = (", "# ** mine").$_',
    '1',
    's/^(foo|trust x|trust =|wanted zzz|maxsize zzz|schedule z|numcopies|config =|groupwanted =).*\\n//mg',
  );
  expect(errors.shown).toHaveLength(3);
  edit();
}, 120_000);

test('an empty file changes nothing', () => {
  const { ours } = createLogTwins(scene, 'base', 'here');
  const before = ours.git('rev-parse', 'git-annex');
  const ended = scene.annex('ours', ['vicfg'], ours.path, { env: { GIT_EDITOR: 'cp /dev/null' } });
  expect(ended).toMatchObject({ status: 1, stdout: '' });
  expect(ended.stderr).toContain('the edited file is empty; nothing was changed');
  expect(ours.git('rev-parse', 'git-annex')).toBe(before);
});
