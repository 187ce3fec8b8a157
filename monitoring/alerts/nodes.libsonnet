local alerts = import '../lib/alerts.libsonnet';
local away = import '../lib/away.libsonnet';
local place = import '../lib/place.libsonnet';
{
  prometheusAlerts+:: {
    groups+: [
      alerts($._config, 'dns-lb-nodes', [
        {
          name: 'DnsLbNodeDown',
          severity: 'critical',
          expr: 'up{%s} == 0 unless on (load_balancer, node) %s' % [$._config.agentSelector, away($._config)],
          summary: place.node + ' does not answer.',
          description: place.node + ' has not told its metrics: it is off, cannot be reached, or its HAProxy is down.',
        },
        {
          name: 'DnsLbServiceDown',
          severity: 'critical',
          expr: 'dnslb_service_up{%s} == 0' % $._config.agentSelector,
          summary: '{{ $labels.service }} is down ' + place.onNode + '.',
          description: 'The service {{ $labels.service }} does not run ' + place.onNode + ', and its supervisor has not brought it back.',
        },
        {
          // Pools have alerts of their own; what fails on a drained node is felt by nobody.
          name: 'DnsLbCheckFailed',
          severity: 'critical',
          expr: |||
            dnslb_check_failed{%(selector)s,check!~"pool-.*"} == 1
            unless on (load_balancer, node) dnslb_node_drained{%(selector)s} == 1
          ||| % { selector: $._config.agentSelector },
          summary: '{{ $labels.check }} does not answer ' + place.onNode + '.',
          description: 'The check {{ $labels.check }} fails ' + place.onNode + ', though the service may run: what it serves is not answered there.',
        },
        {
          name: 'DnsLbWatchStale',
          severity: 'critical',
          expr: |||
            dnslb_watch_age_seconds{%(selector)s} > %(age)s
            or dnslb_announcement_watch_stale{%(selector)s} == 1
          ||| % { selector: $._config.agentSelector, age: $._config.watchAge },
          summary: 'Nobody makes the checks ' + place.onNode + '.',
          description: 'The watch says nothing any more ' + place.onNode + ': what fails there moves no addresses.',
        },
        {
          name: 'DnsLbMetricsStale',
          severity: 'warning',
          expr: |||
            dnslb_source_up{%(selector)s} == 0
            or dnslb_collection_age_seconds{%(selector)s} > %(age)s
          ||| % { selector: $._config.agentSelector, age: $._config.collectionAge },
          summary: place.node + ' does not know all about itself.',
          description: 'A part of the metrics is old or missing ' + place.onNode + '{{ with $labels.source }} (source {{ . }}){{ end }}: other alerts may be silent.',
        },
      ]),
    ],
  },
}
