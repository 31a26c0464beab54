import { remoteLog } from '../../domain/logs/remote-log.js';
import type { Answer } from '../../domain/matching/expression.js';
import type { MatchFacts } from '../../domain/matching/facts.js';
import { decideRule, explainRule, type Rule } from '../../domain/matching/rule.js';
import type { Term } from '../../domain/matching/terms.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import { type BalanceTerm, balancedAmong, wantsBalanced } from '../../planning/balance.js';
import type { Repository } from '../../repository/repository.js';
import type { KnownRepositories } from '../repositories/known-repositories.js';
import type { Item } from '../select/item.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import { type LiveBalance, loadBalanceState } from './balance-state.js';
import { createItemFacts } from './item-facts.js';
import { readRuleBook } from './rule-book.js';
import { tellProblem } from './rule-problems.js';
import { createSharedFacts, once } from './shared-facts.js';

/** What is asked: may it be got, may it be dropped, must it stay. */
export type Purpose = 'get' | 'drop' | 'required';

/** An answer, and the terms that decided it, as git-annex explains them. */
export interface Decision {
  /** Wanted, or required; what can't be decided is not wanted for `get`, and is wanted for the others. */
  readonly wanted: boolean;
  /** `include=*.mp3[FALSE] or present[TRUE]`; undefined: the repository has no such expression. */
  readonly because: ByteString | undefined;
}

/** What the preferred and required content expressions of repositories say. */
export interface ContentRules {
  /** Whether a repository has a preferred (or required) content expression; without one it wants everything. */
  restricts(uuid: Uuid): boolean;
  /** Whether what a repository wants depends on the names of files. */
  asksNames(uuid: Uuid): boolean;
  /**
   * Whether what any repository wants depends on how full others are: then one content is to be decided on after what was
   * decided for the one before is done.
   */
  asksSizes(): boolean;
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
  /** The same decisions with their reasons. A repository without expression wants everything, and requires nothing. */
  explain(uuid: Uuid, items: readonly LoggedItem[], purpose: Purpose): Promise<Decision[]>;
  /** What a repository sees of an item, to hold terms against that are not recorded. */
  facts(uuid: Uuid, item: LoggedItem, terms: readonly Term[]): Promise<MatchFacts>;
  /** To be told of contents that move while the rules are used, since `balanced` looks at how full repositories are. */
  moved(uuid: Uuid, key: Key, change: 'came' | 'went'): void;
}

export interface ContentRulesOptions {
  readonly here: Repository;
  readonly known: KnownRepositories;
  readonly numcopies: (items: readonly Item[]) => Promise<number[]>;
  readonly approxNumcopies: () => Promise<number>;
  /** Told once of every rule that is not followed as written, when it is first asked. */
  readonly warn?: ((text: string) => void) | undefined;
}

/** Terms whose answers depend on a file's name; `lackingcopies` for its attributes. */
const NAMED = ['include', 'exclude', 'in-preferred-directory', 'lacking-copies'] as const;

export async function loadContentRules(options: ContentRulesOptions): Promise<ContentRules> {
  const { here, known } = options;
  const { branch, objects, settings } = here;
  const book = await readRuleBook(branch);
  const remotes = once(async () => remoteLog.values(await branch.read(remoteLog.path)));
  const facts = createItemFacts({
    ...options,
    nameOf: ({ path, branchPath }) => path ?? branchPath,
    show: (path) => path,
  });
  let state: LiveBalance | undefined;
  const balanceState = once(async () => {
    const groups = await createSharedFacts(here).groups();
    const groupMembers = (group: ByteString) => groups.get(group) ?? [];
    const rebalance = settings.bool('annex-ts.rebalance', false);
    state = await loadBalanceState(here, { groupMembers, trust: known.trustOf }, rebalance);
    return state;
  });
  /** What `balanced` picks for a content does not depend on who asks. */
  const picks = new WeakMap<MatchFacts, Map<BalanceTerm, Set<Uuid>>>();
  const told = new Set<Rule>();

  /** The facts of items as one repository sees them. */
  const seenBy = async (
    uuid: Uuid,
    rule: Pick<Rule, 'terms' | 'asks'>,
    items: readonly LoggedItem[],
    gone: boolean,
  ) => {
    const base = await facts.gather(items, rule.terms);
    const balance = rule.asks.has('balance') ? await balanceState() : undefined;
    const directory = rule.asks.has('in-preferred-directory')
      ? ((await remotes()).get(uuid)?.get('preferreddir' as ByteString) ?? 'public')
      : undefined;
    // With a cluster its nodes lose a content.
    const lost = known.nodesOf(uuid);
    // What a dead repository has is gone.
    const alive = known.trustOf(uuid) !== 'dead';
    const has = (locations: readonly Uuid[]) =>
      locations.includes(uuid) || (lost.size > 0 && locations.some((other) => lost.has(other)));
    return items.map((item, i): MatchFacts => {
      const shared = base[i] as MatchFacts;
      const locations = shared.locations ?? [];
      const present = uuid === known.here ? objects.locate(item.key) !== undefined : alive && has(locations);
      return {
        ...shared,
        present,
        locations: gone ? locations.filter((other) => other !== uuid && !lost.has(other)) : locations,
        inPreferredDirectory:
          directory !== undefined && item.path !== undefined && `/${item.path}`.includes(`/${directory}/`),
        balance: balance && ((term) => decideBalance(term, { uuid, present }, item.key, shared, balance)),
      };
    });
  };

  const decideBalance = (
    term: BalanceTerm,
    own: { readonly uuid: Uuid; readonly present: boolean },
    key: Key,
    shared: MatchFacts,
    balance: LiveBalance,
  ): boolean => {
    const { size = 0, locations = [], numcopies = 1 } = shared;
    const content = { key, size, locations, numcopies };
    return wantsBalanced(term, own, content, balance, () => {
      const known = picks.get(shared) ?? new Map<BalanceTerm, Set<Uuid>>();
      picks.set(shared, known);
      const picked = known.get(term) ?? balancedAmong(term, content, balance);
      known.set(term, picked);
      return picked;
    });
  };

  const warn = (uuid: Uuid, rule: Rule, purpose: Purpose): void => {
    if (rule.problem === undefined || told.has(rule)) return;
    told.add(rule);
    options.warn?.(
      tellProblem(rule.problem, purpose === 'required' ? purpose : 'preferred', known.description(uuid)),
    );
  };
  const ruleFor = (uuid: Uuid, purpose: Purpose) =>
    purpose === 'required' ? book.required(uuid) : book.wanted(uuid);
  const settle = (answer: Answer, purpose: Purpose) => (answer === 'unknown' ? purpose !== 'get' : answer);
  const decide = async (uuid: Uuid, rule: Rule, items: readonly LoggedItem[], purpose: Purpose) => {
    warn(uuid, rule, purpose);
    const seen = await seenBy(uuid, rule, items, purpose !== 'get');
    return seen.map((one) => settle(decideRule(rule, one), purpose));
  };

  return {
    restricts: (uuid) => book.wanted(uuid) !== undefined,
    asksNames: (uuid) => NAMED.some((type) => book.wanted(uuid)?.asks.has(type)),
    asksSizes: () => [...book.repositories].some((uuid) => book.wanted(uuid)?.asks.has('balance')),
    async preferred(uuid, items, purpose) {
      const rule = book.wanted(uuid);
      return rule === undefined ? items.map(() => undefined) : decide(uuid, rule, items, purpose);
    },
    async required(uuid, items) {
      const rule = book.required(uuid);
      return rule === undefined ? items.map(() => false) : decide(uuid, rule, items, 'required');
    },
    async explain(uuid, items, purpose) {
      const rule = ruleFor(uuid, purpose);
      if (rule === undefined)
        return items.map(() => ({ wanted: purpose !== 'required', because: undefined }));
      warn(uuid, rule, purpose);
      const seen = await seenBy(uuid, rule, items, purpose !== 'get');
      return seen.map((one) => {
        const { answer, because } = explainRule(rule, one);
        return { wanted: settle(answer, purpose), because };
      });
    },
    async facts(uuid, item, terms) {
      const asked = { terms, asks: new Set(terms.map(({ type }) => type)) };
      const [seen] = await seenBy(uuid, asked, [item], false);
      return seen as MatchFacts;
    },
    moved: (uuid, key, change) => state?.moved(uuid, key, change),
  };
}
