import { existsSync } from "node:fs";
import { makeTemporary, removeTemporary } from "../temporary.js";
import { Workspace } from "../workspace.js";
import { type RunningProvider, startProvider } from "./start.js";

const SOURCE = "kreuzwerker/docker";
const VERSION = "3.6.2";

/** The provider that Terraform will use, and which of the two it is. */
export interface ProvidedProvider extends RunningProvider {
  readonly origin: "registry" | "stand-in";
  /** For the output of a run. */
  readonly description: string;
}

/** Takes the public provider wherever Terraform can get it, and the stand-in elsewhere; Terraform runs in a directory. */
export async function provideProvider(workingDirectory?: string): Promise<ProvidedProvider> {
  return (await publicProvider()) ?? (await standIn(workingDirectory));
}

async function standIn(workingDirectory?: string): Promise<ProvidedProvider> {
  return {
    ...(await startProvider(workingDirectory)),
    origin: "stand-in",
    description: `a stand-in for ${SOURCE} ${VERSION}`,
  };
}

async function publicProvider(): Promise<ProvidedProvider | undefined> {
  const cache = makeTemporary("plugins");
  const settings = process.env["TF_CLI_CONFIG_FILE"];
  const environment = {
    TF_PLUGIN_CACHE_DIR: cache,
    TF_CLI_CONFIG_FILE: settings !== undefined && existsSync(settings) ? settings : undefined,
    TF_REATTACH_PROVIDERS: undefined,
    CHECKPOINT_DISABLE: "1",
  };
  const workspace = new Workspace(environment);
  try {
    workspace.configure({ terraform: { required_providers: { docker: { source: SOURCE, version: VERSION } } } });
    const { code } = await workspace.terraform("init", "-input=false");
    if (code === 0) {
      const stop = () => removeTemporary(cache);
      const from = environment.TF_CLI_CONFIG_FILE === undefined ? "its registry" : `where ${settings} says`;
      return { environment, stop, origin: "registry", description: `${SOURCE} ${VERSION} from ${from}` };
    }
    removeTemporary(cache);
    return undefined;
  } finally {
    workspace.remove();
  }
}
