local p = import '../lib/panels.libsonnet';
function(config)
  local at = p.of(config);
  p.dashboard(config, 'capacity', 'DNS load balancers: capacity', 'How much of what the nodes may take they have.', [
    {
      title: 'Connections',
      height: 8,
      panels: [
        p.lines('Of the share of each listener', 'percentunit', [p.query('load_balancer_node_listener:dnslb_connections:ratio{load_balancer=~"$load_balancer",node=~"$node"}', '{{node}} {{listener}}')], 'Beyond 100 % clients wait or are refused.')
        + p.upTo(1),
        p.lines('Of all listeners together', 'none', [
          p.query('dnslb_connections{%s}' % at.agent, '{{node}}'),
          p.query('dnslb_connections_limit{%s}' % at.agent, '{{node}}: limit'),
        ], 'Connections now, and how many there may be.'),
        p.lines('Of the process', 'none', [
          p.query('haproxy_process_current_connections{%s}' % at.haproxy, '{{node}}'),
          p.query('haproxy_process_max_connections{%s}' % at.haproxy, '{{node}}: limit'),
        ], "HAProxy's own connections, those to servers and of operators included."),
      ],
    },
    {
      title: 'Limits',
      height: 8,
      panels: [
        p.lines('Refused', 'ops', [p.query('sum by (node, listener, limit) (rate(dnslb_limit_hits_total{%s}[$__rate_interval]))' % at.agent, '{{node}} {{listener}} {{limit}}')], 'By limits and access lists.'),
        p.lines('Refused connections', 'cps', [p.query('sum by (node, proxy) (rate(haproxy_frontend_denied_connections_total{%s,proxy!~".*:.*"}[$__rate_interval]))' % at.haproxy, '{{node}} {{proxy}}')], 'By HAProxy, before a byte was read.'),
        p.lines('Dropped and truncated queries', 'reqps', [
          p.query('rate(dnsdist_rule_drop{%s}[$__rate_interval])' % at.dnsdist, '{{node}} dropped'),
          p.query('rate(dnsdist_rule_truncated{%s}[$__rate_interval])' % at.dnsdist, '{{node}} truncated'),
          p.query('rate(dnsdist_rule_refused{%s}[$__rate_interval])' % at.dnsdist, '{{node}} refused'),
        ], 'By the rules of dnsdist.'),
      ],
    },
    {
      title: 'Bytes',
      height: 8,
      panels: [
        p.lines('To clients over TCP and TLS', 'Bps', [p.query('sum by (node) (rate(haproxy_frontend_bytes_out_total{%s,proxy!~".*:.*"}[$__rate_interval]))' % at.haproxy, '{{node}}')], 'Zone transfers show here.'),
        p.lines('From clients over TCP and TLS', 'Bps', [p.query('sum by (node) (rate(haproxy_frontend_bytes_in_total{%s,proxy!~".*:.*"}[$__rate_interval]))' % at.haproxy, '{{node}}')], 'Queries.'),
        p.lines('Queries waiting for servers', 'none', [p.query('sum by (node) (dnsdist_server_outstanding{%s})' % at.dnsdist, '{{node}}')], 'Outstanding queries of dnsdist.'),
      ],
    },
  ])
