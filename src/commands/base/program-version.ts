/** The git-annex release whose formats and behaviour this program follows. Scripts compare it with what they need. */
export const COMPATIBLE_WITH = '10.20250416';

/** Repository versions (`annex.version`) that this program works on. */
const SUPPORTED_REPOSITORY_VERSIONS = [8, 9, 10];

/** What `version` prints: git-annex's lines first, in its order, then ours. */
export function versionText(own: string): string {
  const lines = [
    `git-annex version: ${COMPATIBLE_WITH}`,
    `operating system: ${process.platform} ${machine()}`,
    `supported repository versions: ${SUPPORTED_REPOSITORY_VERSIONS.join(' ')}`,
    `git-annex-ts version: ${own}`,
    `node version: ${process.versions.node}`,
  ];
  return `${lines.join('\n')}\n`;
}

/** The processor as git-annex names it. */
function machine(): string {
  return { x64: 'x86_64', arm64: 'aarch64' }[process.arch as string] ?? process.arch;
}
