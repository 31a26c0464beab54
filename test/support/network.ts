import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Annex, Repository, Scene } from './scene.js';

/** Our own shell, as it is built. */
const OUR_SHELL = fileURLToPath(new URL('../../bin/git-annex-ts-shell', import.meta.url));

/** Machines on paths of a scene that reach one another by an `ssh` that only starts the command. */
export interface Network {
  /** Makes a machine, or gives it another program for `git-annex-shell`. */
  host(name: string, shell: Annex): void;
  /** Nobody gets through to the machine, or everybody again. */
  down(name: string, isDown?: boolean): void;
  /** `git-annex-shell` commands since the last call: `HOST COMMAND`. */
  calls(): string[];
  /** Adds a remote as an ssh url, with what is known of it once it was used. */
  remote(from: Repository, host: string, to: Repository): void;
}

/** Calls after which nobody is put through any more: programs that call one another without end do not stop by themselves. */
const MOST_CALLS = 60;

const ssh = (folder: string) => `#!/bin/bash
options() {
  while [ $# -gt 0 ]; do
    case "$1" in
      -O|-G) exit 1 ;;
      -o|-S|-p|-i|-l) shift 2 ;;
      --) shift; break ;;
      -*) shift ;;
      *) break ;;
    esac
  done
  rest=("$@")
}
options "$@"
host=\${rest[0]#*@}
options "\${rest[@]:1}"
command="\${rest[*]}"
[ "$command" = true ] && exit 0
case "$command" in git-annex-shell*) echo "$host $command" >> '${folder}/calls' ;; esac
if [ -e '${folder}/down/'$host ] || [ "$(wc -l < '${folder}/calls')" -gt ${MOST_CALLS} ]; then
  echo "ssh: connect to host $host port 22: No route to host" >&2
  exit 255
fi
PATH='${folder}/'$host:$PATH exec sh -c "$command"
`;

/** Puts an `ssh` in front of the scene's path. */
export function createNetwork(scene: Scene): Network {
  const folder = scene.path('net');
  mkdirSync(`${folder}/down`, { recursive: true });
  writeFileSync(`${folder}/calls`, '');
  const program = scene.path('home/bin/ssh');
  writeFileSync(program, ssh(folder));
  chmodSync(program, 0o755);
  return {
    host(name, shell) {
      mkdirSync(`${folder}/${name}`, { recursive: true });
      rmSync(`${folder}/${name}/git-annex-shell`, { force: true });
      if (shell === 'ours') symlinkSync(OUR_SHELL, `${folder}/${name}/git-annex-shell`);
    },
    down(name, isDown = true) {
      if (isDown) appendFileSync(`${folder}/down/${name}`, '');
      else if (existsSync(`${folder}/down/${name}`)) rmSync(`${folder}/down/${name}`);
    },
    calls() {
      const lines = readFileSync(`${folder}/calls`, 'utf8').split('\n').slice(0, -1);
      writeFileSync(`${folder}/calls`, '');
      return lines;
    },
    remote(from, host, to) {
      from.git('remote', 'add', '-f', host, `ssh://${host}${to.path}`);
      from.git('config', `remote.${host}.annex-uuid`, to.git('config', 'annex.uuid'));
      from.git('config', `remote.${host}.annex-ignore`, 'false');
      // What the ssh of this network is asked for never depends on the user's.
      from.git('config', 'annex-ts.ssh', 'system');
      from.git('config', 'annex.sshcaching', 'false');
    },
  };
}
