import { CLIENT, conformsOverP2p } from '../conformance/p2p-remote.js';
import { OUR_SHELL, processChannels } from '../support/p2p-channels.js';

conformsOverP2p({
  name: 'git-annex-shell, over two connections',
  open: (path) => processChannels('git-annex-shell', ['p2pstdio', path, CLIENT]),
  jobs: 2,
});
conformsOverP2p({
  name: 'git-annex-ts-shell',
  open: (path) => processChannels(OUR_SHELL, ['p2pstdio', path, CLIENT]),
});
