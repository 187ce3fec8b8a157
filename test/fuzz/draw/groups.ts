import { ref, type Value } from "../plan.js";
import type { Draw } from "./draw.js";
import { address, address6, type Site } from "./nodes.js";
import { secret } from "./secrets.js";
import { duration } from "./values.js";

/** What a group says of its addresses, its nodes and their routers. */
export interface Announcement {
  readonly props: Readonly<Record<string, Value>>;
  /** The addresses of the group. */
  readonly own: readonly string[];
}

export function announcement(draw: Draw, place: Site, ids: readonly string[]): Announcement {
  const v6 = place.ipv6 && draw.chance(60);
  const v4 = !v6 || draw.chance(80);
  const own = [
    ...(v4 ? [`192.0.2.${53 + place.number}`] : []),
    ...(v4 && draw.chance(30) ? [`203.0.113.${53 + place.number}`] : []),
    ...(v6 ? [`2001:DB8:${place.number}:0::53`] : []),
  ];
  const asn = draw.pick([64_512, 65_534, 4_200_000_000]);
  const defaultRoute = draw.pick(["static", "bgp"]);
  const props = {
    ...{ asn, addresses: own },
    members: ids.map((each) => ({
      node: ref(each),
      neighbors: [
        ...(v4 ? draw.list(1, 2, (index) => neighbor(draw, address(place, 250 + index))) : []),
        ...(v6 ? draw.list(1, 2, (index) => neighbor(draw, address6(place, 0xf0 + index))) : []),
        ...(v4 && draw.chance(20) ? [{ ...neighbor(draw, "10.250.0.1"), multihop: draw.pick([2, 255]) }] : []),
      ],
      ...draw.some({ communities: () => draw.several(["64500:310", "65535:65281", "0:1", "65000:65535"]) }),
    })),
    ...(defaultRoute === "bgp" ? { defaultRoute } : draw.some({ defaultRoute: () => defaultRoute })),
    ...draw.some({
      whenSick: () => draw.some({ daemon: () => reaction(draw), pool: () => reaction(draw) }, 60),
      returnAfter: () => duration(draw, 1_000, 60_000, 1_000),
      damping: () => draw.some({ moves: () => draw.whole(2, 100), within: () => draw.pick(["10s", "10m", "1d"]) }, 60),
      gracefulShutdown: () => draw.pick(["5s", "30s", "10m"]),
    }),
  };
  return { props, own };
}

function neighbor(draw: Draw, own: string): Record<string, Value> {
  return {
    ...{ address: own, asn: draw.pick([1, 64_500, 65_550, 4_294_967_294]) },
    ...draw.some({
      password: () => secret(draw, "Secret", "password"),
      bfd: () =>
        draw.pick<() => Value>([
          () => draw.chance(50),
          () => draw.some({ interval: () => duration(draw, 10, 1_000, 10), multiplier: () => draw.whole(2, 50) }, 60),
        ])(),
    }),
  };
}

function reaction(draw: Draw): Value {
  return draw.pick(["prepend", "withdraw"]);
}
