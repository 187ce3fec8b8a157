{
  prometheusRules+:: {
    groups+: [
      {
        name: 'dns-lb-rules',
        interval: $._config.evaluationInterval,
        rules: [
          {
            record: 'load_balancer_address:dnslb_address_here:sum',
            expr: 'sum by (load_balancer, address) (dnslb_address_here{%s})' % $._config.agentSelector,
          },
          {
            record: 'load_balancer_pool_transport:dnslb_pool_servers_up:max',
            expr: 'max by (load_balancer, pool, transport) (dnslb_pool_servers_up{%s})' % $._config.agentSelector,
          },
          {
            record: 'load_balancer_node_pool_server:dnslb_server_down:max',
            expr: |||
              max by (load_balancer, node, pool, server) (dnslb_server_up{%(selector)s} == bool 0)
              unless on (load_balancer, node, pool, server) dnslb_server_drained{%(selector)s} == 1
            ||| % { selector: $._config.agentSelector },
          },
          {
            record: 'load_balancer_node_listener:dnslb_connections:ratio',
            expr: |||
              dnslb_listener_connections{%(selector)s}
              / on (load_balancer, node, listener) dnslb_listener_connections_limit{%(selector)s}
            ||| % { selector: $._config.agentSelector },
          },
          {
            record: 'load_balancer_node_listener_limit:dnslb_limit_hits:rate5m',
            expr: 'sum by (load_balancer, node, listener, limit) (rate(dnslb_limit_hits_total{%s}[%s]))'
                  % [$._config.agentSelector, $._config.rateWindow],
          },
          {
            record: 'load_balancer_node:dnsdist_queries:rate5m',
            expr: 'sum by (load_balancer, node) (rate(dnsdist_queries{%s}[%s]))'
                  % [$._config.dnsdistSelector, $._config.rateWindow],
          },
        ],
      },
    ],
  },
}
