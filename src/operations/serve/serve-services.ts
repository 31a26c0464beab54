import type { ServedServices } from '../../protocol/served-services.js';
import type { Repository } from '../../repository/repository.js';
import { startGitService } from './git-service.js';
import { watchRefs } from './watch-refs.js';

/** What a local repository offers clients besides contents. @param relayGit whether git itself may be reached */
export function serveServices(repository: Repository, relayGit: boolean): ServedServices {
  return {
    connect: (service) => (relayGit ? startGitService(service, repository.location) : undefined),
    watchRefs: () => watchRefs(repository),
  };
}
