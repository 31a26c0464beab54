import { describe, expect, it } from 'vitest';
import { AnnexError } from '../../../../src/domain/errors.js';
import type { ByteString } from '../../../../src/lib/bytes.js';
import type { ServedContent } from '../../../../src/protocol/served-content.js';
import { clusterMemory, type ClusterMemoryOptions } from '../../../support/cluster-memory.js';
import type { ServedMemory } from '../../../support/served-memory.js';
import { talk } from '../../../support/talk.js';

const KEY = 'SHA256E-s12--new';
const TEXT = 'hello world\n';
const wanted = { [KEY]: TEXT };
const three = { n1: {}, n2: {}, n3: {} };
const full = { n1: wanted, n2: wanted, n3: wanted };
const PUT = `PUT f ${KEY}\nDATA 12\n${TEXT}VALID\n`;

const make = (options: Partial<ClusterMemoryOptions> = {}) =>
  clusterMemory({ nodes: three, wanted, ...options });

/** What a client of protocol 4 hears after the greetings, with lists of nodes sorted. */
async function says(content: ServedContent, said: string | AsyncIterable<Buffer>): Promise<string[]> {
  const { output } = await talk(typeof said === 'string' ? `VERSION 4\n${said}` : said, content);
  return output
    .split('\n')
    .slice(2, -1)
    .map((line) => {
      const [word, ...nodes] = line.split(' ');
      return [word, ...nodes.sort()].join(' ');
    });
}

const broken = () => new AnnexError('remote-unavailable', 'the disk is gone');
const gone = async () => {
  throw broken();
};

/** A node on which all requests fail. */
const out = (content: ServedMemory): ServedContent => ({
  ...content,
  present: gone,
  remove: gone,
  open: gone,
  receive: gone,
});

/** A node that never answers. */
const silent = (content: ServedMemory): ServedContent => {
  const never = () => new Promise<never>(() => undefined);
  return { ...content, present: never, remove: never, open: never, receive: never };
};

/** One node of the three fails in a way. */
const fault =
  (how: (content: ServedMemory) => ServedContent, which = 'n2') =>
  (node: string, content: ServedMemory) =>
    node === which ? how(content) : content;

/** A node whose receptions fail at that call. */
const failingAt =
  (call: 'begin' | 'write' | 'finish', hangs = false) =>
  (content: ServedMemory): ServedContent => ({
    ...content,
    async receive(...args) {
      const answer = await content.receive(...args);
      if (answer.kind !== 'wanted') return answer;
      const { reception } = answer;
      const failing = async (): Promise<never> => {
        if (call === 'finish') await reception.leave();
        if (hangs) await new Promise(() => undefined);
        throw new AnnexError('disk-full', 'no space left');
      };
      return { kind: 'wanted', reception: { ...reception, [call]: failing } };
    },
  });

describe('what is sent to a cluster', () => {
  it('comes to all nodes, is recorded of them, and is there afterwards', async () => {
    const cluster = make();
    expect(
      await says(cluster.content, `CHECKPRESENT ${KEY}\n${PUT}PUT f ${KEY}\nCHECKPRESENT ${KEY}\n`),
    ).toEqual(['FAILURE', 'PUT-FROM 0', 'SUCCESS-PLUS n1 n2 n3', 'ALREADY-HAVE-PLUS n1 n2 n3', 'SUCCESS']);
    for (const { contents } of cluster.nodes.values()) expect(contents.get(KEY)?.toString()).toBe(TEXT);
    expect([...cluster.recorded].sort()).toEqual(['n1', 'n2', 'n3'].map((node) => `${KEY} ${node}`));
    expect(cluster.unfinished()).toBe(0);
  });

  it.each([
    ['before', out],
    ['by not answering', silent],
    ['when it begins', failingAt('begin')],
    ['in the middle', failingAt('write')],
    ['at the end', failingAt('finish')],
    ['at the end without a word', failingAt('finish', true)],
    ['without a word, with more to come', failingAt('write', true)],
  ])('is stored by the others when a node fails %s', async (_, how) => {
    const cluster = make({ faults: fault(how), patience: 20 });
    expect(await says(cluster.content, PUT)).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS n1 n3']);
    expect([...cluster.recorded].sort()).toEqual([`${KEY} n1`, `${KEY} n3`]);
    expect(cluster.failures).toContain('n2');
    expect(cluster.unfinished()).toBe(0);
  });

  it('is refused in a sentence when no node can be reached, and fails when none can store', async () => {
    const nobody = make({ faults: (_, content) => out(content) });
    expect(await says(nobody.content, `PUT f ${KEY}\n`)).toEqual(['ERROR disk gone is the']);
    const full = make({ faults: (_, content) => failingAt('finish')(content) });
    expect(await says(full.content, PUT)).toEqual(['PUT-FROM 0', 'FAILURE']);
    expect(full.recorded.size).toBe(0);
    const wrong = make();
    expect(await says(wrong.content, PUT.replace('hello', 'HELLO'))).toEqual(['PUT-FROM 0', 'FAILURE']);
    expect(wrong.recorded.size).toBe(0);
  });

  it.each([
    ['is asked for', {}],
    ['need not be sent', { n1: wanted }],
  ])('%s for nodes that lack it, from where the one is that has least', async (_, having) => {
    const cluster = make({ nodes: { n1: {}, n2: {}, n3: {}, n4: {}, ...having } });
    const there = 'n1' in having;
    if (!there) cluster.nodes.get('n1')?.partial.set(KEY, Buffer.from('hello '));
    cluster.nodes.get('n2')?.partial.set(KEY, Buffer.from('hello '));
    cluster.nodes.get('n3')?.partial.set(KEY, Buffer.from('hello wor'));
    cluster.nodes.get('n4')?.partial.set(KEY, Buffer.from('hell'));
    const data = there ? '' : 'DATA 8\no world\nVALID\n';
    expect(await says(cluster.content, `PUT f ${KEY}\n${data}`)).toEqual(
      there ? ['ALREADY-HAVE-PLUS n1 n2 n3 n4'] : ['PUT-FROM 4', 'SUCCESS-PLUS n1 n2 n3 n4'],
    );
    for (const { contents } of cluster.nodes.values()) expect(contents.get(KEY)?.toString()).toBe(TEXT);
    expect(cluster.unfinished()).toBe(0);
  });

  it('is asked for after all when what the cluster has cannot be read', async () => {
    const nodes = { n1: wanted, n2: {}, n3: {} };
    const unreadable = (content: ServedMemory): ServedContent => ({ ...content, open: gone });
    const cluster = make({ nodes, faults: fault(unreadable, 'n1') });
    expect(await says(cluster.content, PUT)).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS n1 n2 n3']);
    const wrong = { [KEY]: 'HELLO WORLD\n' };
    const spoilt = make({ nodes: { ...nodes, n1: wrong } });
    expect(await says(spoilt.content, PUT)).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS n1 n2 n3']);
    expect(spoilt.nodes.get('n2')?.contents.get(KEY)?.toString()).toBe(TEXT);
    expect(spoilt.unfinished()).toBe(0);
  });

  it('stays where it came to when the client goes away', async () => {
    const cluster = make();
    await talk(`VERSION 4\nPUT f ${KEY}\nDATA 12\nhello`, cluster.content);
    for (const { partial } of cluster.nodes.values()) expect(partial.get(KEY)?.toString()).toBe('hello');
    expect(await says(cluster.content, `PUT f ${KEY}\nDATA 7\n world\nVALID\n`)).toEqual([
      'PUT-FROM 5',
      'SUCCESS-PLUS n1 n2 n3',
    ]);
    expect(cluster.unfinished()).toBe(0);
  });

  it('comes to one node where one copy is wanted, to another one when that is out of reach', async () => {
    const wants: ClusterMemoryOptions['wants'] = async (_, __, ___, locations) => locations.size === 0;
    const takers = new Set<string>();
    for (const key of ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'].map((name) => KEY.replace('new', name))) {
      const cluster = make({ wants, wanted: { [key]: TEXT } });
      const put = PUT.replace(KEY, key);
      const [, answer = ''] = await says(cluster.content, put);
      const taker = /^SUCCESS-PLUS (n[123])$/.exec(answer)?.[1] as string;
      takers.add(taker);
      expect(await says(cluster.content, `${put.split('\n')[0]}\n`)).toEqual([`ALREADY-HAVE-PLUS ${taker}`]);
      const other = make({ wants, wanted: { [key]: TEXT }, faults: fault(out, taker) });
      expect((await says(other.content, put))[1]).toMatch(/^SUCCESS-PLUS n[123]$/);
      const late = make({
        wants,
        wanted: { [key]: TEXT },
        faults: fault((content) => ({ ...content, receive: gone }), taker),
      });
      expect((await says(late.content, put))[1]).toMatch(/^SUCCESS-PLUS n[123]$/);
    }
    expect([...takers].sort()).toEqual(['n1', 'n2', 'n3']);
  });

  it('comes to all where nobody wants it, as with git-annex, unless somebody has it', async () => {
    const wants = async () => false;
    expect(await says(make({ wants }).content, PUT)).toContain('SUCCESS-PLUS n1 n2 n3');
    const nodes = { ...three, n2: wanted };
    expect(await says(make({ wants, nodes }).content, `PUT f ${KEY}\n`)).toEqual(['ALREADY-HAVE-PLUS n2']);
  });
});

it('what a client brought to nodes in another way is found there and recorded, and the nodes are named', async () => {
  const cluster = make({ hops: () => 1, faults: fault(silent, 'n1'), patience: 20, wants: async () => true });
  cluster.nodes.get('n3')?.contents.set(KEY, Buffer.from(TEXT));
  const arrived = `PUT f ${KEY}\nDATA-PRESENT\n`;
  expect(await says(cluster.content, arrived)).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS n3']);
  expect([...cluster.recorded]).toEqual([`${KEY} n3`]);
  expect(await says(make().content, arrived)).toEqual(['PUT-FROM 0', 'FAILURE']);
});

describe('what is sent to a cluster with a slow node', () => {
  /** It takes a piece after the other, slowly. */
  const slow = (content: ServedMemory): ServedContent => ({
    ...content,
    async receive(...args) {
      const answer = await content.receive(...args);
      if (answer.kind !== 'wanted') return answer;
      const write = async (bytes: Uint8Array) => {
        await new Promise((resolve) => setTimeout(resolve, 15));
        await answer.reception.write(bytes);
      };
      return { kind: 'wanted', reception: { ...answer.reception, write } };
    },
  });
  async function* inPieces(said: string) {
    yield Buffer.from('VERSION 4\n');
    for (const char of said) yield Buffer.from(char);
  }
  const OTHER = KEY.replace('new', 'other');
  const both = { ...wanted, [OTHER]: TEXT };

  it('is not kept from the others, and the node gets no more for a while but what nobody else takes', async () => {
    const wants: ClusterMemoryOptions['wants'] = async (node, key) => key === KEY || node === 'n2';
    const cluster = make({ faults: fault(slow), patience: 60, wanted: both, wants });
    expect(await says(cluster.content, inPieces(PUT))).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS n1 n3']);
    expect(cluster.failures).toEqual(['n2']);
    expect(await says(cluster.content, `REMOVE ${KEY}\n${PUT}`)).toContain('SUCCESS-PLUS n1 n3');
    expect(cluster.failures).toEqual(['n2']);
    const only = PUT.replace(KEY, OTHER);
    expect(await says(cluster.content, inPieces(only))).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS n2']);
    expect(cluster.unfinished()).toBe(0);
  });

  it('is waited for where the user says so', async () => {
    const cluster = make({ faults: fault(slow), patience: 60, waitedFor: 'n2' });
    expect(await says(cluster.content, inPieces(PUT))).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS n1 n2 n3']);
  });

  it('is stored all the same where all are slow', async () => {
    const cluster = make({ faults: (_, content) => slow(content), patience: 60 });
    expect((await says(cluster.content, inPieces(PUT)))[1]).toMatch(/^SUCCESS-PLUS n[123]/);
    expect(cluster.unfinished()).toBe(0);
  });
});

describe('what is in a cluster', () => {
  it('is removed from all nodes; one that fails keeps its copy, and the rest is told', async () => {
    const cluster = make({ nodes: full, gateway: wanted });
    expect(await says(cluster.content, `REMOVE ${KEY}\nREMOVE ${KEY}\nLOCKCONTENT ${KEY}\n`)).toEqual([
      'SUCCESS-PLUS n1 n2 n3',
      'SUCCESS-PLUS n1 n2 n3',
      'FAILURE',
    ]);
    expect(cluster.gateway.contents.has(KEY)).toBe(true);
    expect(cluster.recorded.size).toBe(0);
    const down = make({ nodes: full, faults: fault(out) });
    expect(await says(down.content, `REMOVE ${KEY}\nCHECKPRESENT ${KEY}\n`)).toEqual([
      'FAILURE-PLUS n1 n3',
      'ERROR disk gone is the',
    ]);
    expect([...down.recorded]).toEqual([`${KEY} n2`]);
    const empty = make({ nodes: { ...full, n2: {} }, faults: fault(out) });
    expect(await says(empty.content, `REMOVE ${KEY}\nCHECKPRESENT ${KEY}\n`)).toEqual([
      'SUCCESS-PLUS n1 n3',
      'FAILURE',
    ]);
    const hung = make({ nodes: full, faults: fault(silent), patience: 20 });
    expect(await says(hung.content, `REMOVE ${KEY}\n`)).toEqual(['FAILURE-PLUS n1 n3']);
    expect([...hung.recorded]).toEqual([`${KEY} n2`]);
    const late = make({ nodes: full });
    expect(await says(late.content, `REMOVE-BEFORE 1000 ${KEY}\n`)).toEqual(['FAILURE']);
  });

  it('is present when any node has it, whoever is out of reach', async () => {
    for (const which of ['n1', 'n2', 'n3']) {
      const cluster = make({ nodes: full, faults: fault(out, which), hops: () => 1 });
      expect(await says(cluster.content, `CHECKPRESENT ${KEY}\n`)).toEqual(['SUCCESS']);
    }
    const unrecorded = make({ hops: () => 1 });
    unrecorded.nodes.get('n3')?.contents.set(KEY, Buffer.from(TEXT));
    expect(await says(unrecorded.content, `CHECKPRESENT ${KEY}\n`)).toEqual(['SUCCESS']);
  });

  const GET = `GET 2 f ${KEY}\nSUCCESS\n`;
  const whole = `DATA 10\n${TEXT.slice(2)}VALID\n`;
  const got = async (content: ServedContent) =>
    (await talk(`VERSION 4\n${GET}`, content)).output.split('\n').slice(2).join('\n');

  it('is sent by the gateway itself when it has it, else by nodes in turn', async () => {
    const own = make({ nodes: full, gateway: wanted, faults: (_, content) => out(content) });
    expect(await got(own.content)).toBe(whole);
    const asked: string[] = [];
    const cluster = make({
      nodes: full,
      faults: (node, content) => ({
        ...content,
        open: (...args) => {
          asked.push(node);
          return content.open(...args);
        },
      }),
    });
    for (let i = 0; i < 6; i++) expect(await got(cluster.content)).toBe(whole);
    expect([...asked].sort()).toEqual(['n1', 'n1', 'n2', 'n2', 'n3', 'n3']);
    expect(cluster.unfinished()).toBe(0);
  });

  it('is looked for on disks of the gateway before its log is read, which an upload does once', async () => {
    const near = make({ nodes: { n1: {}, n2: wanted, n3: {} }, hops: (node) => (node === 'n3' ? 1 : 0) });
    expect(await says(near.content, `CHECKPRESENT ${KEY}\n`)).toEqual(['SUCCESS']);
    expect(await got(near.content)).toBe(whole);
    expect(near.lookups()).toBe(0);
    const far = make({ nodes: { n1: {}, n2: {}, n3: wanted }, hops: (node) => (node === 'n3' ? 1 : 0) });
    expect(await says(far.content, `CHECKPRESENT ${KEY}\n`)).toEqual(['SUCCESS']);
    expect(await got(far.content)).toBe(whole);
    expect(far.lookups()).toBe(2);
    const empty = make();
    expect(await says(empty.content, PUT)).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS n1 n2 n3']);
    expect(empty.lookups()).toBe(1);
  });

  /** A node whose content breaks off after so many bytes. */
  const breakingAt =
    (bytes: number, error: Error | undefined) =>
    (content: ServedMemory): ServedContent => ({
      ...content,
      async open(...args) {
        const open = await content.open(...args);
        if (open === undefined) return undefined;
        return {
          ...open,
          async *pieces() {
            let left = bytes;
            for await (const piece of open.pieces()) {
              const part = piece.subarray(0, left);
              left -= part.length;
              if (part.length > 0) yield part;
              if (left === 0) break;
            }
            if (error !== undefined) throw error;
          },
        };
      },
    });

  it.each([
    ['out of reach', out],
    ['silent', silent],
    ['breaking off with an error', breakingAt(4, broken())],
    ['breaking off at once', breakingAt(0, broken())],
    ['breaking off without one', breakingAt(4, undefined)],
    ['shorter', (content: ServedMemory) => breakingAt(3, undefined)(content)],
  ])('goes on from another node, at the byte reached, with two of three %s', async (_, how) => {
    for (const healthy of ['n1', 'n2', 'n3']) {
      const cluster = make({
        nodes: full,
        faults: (node, content) => (node === healthy ? content : how(content)),
        patience: 20,
      });
      expect(await got(cluster.content)).toBe(whole);
      expect(cluster.unfinished()).toBe(0);
    }
  });

  it('is told not to be there when it is not, and that a node could not be asked when it might', async () => {
    expect(await got(make().content)).toBe('DATA 0\nINVALID\n');
    const down = make({ nodes: { ...three, n2: wanted }, faults: fault(out) });
    expect(await got(down.content)).toMatch(/^ERROR the disk is gone\n/);
    const none = make({ nodes: full, faults: (_, content) => breakingAt(3, broken())(content) });
    const { error } = await talk(`VERSION 4\n${GET}`, none.content);
    expect(error).toMatchObject({ code: 'remote-unavailable' });
    expect(none.unfinished()).toBe(0);
  });
});

it.each([1, 2, 3])('no more than %s nodes are asked at once where that is set', async (jobs) => {
  let [busy, most] = [0, 0];
  const counted = <T>(action: (...args: never[]) => Promise<T>) =>
    (async (...args: never[]) => {
      most = Math.max(most, ++busy);
      await new Promise(setImmediate);
      return action(...args).finally(() => busy--);
    }) as never;
  const cluster = make({
    jobs,
    hops: () => 1,
    faults: (_, content) => ({
      ...content,
      present: counted(content.present),
      remove: counted(content.remove),
      receive: counted(content.receive),
    }),
  });
  expect(await says(cluster.content, `CHECKPRESENT ${KEY}\n${PUT}`)).toEqual([
    'FAILURE',
    'PUT-FROM 0',
    'SUCCESS-PLUS n1 n2 n3',
  ]);
  expect(most).toBe(jobs);
  most = 0;
  expect(await says(cluster.content, `REMOVE ${KEY}\n`)).toEqual(['SUCCESS-PLUS n1 n2 n3']);
  expect(most).toBe(jobs);
});

describe('another gateway of a cluster', () => {
  const behind = (node: string) => (node === 'gw2' ? ['m1', 'm2'] : undefined);
  const also = ['m1', 'm2', 'cluster', 'stranger'] as ByteString[];
  /** It names the nodes behind it, itself and others. */
  const telling = (content: ServedMemory): ServedContent => ({
    ...content,
    remove: async (...args) => ({ ...(await content.remove(...args)), also }),
    async receive(...args) {
      const answer = await content.receive(...args);
      if (answer.kind === 'there') return { kind: 'there', also };
      if (answer.kind !== 'wanted') return answer;
      const { reception } = answer;
      const finish = async (confirmed?: boolean) => ({ ...(await reception.finish(confirmed)), also });
      return { kind: 'wanted', reception: { ...reception, finish } };
    },
  });
  const pair = (options: Partial<ClusterMemoryOptions> = {}) =>
    make({
      nodes: { n1: {}, gw2: {} },
      behind,
      faults: fault(telling, 'gw2'),
      hops: (node) => (node === 'gw2' ? 2 : 0),
      ...options,
    });

  it('gets a content once, and answers for the nodes behind it, and no others', async () => {
    const cluster = pair();
    const said = `${PUT}PUT f ${KEY}\nREMOVE ${KEY}\n`;
    expect(await says(cluster.content, said)).toEqual([
      'PUT-FROM 0',
      'SUCCESS-PLUS m1 m2 n1',
      'ALREADY-HAVE-PLUS n1',
      'SUCCESS-PLUS m1 m2 n1',
    ]);
    expect(cluster.recorded.size).toBe(0);
  });

  it('is passed by when the client came from there', async () => {
    const cluster = pair();
    expect(await says(cluster.content, `BYPASS x gw2\n${PUT}`)).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS n1']);
    expect(cluster.nodes.get('gw2')?.contents.size).toBe(0);
  });

  it('is left out where no node behind it wants the content', async () => {
    const cluster = pair({ wants: async (node) => node === 'n1' });
    expect(await says(cluster.content, PUT)).toEqual(['PUT-FROM 0', 'SUCCESS-PLUS n1']);
  });
});
