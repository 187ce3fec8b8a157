import { notThere, titleOf } from "../view.js";
import {
  isKeepalivedBlock,
  type KeepalivedBlock,
  type KeepalivedBlockKeyword,
  type KeepalivedFile,
  type KeepalivedLine,
} from "./model.js";
import { parseKeepalived } from "./parse.js";
import { printKeepalivedLine } from "./print.js";

/** One script that an instance or a group tracks. */
export interface KeepalivedTrackedScript {
  readonly name: string;
  /**
   * The change of the priority when the script fails or succeeds.
   *
   * @default - the weight of the script itself
   */
  readonly weight?: number;
}

/** Shows one block of keepalived.conf to a test. */
export class KeepalivedBlockView {
  /** The block's name; its keyword where it has none. */
  readonly name: string;
  /** The block's own lines as printed, without indentation: `"priority 250"`. */
  readonly lines: readonly string[];
  readonly #block: KeepalivedBlock;

  constructor(block: KeepalivedBlock) {
    this.#block = block;
    this.name = block.name ?? block.keyword;
    this.lines = linesOf(block).map(printKeepalivedLine);
  }

  /** Tells whether the block itself has exactly this line. */
  has(line: string): boolean {
    return this.lines.includes(line);
  }

  /** The lines of a block within, as printed; none if there is no such block. */
  linesOf(keyword: KeepalivedBlockKeyword): string[] {
    return this.#within(keyword).map(printKeepalivedLine);
  }

  protected value(keyword: string): string | undefined {
    return linesOf(this.#block).find(([first]) => first === keyword)?.[1];
  }

  protected number(keyword: string): number | undefined {
    const value = this.value(keyword);
    return value === undefined ? undefined : Number(value);
  }

  protected firstWords(keyword: KeepalivedBlockKeyword): string[] {
    return this.#within(keyword).map(([first]) => first);
  }

  protected trackedScripts(): KeepalivedTrackedScript[] {
    return this.#within("track_script").map(([name, option, weight]) =>
      option === "weight" && weight !== undefined ? { name, weight: Number(weight) } : { name },
    );
  }

  #within(keyword: KeepalivedBlockKeyword): KeepalivedLine[] {
    return this.#block.entries
      .filter(isKeepalivedBlock)
      .filter((block) => block.keyword === keyword)
      .flatMap(linesOf);
  }
}

/** Shows a `vrrp_instance` to a test. Settings that the file does not have are undefined. */
export class KeepalivedInstanceView extends KeepalivedBlockView {
  readonly state = this.value("state");
  readonly interface = this.value("interface");
  readonly priority = this.number("priority");
  readonly virtualRouterId = this.number("virtual_router_id");
  /** Seconds. */
  readonly advertInterval = this.number("advert_int");
  readonly unicastSource = this.value("unicast_src_ip");
  /** The TTL or hop limit of the adverts that are sent. */
  readonly unicastTtl = this.number("unicast_ttl");
  readonly unicastPeers = this.firstWords("unicast_peer");
  /** The addresses with their prefix lengths; those that are not in adverts are `excludedAddresses`. */
  readonly virtualAddresses = this.firstWords("virtual_ipaddress");
  readonly excludedAddresses = this.firstWords("virtual_ipaddress_excluded");
  readonly tracked = this.trackedScripts();
}

/** Shows a `vrrp_sync_group` to a test. */
export class KeepalivedSyncGroupView extends KeepalivedBlockView {
  /** The names of the instances that change state together. */
  readonly instances = this.firstWords("group");
  readonly tracked = this.trackedScripts();
}

/** Shows a `vrrp_script` to a test. Settings that the file does not have are undefined. */
export class KeepalivedScriptView extends KeepalivedBlockView {
  readonly command = this.value("script");
  /** Seconds. */
  readonly interval = this.number("interval");
  /** Seconds. */
  readonly timeout = this.number("timeout");
  readonly fall = this.number("fall");
  readonly rise = this.number("rise");
  readonly weight = this.number("weight");
  readonly user = this.value("user");
}

/** Shows a keepalived.conf to a test, block by block. Asking for a block that is not there throws. */
export class KeepalivedConfig {
  readonly file: KeepalivedFile;

  constructor(file: KeepalivedFile) {
    this.file = file;
  }

  /** Reads a keepalived.conf. */
  static parse(text: string): KeepalivedConfig {
    return new KeepalivedConfig(parseKeepalived(text));
  }

  /** The settings of the whole daemon. */
  get global(): KeepalivedBlockView {
    return new KeepalivedBlockView(this.#block("global_defs", undefined));
  }

  instance(name: string): KeepalivedInstanceView {
    return new KeepalivedInstanceView(this.#block("vrrp_instance", name));
  }

  syncGroup(name: string): KeepalivedSyncGroupView {
    return new KeepalivedSyncGroupView(this.#block("vrrp_sync_group", name));
  }

  script(name: string): KeepalivedScriptView {
    return new KeepalivedScriptView(this.#block("vrrp_script", name));
  }

  #block(keyword: KeepalivedBlockKeyword, name: string | undefined): KeepalivedBlock {
    const block = this.file.blocks.find((b) => b.keyword === keyword && b.name === name);
    if (block) return block;
    const present = this.file.blocks.map((b) => titleOf(b.keyword, b.name));
    throw notThere("keepalived.conf", "block", titleOf(keyword, name), present);
  }
}

function linesOf(block: KeepalivedBlock): KeepalivedLine[] {
  return block.entries.filter((entry): entry is KeepalivedLine => !isKeepalivedBlock(entry));
}
