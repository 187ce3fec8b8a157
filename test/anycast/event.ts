import type { SiteOptions } from "./model.js";
import type { Site } from "./site.js";

/** Something that happens to a site, and what that may cost. */
export interface Event {
  /** What `--only` calls it. */
  readonly key: string;
  /** What bounds and figures call it. */
  readonly name: string;
  /** Milliseconds from the event after which no query may be lost; absent where none may be lost at all. */
  readonly within?: number;
  /** Whether only queries may be lost that would have gone to the victim. */
  readonly ownShare?: true;
  /** Whether it leaves answers of an error, and moves of announcements are judged in place of losses. */
  readonly judgesMoves?: true;
  /** To what it is done in turn. */
  readonly victims: readonly string[];
  /** The site that it needs. */
  readonly site: SiteOptions;
  /** Whether short runs have it. */
  readonly short?: true;
  readonly strike: (site: Site, victim: string) => Promise<void>;
  /** Milliseconds under load after it. */
  readonly lasts: number;
  /** Makes all well again; what returns costs nothing. Absent where nothing has failed. */
  readonly recover?: (site: Site, victim: string) => Promise<void>;
}
