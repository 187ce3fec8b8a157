import { provideBaseArchive } from "./base-image.js";
import { ENGINE_PACKAGES, ensureInstalled } from "./engine/install.js";

/** Makes what all files of the suite need and none can make beside another: packages, and the archive of a base image. */
export default async function prepare(): Promise<void> {
  await ensureInstalled(ENGINE_PACKAGES);
  await provideBaseArchive();
}
