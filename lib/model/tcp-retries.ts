/**
 * How often the kernel of a node sends TCP data again before it gives the connection up (`net.ipv4.tcp_retries2`, for IPv6
 * too): after 13 to 25 s instead of 15 minutes. dnsdist keeps connections to servers; while they get nothing through, the
 * time to the next try doubles, so that after an outage those would wait for minutes while new ones work.
 *
 * @see https://docs.kernel.org/networking/ip-sysctl.html
 */
export const TCP_RETRIES = 5;
