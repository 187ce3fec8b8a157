local p = import '../lib/panels.libsonnet';
function(config)
  local at = p.of(config);
  p.dashboard(config, 'pool', 'DNS load balancers: pools', 'Servers, as the daemons of each node judge them.', [
    {
      title: 'Pools',
      height: 7,
      panels: [
        p.figures('Servers up', 'none', [p.query('dnslb_pool_servers_up{%s}' % at.agent, '{{node}} {{pool}} {{transport}} {{judge}}')], 'How many servers are up, as each daemon judges.')
        + p.colours([['red', null], ['green', 1]]),
        p.figures('Servers', 'none', [p.query('max by (pool) (dnslb_pool_servers{%s})' % at.agent, '{{pool}}')], 'How many servers each pool has.')
        + p.colours([['blue', null]]),
        p.figures('Fallback serves', 'none', [p.query('max by (node, pool) (dnslb_pool_fallback_active{%s})' % at.agent, '{{node}} {{pool}}')], 'Whether the fallback of a pool answers in its stead.')
        + p.colours([['green', null], ['orange', 1]]) + p.words({ '0': 'no', '1': 'yes' }),
      ],
    },
    {
      title: 'Servers',
      height: 9,
      panels: [
        p.rows('Servers now', 'none', [p.query('dnslb_server_up{%s}' % at.agent, '')], '1 is up; a drained server is 0, too.'),
        p.lines('Failing probes', 'none', [p.query('count by (pool, reason) (dnslb_server_fault{%s}) or 0 * max by (pool) (dnslb_pool_servers{%s})' % [at.agent, at.agent], '{{pool}} {{reason}}')], 'Servers that fail their probes, once for each node, judge and transport: they answer wrongly, say nothing, take no connection.'),
        p.lines('Went down', 'none', [p.query('sum by (pool, server) (increase(dnslb_server_went_down_total{%s}[$__rate_interval]))' % at.agent, '{{pool}} {{server}}')], 'How often servers went down.'),
      ],
    },
    {
      title: 'Work',
      height: 8,
      panels: [
        p.lines('Queries to servers over UDP', 'reqps', [p.query('sum by (server) (rate(dnsdist_server_queries{%s}[$__rate_interval]))' % at.dnsdist, '{{server}}')], 'By dnsdist: over UDP and inspected TCP.'),
        p.lines('Connections to servers', 'cps', [p.query('sum by (proxy, server) (rate(haproxy_server_sessions_total{%s,proxy!~".*:.*"}[$__rate_interval]))' % at.haproxy, '{{proxy}}/{{server}}')], 'By HAProxy: the direct path of TCP.'),
        p.lines('Time of answers', 's', [p.query('max by (pool, server, transport) (dnslb_server_latency_seconds{%s})' % at.agent, '{{pool}}/{{server}} {{transport}}')], 'The mean time of answers of each server, on the node where it is longest.'),
      ],
    },
  ])
