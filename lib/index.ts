export type { Code } from "./core/codes/index.js";
export type { Duration } from "./core/duration.js";
export { type Problem, UnscopedValidationError } from "./core/errors.js";
export { daemonName } from "./core/names.js";
export type { Percentage } from "./core/percentage.js";
export type { ByteRate, Rate } from "./core/rate.js";
export type { Size } from "./core/size.js";
export {
  type AccessRefusalOptions,
  AccessRule,
  type AccessRuleOptions,
  type MinimalAnyOptions,
} from "./dns/access-rule.js";
export {
  AuthoritativePool,
  type AuthoritativePoolProps,
  type IAuthoritativePool,
  type ZoneTransferOptions,
} from "./dns/authoritative-pool.js";
export { Balance, type BalanceByTransport } from "./dns/balance.js";
export { Certificate } from "./dns/certificate.js";
export type { IDeployedServer } from "./dns/deployed-server.js";
export { DnsFrontend, type DnsFrontendOptions, type DnsFrontendProps, type IDnsFrontend } from "./dns/dns-frontend.js";
export {
  type ClientAuthOptions,
  DotListener,
  type DotListenerProps,
  type PassThroughOptions,
} from "./dns/dot-listener.js";
export type { ExtraRuleOptions, FrontendExtraOptions } from "./dns/extra/frontend-extra.js";
export {
  type DnsOverTlsHealthCheck,
  type DnsOverTlsHealthCheckOptions,
  type ExpectedAnswerOptions,
  type ExpectedResponseOptions,
  type ExternalHealthCheck,
  type ExternalHealthCheckOptions,
  HealthCheck,
  type HealthCheckTiming,
  type QueryHealthCheck,
  type QueryHealthCheckOptions,
  type TcpHealthCheck,
  type TcpHealthCheckOptions,
} from "./dns/health-check.js";
export type { ILoadBalancer } from "./dns/load-balancer.js";
export type { PacketCacheOptions } from "./dns/packet-cache.js";
export type { IPool, PoolProps, PoolTlsOptions } from "./dns/pool.js";
export type { PoolMemberOptions, ServerTlsOptions } from "./dns/pool-member.js";
export { PublicResolver } from "./dns/public-resolver.js";
export { type ClientPrefixOptions, type ClientRateLimitOptions, RateLimit } from "./dns/rate-limit.js";
export { type IResolverPool, ResolverPool, type ResolverPoolProps } from "./dns/resolver-pool.js";
export { Route, type RouteOptions } from "./dns/route.js";
export { type CertificateNodeFileOptions, type EphemeralSecretOptions, Secret } from "./dns/secret.js";
export { TrustStore } from "./dns/trust-store.js";
export {
  AnycastGroup,
  type AnycastGroupProps,
  type AnycastMemberOptions,
  type BfdOptions,
  type DampingOptions,
  type NeighborOptions,
  type WhenSickOptions,
} from "./ha/anycast-group.js";
export { ConnectionLog, type LocalLogOptions, type SyslogOptions } from "./ha/connection-log.js";
export type { HaPairExtraOptions, HaproxyExtraOptions, LoadBalancerExtraOptions } from "./ha/extra.js";
export { HaPair, type HaPairProps, type VirtualAddressOptions } from "./ha/ha-pair.js";
export type { LoadBalancerOptions } from "./ha/load-balancer-options.js";
export type { ServerSettingsOptions } from "./ha/server-settings.js";
export { StandaloneLoadBalancer, type StandaloneLoadBalancerProps } from "./ha/standalone-load-balancer.js";
export type { StatisticsOptions } from "./ha/statistics.js";
export type { Community, SickReaction } from "./model/bgp.js";
export type { ExpectedAnswer, ProbeRcode, ProbeType } from "./model/health-check.js";
export type * as model from "./model/index.js";
export type { NodeDescription, NodeInterface } from "./model/node.js";
export type { NodeSpec } from "./model/node-spec.js";
export {
  type DaemonVersion,
  type DaemonVersions,
  DEBIAN_12,
  DEBIAN_13,
  type PlatformProfile,
} from "./model/platform-profile.js";
export { MonitoringFiles, type MonitoringFilesProps } from "./monitoring/monitoring-files.js";
export { BundleNode, type BundleNodeProps } from "./platforms/bundle/bundle-node.js";
export {
  type AttachedNetwork,
  type BridgeNetworkOptions,
  DockerNetwork,
  type ExistingNetworkOptions,
  type HostNetworkOptions,
  type MacvlanNetworkOptions,
} from "./platforms/docker/docker-network.js";
export { DockerNode, type DockerNodeInterface, type DockerNodeProps } from "./platforms/docker/docker-node.js";
export { DockerNodeImage, type DockerNodeImageProps } from "./platforms/docker/docker-node-image.js";
export { CloudInit, type UserDataOptions } from "./platforms/host/cloud-init.js";
export type { HostInterface, HostNodeProps } from "./platforms/host/host-node.js";
export { SshAuth } from "./platforms/ssh/ssh-auth.js";
export type { SshBastionOptions, SshConnectionOptions } from "./platforms/ssh/ssh-connection.js";
export { SshHostKey } from "./platforms/ssh/ssh-host-key.js";
export { SshNode, type SshNodeProps } from "./platforms/ssh/ssh-node.js";
export {
  type AddressRecordOptions,
  type CaaRecordOptions,
  DnsRecord,
  type MxRecordOptions,
  type OtherRecordOptions,
  type RecordOptions,
  type SrvRecordOptions,
  type TargetRecordOptions,
  type TxtRecordOptions,
} from "./servers/dns-record.js";
export { type INsdServer, NsdServer, type NsdServerProps, type SecondaryOfOptions } from "./servers/nsd-server.js";
export type { ServerProps } from "./servers/server-base.js";
export type { TransferPeerOptions, TransferPermissionOptions } from "./servers/transfer-peer.js";
export { Tsig, type TsigKeyOptions } from "./servers/tsig.js";
export {
  type ForwarderOptions,
  type ForwardZoneOptions,
  type LocalZoneOptions,
  UnboundServer,
  type UnboundServerProps,
} from "./servers/unbound-server.js";
export {
  type FileZoneOptions,
  type RecordsZoneOptions,
  type SecondaryZoneOptions,
  Zone,
} from "./servers/zone.js";
export {
  type INode,
  NodeBase,
  type NodeBinding,
  type NodeConfig,
} from "./terraform/node.js";
export { ValidationError } from "./terraform/validation-error.js";
