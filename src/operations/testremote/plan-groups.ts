import type { TestContent } from './case.js';
import type { RemoteCase } from './case.js';
import {
  interruptionCases,
  keyCases,
  lockCases,
  manyCases,
  proofCases,
  readOnlyCases,
  unavailableCases,
} from './cases.js';
import type { ContentPlan } from './contents.js';

/** Cases that run in order on the same contents. */
export interface CaseGroup {
  /** For people; git-annex's name where it has the same group. */
  readonly name: string;
  readonly cases: readonly RemoteCase[];
  /** Which remote it is for: the one that is tested, or one of its kind that can't be reached. */
  readonly on: 'remote' | 'unavailable';
  /** The contents to be made for it; or those of the user, which may only be read. */
  readonly contents: readonly ContentPlan[] | { readonly existing: TestContent };
}

export interface GroupsRequest {
  /** Base size of contents in bytes, at least 1. */
  readonly size: number;
  /** A smaller set. */
  readonly fast: boolean;
  /** Contents that the remote and this repository have: nothing is written to the remote. */
  readonly existing: readonly TestContent[] | undefined;
  /** Whether there is a remote to be had that can't be reached. */
  readonly unavailable: boolean;
  /** A cluster's contents are locked in its nodes, never in the cluster. */
  readonly isCluster: boolean;
}

/** git-annex tests remotes with every chunk size and encryption they may have; a git repository has neither. */
const CONFIGURATION = 'remote chunksize=0 encryption=none';

const MANY = 32;

/** What is to be tested, in order. */
export function planGroups(request: GroupsRequest): CaseGroup[] {
  const { size, fast, existing } = request;
  const usual = (bytes: number): ContentPlan => ({ size: bytes, kind: 'usual' });
  const unavailable: CaseGroup[] = request.unavailable
    ? [{ name: 'unavailable remote', cases: unavailableCases, on: 'unavailable', contents: [usual(size)] }]
    : [];
  if (existing !== undefined) {
    const reading = existing.map((content) => ({
      name: `key size Just ${content.size}; remote`,
      cases: readOnlyCases,
      on: 'remote' as const,
      contents: { existing: content },
    }));
    return [...unavailable, ...reading];
  }
  const onRemote = (
    name: string,
    cases: readonly RemoteCase[],
    contents: readonly ContentPlan[],
  ): CaseGroup => ({
    name: `${name}; ${CONFIGURATION}`,
    cases,
    on: 'remote',
    contents,
  });
  const many = Array.from({ length: MANY }, (_, i) => usual(1 + ((i * 397) % 5000)));
  const odd: readonly ContentPlan[] = [
    { size: 99, kind: 'without size' },
    { size: 101, kind: 'with odd characters' },
  ];
  return [
    ...unavailable,
    ...sizes(size, fast).map((one) => onRemote(`key size Just ${one}`, keyCases, [usual(one)])),
    onRemote(`interruptions; key size Just ${size * 2}`, interruptionCases, [usual(size * 2)]),
    onRemote('locks and proofs', request.isCluster ? proofCases : lockCases, [usual(Math.min(size, 1000))]),
    onRemote(`${MANY} keys at once`, manyCases, many),
    onRemote('unusual keys', manyCases, odd),
  ];
}

/** git-annex's variants of the base size, in its order. */
function sizes(size: number, fast: boolean): number[] {
  const variants = fast ? [size, size - 1] : [size, size + 1, size - 1, size * 2];
  return [...new Set(variants)].filter((one) => one > 0);
}
