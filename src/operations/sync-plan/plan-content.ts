import { keySize } from '../../domain/key.js';
import type { Uuid } from '../../domain/uuid.js';
import { type ByteString, toText } from '../../lib/bytes.js';
import { quoteName } from '../../lib/quote-name.js';
import type { DropVerdict } from '../../planning/sync-content.js';
import { eachBatch, type Scope } from '../sync/content-batches.js';
import { emptyHands, type Hands, type PassRules, passBatch } from '../sync/content-pass.js';
import type { ContentScene } from '../sync/content-scene.js';
import { presentLog, type Subject } from '../sync/content-subject.js';
import type { Session } from '../transfer/session.js';
import type { PlanStep, PlanTeller } from './tell-plan.js';

const reasons: Readonly<Record<Exclude<DropVerdict, 'drop'>, string>> = {
  wanted: 'wanted there',
  required: 'not wanted there, but required',
  numcopies: 'not wanted there, but too few copies elsewhere',
  returns: 'not wanted there, but it would come back',
};

export interface ContentPlanOptions {
  readonly explain: boolean;
  /** Called with each batch before anything is decided about it. */
  readonly look?: (subjects: readonly Subject[]) => Promise<void>;
}

/** Tells what a content pass would do; nothing is asked of remotes. Gives how many paths git does not know. */
export async function planContent(
  session: Session,
  scene: ContentScene,
  request: Scope['request'],
  teller: PlanTeller,
  { explain, look }: ContentPlanOptions,
): Promise<number> {
  const { here, policy } = session;
  const moved = new Set<Subject['item']['key']>();
  const quotes = () => here.settings.bool('core.quotepath', true);
  const nameOf = (uuid: Uuid): ByteString =>
    uuid === here.uuid ? ('here' as ByteString) : (scene.ways.get(uuid)?.[0]?.name ?? uuid);

  const tell = async (
    action: 'get' | 'put' | 'drop' | 'keep',
    at: Uuid,
    wisher: Uuid,
    subjects: readonly Subject[],
    word: string,
    why?: Exclude<DropVerdict, 'drop'>,
  ): Promise<void> => {
    const items = subjects.map((subject) => ({ ...subject.item, log: presentLog(subject) }));
    const purpose = why === 'required' ? 'required' : action === 'get' || action === 'put' ? 'get' : 'drop';
    const decisions = explain ? await policy.explain(wisher, items, purpose) : [];
    for (const [i, { item }] of subjects.entries()) {
      const { key, shown } = item;
      const name = nameOf(at);
      teller.step({
        action,
        subject: shown === undefined ? key : quoteName(shown, quotes),
        detail: `${[word, toText(name)].join(' ').trim()}${why === undefined ? '' : `: ${reasons[why]}`}`,
        bytes: keySize(key),
        because: explain ? (decisions[i]?.because ?? unrestricted) : undefined,
        fields: {
          ...(shown === undefined ? {} : { file: shown }),
          key,
          remote: name,
          'remote-uuid': at,
          ...(why === undefined ? {} : { reason: why as string }),
        },
      } satisfies PlanStep);
      if (action !== 'keep') moved.add(key);
    }
  };

  let kept: { at: Uuid; subject: Subject; why: Exclude<DropVerdict, 'drop'> }[] = [];
  const hands: Hands = {
    async get(wanted) {
      const bySource = new Map<Uuid, Subject[]>();
      for (const { subject, from } of wanted) {
        const source = from[0] as Uuid;
        bySource.set(source, [...(bySource.get(source) ?? []), subject]);
      }
      for (const [from, subjects] of bySource) await tell('get', from, here.uuid, subjects, 'from');
      return emptyHands.get(wanted);
    },
    async send(to, subjects) {
      await tell('put', to, to, subjects, 'to');
      return emptyHands.send(to, subjects);
    },
    async drop(from, subjects) {
      await tell('drop', from, from, subjects, 'from');
      return emptyHands.drop(from, subjects);
    },
    imagined: true,
    kept(at, subject, why) {
      if (why !== 'drop' && (explain || why !== 'wanted')) kept.push({ at, subject, why });
    },
  };
  const rules: PassRules = { ...scene.rules, admits: () => true };
  const scope: Scope = { request, changes: 'everything', done: moved, record: false };
  return eachBatch(session, scope, async (subjects) => {
    await look?.(subjects);
    kept = [];
    await passBatch(rules, subjects, hands);
    for (const { at, subject, why } of kept)
      await tell('keep', at, at, [subject], at === here.uuid ? '' : 'in', why);
  });
}

const unrestricted = 'no preferred content: everything is wanted' as ByteString;
