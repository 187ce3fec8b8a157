import { parsedCidr } from "../core/ip.js";

/** IPv6 comes after IPv4 on one line of numbers. */
const FIRST_OF_IPV6 = 1n << 40n;

/** Addresses from one up to another, which is not among them, as numbers. */
interface Range {
  readonly first: bigint;
  readonly end: bigint;
}

/** The addresses that are in any of some networks. */
export class NetworkSet {
  /** Sorted, without common addresses. */
  readonly #ranges: readonly Range[];

  private constructor(ranges: readonly Range[]) {
    this.#ranges = ranges;
  }

  /** The networks must be valid; they may overlap. */
  static of(networks: readonly string[]): NetworkSet {
    const merged: Range[] = [];
    for (const range of networks.map(rangeOf).sort((one, other) => (one.first < other.first ? -1 : 1))) {
      const last = merged.at(-1);
      if (last === undefined || last.end < range.first) merged.push(range);
      else if (last.end < range.end) merged[merged.length - 1] = { first: last.first, end: range.end };
    }
    return new NetworkSet(merged);
  }

  get isEmpty(): boolean {
    return this.#ranges.length === 0;
  }

  /** Where addresses begin and where they have ended: between two of these, all are in the set, or none. */
  get bounds(): readonly bigint[] {
    return this.#ranges.flatMap(({ first, end }) => [first, end]);
  }

  has(address: bigint): boolean {
    const range = this.#ranges[this.#from(address)];
    return range !== undefined && range.first <= address;
  }

  /** Whether both have an address in common. */
  meets(other: NetworkSet): boolean {
    return this === other ? !this.isEmpty : !this.common(other).isEmpty;
  }

  /** The addresses that are in both. */
  common(other: NetworkSet): NetworkSet {
    const [few, many] = this.#ranges.length < other.#ranges.length ? [this, other] : [other, this];
    return new NetworkSet(
      few.#ranges.flatMap(({ first, end }) => {
        const found: Range[] = [];
        for (let at = many.#from(first); at < many.#ranges.length; at += 1) {
          const range = many.#ranges[at];
          if (range === undefined || range.first >= end) break;
          found.push({ first: first > range.first ? first : range.first, end: end < range.end ? end : range.end });
        }
        return found;
      }),
    );
  }

  /** The place of the first range that ends behind an address. */
  #from(address: bigint): number {
    let [low, high] = [0, this.#ranges.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle] as Range).end > address) high = middle;
      else low = middle + 1;
    }
    return low;
  }
}

function rangeOf(network: string): Range {
  const [address, prefix] = parsedCidr(network);
  const bytes = address.toByteArray();
  const bits = bytes.length * 8;
  const number = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const size = 1n << BigInt(bits - prefix);
  const first = (number / size) * size + (bits === 32 ? 0n : FIRST_OF_IPV6);
  return { first, end: first + size };
}
