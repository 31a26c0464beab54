import { AnnexError } from '../../domain/errors.js';
import { resolveCopies } from '../../domain/copies.js';
import { locationLogPath } from '../../domain/hash-directories.js';
import { type Answer, type Expression, parseTokens, termsOf } from '../../domain/matching/expression.js';
import { type MatchFacts, matches } from '../../domain/matching/facts.js';
import type { Term } from '../../domain/matching/terms.js';
import type { ByteString } from '../../lib/bytes.js';
import { pipelined } from '../../lib/pipelined.js';
import { listSettings } from '../../remotes/list/list-settings.js';
import type { Repository } from '../../repository/repository.js';
import { loadContentRules } from '../policy/content-rules.js';
import { createItemFacts } from '../policy/item-facts.js';
import { loadKnownRepositories } from '../repositories/load-known-repositories.js';
import { readCopies } from '../settings-log/copies.js';
import { createAttributes } from './attributes.js';
import type { Item } from './item.js';
import { directoryBelow, shownFrom } from './operands.js';

/** One matching option; its order among the others counts. */
export interface MatchingOption {
  readonly name: string;
  readonly value: ByteString | undefined;
}

/** Whether an item is one that the matching options ask for. */
export type Matches = (item: Item) => Promise<boolean>;

/** Items asked about ahead. */
const WINDOW = 256;

/** Parses matching options. Throws `usage`, worded as git-annex does, for values that make no sense. */
export function parseMatching(options: readonly MatchingOption[]): Expression {
  const words = options.map(
    ({ name, value }) => (value === undefined ? name : `${name}=${value}`) as ByteString,
  );
  const expression = parseTokens(words, 'command-line');
  const [error] = expression.errors;
  if (error !== undefined) throw new AnnexError('usage', error);
  return expression;
}

/**
 * Decides about items by the matching options. Terms on names, sizes and what is here are tried first; the git-annex branch is
 * only read where they do not decide. Throws `unknown-remote` for repositories nobody knows.
 * @param cwd absolute; globs are held against paths relative to it
 */
export async function createMatching(
  here: Repository,
  options: readonly MatchingOption[],
  cwd: ByteString,
): Promise<Matches> {
  const expression = parseMatching(options);
  const terms = termsOf(expression);
  const top = here.location.workTree;
  const show = shownFrom(top === undefined ? ('' as ByteString) : directoryBelow(cwd, top));
  const entries = (await listSettings(here)).map((settings) => ({ settings, remote: undefined }));
  const known = await loadKnownRepositories(here, entries);
  for (const term of terms)
    if ('repository' in term && term.repository !== undefined) known.named(term.repository);
  const copies = copiesWanted(here);
  const nameOf = ({ path, branchPath }: Item) => (path === undefined ? branchPath : show(path));
  const facts = createItemFacts({ here, known, nameOf, show, ...copies });
  const wishes = terms.some(({ type }) => type === 'want-get' || type === 'want-drop')
    ? await loadContentRules({ here, known, ...copies })
    : undefined;

  return async (item) => {
    const first = matches(expression, facts.cheap(item));
    if (first !== 'unknown') return first;
    const log = item.log ?? (await here.branch.read(locationLogPath(item.key)));
    const logged = { ...item, log };
    const [all = {}]: MatchFacts[] = await facts.gather([logged], terms);
    const wants = wishes && (await answerWishes(logged));
    const answer = matches(expression, wants === undefined ? all : { ...all, wants });
    if (answer === 'unknown') throw undecided(terms, all);
    return answer;
  };

  async function answerWishes(item: Item & { readonly log: ByteString }) {
    const answers = new Map<string, Answer>();
    for (const term of terms) {
      if (term.type !== 'want-get' && term.type !== 'want-drop') continue;
      const uuid = term.repository === undefined ? known.here : known.named(term.repository);
      const drop = term.type === 'want-drop';
      const [wanted] = (await wishes?.preferred(uuid, [item], drop ? 'drop' : 'get')) ?? [];
      // Without an expression nothing counts as wanted here, as git-annex has it.
      answers.set(`${term.type} ${term.repository ?? ''}`, (wanted === true) !== drop);
    }
    return (what: string, repository: ByteString | undefined) =>
      answers.get(`${what} ${repository ?? ''}`) ?? 'unknown';
  }
}

/** The items that match, in order; `otherwise` is told of the others. */
export async function* matching(
  items: AsyncIterable<Item>,
  decide: Matches,
  interactive: boolean,
  otherwise: (item: Item) => void,
): AsyncGenerator<Item> {
  const decided = async (item: Item) => ({ item, yes: await decide(item) });
  if (interactive) {
    for await (const item of items) {
      if (await decide(item)) yield item;
      else otherwise(item);
    }
    return;
  }
  for await (const { item, yes } of pipelined(items, WINDOW, decided)) {
    if (yes) yield item;
    else otherwise(item);
  }
}

function copiesWanted(here: Repository) {
  const attributes = createAttributes(here);
  let recorded: Promise<number | undefined> | undefined;
  const config =
    here.settings.get('annex.numcopies') === undefined ? undefined : here.settings.int('annex.numcopies', 1);
  const approxNumcopies = async (): Promise<number> => {
    recorded ??= readCopies(here.branch, 'numcopies');
    return resolveCopies({ log: await recorded, config });
  };
  const numcopies = async (items: readonly Item[]): Promise<number[]> => {
    const paths = items.flatMap(({ path }) => path ?? []);
    const values = await attributes.values('annex.numcopies', paths);
    const byPath = new Map(paths.map((path, i) => [path, values[i]]));
    const otherwise = await approxNumcopies();
    return items.map(({ path }) => {
      const value = path === undefined ? undefined : byPath.get(path);
      return value !== undefined && /^\d+$/.test(value) ? Number(value) : otherwise;
    });
  };
  return { numcopies, approxNumcopies };
}

function undecided(terms: readonly Term[], facts: MatchFacts): AnnexError {
  const term = terms.find((one) => one.type === 'mime-type' && facts.mimeType === undefined) ?? terms[0];
  return new AnnexError('usage', `the matching option for "${term?.type}" cannot be decided here`);
}
