import { provideBaseImage } from "../base-image.js";
import { type Engine, type OwnEngine, startEngine } from "../engine.js";
import { type ProvidedProvider, provideProvider } from "../provider/provide.js";
import { Workspace } from "../workspace.js";

/** What came of one `cdktf` command. */
export interface Deployment {
  readonly code: number | null;
  readonly text: string;
  readonly seconds: number;
}

/** An engine, a base image on it, and a folder in which cdktf deploys small apps. */
export class Site {
  private constructor(
    readonly engine: Engine,
    readonly own: OwnEngine,
    readonly provider: ProvidedProvider,
    readonly base: string,
    private readonly workspace: Workspace,
  ) {}

  static async start(): Promise<Site> {
    const engine = await startEngine({ alwaysOwn: true });
    const { own } = engine;
    if (own === undefined) throw new Error("not our own engine");
    const { tag } = await provideBaseImage(engine);
    const provider = await provideProvider();
    console.log(`Docker ${engine.version}; provider: ${provider.description}`);
    return new Site(engine, own, provider, tag, new Workspace(provider.environment));
  }

  /** Deploys or destroys an app of this folder, which reads its settings from the environment. */
  async cdktf(
    app: string,
    command: "deploy" | "destroy",
    settings: Readonly<Record<string, string>>,
  ): Promise<Deployment> {
    const started = performance.now();
    const words = [command, "*", "--auto-approve", "--skip-provider-lock"];
    const environment = { ENGINE: this.engine.host, ...settings };
    const { code, stdout, stderr } = await this.workspace.cdktf(`test/e2e/deploy/${app}`, words, environment);
    return { code, text: stdout + stderr, seconds: (performance.now() - started) / 1000 };
  }

  async stop(): Promise<void> {
    this.workspace.remove();
    this.provider.stop();
    await this.engine.stop();
  }
}
