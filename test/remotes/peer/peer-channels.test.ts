import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { AnnexError } from '../../../src/domain/errors.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import { openSession } from '../../../src/remotes/p2p/connections.js';
import { peerChannels } from '../../../src/remotes/peer/peer-channels.js';

let folder: string;
const path = process.env['PATH'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'annex-ts-'));
  mkdirSync(join(folder, 'annex/creds'), { recursive: true });
  process.env['PATH'] = `${folder}:${path}`;
});
afterEach(() => {
  process.env['PATH'] = path;
  delete process.env['GIT_ANNEX_P2P_AUTHTOKEN'];
  rmSync(folder, { recursive: true });
});

/** Greets what a program says to the address `here`. */
async function greeted(script: string) {
  const program = join(folder, 'git-annex-p2p-fake');
  writeFileSync(program, `#!/bin/sh\n${script}\n`);
  chmodSync(program, 0o755);
  const git = folder as ByteString;
  const client = { uuid: 'me' as ByteString, location: { workTree: undefined, gitDir: git, commonDir: git } };
  const open = peerChannels(client, { net: 'fake' as ByteString, address: 'here' as ByteString });
  const { session, channel } = await openSession('peer' as ByteString, open);
  channel.close();
  return session;
}
const refusal = (script: string): Promise<AnnexError> =>
  greeted(script).then(
    () => expect.unreachable(),
    (error: unknown) => error as AnnexError,
  );

/** Answers with what it heard as uuid. */
const ECHO =
  'read -r auth; echo "AUTH-SUCCESS $(echo "$1 $auth" | tr " " _)"; read -r version; echo "VERSION 1"; cat >/dev/null';

it('gives the address to the program, and says who speaks with the first line of the file', async () => {
  writeFileSync(join(folder, 'annex/creds/here'), 'secret word\nmore\n');
  expect(await greeted(ECHO)).toMatchObject({ uuid: 'here_AUTH_me_secret_word', version: 1 });
  process.env['GIT_ANNEX_P2P_AUTHTOKEN'] = 'other';
  expect(await greeted(ECHO)).toMatchObject({ uuid: 'here_AUTH_me_other' });
});

it('tells why there is no connection, and never the token', async () => {
  writeFileSync(join(folder, 'annex/creds/here'), 'secret-word\n');
  const cases: [string, RegExp][] = [
    ['echo no such peer >&2; exit 3', /no such peer/],
    ['exit 3', /git-annex-p2p-fake ended with exit code 3/],
    ['echo AUTH-FAILURE', /set GIT_ANNEX_P2P_AUTHTOKEN/],
    ['echo ERROR go away; read x', /go away/],
    ['echo nonsense; read x', /./],
    ['head -c 70000 /dev/zero; read x', /too long/],
  ];
  for (const [script, hint] of cases) {
    const error = await refusal(script);
    expect(error).toMatchObject({ code: 'remote-unavailable', hint: expect.stringMatching(hint) });
    expect(`${error.message} ${error.hint}`).not.toContain('secret-word');
  }
});
