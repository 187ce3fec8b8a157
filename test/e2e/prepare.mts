import { Progress } from "../../scripts/progress.js";
import { provideBaseArchive } from "./base-image.js";
import { ENGINE_PACKAGES, ensureInstalled } from "./engine/install.js";

/** Makes what all files of the suite need and none can make beside another: packages, and the archive of a base image. */
export default async function prepare(): Promise<void> {
  const progress = new Progress(2);
  await progress.step("installing packages", () => ensureInstalled(ENGINE_PACKAGES));
  await progress.step("making the archive of a base image", () => provideBaseArchive());
}
