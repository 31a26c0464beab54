import type { Key } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { addPlace, type ClusterNodes, removePlace } from '../../planning/cluster-places.js';
import { canBeSent, type DropVerdict, decideDrop, placesToGetFrom } from '../../planning/sync-content.js';
import { copyOfSubject, type Subject } from './content-subject.js';
import type { Wishes } from './content-wishes.js';

/** A repository that content is exchanged with. */
export interface Partner {
  readonly uuid: Uuid;
  readonly get: boolean;
  readonly send: boolean;
  readonly drop: boolean;
  /** Of a cluster: the nodes that what others of its nodes have may be sent to. */
  readonly nodes?: readonly Uuid[];
}

/** Who does what a pass decides, or only tells it. Each gives the contents with which it went well. */
export interface Hands {
  get(wanted: readonly { subject: Subject; from: readonly Uuid[] }[]): Promise<ReadonlySet<Subject>>;
  /** Notes in the subjects which nodes of a cluster they came to. */
  send(to: Uuid, subjects: readonly Subject[]): Promise<ReadonlySet<Subject>>;
  drop(from: Uuid, subjects: readonly Subject[]): Promise<ReadonlySet<Subject>>;
  /** Hears of contents that stay in a repository which does not want everything, and why. */
  kept?(at: Uuid, subject: Subject, why: DropVerdict): void;
  /** Nothing is really done, so that it has to be guessed which nodes a cluster sends a content to. */
  readonly imagined?: true;
}

/** What the batches of one pass share. */
export interface PassRules {
  readonly here: Uuid;
  /** In the order in which content is sent to them and dropped from them. */
  readonly partners: readonly Partner[];
  /** In the order in which they are asked for content. */
  readonly sources: readonly Uuid[];
  /** Those of them that may have anything, whatever the location log says. */
  readonly speculative: ReadonlySet<Uuid>;
  readonly dropHere: boolean;
  readonly clusters: ClusterNodes;
  readonly wishes: Wishes;
  /** Whether a content may be transferred; counts it if so. */
  admits(key: Key): boolean;
  /** Remotes that went away meanwhile. */
  readonly broken: ReadonlySet<Uuid>;
}

/**
 * Brings some contents to where they are wanted, and drops them where they are not: first what is missing here is got,
 * then it is sent, also to nodes that lack what their cluster has, then dropped from remotes and last from here. Each step sees what those before it have changed, so that
 * of two repositories which both want the second copy only one gets it.
 */
export async function passBatch(rules: PassRules, subjects: readonly Subject[], hands: Hands): Promise<void> {
  await getWanted(rules, subjects, hands);
  for (const { uuid, send } of rules.partners) {
    if (send && !rules.broken.has(uuid)) await sendWanted(rules, uuid, subjects, hands);
  }
  await fillNodes(rules, subjects, hands);
  for (const { uuid, drop } of rules.partners) {
    if (drop && !rules.broken.has(uuid)) await dropUnwanted(rules, uuid, subjects, hands, true);
  }
  if (rules.dropHere) await dropUnwanted(rules, rules.here, subjects, hands, true);
}

async function getWanted(rules: PassRules, subjects: readonly Subject[], hands: Hands): Promise<void> {
  const sources = rules.sources.filter((uuid) => !rules.broken.has(uuid));
  const missing = subjects
    .map((subject) => ({ subject, from: placesToGetFrom(subject, sources, rules.speculative) }))
    .filter(({ from }) => from.length > 0);
  const wants = await rules.wishes.wanted(
    rules.here,
    missing.map(({ subject }) => subject),
  );
  const chosen = missing.filter(({ subject }, i) => wants[i] && admitted(rules, subject));
  if (chosen.length === 0) return;
  for (const subject of await hands.get(chosen)) {
    subject.here = true;
    arrive(rules, subject, rules.here);
  }
}

async function sendWanted(
  rules: PassRules,
  to: Uuid,
  subjects: readonly Subject[],
  hands: Hands,
): Promise<void> {
  const sendable = subjects.filter((subject) => canBeSent(subject, to));
  if (sendable.length === 0) return;
  const wants = await rules.wishes.wanted(to, sendable);
  const chosen = sendable.filter((subject, i) => wants[i] && admitted(rules, subject));
  if (chosen.length === 0) return;
  const arrived = await hands.send(to, chosen);
  for (const subject of arrived) arrive(rules, subject, to);
  if (hands.imagined) await guessNodes(rules, to, [...arrived]);
}

/** A cluster stores a content on those nodes that want it, or on all when none does. Each is asked knowing what others took. */
async function guessNodes(rules: PassRules, cluster: Uuid, subjects: readonly Subject[]): Promise<void> {
  const nodes = [...(rules.clusters.get(cluster) ?? [])];
  const taken = new Set<Subject>();
  for (const node of nodes) {
    const wants = await rules.wishes.wanted(node, subjects);
    for (const [i, subject] of subjects.entries()) {
      if (wants[i] !== true) continue;
      taken.add(subject);
      arrive(rules, subject, node);
    }
  }
  for (const subject of subjects)
    if (!taken.has(subject)) for (const node of nodes) arrive(rules, subject, node);
}

/** Sends nodes what they want and other nodes of their cluster have: the cluster itself has it, so nothing is sent to that. */
async function fillNodes(rules: PassRules, subjects: readonly Subject[], hands: Hands): Promise<void> {
  for (const { uuid: cluster, nodes = [] } of rules.partners) {
    const there = subjects.filter((subject) => subject.here && subject.present.has(cluster));
    if (nodes.length === 0 || there.length === 0) continue;
    const wants = await rules.wishes.wanted(cluster, there);
    const wanted = there.filter((_, i) => wants[i]);
    for (const node of nodes) if (!rules.broken.has(node)) await sendWanted(rules, node, wanted, hands);
  }
}

async function dropUnwanted(
  rules: PassRules,
  from: Uuid,
  subjects: readonly Subject[],
  hands: Hands,
  lookAhead: boolean,
): Promise<void> {
  const { wishes, here } = rules;
  if (!wishes.restricts(from)) return;
  const there = subjects.filter(
    (subject) => (from === here ? subject.here : subject.present.has(from)) && !subject.arrived.has(from),
  );
  if (there.length === 0) return;
  const questions = await wishes.dropQuestions(from, there);
  const verdicts = questions.map((question) => decideDrop({ ...question, returns: false }));
  const dropped = there.filter((_, i) => verdicts[i] === 'drop');
  const returning =
    lookAhead && dropped.length > 0 ? await thoseThatReturn(rules, from, dropped) : new Set<Subject>();
  for (const [i, subject] of there.entries()) {
    const verdict = returning.has(subject) ? 'returns' : (verdicts[i] as DropVerdict);
    if (verdict !== 'drop') hands.kept?.(from, subject, verdict);
  }
  const chosen = dropped.filter((subject) => !returning.has(subject));
  if (chosen.length > 0) for (const subject of await hands.drop(from, chosen)) leave(rules, subject, from);
}

/** How many syncs are thought through after a drop. */
const FUTURE = 4;

/**
 * Contents that would be got or sent back to where they are to be dropped from, by this or one of the next syncs, whether
 * those drop all they want to drop, or nothing. Where repositories contradict each other (one wants what another is
 * without), content would else wander for ever.
 */
async function thoseThatReturn(
  rules: PassRules,
  from: Uuid,
  subjects: readonly Subject[],
): Promise<ReadonlySet<Subject>> {
  const returning = new Set<Subject>();
  if (!rules.wishes.dependencies.locations) return returning;
  for (const drops of [true, false]) {
    let trials = subjects
      .filter((subject) => !returning.has(subject))
      .map((subject) => {
        const trial = copyOfSubject(subject);
        leave(rules, trial, from);
        return { subject, trial };
      });
    for (let round = 0; round < FUTURE && trials.length > 0; round++) {
      await tryOut(
        { ...rules, admits: () => true },
        trials.map(({ trial }) => trial),
        drops,
      );
      for (const { subject, trial } of trials) if (trial.present.has(from)) returning.add(subject);
      trials = trials.filter(({ subject }) => !returning.has(subject));
    }
  }
  return returning;
}

const all = async (subjects: readonly Subject[]): Promise<ReadonlySet<Subject>> => new Set(subjects);

/** Hands with which everything goes well and nothing happens. */
export const emptyHands: Hands = {
  get: (wanted) => all(wanted.map(({ subject }) => subject)),
  send: (_, subjects) => all(subjects),
  drop: (_, subjects) => all(subjects),
  imagined: true,
};

/** A pass in thought. */
async function tryOut(rules: PassRules, subjects: readonly Subject[], drops: boolean): Promise<void> {
  const hands = emptyHands;
  for (const { arrived } of subjects) arrived.clear();
  await getWanted(rules, subjects, hands);
  for (const { uuid, send } of rules.partners) if (send) await sendWanted(rules, uuid, subjects, hands);
  await fillNodes(rules, subjects, hands);
  if (!drops) return;
  for (const { uuid, drop } of rules.partners) {
    if (drop) await dropUnwanted(rules, uuid, subjects, hands, false);
  }
  await dropUnwanted(rules, rules.here, subjects, hands, false);
}

function admitted(rules: PassRules, subject: Subject): boolean {
  subject.admitted ??= rules.admits(subject.item.key);
  return subject.admitted;
}

function arrive({ clusters }: PassRules, subject: Subject, at: Uuid): void {
  addPlace(subject.present, at, clusters);
  addPlace(subject.arrived, at, clusters);
}

function leave({ clusters, here }: PassRules, subject: Subject, from: Uuid): void {
  removePlace(subject.present, from, clusters);
  if (from === here) subject.here = false;
}
