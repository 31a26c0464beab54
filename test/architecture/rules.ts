import { builtinModules } from 'node:module';
import type { ICruiseOptions, IForbiddenRuleType } from 'dependency-cruiser';

/** What each room of src/ may import besides itself (see src/README.md). */
export const above: Readonly<Record<string, readonly string[]>> = {
  lib: [],
  domain: ['lib'],
  planning: ['domain', 'lib'],
  protocol: ['domain', 'lib'],
  repository: ['planning', 'protocol', 'domain', 'lib'],
  remotes: ['repository', 'planning', 'protocol', 'domain', 'lib'],
  operations: ['remotes', 'repository', 'planning', 'protocol', 'domain', 'lib'],
  report: ['domain', 'lib'],
  shell: ['operations', 'remotes', 'repository', 'planning', 'protocol', 'domain', 'lib'],
};

const rooms: IForbiddenRuleType[] = Object.entries(above).map(([room, allowed]) => ({
  name: `${room}-imports-downwards`,
  comment: `${room}/ may import from ${allowed.length > 0 ? allowed.join(', ') : 'no other room'}`,
  severity: 'error',
  from: { path: `^src/${room}/` },
  to: { path: '^src/', pathNot: `^src/(${[room, ...allowed].join('|')})/` },
}));

/** Rooms that also run in a browser. `lib/buffers.ts` and its like are Node's; what these rooms import must not be. */
const PURE = '^src/(domain|planning|protocol)/';

/** Node's own modules, as dependency-cruiser names them. */
const NODE_MODULES = `^(node:)?(${builtinModules.join('|')})$`;

/** The rules of the house, for dependency-cruiser. */
export const forbidden: IForbiddenRuleType[] = [
  ...rooms,
  {
    name: 'commands-do-not-import-each-other',
    comment: 'a command calls an operation, never another command',
    severity: 'error',
    from: { path: '^src/commands/[^/]+[.]ts$' },
    to: { path: '^src/commands/[^/]+[.]ts$' },
  },
  {
    name: 'pure-rooms-without-node',
    comment: 'domain, planning and protocol run in a browser',
    severity: 'error',
    from: { path: PURE },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'pure-rooms-without-node-through-lib',
    comment: 'domain, planning and protocol run in a browser, and so do the tools they use',
    severity: 'error',
    from: { path: PURE },
    to: { path: NODE_MODULES, reachable: true },
  },
  {
    name: 'lib-without-packages',
    comment: 'lib imports nothing but Node and itself',
    severity: 'error',
    from: { path: '^src/lib/' },
    to: { dependencyTypes: ['npm', 'npm-dev', 'npm-optional', 'npm-peer', 'npm-no-pkg'] },
  },
  {
    name: 'oclif-in-commands-only',
    comment: 'no oclif on the start path of the shell, and none in the core',
    severity: 'error',
    from: { path: '^src/', pathNot: '^src/commands/' },
    to: { path: '@oclif/core' },
  },
  {
    name: 'shell-starts-without-oclif',
    comment: 'nothing that the shell reaches may load oclif',
    severity: 'error',
    from: { path: '^src/shell/' },
    to: { path: '@oclif/core', reachable: true },
  },
  {
    name: 'no-cycles',
    comment: 'no import cycle at run time',
    severity: 'error',
    from: { path: '^src/' },
    to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
  },
  {
    name: 'resolvable',
    comment: 'imports name files and packages that exist',
    severity: 'error',
    from: { path: '^src/' },
    to: { couldNotResolve: true },
  },
];

/** How dependency-cruiser reads the sources: type imports count for the rooms, but not for cycles. */
export const options: ICruiseOptions = {
  doNotFollow: { path: 'node_modules' },
  tsPreCompilationDeps: 'specify',
  enhancedResolveOptions: {
    exportsFields: ['exports'],
    conditionNames: ['import', 'require', 'node', 'default', 'types'],
  },
};
