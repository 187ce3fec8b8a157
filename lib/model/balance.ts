/** How a pool picks the server for a query (UDP) or a connection (TCP on the direct path). */
export type Balance = {
  readonly kind: "least-connections" | "round-robin" | "random" | "source-hash" | "first";
};
