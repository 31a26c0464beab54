import { afterAll, beforeAll, expect, test } from 'vitest';
import { locationLogPath } from '../../../src/domain/hash-directories.js';
import type { Uuid } from '../../../src/domain/uuid.js';
import { fromText } from '../../../src/lib/bytes.js';
import { openRepository } from '../../../src/operations/open-repository.js';
import type { Purpose } from '../../../src/operations/policy/content-rules.js';
import { loadPolicy } from '../../../src/operations/policy/load-policy.js';
import { select } from '../../../src/operations/select/select.js';
import type { LoggedItem } from '../../../src/operations/transfer/with-logs.js';
import {
  byUuid,
  createExpressionScene,
  type ExpressionScene,
  randomSettings,
  uuidOf,
} from '../../support/expression-scene.js';
import { createRandom, seedOr } from '../../support/random.js';
import { randomExpression } from '../../support/random-expression.js';

/** Expressions asked in one process of git-annex, and those asked by one process for each question. */
const MANY = Number(process.env['ANNEX_TS_EXPRESSIONS'] ?? 300);
const EACH = Number(process.env['ANNEX_TS_EXPRESSIONS_EACH'] ?? 16);
const SEED = seedOr(7);

let scene: ExpressionScene;
beforeAll(() => {
  scene = createExpressionScene(SEED);
});
afterAll(() => scene.remove());

type Wanted = (uuid: string, purpose: Purpose) => Promise<string[]>;

/** What git-annex and we disagree about, for a failure that says it all. */
function disagreement(about: unknown, ours: readonly string[], theirs: readonly string[]): unknown[] {
  const only = (a: readonly string[], others: readonly string[]) =>
    a.filter((file) => !others.includes(file));
  const differ = { ours: only(ours, theirs), theirs: only(theirs, ours) };
  return differ.ours.length + differ.theirs.length === 0 ? [] : [about, differ];
}

/** Gives the files that repositories have an expression for that matches, as we decide it. */
async function withDecisions(use: (wanted: Wanted) => Promise<void>): Promise<void> {
  const here = await openRepository(fromText(scene.path));
  try {
    const { rules } = await loadPolicy(here, [], {});
    const items: LoggedItem[] = [];
    const selection = select(here, { operands: [], cwd: fromText(scene.path) }, () => undefined);
    for await (const item of selection.items) {
      items.push({ ...item, log: await here.branch.read(locationLogPath(item.key)) });
    }
    await use(async (uuid, purpose) => {
      const of = uuid as string as Uuid;
      const answers = await (purpose === 'required'
        ? rules.required(of, items)
        : rules.preferred(of, items, purpose));
      const decisions = await rules.explain(of, items, purpose);
      expect(decisions.map(({ wanted }) => wanted)).toEqual(answers.map((answer) => answer ?? true));
      return items.flatMap(({ path }, i) => (answers[i] === true ? [`${path}`] : []));
    });
  } finally {
    await here.close();
  }
}

test(`random expressions are decided as git-annex decides them (seed ${SEED})`, async () => {
  const random = createRandom(SEED + 1);
  const expressions = Array.from(
    { length: MANY },
    (_, i) => [uuidOf('e', i), randomExpression(random)] as const,
  );
  const uuids = expressions.map(([uuid]) => uuid);
  scene.record({
    ...randomSettings(random, scene, uuids),
    'uuid.log': byUuid([...scene.holders, ...uuids, scene.here].map((uuid) => [uuid, `r${uuid}`])),
    'required-content.log': byUuid(expressions),
  });
  const lacking = scene.lacking();
  expect([...lacking.keys()].sort()).toEqual(scene.files);
  await withDecisions(async (wanted) => {
    const wrong: unknown[] = [];
    for (const [uuid, expression] of expressions) {
      const theirs = scene.files.filter((file) => lacking.get(file)?.has(uuid));
      wrong.push(...disagreement(expression, await wanted(uuid, 'required'), theirs));
    }
    expect(wrong).toEqual([]);
  });
});

test.each([[[]], [['--rebalance']]])(
  `and those of repositories that hold contents (%j, seed ${SEED})`,
  async (options) => {
    const random = createRandom(SEED + 2 + options.length);
    const asked = [...scene.holders, scene.here];
    for (let round = 0; round * asked.length < EACH; round++) {
      const expressions = new Map(asked.map((uuid) => [uuid, randomExpression(random)]));
      const settings: Record<string, string> = {
        ...randomSettings(random, scene, []),
        'uuid.log': byUuid(asked.map((uuid) => [uuid, `r${uuid}`])),
        'preferred-content.log': byUuid(expressions),
        'required-content.log': byUuid(
          asked.filter(() => random.below(6) === 0).map((uuid) => [uuid, randomExpression(random, 1)]),
        ),
      };
      scene.record(settings);
      const theirs = asked.map((uuid) => ({
        get: scene.ask('--want-get-by', uuid, ...options),
        drop: scene.ask('--want-drop-by', uuid, ...options),
      }));
      process.env['GIT_CONFIG_COUNT'] = '1';
      process.env['GIT_CONFIG_KEY_0'] = 'annex-ts.rebalance';
      process.env['GIT_CONFIG_VALUE_0'] = `${options.length > 0}`;
      await withDecisions(async (wanted) => {
        const wrong: unknown[] = [];
        for (const [i, uuid] of asked.entries()) {
          const about = { uuid, expression: expressions.get(uuid), settings };
          const kept = scene.files.filter((file) => !theirs[i]?.drop.includes(file));
          wrong.push(
            ...disagreement({ ...about, purpose: 'get' }, await wanted(uuid, 'get'), theirs[i]?.get ?? []),
          );
          wrong.push(...disagreement({ ...about, purpose: 'drop' }, await wanted(uuid, 'drop'), kept));
        }
        expect(wrong).toEqual([]);
      });
    }
  },
  60_000,
);
