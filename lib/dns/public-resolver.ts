import type { PoolMemberOptions } from "./pool-member.js";

/** Well-known resolvers on the Internet, reached by verified DNS over TLS; for the `servers` of a pool. */
export const PublicResolver = {
  /** Cloudflare's resolver. @see https://developers.cloudflare.com/1.1.1.1/encryption/dns-over-tls/ */
  CLOUDFLARE: publicResolver("cloudflare", "1.1.1.1", "cloudflare-dns.com"),
  /** Quad9's filtering resolver. @see https://www.quad9.net/service/service-addresses-and-features */
  QUAD9: publicResolver("quad9", "9.9.9.9", "dns.quad9.net"),
} as const;

function publicResolver(name: string, address: string, tlsName: string): PoolMemberOptions {
  return Object.freeze({ name, address, port: 853, tls: Object.freeze({ name: tlsName }) });
}
