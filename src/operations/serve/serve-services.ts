import type { ServedServices } from '../../protocol/served-services.js';
import type { Repository } from '../../repository/repository.js';
import { keepLock } from '../lock-cluster/keep-lock.js';
import { startGitService } from './git-service.js';
import { watchRefs } from './watch-refs.js';

/** What a local repository offers clients besides contents. @param relayGit whether git itself may be reached */
export function serveServices(repository: Repository, relayGit: boolean): ServedServices {
  return {
    async connect(service) {
      if (!relayGit) return undefined;
      if (service === 'git-receive-pack') await keepLock(repository.location.gitDir);
      return startGitService(service, repository.location);
    },
    watchRefs: () => watchRefs(repository),
  };
}
