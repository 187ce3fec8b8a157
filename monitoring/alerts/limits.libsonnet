local alerts = import '../lib/alerts.libsonnet';
local place = import '../lib/place.libsonnet';
{
  prometheusAlerts+:: {
    groups+: [
      alerts($._config, 'dns-lb-limits', [
        {
          name: 'DnsLbLimitsBite',
          severity: 'warning',
          expr: 'sum by (load_balancer, node, listener, limit) (rate(dnslb_limit_hits_total{%s}[%s])) > %s'
                % [$._config.agentSelector, $._config.rateWindow, $._config.refusalsPerSecond],
          summary: 'The limit {{ $labels.limit }} of {{ $labels.listener }} bites ' + place.onNode + '.',
          description: 'Listener {{ $labels.listener }} refuses {{ $value | humanize }} queries or connections a second by {{ $labels.limit }} ' + place.onNode + '.',
        },
        {
          name: 'DnsLbConnectionsNearShare',
          severity: 'warning',
          expr: |||
            dnslb_listener_connections{%(selector)s}
            / on (load_balancer, node, listener) dnslb_listener_connections_limit{%(selector)s}
            > %(share)s
          ||| % { selector: $._config.agentSelector, share: $._config.connectionShare },
          summary: 'Listener {{ $labels.listener }} has few connections left ' + place.onNode + '.',
          description: 'Listener {{ $labels.listener }} has {{ $value | humanizePercentage }} of the connections that it may have ' + place.onNode + '; beyond them, clients wait or are refused.',
        },
      ]),
    ],
  },
}
