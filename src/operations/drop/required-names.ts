import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { ByteString } from '../../lib/bytes.js';
import type { Policy } from '../policy/policy.js';
import type { LoggedItem } from '../transfer/with-logs.js';

/**
 * Whether each content is required by a repository under any of its names: dropping one file drops the content of all.
 * The index is read only where the repository requires something.
 */
export async function requiredUnderAnyName(
  policy: Pick<Policy, 'requiredBy' | 'explain'>,
  target: Uuid,
  items: readonly LoggedItem[],
  filesOf: (key: Key) => Promise<readonly ByteString[]>,
): Promise<boolean[]> {
  const required = await policy.requiredBy(target, items);
  const [first] = await policy.explain(target, items.slice(0, 1), 'required');
  if (first?.because === undefined) return required;
  const faces: LoggedItem[] = [];
  const owners: number[] = [];
  for (const [i, item] of items.entries()) {
    if (required[i]) continue;
    for (const path of await filesOf(item.key)) {
      if (path === item.path) continue;
      faces.push({ ...item, path });
      owners.push(i);
    }
  }
  const answers = await policy.requiredBy(target, faces);
  for (const [i, owner] of owners.entries()) if (answers[i]) required[owner] = true;
  return required;
}
