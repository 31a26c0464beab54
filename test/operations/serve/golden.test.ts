import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Uuid } from '../../../src/domain/uuid.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import { serveRepository } from '../../../src/operations/serve/serve-repository.js';
import type { Repository } from '../../../src/repository/repository.js';
import type { Access } from '../../../src/protocol/session.js';
import { bytes, createSandbox, run, type Sandbox } from '../../support/annex-repository.js';
import { talk } from '../../support/talk.js';

/** What git-annex-shell answered, and left in the repository; `test/golden/record-shell.mjs` recorded it. */
interface Recorded {
  readonly name: string;
  readonly env: Readonly<Record<string, string>>;
  readonly input: string;
  readonly output: string;
  readonly contents: readonly string[];
  readonly partial: readonly string[];
  readonly failed: readonly string[];
}

const CLIENT = '99999999-2222-4333-8444-555555555555' as Uuid;
const file = new URL('../../golden/shell-sessions.json', import.meta.url);
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Recorded[];

function ofVersions(versions: readonly number[], name: string, change: (one: Recorded) => Partial<Recorded>) {
  const names = versions.map((version) => `${name}, version ${version}`);
  const found = recorded.filter((one) => names.includes(one.name));
  return Object.fromEntries(found.map((one) => [one.name, change(one)]));
}

/** Where our server does better on purpose: what it answers after `AUTH-SUCCESS`, and what it leaves. */
const OURS: Readonly<Record<string, Partial<Recorded>>> = {
  // git-annex-shell ends the connection without a word, and may have an answer to nobody.
  CONNECT: {
    output:
      'ERROR relaying to git not supported on this connection\nERROR unexpected command\nERROR unknown command\n',
  },
  NOTIFYCHANGE: { output: 'ERROR change notification not available\n' },
  'PUT cut off in the data, version 1': { output: 'VERSION 1\nPUT-FROM 0\n', failed: [] },
  // The page of the protocol shows UNLOCKCONTENT with a key, at which git-annex-shell complains.
  ...ofVersions([0, 1, 2, 3, 4], 'LOCKCONTENT', ({ output }) => ({
    output: output.replace('ERROR expected UNLOCKCONTENT\n', ''),
  })),
  // The client knows of a failure that it tells of, and tries again by itself.
  ...ofVersions([0, 1, 2, 3, 4], 'GET that fails', () => ({ failed: [] })),
  // An error does not end the connection, says the page; git-annex-shell ends it after a CONNECT that it refuses.
  ...ofVersions([4], 'READONLY', ({ output }) => ({ output: `${output}SUCCESS\n` })),
  ...ofVersions([4], 'APPENDONLY', ({ output }) => ({ output: `${output}SUCCESS\n` })),
  // An empty partial file is of no use to anybody.
  'PUT of nothing that is invalid, version 4': { partial: [] },
};

let sandbox: Sandbox;
let server: string;
let repository: Repository;

beforeAll(async () => {
  sandbox = createSandbox();
  server = sandbox.annex('server', 'server');
  writeFileSync(join(server, 'f'), 'content of f\n');
  run('git', ['annex', 'add', '-q', 'f'], server);
  run('git', ['commit', '-qm', 'f'], server);
  run('cp', ['-a', '.git/annex/objects', '../objects'], server);
  repository = await openRepository(bytes(server));
});
afterAll(async () => {
  await repository?.close();
  sandbox.remove();
});
beforeEach(() => {
  const script =
    'chmod -R u+w objects; rm -rf objects; find . -path "./t*" -type f -delete; cp -a ../../../objects .';
  run('sh', ['-c', script], join(server, '.git/annex'));
});

it.each(recorded)('answers as git-annex-shell: $name', async (session) => {
  const content = serveRepository({ repository, client: CLIENT, onChange: () => {} });
  const { output } = await talk(session.input, content, accessOf(session.env));
  const { output: wanted, contents, partial, failed } = { ...session, ...OURS[session.name] };
  const greeting = wanted.startsWith('AUTH-SUCCESS') ? '' : 'AUTH-SUCCESS SERVER\n';
  const said = output.replaceAll(repository.uuid, 'SERVER').replace(/^TIMESTAMP \d+$/gm, 'TIMESTAMP 0');
  expect(said).toBe(greeting + wanted);
  expect(leftIn(server)).toEqual({ contents, partial, failed });
});

it('has sessions of every message that a client can send, in every version', () => {
  const said = recorded.map(({ input }) => input).join('');
  for (const name of [
    'CHECKPRESENT',
    'LOCKCONTENT',
    'UNLOCKCONTENT',
    'REMOVE',
    'REMOVE-BEFORE',
    'GETTIMESTAMP',
    'GET',
  ])
    expect(said).toMatch(new RegExp(`^${name}( |$)`, 'm'));
  for (const name of [
    'PUT',
    'DATA-PRESENT',
    'VALID',
    'INVALID',
    'BYPASS',
    'CONNECT',
    'NOTIFYCHANGE',
    'SUCCESS-PLUS',
  ])
    expect(said).toMatch(new RegExp(`^${name}( |$)`, 'm'));
  for (const version of [0, 1, 2, 3, 4]) expect(said).toContain(`VERSION ${version}\n`);
});

function accessOf(env: Recorded['env']): Access {
  if (env['GIT_ANNEX_SHELL_READONLY'] !== undefined) return 'read';
  return env['GIT_ANNEX_SHELL_APPENDONLY'] === undefined ? 'all' : 'append';
}

/** The contents that are whole, partial, and noted as failed. */
function leftIn(server: string) {
  const annex = join(server, '.git/annex');
  const files = readdirSync(annex, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(annex.length + 1));
  const names = (start: string) =>
    files.filter((path) => path.startsWith(start) && !/\.(lck|rtm|rtl)$|\/lck\./.test(path)).sort();
  return {
    contents: names('objects/').map((path) => path.slice(path.lastIndexOf('/') + 1)),
    partial: names('tmp/').map((path) => path.slice('tmp/'.length)),
    failed: names('transfer/failed/').map((path) => path.slice('transfer/failed/'.length)),
  };
}
