import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Key } from '../../../src/domain/key.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import type { ByteString } from '../../../src/lib/bytes.js';
import type { ClusterNodes } from '../../../src/planning/cluster-places.js';
import {
  emptyHands,
  type Hands,
  type PassRules,
  passBatch,
} from '../../../src/operations/sync/content-pass.js';
import { createSubject, presentLog, type Subject } from '../../../src/operations/sync/content-subject.js';
import type { Wishes } from '../../../src/operations/sync/content-wishes.js';

const here = 'here' as Uuid;
/** What a repository wants, by where the content is; without: everything. */
type Wants = Readonly<Record<string, (present: ReadonlySet<string>) => boolean>>;

function wishesOf(wants: Wants, numcopies = 1, required: readonly string[] = []): Wishes {
  return {
    dependencies: { names: false, locations: true, unseen: false },
    restricts: (uuid) => wants[uuid] !== undefined,
    wanted: async (uuid, subjects) => subjects.map(({ present }) => wants[uuid]?.(present) ?? true),
    dropQuestions: async (uuid, subjects) =>
      subjects.map(({ present }) => {
        const lost = clusters.get(uuid);
        const without = new Set(
          [...present].filter((other) => other !== uuid && other !== cluster && !lost?.has(other)),
        );
        return {
          wanted: wants[uuid]?.(without) ?? true,
          required: required.includes(uuid),
          others: without.size,
          numcopies,
        };
      }),
  };
}

/** A cluster of three nodes, for those that visit it. */
const cluster = 'ac000000-0000-8000-8000-000000000000' as Uuid;
const nodes = ['n1', 'n2', 'n3'] as Uuid[];
const clusters: ClusterNodes = new Map([[cluster, new Set(nodes)]]);

function rulesOf(partners: readonly string[], wishes: Wishes): PassRules {
  return {
    here,
    partners: partners.map((uuid) => ({
      uuid: uuid as Uuid,
      get: true,
      send: true,
      drop: true,
      ...(uuid === cluster ? { nodes } : {}),
    })),
    sources: partners as Uuid[],
    speculative: new Set(),
    dropHere: true,
    clusters,
    wishes,
    admits: () => true,
    broken: new Set(),
  };
}

/** One content that is at some repositories, and what is done with it. */
function content(...at: string[]) {
  const log = at.map((uuid) => `1s 1 ${uuid}\n`).join('') as ByteString;
  const item = { key: 'K' as Key, path: undefined, shown: undefined, input: [], unlocked: false, log };
  const subject = createSubject(item, at.includes('here'), clusters);
  const done: string[] = [];
  const all = async (verb: string, subjects: readonly Subject[]) => {
    if (subjects.length > 0) done.push(verb);
    return new Set(subjects);
  };
  const hands: Hands = {
    get: (wanted) =>
      all(
        `get ${wanted[0]?.from.join(',')}`,
        wanted.map(({ subject: one }) => one),
      ),
    send: (to, subjects) => all(`send ${to}`, subjects),
    drop: (from, subjects) => all(`drop ${from}`, subjects),
    kept: (at, _, why) => void (why === 'wanted' || done.push(`keep ${at}: ${why}`)),
  };
  return {
    subject,
    done,
    /** A sync of its own: what came in one before may be dropped. */
    async pass(rules: PassRules): Promise<string[]> {
      done.length = 0;
      subject.arrived.clear();
      await passBatch(rules, [subject], hands);
      return [...done];
    },
  };
}

const never = () => false;

describe('a pass', () => {
  it('gets, sends, drops from remotes and then from here', async () => {
    const rules = rulesOf(['b', 'c'], wishesOf({ here: never, b: never, c: () => true }));
    expect(await content('here', 'b').pass(rules)).toEqual(['send c', 'drop b', 'drop here']);
    expect(await content('b').pass(rules)).toEqual(['keep b: numcopies']);
    expect(await content('b').pass(rulesOf(['b', 'c'], wishesOf({})))).toEqual(['get b', 'send c']);
  });

  it('gives the second copy to one of those that want it', async () => {
    const few = (present: ReadonlySet<string>) => present.size < 2;
    const rules = rulesOf(['b', 'c', 'd'], wishesOf({ b: few, c: few, d: few }));
    const one = content('here');
    expect(await one.pass(rules)).toEqual(['send b']);
    expect(await one.pass(rules)).toEqual([]);
  });

  it('leaves what is required, and as many copies as are to be', async () => {
    const wants = { here: never, b: never, c: never };
    expect(await content('here', 'b', 'c').pass(rulesOf(['b', 'c'], wishesOf(wants, 2)))).toEqual([
      'drop b',
      'keep c: numcopies',
      'keep here: numcopies',
    ]);
    expect(await content('here', 'b').pass(rulesOf(['b'], wishesOf(wants, 1, ['b', 'here'])))).toEqual([
      'keep b: required',
      'keep here: required',
    ]);
  });

  it('does not drop from here while remotes are awaited', async () => {
    const rules = rulesOf(['b'], wishesOf({ here: never }));
    expect(await content('here', 'b').pass({ ...rules, dropHere: false })).toEqual([]);
  });

  it('keeps what would come back: here wants what b has not, b wants what is here', async () => {
    const wants: Wants = {
      here: (present) => !present.has('b'),
      b: (present) => present.has('here'),
    };
    const rules = rulesOf(['b', 'safe'], wishesOf(wants));
    const one = content('b', 'safe');
    expect(await one.pass(rules)).toEqual(['keep b: returns']);
    expect([...one.subject.present].sort()).toEqual(['b', 'safe']);
  });
});

describe('a cluster', () => {
  const rules = (wants: Wants) => rulesOf(['b', cluster], wishesOf(wants));
  const few = (present: ReadonlySet<string>) => !nodes.some((node) => present.has(node));

  it('is sent what none of its nodes has, and its nodes what others have and they want', async () => {
    const one = content('here', 'b', 'n1');
    expect(await one.pass(rules({}))).toEqual(['send n2', 'send n3']);
    expect([...one.subject.present]).toEqual(['here', 'b', 'n1', cluster, 'n2', 'n3']);
    expect(await one.pass(rules({}))).toEqual([]);
    expect(await content('here', 'n1').pass(rules({ b: never, n2: never }))).toEqual(['send n3']);
    expect(await content('here', 'b', 'n2').pass(rules({ n1: few, n2: few, n3: few }))).toEqual([]);
    const without = { [cluster]: (at: ReadonlySet<string>) => !at.has('b') };
    expect(await content('here', 'b', 'n2').pass(rules(without))).toEqual([`drop ${cluster}`]);
  });

  it('loses with a drop what its nodes have, which count for nothing then', async () => {
    const one = content('here', 'b', 'n1', 'n2');
    expect(await one.pass(rules({ [cluster]: never }))).toEqual([`drop ${cluster}`]);
    expect([...one.subject.present]).toEqual(['here', 'b']);
    const alone = wishesOf({ here: never, [cluster]: never }, 1);
    expect(await content('n1', 'n2').pass(rulesOf([cluster], alone))).toEqual([`keep ${cluster}: numcopies`]);
  });

  it('is thought to keep a content where it is wanted, or everywhere', async () => {
    const imagine = async (wants: Wants) => {
      const { subject } = content('here');
      await passBatch(rulesOf([cluster], wishesOf(wants)), [subject], emptyHands);
      return [...subject.present];
    };
    expect(await imagine({ n1: few, n2: few, n3: few })).toEqual(['here', cluster, 'n1']);
    expect(await imagine({ n1: never, n2: never, n3: never })).toEqual(['here', cluster, ...nodes]);
  });
});

describe('any wishes', () => {
  const names = ['here', 'b', 'c', 'd'];
  /** A wish that is a table: by which of the others have the content. */
  const wish = fc
    .array(fc.boolean(), { minLength: 16, maxLength: 16 })
    .map((table) => (present: ReadonlySet<string>) => {
      const index = names.reduce((sum, name, i) => sum + (present.has(name) ? 1 << i : 0), 0);
      return table[index] === true;
    });
  const wants = fc.record({ here: wish, b: wish, c: wish, d: wish }, { requiredKeys: [] });
  const start = fc.subarray(names, { minLength: 1 });

  it('never lose the last copies', async () => {
    await fc.assert(
      fc.asyncProperty(wants, start, fc.integer({ min: 1, max: 3 }), async (all, at, numcopies) => {
        const rules = rulesOf(['b', 'c', 'd'], wishesOf(all as Wants, numcopies));
        const one = content(...at);
        for (let sync = 0; sync < 4; sync++) {
          await one.pass(rules);
          expect(one.subject.present.size).toBeGreaterThanOrEqual(Math.min(at.length, numcopies));
        }
      }),
    );
  });

  it('never make content wander for ever', async () => {
    await fc.assert(
      fc.asyncProperty(wants, start, async (all, at) => {
        const rules = rulesOf(['b', 'c', 'd'], wishesOf(all as Wants));
        const one = content(...at);
        for (let sync = 0; sync < 6; sync++) await one.pass(rules);
        const last = await one.pass(rules);
        expect(last.filter((step) => !step.startsWith('keep'))).toEqual([]);
      }),
      { numRuns: 400, seed: 7 },
    );
  });

  it('are asked about where the content is by then', () => {
    const one = content('here', 'b').subject;
    one.present.delete('b' as Uuid);
    expect(presentLog(one)).toBe('0s 1 here\n');
  });
});
