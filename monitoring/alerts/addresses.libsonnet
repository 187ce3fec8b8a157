local alerts = import '../lib/alerts.libsonnet';
local place = import '../lib/place.libsonnet';
{
  prometheusAlerts+:: {
    groups+: [
      alerts($._config, 'dns-lb-addresses', [
        {
          name: 'DnsLbNobodyLeads',
          severity: 'critical',
          expr: 'sum by (load_balancer, address) (dnslb_address_here{%s}) == 0' % $._config.agentSelector,
          summary: 'No node of {{ $labels.load_balancer }} has {{ $labels.address }}.',
          description: 'No node that answers has or announces {{ $labels.address }} of {{ $labels.load_balancer }}: its clients get no answers.',
        },
        {
          name: 'DnsLbTwoLead',
          severity: 'critical',
          expr: 'sum by (load_balancer, vrrp_instance) (dnslb_vrrp_state{%s,state="master"}) > 1' % $._config.agentSelector,
          summary: '{{ $value }} nodes of {{ $labels.load_balancer }} lead at once.',
          description: '{{ $value }} nodes of {{ $labels.load_balancer }} are master of {{ $labels.vrrp_instance }}: they do not hear each other, and clients reach the one or the other by chance.',
        },
        {
          name: 'DnsLbBgpSessionDown',
          severity: 'warning',
          expr: 'dnslb_bgp_session_up{%s} == 0' % $._config.agentSelector,
          summary: 'The BGP session to {{ $labels.neighbor }} is down ' + place.onNode + '.',
          description: 'The session {{ $labels.session }} with the router {{ $labels.neighbor }} is not established ' + place.onNode + ': the router sends it no queries.',
        },
        {
          name: 'DnsLbBfdSessionDown',
          severity: 'warning',
          expr: 'dnslb_bfd_session_up{%s} == 0' % $._config.agentSelector,
          summary: 'The BFD session to {{ $labels.neighbor }} is down ' + place.onNode + '.',
          description: 'BFD does not see the router {{ $labels.neighbor }} ' + place.onNode + ': the loss of the node is noticed by the hold time of BGP alone.',
        },
        {
          name: 'DnsLbNodeHeldBack',
          severity: 'warning',
          expr: |||
            (
              dnslb_announcement_withdrawn{%(selector)s} == 1
              or dnslb_announcement_damped{%(selector)s} == 1
              or dnslb_announcement_taken{%(selector)s} == 0
            )
            unless on (load_balancer, node) dnslb_node_drained{%(selector)s} == 1
          ||| % { selector: $._config.agentSelector },
          summary: place.node + ' is not announced as it should be.',
          description: place.node + ' announces nothing, or its worst because it moved too often, and nobody has drained it: the others have its clients.',
        },
      ]),
    ],
  },
}
