import { GOVERNED_REFS, TRACKING_REFS } from '../refs.ts';

/**
 * Where the refs of a remote are kept beside ours. `space`: the remote's name, or what stands for its URL.
 * A governed ref is there by its own name without `refs/`.
 */
export class TrackingSpace {
  readonly prefix: string;

  constructor(space: string) {
    this.prefix = `${TRACKING_REFS}${space}/`;
  }

  /** The end of the remote's log when it was last found good. It is told to nobody, and nothing of a remote comes there. */
  get verifiedLog(): string {
    return `${this.prefix}verified-log`;
  }

  /** Where a remote's ref is kept. */
  of(name: string): string {
    return this.prefix + name.slice('refs/'.length);
  }

  /** What the remote calls a ref that is kept here. */
  remoteName(name: string): string {
    return `refs/${name.slice(this.prefix.length)}`;
  }

  /** What to ask a remote for: all that is governed, as it is there, whatever it was before. */
  refspecs(): string[] {
    // A whole name must be there, or git gives up; with a star it may be missing.
    const patterns = GOVERNED_REFS.map((name) => `${name}*`);
    return patterns.map((pattern) => `+${pattern}:${this.of(pattern)}`);
  }
}
