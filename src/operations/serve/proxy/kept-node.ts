import type { Uuid } from '../../../domain/uuid.js';
import type { ServedContent } from '../../../protocol/served-content.js';

/** On whose behalf a gateway works. */
export interface NodeClient {
  /** The client's repository: transfers are noted under its uuid. */
  readonly client: Uuid;
  /** Called when a user of this machine cancels what is being sent or received. */
  readonly onCancel?: (() => void) | undefined;
  /** Gateways that it does not want to be led through. */
  readonly bypass?: readonly Uuid[];
  /** Whether it is sent content that is being sent to it already. Default: that is refused. */
  readonly sharedUploads?: boolean;
}

/** A repository behind a gateway, whose connections are kept for all clients. */
export interface KeptNode {
  /** Throws when it is known already that the repository is out of reach. */
  ready(): Promise<void>;
  /** Nothing is opened before it is asked for something; each request throws when the repository is out of reach. */
  serve(client: NodeClient): ServedContent;
  close(): Promise<void>;
}
