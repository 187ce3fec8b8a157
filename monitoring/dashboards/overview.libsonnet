local p = import '../lib/panels.libsonnet';
function(config)
  local at = p.of(config);
  p.dashboard(config, 'overview', 'DNS load balancers', 'Who serves, and whether all is well.', [
    {
      title: 'Now',
      height: 5,
      panels: [
        p.figures('Nodes', 'none', [p.query('up{%s}' % at.agent, '{{node}}')], 'Whether each node tells its metrics.')
        + p.colours([['red', null], ['green', 1]]) + p.words({ '0': 'down', '1': 'up' }),
        p.figures('Nodes with each address', 'none', [p.query('load_balancer_address:dnslb_address_here:sum{%s}' % at.whole, '{{address}}')], 'How many nodes have or announce each shared address; one with VRRP, all of a group with BGP.')
        + p.colours([['red', null], ['green', 1]]),
        p.figures('Servers up', 'none', [p.query('load_balancer_pool_transport:dnslb_pool_servers_up:max{%s}' % at.whole, '{{pool}} {{transport}}')], 'Servers of each pool that are up, as the node sees it that sees most.')
        + p.colours([['red', null], ['green', 1]]),
        p.figures('Configurations', 'none', [p.query('count by (load_balancer) (count by (load_balancer, configuration) (dnslb_release_info{%s,%s}))' % [config.agentSelector, at.whole], '{{load_balancer}}')], 'How many configurations the nodes run; more than one while a change is under way.')
        + p.colours([['green', null], ['orange', 2]]),
      ],
    },
    {
      title: 'Traffic',
      height: 8,
      panels: [
        p.lines('Queries seen by dnsdist', 'reqps', [p.query('load_balancer_node:dnsdist_queries:rate5m{load_balancer=~"$load_balancer",node=~"$node"}', '{{node}}')], 'Over UDP and inspected TCP, over five minutes.'),
        p.lines('New connections', 'cps', [p.query('sum by (node) (rate(haproxy_frontend_sessions_total{%s,proxy!~".*:.*"}[$__rate_interval]))' % at.haproxy, '{{node}}')], 'Over TCP and TLS, to all listeners.'),
        p.lines('Time of answers', 'µs', [p.query('dnsdist_latency_avg1000{%s}' % at.dnsdist, '{{node}}')], 'The mean of the last thousand answers of servers to dnsdist.'),
      ],
    },
    {
      title: 'What does not go well',
      height: 8,
      panels: [
        p.lines('Refused by limits and access lists', 'ops', [p.query('sum by (listener, limit) (load_balancer_node_listener_limit:dnslb_limit_hits:rate5m{load_balancer=~"$load_balancer",node=~"$node"})', '{{listener}} {{limit}}')], 'Queries and connections a second, over five minutes.'),
        p.lines('Servers down', 'none', [p.query('sum by (node, pool) (load_balancer_node_pool_server:dnslb_server_down:max{load_balancer=~"$load_balancer",node=~"$node"})', '{{node}} {{pool}}')], 'Servers that fail their check on at least one transport, without drained ones.'),
        p.lines('Queries without an answer', 'reqps', [p.query('sum by (node) (rate(dnsdist_downstream_timeouts{%s}[$__rate_interval]))' % at.dnsdist, '{{node}}')], 'Queries that a server did not answer in time.'),
      ],
    },
  ])
