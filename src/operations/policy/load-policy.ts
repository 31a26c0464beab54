import { type CopiesWanted, countedCopies, parseCopies, resolveCopies } from '../../domain/copies.js';
import { configLogPath, parseConfigLog } from '../../domain/logs/config-log.js';
import { presentLocations } from '../../domain/logs/location-log.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { RemoteEntry } from '../../remotes/list/remote-entry.js';
import type { Repository } from '../../repository/repository.js';
import { loadKnownRepositories, type TrustOptions } from '../repositories/load-known-repositories.js';
import type { Item } from '../select/item.js';
import { type Attributes, createAttributes } from '../select/attributes.js';
import { createFilesOf } from '../select/files-of-key.js';
import { readCopies } from '../settings-log/copies.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import { loadContentRules } from './content-rules.js';
import { otherNames, safest } from './other-names.js';
import type { Policy } from './policy.js';
import { once } from './shared-facts.js';

/** Options that override what is recorded. */
export interface PolicyOptions extends TrustOptions {
  readonly numcopies?: number | undefined;
  readonly mincopies?: number | undefined;
  /** Told of preferred content that is not followed as it is written. */
  readonly warn?: ((text: string) => void) | undefined;
}

/** Reads the logs about repositories, and lets config.log's settings count below git config. */
export async function loadPolicy(
  here: Repository,
  entries: readonly RemoteEntry[],
  options: PolicyOptions,
): Promise<Policy> {
  const known = await loadKnownRepositories(here, entries, options);
  here.settings.useBranchDefaults(parseConfigLog(await here.branch.read(configLogPath)));
  const recorded = {
    numcopies: await readCopies(here.branch, 'numcopies'),
    mincopies: await readCopies(here.branch, 'mincopies'),
  };
  const config =
    here.settings.get('annex.numcopies') === undefined ? undefined : here.settings.int('annex.numcopies', 1);
  const attributes = createAttributes(here);
  const trustOf = known.trustOf;

  const copies = async (items: readonly Item[]): Promise<CopiesWanted[]> => {
    const paths = [...new Set(items.flatMap(({ path }) => path ?? []))];
    const numcopies = await numbersByPath(
      attributes,
      'annex.numcopies',
      options.numcopies === undefined ? paths : [],
    );
    const mincopies = await numbersByPath(
      attributes,
      'annex.mincopies',
      options.mincopies === undefined ? paths : [],
    );
    const attribute = (numbers: ReadonlyMap<ByteString, number>, { path }: Item) =>
      path === undefined ? undefined : numbers.get(path);
    return items.map((item) => ({
      numcopies: resolveCopies({
        option: options.numcopies,
        attribute: attribute(numcopies, item),
        log: recorded.numcopies,
        config,
      }),
      mincopies: resolveCopies({
        option: options.mincopies,
        attribute: attribute(mincopies, item),
        log: recorded.mincopies,
      }),
    }));
  };
  const filesOf = createFilesOf(here);
  const byFile = once(() => attributes.mention(['annex.numcopies', 'annex.mincopies']));
  const copiesToDrop = async (items: readonly Item[]): Promise<CopiesWanted[]> => {
    const wanted = await copies(items);
    if (!(await byFile())) return wanted;
    const { faces, owners } = await otherNames(items, filesOf);
    for (const [i, one] of (await copies(faces)).entries()) {
      const owner = owners[i] as number;
      wanted[owner] = safest(wanted[owner] as CopiesWanted, one);
    }
    return wanted;
  };
  const counted = (item: LoggedItem): Uuid[] => countedCopies(presentLocations(item.log), trustOf);
  const numcopies = async (items: readonly Item[]): Promise<number[]> =>
    (await copies(items)).map((wanted) => wanted.numcopies);
  const approxNumcopies = async () =>
    resolveCopies({ option: options.numcopies, log: recorded.numcopies, config });
  const rules = await loadContentRules({ here, known, numcopies, approxNumcopies, warn: options.warn });

  return {
    known,
    rules,
    trust: trustOf,
    copies,
    async wantedBy(uuid, items) {
      const needed = await copies(items);
      const preferred = await rules.preferred(uuid, items, 'get');
      return items.map(
        (item, i) => preferred[i] === true || counted(item).length < (needed[i]?.numcopies ?? 1),
      );
    },
    copiesToDrop,
    async unwantedBy(uuid, items) {
      const needed = await copiesToDrop(items);
      const preferred = await rules.preferred(uuid, items, 'drop');
      if (rules.asksNames(uuid)) {
        const { faces, owners } = await otherNames(items, filesOf);
        for (const [i, wanted] of (await rules.preferred(uuid, faces, 'drop')).entries()) {
          if (wanted === true) preferred[owners[i] as number] = true;
        }
      }
      return items.map((item, i) => {
        const others = counted(item).filter((other) => other !== uuid).length;
        return preferred[i] !== true && others >= (needed[i]?.numcopies ?? 1);
      });
    },
    requiredBy: (uuid, items) => rules.required(uuid, items),
    explain: (uuid, items, purpose) => rules.explain(uuid, items, purpose),
  };
}

/** The whole numbers that an attribute has; other values are passed over. */
async function numbersByPath(
  attributes: Attributes,
  name: string,
  paths: readonly ByteString[],
): Promise<Map<ByteString, number>> {
  const numbers = new Map<ByteString, number>();
  if (paths.length === 0) return numbers;
  const values = await attributes.values(name, paths);
  for (const [i, path] of paths.entries()) {
    const value = values[i];
    const number = value === undefined ? undefined : parseCopies(value);
    if (number !== undefined) numbers.set(path, number);
  }
  return numbers;
}
