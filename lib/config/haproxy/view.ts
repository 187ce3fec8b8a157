import { notThere, titleOf } from "../view.js";
import type { Directive, HaproxyFile, HaproxySectionKind } from "./model.js";
import { parseHaproxy } from "./parse.js";
import { printDirective } from "./print.js";

/** The address of a `server`, or one of the addresses of a `bind`, as written. */
export interface HaproxyEndpoint {
  /** An IP address without brackets, `*`, a path, or a name. */
  readonly address: string;
  /**
   * The port.
   *
   * @default - the address has no port
   */
  readonly port?: number;
  /** The words after the address: `["check", "inter", "1s"]`. */
  readonly options: readonly string[];
}

/** A parsed `server` line. */
export interface HaproxyServer extends Partial<HaproxyEndpoint> {
  readonly name: string;
  readonly options: readonly string[];
}

/** Shows one section of haproxy.cfg to a test. */
export class HaproxySectionView {
  /** The section's name; its kind where it has none. */
  readonly name: string;
  readonly directives: readonly Directive[];
  /** The directives as printed, without indentation: `"balance leastconn"`. */
  readonly lines: readonly string[];

  constructor(name: string, directives: readonly Directive[]) {
    this.name = name;
    this.directives = directives;
    this.lines = directives.map(printDirective);
  }

  /** The servers, in order. A server without an address is a peer that is this node itself. */
  get servers(): HaproxyServer[] {
    return this.#argumentsOf("server").map(([name = "", address, ...options]) =>
      address === undefined ? { name, options } : { name, ...endpoint(address), options },
    );
  }

  /** The addresses to listen on, in order: one for each address of each `bind`. */
  get binds(): HaproxyEndpoint[] {
    return this.#argumentsOf("bind").flatMap(([addresses = "", ...options]) =>
      addresses.split(",").map((address) => ({ ...endpoint(address), options })),
    );
  }

  /** Tells whether the section has exactly this line. */
  has(line: string): boolean {
    return this.lines.includes(line);
  }

  #argumentsOf(keyword: Directive[0]): string[][] {
    return this.directives.filter(([first]) => first === keyword).map(([, ...args]) => args);
  }
}

/** Shows a haproxy.cfg to a test, section by section. Asking for a section that is not there throws. */
export class HaproxyConfig {
  readonly file: HaproxyFile;

  constructor(file: HaproxyFile) {
    this.file = file;
  }

  /** Reads a haproxy.cfg. */
  static parse(text: string): HaproxyConfig {
    return new HaproxyConfig(parseHaproxy(text));
  }

  /** The process-wide settings. */
  get global(): HaproxySectionView {
    return this.#view("global", undefined);
  }

  /** The settings that the sections below inherit. */
  defaults(name?: string): HaproxySectionView {
    return this.#view("defaults", name);
  }

  frontend(name: string): HaproxySectionView {
    return this.#view("frontend", name);
  }

  backend(name: string): HaproxySectionView {
    return this.#view("backend", name);
  }

  listen(name: string): HaproxySectionView {
    return this.#view("listen", name);
  }

  userlist(name: string): HaproxySectionView {
    return this.#view("userlist", name);
  }

  peers(name: string): HaproxySectionView {
    return this.#view("peers", name);
  }

  #view(kind: HaproxySectionKind, name: string | undefined): HaproxySectionView {
    const section = this.file.sections.find((s) => s.kind === kind && s.name === name);
    if (section) return new HaproxySectionView(name ?? kind, section.directives);
    const present = this.file.sections.map((s) => titleOf(s.kind, s.name));
    throw notThere("haproxy.cfg", "section", titleOf(kind, name), present);
  }
}

/** Parses `192.0.2.1:53`, `[2001:db8::1]:53` or `:53`. The last colon before digits starts the port. */
function endpoint(word: string): { address: string; port?: number } {
  const { address = word, port } = /^(?<address>.*):(?<port>\d{1,5})$/.exec(word)?.groups ?? {};
  const bare = address.replace(/^\[(.*)\]$/, "$1") || "*";
  return port === undefined ? { address: bare } : { address: bare, port: Number(port) };
}
