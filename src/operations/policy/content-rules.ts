import { groupLog } from '../../domain/logs/group-log.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import {
  groupPreferredContentLog,
  groupPreferredContentPath,
  preferredContentLog,
  requiredContentLog,
} from '../../domain/logs/preferred-content-log.js';
import { remoteLog } from '../../domain/logs/remote-log.js';
import { type Answer, type Expression, parseExpression, termsOf } from '../../domain/matching/expression.js';
import { type MatchFacts, matches } from '../../domain/matching/facts.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Repository } from '../../repository/repository.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { Item } from '../select/item.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import { createItemFacts } from './item-facts.js';
import { STANDARD_EXPRESSIONS } from './standard-groups.js';

/** What the preferred and required content expressions of repositories say. */
export interface ContentRules {
  /** Whether a repository has a preferred content expression; without one it wants everything. */
  restricts(uuid: Uuid): boolean;
  /**
   * Whether a repository wants to have each item; undefined: it has no expression. `drop` asks as if the content were gone
   * from there. What can't be decided is kept, but not got.
   */
  preferred(
    uuid: Uuid,
    items: readonly LoggedItem[],
    purpose: 'get' | 'drop',
  ): Promise<(boolean | undefined)[]>;
  /** Whether each item must stay; what can't be decided must. */
  required(uuid: Uuid, items: readonly LoggedItem[]): Promise<boolean[]>;
}

export interface ContentRulesOptions {
  readonly here: Repository;
  readonly known: KnownRepositories;
  readonly numcopies: (item: Item) => Promise<number>;
  readonly approxNumcopies: () => Promise<number>;
}

/** The expressions of one repository that stand behind `standard` and `groupwanted`. */
interface Indirect {
  readonly standard: Expression | undefined;
  readonly groupWanted: Expression | undefined;
}

const NOTHING: Indirect = { standard: undefined, groupWanted: undefined };

export async function loadContentRules(options: ContentRulesOptions): Promise<ContentRules> {
  const { branch } = options.here;
  const preferred = preferredContentLog.values(await branch.read(preferredContentLog.path));
  const required = requiredContentLog.values(await branch.read(requiredContentLog.path));
  const ruled = [...preferred.values(), ...required.values()].some((text) => text !== '');
  const groups = ruled ? groupLog.values(await branch.read(groupLog.path)) : new Map();
  const groupWanted = ruled
    ? groupPreferredContentLog.parse(await branch.read(groupPreferredContentPath))
    : new Map();
  const remotes = ruled ? remoteLog.values(await branch.read(remoteLog.path)) : new Map();
  const facts = createItemFacts({
    ...options,
    nameOf: ({ path, branchPath }) => path ?? branchPath,
    show: (path) => path,
  });
  const parsed = new Map<ByteString, Expression>();
  const parse = (text: ByteString): Expression => {
    const known = parsed.get(text) ?? parseExpression(text, 'preferred-content');
    parsed.set(text, known);
    return known;
  };

  /** `standard` follows the one standard group a repository is in, `groupwanted` the one group with an expression. */
  const indirect = (uuid: Uuid): Indirect => {
    const own: ByteString[] = [...(groups.get(uuid) ?? [])];
    const standards = own.filter((group) => STANDARD_EXPRESSIONS.has(group));
    const wanted = own.filter((group) => (groupWanted.get(group)?.value ?? '') !== '');
    const standard =
      standards.length === 1 ? STANDARD_EXPRESSIONS.get(standards[0] as ByteString) : undefined;
    const group = wanted.length === 1 ? groupWanted.get(wanted[0] as ByteString)?.value : undefined;
    return {
      standard: standard === undefined ? undefined : parse(standard),
      groupWanted: group === undefined ? undefined : parse(group),
    };
  };

  const judge = async (uuid: Uuid, text: ByteString, item: LoggedItem, gone: boolean): Promise<Answer> => {
    const expression = parse(text);
    const behind = indirect(uuid);
    const terms = [expression, behind.standard, behind.groupWanted].flatMap((one) =>
      one ? termsOf(one) : [],
    );
    const base = await facts.full(item, item.log, terms);
    const locations = presentLocations(item.log);
    const directory = remotes.get(uuid)?.get('preferreddir' as ByteString) ?? 'public';
    const own: MatchFacts = {
      ...base,
      locations: gone ? locations.filter((other) => other !== uuid) : locations,
      present:
        uuid === options.known.here
          ? options.here.objects.locate(item.key) !== undefined
          : locations.includes(uuid),
      inPreferredDirectory: item.path === undefined ? false : `/${item.path}`.includes(`/${directory}/`),
    };
    return matchesWith(expression, own, behind);
  };

  return {
    restricts: (uuid) => (preferred.get(uuid) ?? '') !== '',
    preferred(uuid, items, purpose) {
      const text = preferred.get(uuid) ?? '';
      return each(items, async (item) => {
        if (text === '') return undefined;
        const answer = await judge(uuid, text as ByteString, item, purpose === 'drop');
        return answer === 'unknown' ? purpose === 'drop' : answer;
      });
    },
    required(uuid, items) {
      const text = required.get(uuid) ?? '';
      return each(
        items,
        async (item) => text !== '' && (await judge(uuid, text as ByteString, item, true)) !== false,
      );
    },
  };
}

/** `standard` inside `groupwanted` and the other way round are followed once. */
function matchesWith(expression: Expression, facts: MatchFacts, behind: Indirect): Answer {
  const answer = (indirect: Expression | undefined, left: Indirect): Answer =>
    indirect === undefined ? 'unknown' : matchesWith(indirect, facts, left);
  return matches(expression, {
    ...facts,
    standard: () => answer(behind.standard, NOTHING),
    groupWanted: () => answer(behind.groupWanted, { ...behind, groupWanted: undefined }),
  });
}

async function each<T>(items: readonly LoggedItem[], decide: (item: LoggedItem) => Promise<T>): Promise<T[]> {
  const answers: T[] = [];
  for (const item of items) answers.push(await decide(item));
  return answers;
}
