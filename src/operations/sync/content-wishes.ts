import { countedCopies } from '../../domain/copies.js';
import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { ClusterNodes } from '../../planning/cluster-places.js';
import type { DropQuestion } from '../../planning/sync-content.js';
import type { Policy } from '../policy/policy.js';
import type { LoggedItem } from '../transfer/with-logs.js';
import type { Dependencies } from './content-dependencies.js';
import { presentLog, type Subject } from './content-subject.js';

/** Which repositories want which content. */
export interface Wishes {
  readonly dependencies: Dependencies;
  /** Whether a repository has preferred content; without, it wants everything and nothing is dropped from it. */
  restricts(uuid: Uuid): boolean;
  /** Whether a repository wants to get each content. */
  wanted(uuid: Uuid, subjects: readonly Subject[]): Promise<boolean[]>;
  /** What is to be considered before each content, which a repository has, is dropped from there. */
  dropQuestions(uuid: Uuid, subjects: readonly Subject[]): Promise<Omit<DropQuestion, 'returns'>[]>;
}

export interface WishesOptions {
  readonly policy: Pick<Policy, 'rules' | 'copiesToDrop' | 'requiredBy' | 'trust'>;
  readonly dependencies: Dependencies;
  readonly clusters: ClusterNodes;
  /** The files that have a key's content; asked only where wishes depend on names. */
  readonly filesOf: (key: Key) => Promise<readonly ByteString[]>;
}

export function createWishes({ policy, dependencies, clusters, filesOf }: WishesOptions): Wishes {
  const { rules } = policy;

  /** A content under all its names, with where it is by now; `own` is the index of its subject. */
  const faces = async (subjects: readonly Subject[], all: boolean): Promise<[LoggedItem[], number[]]> => {
    const items: LoggedItem[] = [];
    const owners: number[] = [];
    for (const [i, subject] of subjects.entries()) {
      const item = { ...subject.item, log: presentLog(subject) };
      const asked = dependencies.names && (all || item.path === undefined);
      const others = asked ? (await filesOf(item.key)).filter((path) => path !== item.path) : [];
      // A key without a name is looked at under the names that it has in the work tree.
      const named = item.path === undefined && others.length > 0 ? [] : [item];
      for (const face of [...named, ...others.map((path) => ({ ...item, path, shown: path }))]) {
        items.push(face);
        owners.push(i);
      }
    }
    return [items, owners];
  };

  return {
    dependencies,
    restricts: (uuid) => rules.restricts(uuid),
    async wanted(uuid, subjects) {
      if (!rules.restricts(uuid)) return subjects.map(() => true);
      const [items, owners] = await faces(subjects, false);
      const verdicts = await rules.preferred(uuid, items, 'get');
      const wanted = subjects.map(() => false);
      for (const [i, owner] of owners.entries()) if (verdicts[i] === true) wanted[owner] = true;
      return wanted;
    },
    async dropQuestions(uuid, subjects) {
      const plain = subjects.map((subject) => ({ ...subject.item, log: presentLog(subject) }));
      const copies = await policy.copiesToDrop(plain);
      const [items, owners] = await faces(subjects, true);
      const preferred = await rules.preferred(uuid, items, 'drop');
      const required = await policy.requiredBy(uuid, items);
      // With a cluster its nodes lose it.
      const lost = clusters.get(uuid);
      const questions = subjects.map(({ present }, i) => ({
        wanted: false,
        required: false,
        others: countedCopies(present, policy.trust).filter((other) => other !== uuid && !lost?.has(other))
          .length,
        numcopies: copies[i]?.numcopies ?? 1,
      }));
      for (const [i, owner] of owners.entries()) {
        const question = questions[owner];
        if (question === undefined) continue;
        if (preferred[i] !== false) question.wanted = true;
        if (required[i] !== false) question.required = true;
      }
      return questions;
    },
  };
}
