local alerts = import '../lib/alerts.libsonnet';
local away = import '../lib/away.libsonnet';
local place = import '../lib/place.libsonnet';
{
  prometheusAlerts+:: {
    groups+: [
      alerts($._config, 'dns-lb-changes', [
        {
          name: 'DnsLbReleasesDiffer',
          severity: 'warning',
          expr: |||
            count by (load_balancer) (
              count by (load_balancer, configuration) (
                dnslb_release_info{%(selector)s}
                unless on (load_balancer, node) %(away)s
              )
            ) > 1
          ||| % { selector: $._config.agentSelector, away: away($._config) },
          summary: 'The nodes of {{ $labels.load_balancer }} run different configurations.',
          description: 'The nodes of {{ $labels.load_balancer }} run {{ $value }} configurations: a change reached only some of them.',
        },
        {
          name: 'DnsLbChangeFailed',
          severity: 'warning',
          expr: |||
            dnslb_change_last_success{%(selector)s} == 0
            or dnslb_change_cut_short{%(selector)s} == 1
          ||| % { selector: $._config.agentSelector },
          summary: 'The last change of {{ $labels.node }} of {{ $labels.load_balancer }} failed.',
          description: 'The last change{{ with $labels.kind }} ({{ . }}){{ end }} was refused or cut short ' + place.onNode + ', which goes on with what it had.',
        },
        {
          name: 'DnsLbRestartDue',
          severity: 'warning',
          expr: 'max_over_time(dnslb_restart_due{%s}[%s]) == 1' % [$._config.agentSelector, $._config.restartWindow],
          summary: '{{ $labels.service }} is to be restarted ' + place.onNode + '.',
          description: 'Packages were updated ' + place.onNode + ', and {{ $labels.service }} still runs what was there before.',
        },
      ]),
    ],
  },
}
