// Alerts, recording rules and dashboards for nodes with `statistics`. Give `_config` other values to have others:
//
//   (import 'mixin.libsonnet') + { _config+:: { waits+: { DnsLbNodeDown: '5m' } } }
(import 'config.libsonnet')
+ (import 'rules/load-balancers.libsonnet')
+ (import 'alerts/nodes.libsonnet')
+ (import 'alerts/addresses.libsonnet')
+ (import 'alerts/pools.libsonnet')
+ (import 'alerts/certificates.libsonnet')
+ (import 'alerts/changes.libsonnet')
+ (import 'alerts/limits.libsonnet')
+ {
  grafanaDashboards+:: {
    'overview.json': (import 'dashboards/overview.libsonnet')($._config),
    'node.json': (import 'dashboards/node.libsonnet')($._config),
    'pool.json': (import 'dashboards/pool.libsonnet')($._config),
    'dot.json': (import 'dashboards/dot.libsonnet')($._config),
    'capacity.json': (import 'dashboards/capacity.libsonnet')($._config),
  },
}
