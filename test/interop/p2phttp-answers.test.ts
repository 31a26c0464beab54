import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type HttpServer, startHttpServer } from '../support/http-server.js';
import { ask, type RawAnswer } from '../support/raw-http.js';
import { type Annex, createScene, type Scene } from '../support/scene.js';
import {
  noLocking,
  permissions,
  type Question,
  reading,
  SERVER,
  writing,
  wrongPassword,
} from './p2phttp-questions.js';

const USERS = {
  GIT_ANNEX_P2PHTTP_PASSWORD_alice: 'foo123',
  GIT_ANNEX_P2PHTTP_PASSWORD_ro: 'r',
  GIT_ANNEX_P2PHTTP_PERMISSIONS_ro: 'readonly',
  GIT_ANNEX_P2PHTTP_PASSWORD_ap: 'r',
  GIT_ANNEX_P2PHTTP_PERMISSIONS_ap: 'appendonly',
};

let scene: Scene;

beforeAll(() => {
  scene = createScene();
  const server = scene.create('start', { by: 'none' });
  server.git('config', 'annex.uuid', SERVER);
  server.must('real', 'init', 'server');
  server.write('f', 'hello\n');
  server.must('real', 'add', '-q', '.');
  server.git('commit', '-qm', 'f');
});
afterAll(() => scene.remove());

/** The same questions to both servers, each with its own copy of the repository. */
async function compare(options: readonly string[], questions: readonly Question[]): Promise<void> {
  const start = (who: Annex): Promise<HttpServer> => {
    const name = `${who}${options.join('')}`;
    scene.copy('start', name);
    return startHttpServer(scene, who, scene.path(name), options, USERS);
  };
  const [real, ours] = await Promise.all([start('real'), start('ours')]);
  for (const question of questions) {
    const answer = comparable(await ask(ours.port, question));
    const title = `${options.join(' ')}: ${question.method} ${question.target}`;
    const theirs = question.onlyOurs ? undefined : comparable(await ask(real.port, question));
    if (question.ours === undefined) {
      expect(answer, title).toEqual(theirs);
      continue;
    }
    expect(answer, `${title} is no difference any more`).not.toEqual(theirs);
    const { status, body } = question.ours;
    expect(answer, title).toMatchObject(body === undefined ? { status } : { status, body });
  }
  // git-annex's server waits for its workers: those with locks have none to wait for.
  real.running.child.kill('SIGKILL');
  await ours.stop();
}

/** Without what differs from one answer to the next, and without how the body's end is told. */
function comparable({ status, headers, body }: RawAnswer) {
  const left = Object.entries(headers).filter(
    ([name]) =>
      !['date', 'server', 'connection', 'keep-alive', 'accept-ranges'].includes(name) &&
      !['transfer-encoding', 'content-length'].includes(name),
  );
  return {
    status,
    headers: Object.fromEntries(left),
    body: body.replace(/"lockid":"[0-9a-f-]{36}"/, '"lockid":""').replace(/"timestamp":\d+/, '"timestamp":0'),
  };
}

describe('p2phttp answers as git-annex', () => {
  it('to everything that is read, said wrongly, stored and removed', () =>
    compare(['--wideopen', '--authenv-http'], [...reading, ...writing]));

  it('to those who may do this and may not do that', async () => {
    await compare(['--unauth-readonly', '--authenv-http'], [...permissions, ...wrongPassword]);
    await compare(['--unauth-readonly', '--unauth-nolocking'], permissions);
    await compare(['--unauth-appendonly', '--unauth-nolocking'], noLocking);
    await compare(['--authenv'], permissions);
  });
});
