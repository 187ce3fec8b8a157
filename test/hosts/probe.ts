/** What resolvers have an answer for, for health checks: none of them knows the root. */
export const HEALTH = { name: "health.home.arpa", type: "A" } as const;
