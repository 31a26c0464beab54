import { formatSizeShort } from '../../domain/data-units.js';
import { AnnexError } from '../../domain/errors.js';
import { type Key, keySize } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, fromText, toText } from '../../lib/bytes.js';
import { concurrently } from '../../lib/concurrently.js';
import { quoteName } from '../../lib/quote-name.js';
import { addPlace } from '../../planning/cluster-places.js';
import { handOver, type PassageEnd } from '../../protocol/hand-over.js';
import { asAnnexError } from '../../remotes/local-git/system-errors.js';
import { recordLocations } from '../../remotes/record-locations.js';
import type { Outcome } from '../context.js';
import { createFilesOf } from '../select/files-of-key.js';
import { actionOf } from '../select/item.js';
import { clusterParts } from '../serve/proxy/cluster/cluster-parts.js';
import { eachBatch } from '../sync/content-batches.js';
import { readDependencies } from '../sync/content-dependencies.js';
import type { Subject } from '../sync/content-subject.js';
import { createWishes, type Wishes } from '../sync/content-wishes.js';
import { createRunningAction, type RunningAction } from '../transfer/running-action.js';
import type { Session } from '../transfer/session.js';
import { clusterFacts } from './cluster-facts.js';
import { type FillPlaces, fillPlaces } from './fill-places.js';

/** One content, and the nodes that lack it. */
interface Gap {
  readonly subject: Subject;
  readonly nodes: readonly Uuid[];
}

/** A cluster that is filled, and how far that went. */
interface Filling {
  readonly session: Session;
  readonly cluster: ByteString;
  readonly uuid: Uuid;
  readonly places: FillPlaces;
  readonly wishes: Wishes;
  readonly filesOf: (key: Key) => Promise<readonly ByteString[]>;
  readonly totals: { filled: number; bytes: number; failed: number };
}

/**
 * Brings what some nodes of this gateway's clusters have to those others that want it, straight from one to the other. What
 * was cut off is continued by the next run.
 */
export async function fillClusters(
  session: Session,
  { dryRun, cwd }: { readonly dryRun: boolean; readonly cwd: ByteString },
): Promise<Outcome> {
  const { here, context } = session;
  let failed = 0;
  for (const [cluster, uuid] of (await clusterFacts(here, session.entries)).clusters) {
    const filling = await openFilling(session, cluster, uuid);
    const { totals, places } = filling;
    try {
      const scope = {
        request: { contentOf: [], all: true, cwd },
        changes: 'everything',
        done: new Set<Key>(),
        record: false,
      } as const;
      await eachBatch(session, scope, async (subjects) => {
        const gaps = await findGaps(filling, subjects);
        if (dryRun) for (const gap of gaps) await tell(filling, gap);
        else for await (const _ of concurrently(gaps, context.jobs, (gap) => fill(filling, gap)));
      });
    } finally {
      await places.close();
    }
    context.signal.throwIfAborted();
    failed += totals.failed;
    if (totals.filled + totals.failed === 0) {
      const text = `No content to fill in cluster: ${toText(cluster)}\n`;
      context.emit({ type: 'output', bytes: fromText(text) });
    }
    const summary = { cluster, uuid, ...totals, ...(dryRun ? { 'dry-run': true } : {}) };
    context.emit({ type: 'record', fields: { command: 'updatecluster', fill: summary } });
  }
  return { failed, stoppedByLimit: session.limits.reached };
}

async function openFilling(session: Session, cluster: ByteString, uuid: Uuid): Promise<Filling> {
  const { here, policy } = session;
  const { clusters } = policy.known;
  const remotes = session.entries.map(({ settings }) => settings);
  const parts = clusterParts(here.settings, uuid, clusters.get(uuid) ?? new Set(), remotes);
  const nodes = new Set(parts.flatMap((part) => [...part.nodes]));
  const places = fillPlaces(session, nodes);
  const filesOf = createFilesOf(here);
  const dependencies = await readDependencies(here.branch, [uuid, ...nodes]);
  const wishes = createWishes({ policy, dependencies, clusters, filesOf });
  const totals = { filled: 0, bytes: 0, failed: 0 };
  return { session, cluster, uuid, places, wishes, filesOf, totals };
}

/** What nodes want that others have; each is asked knowing what the ones before will get. */
async function findGaps(
  { session, uuid, places, wishes }: Filling,
  subjects: readonly Subject[],
): Promise<Gap[]> {
  const { clusters } = session.policy.known;
  const there = subjects.filter(({ present }) => present.has(uuid));
  const wants = await wishes.wanted(uuid, there);
  const wanted = there.filter((_, i) => wants[i]);
  const gaps = new Map<Subject, Uuid[]>();
  const sources = new Map(wanted.map((subject) => [subject, new Set(subject.present)]));
  for (const node of places.nodes) {
    const lacking = wanted.filter(({ present }) => !present.has(node));
    const wish = await wishes.wanted(node, lacking);
    for (const [i, subject] of lacking.entries()) {
      if (wish[i] !== true) continue;
      addPlace(subject.present, node, clusters);
      gaps.set(subject, [...(gaps.get(subject) ?? []), node]);
    }
  }
  return [...gaps].map(([subject, nodes]) => {
    const present = sources.get(subject) ?? subject.present;
    return { subject: { ...subject, present }, nodes };
  });
}

async function tell(filling: Filling, { subject, nodes }: Gap): Promise<void> {
  const { session, cluster, places, totals } = filling;
  const { item, named } = await namedItem(filling, subject);
  const size = keySize(item.key);
  for (const node of nodes) {
    totals.filled++;
    totals.bytes += size ?? 0;
    const name = places.name(node);
    const bytes = size === undefined ? '' : ` (${formatSizeShort(size)})`;
    const line = `fill ${named} to ${name}${bytes}\n` as ByteString;
    session.context.emit({ type: 'output', bytes: line });
    const { key, shown: file } = item;
    const fields = { command: 'fill', 'dry-run': true, cluster, key, remote: name, 'remote-uuid': node };
    session.context.emit({ type: 'record', fields: file === undefined ? fields : { ...fields, file } });
  }
}

async function namedItem({ session, filesOf }: Filling, { item }: Subject) {
  const shown = (await filesOf(item.key))[0];
  const quotes = () => session.here.settings.bool('core.quotepath', true);
  return {
    item: { ...item, shown },
    named: shown === undefined ? item.key : quoteName(shown, quotes),
  };
}

/** Brings one content to the nodes that lack it, one after the other; what one got the next may get from there. */
async function fill(filling: Filling, { subject, nodes }: Gap): Promise<void> {
  const { session, places, totals } = filling;
  const { item } = await namedItem(filling, subject);
  const size = keySize(item.key);
  for (const node of nodes) {
    session.context.signal.throwIfAborted();
    const running = createRunningAction(actionOf('fill', item), session.context.emit);
    running.note(`to ${toText(places.name(node))}...`);
    const error = await bring(filling, { subject, node, running, file: item.shown ?? item.key });
    if (session.context.signal.aborted) return;
    if (error === undefined) {
      totals.filled++;
      totals.bytes += size ?? 0;
      subject.present.add(node);
      session.policy.rules.moved(node, item.key, 'came');
    } else {
      totals.failed++;
      running.failure(error);
    }
    running.end(error === undefined, { fields: { remote: places.name(node), 'remote-uuid': node } });
  }
}

interface Errand {
  readonly subject: Subject;
  readonly node: Uuid;
  readonly running: RunningAction;
  readonly file: ByteString;
}

/** Tries the places that have it, the nearest first. Gives why it did not come. */
async function bring(
  { session, places }: Filling,
  { subject: { item, here, present }, node, running, file }: Errand,
): Promise<AnnexError | undefined> {
  const { key } = item;
  const having = new Set(here ? [...present, session.here.uuid] : present);
  let reason = new AnnexError('content-missing', 'no node that can be reached has the content');
  for (const source of places.sources(having)) {
    const end = await passage(places, source, node, {
      key,
      file,
      onProgress: (bytes) => running.progress(bytes, keySize(key)),
      signal: session.context.signal,
    });
    if (end.kind === 'stored') return undefined;
    if (end.kind === 'there') {
      await recordLocations(session.here, [key], node, 'present');
      return undefined;
    }
    if (end.kind === 'refused') return new AnnexError('remote-refused', 'it was not stored there');
    if (end.kind !== 'failed') continue;
    reason = asAnnexError(end.error, 'internal');
    if (end.side === 'to') return reason;
  }
  return reason;
}

type Transport = Pick<Parameters<typeof handOver>[0], 'key' | 'file' | 'onProgress' | 'signal'>;

/** Whoever can't be reached is not tried again. */
async function passage(places: FillPlaces, source: Uuid, node: Uuid, how: Transport): Promise<PassageEnd> {
  const ends: Partial<Record<'from' | 'to', Awaited<ReturnType<FillPlaces['content']>>>> = {};
  for (const [side, uuid] of [
    ['to', node],
    ['from', source],
  ] as const) {
    try {
      ends[side] = await places.content(uuid);
    } catch (error) {
      return { kind: 'failed', side, error };
    }
  }
  const { from, to } = ends;
  if (from === undefined || to === undefined) throw new AnnexError('internal', 'a place was not opened');
  const end = await handOver({ ...how, from, to });
  if (end.kind === 'failed' && !how.signal.aborted && isLoss(end.error))
    places.lost(end.side === 'to' ? node : source, end.error);
  return end;
}

function isLoss(error: unknown): error is AnnexError {
  return error instanceof AnnexError && ['remote-unavailable', 'not-mounted'].includes(error.code);
}
