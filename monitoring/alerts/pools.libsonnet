local alerts = import '../lib/alerts.libsonnet';
local place = import '../lib/place.libsonnet';
local pool = 'pool {{ $labels.pool }}';
{
  prometheusAlerts+:: {
    groups+: [
      alerts($._config, 'dns-lb-pools', [
        {
          name: 'DnsLbPoolDown',
          severity: 'critical',
          expr: 'max by (load_balancer, node, pool, transport) (dnslb_pool_servers_up{%s}) == 0' % $._config.agentSelector,
          summary: 'No server of ' + pool + ' is up ' + place.onNode + '.',
          description: 'No daemon finds a server of ' + pool + ' well over {{ $labels.transport }} ' + place.onNode + '. What the pool says for that case (fallback, whenAllDown) holds.',
        },
        {
          // HAProxy believes each probe; dnsdist keeps the servers that answer, if all answer wrongly.
          name: 'DnsLbContentFault',
          severity: 'warning',
          expr: |||
            (
              max by (load_balancer, node, pool, transport) (dnslb_pool_servers_up{%(selector)s,judge="haproxy"}) == 0
              or max by (load_balancer, node, pool, transport) (
                count by (load_balancer, node, pool, transport, judge) (dnslb_server_fault{%(selector)s,reason="answer"})
              )
              == on (load_balancer, node, pool) group_left ()
              max by (load_balancer, node, pool) (dnslb_pool_servers{%(selector)s})
            )
            and max by (load_balancer, node, pool, transport) (dnslb_pool_servers_up{%(selector)s,judge!="haproxy"}) > 0
          ||| % { selector: $._config.agentSelector },
          summary: 'All servers of ' + pool + ' answer, and wrongly, ' + place.onNode + '.',
          description: 'The probes of ' + pool + ' get wrong answers from all servers over {{ $labels.transport }} ' + place.onNode + '; those that answer serve in spite of it. Rather the name that is asked, or its zone, than the servers.',
        },
        {
          name: 'DnsLbPoolDegraded',
          severity: 'warning',
          expr: |||
            count by (load_balancer, node, pool) (
              max by (load_balancer, node, pool, server) (dnslb_server_up{%(selector)s} == bool 0) == 1
              unless on (load_balancer, node, pool, server) dnslb_server_drained{%(selector)s} == 1
            )
          ||| % { selector: $._config.agentSelector },
          summary: '{{ $value }} servers of ' + pool + ' are down ' + place.onNode + '.',
          description: '{{ $value }} servers of ' + pool + ' fail their check ' + place.onNode + ' on at least one transport. Servers that were drained do not count.',
        },
        {
          name: 'DnsLbServerFlapping',
          severity: 'warning',
          expr: 'increase(dnslb_server_went_down_total{%s}[%s]) >= %s'
                % [$._config.agentSelector, $._config.flapWindow, $._config.flaps],
          summary: 'Server {{ $labels.server }} of ' + pool + ' comes and goes.',
          description: 'Server {{ $labels.server }} of ' + pool + ' went down about {{ $value | printf "%%.0f" }} times in %s for {{ $labels.judge }} over {{ $labels.transport }} ' % $._config.flapWindow + place.onNode + '.',
        },
        {
          name: 'DnsLbFallbackActive',
          severity: 'warning',
          expr: 'dnslb_pool_fallback_active{%s} == 1' % $._config.agentSelector,
          summary: 'The fallback of ' + pool + ' serves ' + place.onNode + '.',
          description: 'Too few servers of ' + pool + ' are up over {{ $labels.transport }} ' + place.onNode + ', so that its fallback answers in their stead. It may not know private names.',
        },
      ]),
    ],
  },
}
