import type { AnnexEvent, JsonValue } from '../../domain/events.js';
import { type ByteString, toText } from '../../lib/bytes.js';

/** What the programs that are told of changes read on stdin. */
export type ChangedReport = { readonly [name: string]: JsonValue };

export interface ReportedRepository {
  readonly path: ByteString;
  readonly uuid: ByteString;
}

/** Collects what a sync changed. */
export interface ChangeCollector {
  take(event: AnnexEvent): void;
  /** Undefined when nothing has changed. */
  report(
    repository: ReportedRepository,
    before: ReadonlyMap<string, string>,
    after: ReadonlyMap<string, string>,
  ): ChangedReport | undefined;
}

/** Entries of one list; what is more is counted only. */
const mostEntries = 10_000;

const kinds: Readonly<Record<string, 'got' | 'sent' | 'dropped'>> = {
  get: 'got',
  copy: 'sent',
  put: 'sent',
  drop: 'dropped',
};

export function collectChanges(): ChangeCollector {
  const counts = { got: 0, sent: 0, dropped: 0 };
  const files = { got: [] as JsonValue[], sent: [] as JsonValue[], dropped: [] as JsonValue[] };
  const remotes = new Set<string>();
  return {
    take(event) {
      if (event.type !== 'end' || !event.success) return;
      const { command, file, key } = event.action;
      const kind = kinds[command];
      if (kind === undefined || key === undefined) return;
      const remote = event.fields?.['remote'];
      const name = typeof remote === 'string' ? toText(remote as ByteString) : undefined;
      if (name !== undefined) remotes.add(name);
      if (counts[kind]++ >= mostEntries) return;
      files[kind].push({
        ...(file === undefined ? {} : { file: toText(file) }),
        key: toText(key),
        ...(name === undefined ? {} : { remote: name }),
      });
    },
    report(repository, before, after) {
      const refs = changedRefs(before, after);
      if (refs.length + counts.got + counts.sent + counts.dropped === 0) return undefined;
      for (const { name } of refs) {
        const remote = /^refs\/remotes\/([^/]+)\//.exec(name)?.[1];
        if (remote !== undefined) remotes.add(remote);
      }
      return {
        version: 1,
        repository: { path: toText(repository.path), uuid: toText(repository.uuid) },
        refs: refs.slice(0, mostEntries),
        files,
        counts: { refs: refs.length, ...counts },
        remotes: [...remotes].sort(),
      };
    },
  };
}

interface ChangedRef {
  readonly [name: string]: JsonValue;
  readonly name: string;
  readonly before: string | null;
  readonly after: string | null;
}

function changedRefs(before: ReadonlyMap<string, string>, after: ReadonlyMap<string, string>): ChangedRef[] {
  const names = [...new Set([...before.keys(), ...after.keys()])].sort();
  return names
    .filter((name) => before.get(name) !== after.get(name))
    .map((name) => ({
      name: toText(name as ByteString),
      before: before.get(name) ?? null,
      after: after.get(name) ?? null,
    }));
}
