import { keySize } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import type { PassRules } from '../sync/content-pass.js';
import type { Subject } from '../sync/content-subject.js';

/** How much of what a repository wants it has. */
export interface Completion {
  files: number;
  bytes: number;
  missingFiles: number;
  missingBytes: number;
}

/** Counts for each repository what it has and what it wants besides. */
export function createCompletion(rules: PassRules) {
  const uuids = [rules.here, ...rules.partners.map(({ uuid }) => uuid)];
  const all = new Map<Uuid, Completion>(
    uuids.map((uuid) => [uuid, { files: 0, bytes: 0, missingFiles: 0, missingBytes: 0 }]),
  );
  return {
    all: all as ReadonlyMap<Uuid, Completion>,
    async look(subjects: readonly Subject[]): Promise<void> {
      for (const [uuid, completion] of all) {
        const absent = subjects.filter((subject) => !has(rules, subject, uuid));
        const wanted = await rules.wishes.wanted(uuid, absent);
        const missing = absent.filter((_, i) => wanted[i]);
        completion.files += subjects.length - absent.length;
        for (const subject of subjects) if (has(rules, subject, uuid)) completion.bytes += sizeOf(subject);
        completion.missingFiles += missing.length;
        for (const subject of missing) completion.missingBytes += sizeOf(subject);
      }
    },
  };
}

/** Percent of the bytes wanted (where they have none: of the files); 100 only when nothing is missing. */
export function percentOf({ files, bytes, missingFiles, missingBytes }: Completion): number {
  if (missingFiles === 0) return 100;
  const [have, all] = missingBytes > 0 ? [bytes, bytes + missingBytes] : [files, files + missingFiles];
  return Math.min(99.9, Math.floor((have / all) * 1000) / 10);
}

function has(rules: PassRules, subject: Subject, uuid: Uuid): boolean {
  return uuid === rules.here ? subject.here : subject.present.has(uuid);
}

function sizeOf({ item }: Subject): number {
  return keySize(item.key) ?? 0;
}
