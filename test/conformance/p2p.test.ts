import { memoryChannels, serverOf } from '../support/p2p-channels.js';
import { CLIENT, conformsOverP2p } from './p2p-remote.js';

conformsOverP2p({
  name: 'our server in memory',
  open: (_, served) => memoryChannels(serverOf(served, CLIENT)),
});
conformsOverP2p({
  name: 'our server in memory, asked one at a time on two connections',
  open: (_, served) => memoryChannels(serverOf(served, CLIENT)),
  ahead: false,
  jobs: 2,
});
