import { provideBaseImage } from "../e2e/base-image.js";
import { type Engine, startEngine } from "../e2e/engine.js";
import { type ProvidedProvider, provideProvider } from "../e2e/provider/provide.js";
import { type Network, PROXY } from "./network.js";

/** The interface of a Docker host on the switch. */
export const PARENT = "lan0";

/** A host on the switch that is no machine, but has a Docker engine, and the provider with which Terraform reaches it. */
export class DockerHost {
  private constructor(
    readonly engine: Engine,
    /** What images of nodes are built on. */
    readonly base: string,
    private readonly provider: ProvidedProvider,
  ) {}

  /** Starts it with a provider for which relative paths begin at a directory. */
  static async start(network: Network, workingDirectory: string): Promise<DockerHost> {
    const engine = await startEngine({ alwaysOwn: true });
    try {
      if (engine.own === undefined) throw new Error("not our own engine");
      await network.connect("m-docker", engine.own.namespace, PARENT);
      const { tag } = await provideBaseImage(engine);
      const provider = await provideProvider(workingDirectory);
      console.log(`Docker ${engine.version}; provider: ${provider.description}`);
      return new DockerHost(engine, tag, provider);
    } catch (error) {
      await engine.stop();
      throw error;
    }
  }

  /** The environment in which Terraform, which runs on the switch, gets the provider. */
  get environment(): Readonly<Record<string, string | undefined>> {
    return { ...this.provider.environment, HTTPS_PROXY: PROXY };
  }

  async stop(): Promise<void> {
    this.provider.stop();
    await this.engine.stop();
  }
}
