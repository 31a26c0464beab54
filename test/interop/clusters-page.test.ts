import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { expectSound } from '../support/judge.js';
import { blocksOf, createMachines, type Machines } from '../support/walkthrough.js';

/** `docs/clusters.md` is followed to the letter on machines of a scene; git-annex is asked what came of it. */
const page = readFileSync(fileURLToPath(new URL('../../docs/clusters.md', import.meta.url)), 'utf8');

let machines: Machines;
const sections = new Map(
  page.split(/^## /m).map((section) => [section.split('\n', 1)[0] as string, blocksOf(section)]),
);

beforeAll(async () => {
  machines = await createMachines(['nyc', 'ams', 'laptop']);
  for (const drive of ['drive1', 'drive2', 'drive3', 'drive4'])
    mkdirSync(machines.path('nyc', `/mnt/${drive}`));
  mkdirSync(machines.path('ams', '/mnt/drive5'));
  for (const name of ['film.raw', 'letters.tar', 'music.flac', 'concert.flac'])
    writeFileSync(machines.path('laptop', `/somewhere/${name}`), `${name}\n`.repeat(1000));
});
afterAll(() => machines?.remove());

/** Types the blocks of a section; each must succeed. Gives what they print. */
function follow(title: string): string {
  const blocks = sections.get(title);
  if (blocks === undefined || blocks.length === 0) throw new Error(`no blocks in the section ${title}`);
  return blocks
    .map((block) => {
      const { status, stdout, stderr } = machines.type(block);
      expect(status, `${block.commands}\n${stdout}${stderr}`).toBe(0);
      return stdout;
    })
    .join('');
}

const real = (host: string, path: string, ...args: string[]) => {
  const { status, stdout, stderr } = machines.scene.annex('real', args, machines.path(host, path));
  expect(status, `${args.join(' ')}\n${stdout}${stderr}`).toBe(0);
  return stdout;
};

/** Descriptions of the repositories that a place knows to have the file, clusters left out. */
const whereis = (host: string, path: string, file: string) =>
  (
    JSON.parse(real(host, path, 'whereis', '--json', file)) as {
      whereis: { uuid: string; description: string }[];
    }
  ).whereis
    .filter(({ uuid }) => !uuid.startsWith('ac'))
    .map(({ description }) => description.replace(/^\[(.*)\]$| \[.*/, '$1'))
    .sort();

const contents = (host: string, path: string) => real(host, path, 'findkeys').split('\n').length - 1;

const keyOf = (file: string) => real('laptop', '~/annex', 'lookupkey', file).trim();

const ALL = ['drive1', 'drive2', 'drive3'];

it('one gateway with three drives', () => {
  const printed = follow('One gateway with three drives');
  for (const drive of ALL) expect(printed).toContain(`Started proxying for ${drive}\n`);
  expect(printed).toContain('Started proxying for home\n');
});

it('a file is sent to it, and comes back', () => {
  const printed = follow('Use it');
  for (const drive of ALL) expect(contents('nyc', `/mnt/${drive}/annex`)).toBe(1);
  expect(contents('nyc', '/srv/annex')).toBe(0);
  expect(contents('laptop', '~/annex')).toBe(1);
  const film = `--key=${keyOf('film.raw')}`;
  for (const [host, path] of [
    ['nyc', '/srv/annex'],
    ['laptop', '~/annex'],
  ] as const)
    expect(whereis(host, path, film)).toEqual([...ALL, 'laptop']);
  for (const drive of ALL) expect(printed).toContain(drive);
});

it('what is stored where follows preferred content', () => {
  follow('What is stored where');
  expect(whereis('laptop', '~/annex', 'archive/letters.tar')).toEqual(['drive3', 'laptop']);
  expect(whereis('laptop', '~/annex', 'music.flac')).toEqual([
    expect.stringMatching(/^drive[12]$/),
    'laptop',
  ]);
});

it('a new drive is filled from inside', () => {
  expect(follow('A drive that was away, or is new')).toContain('Added node drive4 to cluster: home\n');
  expect(contents('nyc', '/mnt/drive4/annex')).toBe(3);
  expect(contents('nyc', '/srv/annex')).toBe(0);
});

it('two gateways know what either of them stored', async () => {
  follow('Two gateways in two places');
  const places = [expect.stringMatching(/^drive[12]$/), 'drive4', 'drive5', 'laptop'];
  expect(whereis('laptop', '~/annex', 'concert.flac')).toEqual(places);
  const concert = `--key=${keyOf('concert.flac')}`;
  // Gateways tell each other in the background.
  for (const host of ['nyc', 'ams'])
    await expect.poll(() => whereis(host, '/srv/annex', concert), { timeout: 60_000 }).toEqual(places);
});

it('and all repositories are sound', () => {
  const drives = [...ALL, 'drive4'].map((drive) => `nyc/mnt/${drive}/annex`);
  for (const name of ['laptop/annex', 'nyc/srv/annex', 'ams/srv/annex', 'ams/mnt/drive5/annex', ...drives])
    expectSound(machines.scene.repository(name), { dirty: true });
});
