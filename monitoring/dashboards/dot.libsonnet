local p = import '../lib/panels.libsonnet';
function(config)
  local at = p.of(config);
  // The listeners that have certificates.
  local tls = 'and on (load_balancer, node, listener) dnslb_certificate_not_after_seconds{%s}' % at.agent;
  p.dashboard(config, 'dot', 'DNS load balancers: DNS over TLS', 'Listeners with TLS, and their certificates.', [
    {
      title: 'Certificates',
      height: 6,
      panels: [
        p.figures('Certificates end in', 's', [p.query('min by (node, listener, use) (dnslb_certificate_not_after_seconds{%s} - time())' % at.agent, '{{node}} {{listener}} {{use}}')], 'Until the earliest end of the certificates of a listener.')
        + p.colours([['red', null], ['orange', 7 * 86400], ['green', 21 * 86400]]),
        p.figures('Part of the lifetime left', 'percentunit', [p.query('min by (listener, use) ((dnslb_certificate_not_after_seconds{%s} - time()) / (dnslb_certificate_not_after_seconds{%s} - dnslb_certificate_not_before_seconds{%s}))' % [at.agent, at.agent, at.agent], '{{listener}} {{use}}')], 'A certificate is to be renewed at a quarter, 21 days at most.')
        + p.colours([['red', null], ['orange', 0.1], ['green', 0.25]]),
      ],
    },
    {
      title: 'Connections',
      height: 8,
      panels: [
        p.lines('Connections of listeners with TLS', 'none', [p.query('dnslb_listener_connections{%s} %s' % [at.agent, tls], '{{node}} {{listener}}')], 'Connections now.'),
        p.lines('TLS connections of all', 'none', [p.query('haproxy_process_current_ssl_connections{%s}' % at.haproxy, '{{node}}')], 'Of clients and to servers.'),
      ],
    },
    {
      title: 'Handshakes',
      height: 8,
      panels: [
        p.lines('TLS connections', 'cps', [p.query('rate(haproxy_process_ssl_connections_total{%s}[$__rate_interval])' % at.haproxy, '{{node}}')], 'New ones a second.'),
        p.lines('Full handshakes', 'ops', [p.query('haproxy_process_current_frontend_ssl_key_rate{%s}' % at.haproxy, '{{node}}')], 'Handshakes with a key exchange a second: those without a resumed session.'),
        p.lines('Sessions resumed', 'percent', [p.query('haproxy_process_frontend_ssl_reuse{%s}' % at.haproxy, '{{node}}')], 'The part of the connections of the last second that resumed a session.') + p.upTo(100),
      ],
    },
  ])
