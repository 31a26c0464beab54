import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Uuid } from '../../../src/domain/uuid.js';
import { AnnexError } from '../../../src/domain/errors.js';
import { streamOf } from '../../../src/lib/in-batches.js';
import { proveDrop } from '../../../src/planning/prove-drop.js';
import type { Remote } from '../../../src/remotes/remote.js';
import { memoryChannels, type OtherEnd, serverOf } from '../../support/p2p-channels.js';
import {
  createP2pScene,
  forgetPartial,
  moveAll,
  type P2pScene,
  sample,
  stateOf,
} from '../../support/p2p-scene.js';

const CLIENT = '99999999-2222-4333-8444-555555555555' as Uuid;
const [one, two] = [sample('one content\n'), sample('another content\n')];
const { signal } = new AbortController();

let scene: P2pScene;
let uuid: Uuid;
beforeAll(async () => {
  scene = await createP2pScene();
  uuid = scene.served.uuid;
});
afterAll(() => scene.close());

/** Answers each line of the client by its first word; what is not mentioned gets no answer. Undefined ends the connection. */
type Answers = (line: string, words: readonly string[]) => string | undefined;

/** @param patience milliseconds after which a server that waits for the client goes away */
function scripted(answers: Answers, said: string[] = [], patience?: number) {
  return async ({ input, output }: OtherEnd): Promise<void> => {
    output.write(`AUTH-SUCCESS ${uuid}\n`);
    let rest = '';
    const leave = () => input.destroy();
    let timer = setTimeout(leave, patience ?? 1 << 30).unref();
    for await (const chunk of input as AsyncIterable<Buffer>) {
      clearTimeout(timer);
      timer = setTimeout(leave, patience ?? 1 << 30).unref();
      rest += chunk.toString('latin1');
      for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
        const line = rest.slice(0, end);
        rest = rest.slice(end + 1);
        said.push(line);
        const answer = line.startsWith('VERSION')
          ? (answers(line, line.split(' ')) ?? 'VERSION 4\n')
          : answers(line, line.split(' '));
        if (answer === undefined) return;
        output.write(Buffer.from(answer, 'latin1'));
      }
    }
  };
}

const only = (word: string, answer: string, otherwise = ''): Answers => {
  return (line) =>
    line.startsWith(`${word} `) || line === word
      ? answer
      : line.startsWith('VERSION')
        ? 'VERSION 4\n'
        : otherwise;
};

async function get(answers: Answers, options: { ahead?: boolean } = {}) {
  await scene.takeAway(scene.here, [one, two]);
  for (const each of [one, two]) forgetPartial(scene.here, each);
  const said: string[] = [];
  const remote = scene.remote(memoryChannels(scripted(answers, said)), options);
  const { results, thrown } = await moveAll(remote, 'retrieve', [one]);
  await remote.close();
  const result = results.get(one.key);
  const code = result === undefined ? (thrown as AnnexError).code : result.ok ? 'ok' : result.error.code;
  return { code, state: stateOf(scene.here, one), said };
}

const text = one.bytes.toString('latin1');

describe.each([true, false])('a server (written ahead: %s)', (ahead) => {
  const cases: readonly [string, Answers, string][] = [
    ['that sends the content', only('GET', `DATA ${text.length}\n${text}VALID\n`), 'ok'],
    [
      'that sends other bytes',
      only('GET', `DATA ${text.length}\n${'x'.repeat(text.length)}VALID\n`),
      'content-corrupt',
    ],
    ['that sends more than the key stands for', only('GET', `DATA 99\n${'x'.repeat(99)}VALID\n`), 'protocol'],
    ['that promises a terabyte', only('GET', `DATA 1000000000000\n${text}`), 'protocol'],
    [
      'that sends less, and calls it valid',
      only('GET', `DATA 3\n${text.slice(0, 3)}VALID\n`),
      'content-corrupt',
    ],
    [
      'whose content changes meanwhile',
      only('GET', `DATA ${text.length}\n${text}INVALID\n`),
      'content-modified',
    ],
    ['that does not have it', only('GET', 'DATA 0\nINVALID\n'), 'content-missing'],
    ['that says no', only('GET', 'ERROR not today\n'), 'remote-refused'],
    ['that answers something else', only('GET', 'PUT-FROM 0\n'), 'protocol'],
    ['that sends a line of a megabyte', only('GET', `${'x'.repeat(1 << 20)}\n`), 'protocol'],
    [
      'that goes away instead of an answer',
      (line) => (line.startsWith('VERSION') ? 'VERSION 4\n' : undefined),
      'connection-lost',
    ],
    [
      'that speaks a version of the future',
      (line) => (line.startsWith('VERSION') ? 'VERSION 9\n' : ''),
      'remote-unavailable',
    ],
    [
      'that speaks no version',
      (line) =>
        line.startsWith('VERSION')
          ? 'ERROR unknown command\n'
          : line.startsWith('GET')
            ? `DATA ${text.length}\n${text}`
            : '',
      'ok',
    ],
    [
      'that speaks no version and does not have it',
      (line) =>
        line.startsWith('VERSION') ? 'ERROR unknown command\n' : line.startsWith('GET') ? 'DATA 0\n' : '',
      'content-missing',
    ],
  ];
  it.each(cases)('%s', async (_, answers, expected) => {
    const { code, state } = await get(answers, { ahead });
    expect({ code, state }).toEqual({ code: expected, state: expected === 'ok' ? 'right' : 'absent' });
  });
});

describe('a server that has not noticed yet that a connection is gone', () => {
  const greeting: Answers = (line) => (line.startsWith('VERSION') ? 'VERSION 4\n' : '');
  const half = text.slice(0, 4);

  /** Cuts the first connection in the content, then holds it back for some requests. */
  function holding(times: number, said: string[]) {
    let connections = 0;
    let refusals = 0;
    return async (end: OtherEnd): Promise<void> => {
      const first = connections++ === 0;
      const answers: Answers = (line, [word, offset]) => {
        if (word !== 'GET') return greeting(line, []);
        if (first) end.output.write(`DATA ${text.length}\n${half}`);
        if (first) return undefined;
        if (refusals++ < times) return 'DATA 0\nINVALID\n';
        const rest = text.slice(Number(offset));
        return `DATA ${rest.length}\n${rest}VALID\n`;
      };
      return scripted(answers, said)(end);
    };
  }
  async function getFrom(times: number) {
    await scene.takeAway(scene.here, [one]);
    forgetPartial(scene.here, one);
    const said: string[] = [];
    const remote = scene.remote(memoryChannels(holding(times, said)));
    const { results } = await moveAll(remote, 'retrieve', [one]);
    await remote.close();
    return { result: results.get(one.key), asked: said.filter((line) => line.startsWith('GET ')).length };
  }

  it('is asked again for what looks as if it were missing', async () => {
    expect(await getFrom(3)).toMatchObject({ result: { ok: true }, asked: 5 });
    expect(stateOf(scene.here, one)).toBe('right');
  });

  it('is not asked for ever', async () => {
    const { result, asked } = await getFrom(1000);
    expect(result).toMatchObject({ ok: false, error: { code: 'content-missing' } });
    expect(asked).toBeLessThan(12);
  });
});

it('room is kept for what was asked for and has not come yet', async () => {
  await scene.put(scene.served, [one, two]);
  await scene.takeAway(scene.here, [one, two]);
  const reserved: number[] = [];
  const objects = { ...scene.here.objects, reserve: (bytes: number) => void reserved.push(bytes) };
  const remote = scene.remote(memoryChannels(serverOf(scene.served, scene.here.uuid)), {
    here: { ...scene.here, objects },
  });
  await moveAll(remote, 'retrieve', [one, two]);
  await remote.close();
  expect(reserved).toEqual([one.bytes.length, one.bytes.length + two.bytes.length]);
});

describe('a remote', () => {
  it('that is another repository than expected is not used', async () => {
    const open = memoryChannels(
      async ({ output }) => void output.write(`AUTH-SUCCESS ${CLIENT}\nVERSION 4\n`),
    );
    const { thrown, results } = await moveAll(scene.remote(open), 'retrieve', [one]);
    expect({ thrown, count: results.size }).toMatchObject({
      thrown: { code: 'remote-uuid-mismatch' },
      count: 0,
    });
  });

  it('that drops the connection every few messages is used to the end', async () => {
    const samples = Array.from({ length: 60 }, (_, i) => sample(`content ${i}`));
    await scene.put(scene.served, samples);
    for (const every of [4, 5, 9]) {
      await scene.takeAway(scene.here, samples);
      const remote = scene.remote(memoryChannels(dropping(every)));
      const { results, thrown } = await moveAll(remote, 'retrieve', samples);
      expect(thrown).toBeUndefined();
      expect([...results.values()].filter(({ ok }) => ok)).toHaveLength(60);
      expect(samples.map((each) => stateOf(scene.here, each))).toEqual(samples.map(() => 'right'));
      await remote.close();
    }
  });

  it('is told the truth about a content that changes while it is sent', async () => {
    await scene.put(scene.here, [two]);
    const said: string[] = [];
    const changing = { ...scene.here.unlocked };
    let asked = 0;
    changing.unmodified = async () => asked++ === 0;
    const answers: Answers = (line) =>
      line.startsWith('PUT ')
        ? 'PUT-FROM 0\n'
        : line.startsWith('VERSION')
          ? 'VERSION 4\n'
          : line.endsWith('INVALID')
            ? 'FAILURE\n'
            : '';
    const remote = scene.remote(memoryChannels(scripted(answers, said)), {
      here: { ...scene.here, unlocked: changing },
    });
    const { results } = await moveAll(remote, 'store', [two]);
    expect(results.get(two.key)).toMatchObject({ ok: false, error: { code: 'content-modified' } });
    await remote.close();
  });

  it('tells which other repositories have the content too', async () => {
    await scene.put(scene.here, [two]);
    const remote = scene.remote(memoryChannels(scripted(only('PUT', `ALREADY-HAVE-PLUS ${CLIENT}\n`))));
    const { results } = await moveAll(remote, 'store', [two]);
    expect(results.get(two.key)).toMatchObject({ ok: true, moved: false, also: [CLIENT] });
    await remote.close();
  });
});

describe('removal under a proof that expires', () => {
  async function remove(version: number, milliseconds: number) {
    const said: string[] = [];
    const answers: Answers = (_, [word]) =>
      word === 'VERSION'
        ? `VERSION ${version}\n`
        : word === 'GETTIMESTAMP'
          ? 'TIMESTAMP 5000\n'
          : 'SUCCESS\n';
    const remote = scene.remote(memoryChannels(scripted(answers, said)));
    const { proof } = proveDrop({
      key: one.key,
      target: uuid,
      locked: [{ uuid: CLIENT, expires: performance.now() + milliseconds }],
      trusted: [],
      numcopies: 1,
      mincopies: 1,
    });
    if (proof === undefined) throw new Error('no proof');
    const removed = [];
    for await (const result of remote.remove(streamOf([{ key: one.key, proof }]), { signal }))
      removed.push(result);
    await remote.close();
    return { code: removed[0]?.error?.code, said };
  }

  it('tells the server its own second from which on it must not remove', async () => {
    const { code, said } = await remove(4, 600_000);
    expect(code).toBeUndefined();
    const time = Number(said.find((line) => line.startsWith('REMOVE-BEFORE'))?.split(' ')[1]);
    expect(time).toBeLessThanOrEqual(5600);
    expect(time).toBeGreaterThan(5400);
  });

  it('asks a server that knows no time only while the proof holds for long', async () => {
    expect((await remove(2, 600_000)).said.at(-1)).toBe(`REMOVE ${one.key}`);
    expect(await remove(2, 30_000)).toMatchObject({ code: 'copies-insufficient', said: ['VERSION 4'] });
    expect((await remove(4, -1)).code).toBe('copies-insufficient');
  });
});

/** Our server, which goes away after so many messages of the client. */
function dropping(every: number) {
  const serve = serverOf(scene.served, CLIENT);
  return async ({ input, output }: OtherEnd): Promise<void> => {
    let left = every;
    const lines = async function* (): AsyncGenerator<Buffer> {
      let rest = '';
      for await (const chunk of input as AsyncIterable<Buffer>) {
        rest += chunk.toString('latin1');
        for (let end = rest.indexOf('\n'); end >= 0; end = rest.indexOf('\n')) {
          yield Buffer.from(rest.slice(0, end + 1), 'latin1');
          rest = rest.slice(end + 1);
          if (--left === 0) return;
        }
      }
    };
    const { Readable } = await import('node:stream');
    await serve({ input: Readable.from(lines(), { objectMode: false }), output });
  };
}

/** Everything that a remote can be asked at once; each must come to an end, whatever the server says. */
async function askEverything(remote: Remote): Promise<void> {
  await moveAll(remote, 'retrieve', [one, two]);
  await moveAll(remote, 'store', [two]);
  for (const work of [
    async () => {
      for await (const _ of remote.presence(streamOf([one.key, two.key]), { signal }));
    },
    async () => {
      const lock = await remote.lockContent(one.key).catch(() => undefined);
      if (lock !== undefined && !(lock instanceof AnnexError)) await lock.release();
    },
  ])
    await work().catch((error: unknown) => expect(error).toBeInstanceOf(AnnexError));
}

const messages = [
  ...['SUCCESS', 'FAILURE', 'VALID', 'INVALID', 'DATA 0', 'DATA 12', 'DATA 3', 'PUT-FROM 0', 'PUT-FROM 99'],
  ...[
    'ALREADY-HAVE',
    'SUCCESS-PLUS a b',
    'ERROR no',
    'TIMESTAMP 1',
    'CHANGED a',
    'DATA x',
    '',
    ' ',
    'VERSION 3',
  ],
];
const answer = fc.oneof(
  fc.constantFrom(...messages).map((line) => `${line}\n`),
  fc.constant(`DATA ${text.length}\n${text}`),
  fc.constant(text),
  fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
);

it('comes to an end and keeps nothing wrong, whatever a server says', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(answer, { maxLength: 3 }), { maxLength: 12 }),
      fc.boolean(),
      async (script, ahead) => {
        await scene.takeAway(scene.here, [one, two]);
        for (const each of [one, two]) forgetPartial(scene.here, each);
        let at = 0;
        const server = scripted(
          (line) => (line.startsWith('VERSION') ? 'VERSION 4\n' : script[at++]?.join('')),
          [],
          15,
        );
        const remote = scene.remote(memoryChannels(server), { ahead });
        await askEverything(remote);
        await remote.close();
        for (const each of [one, two]) expect(stateOf(scene.here, each)).not.toBe('wrong');
      },
    ),
    { numRuns: 100 },
  );
}, 60_000);
