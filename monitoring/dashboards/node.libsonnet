local p = import '../lib/panels.libsonnet';
function(config)
  local at = p.of(config);
  local yes = p.words({ '0': 'no', '1': 'yes' });
  p.dashboard(config, 'node', 'DNS load balancers: nodes', 'What each node runs, leads and checks.', [
    {
      title: 'Now',
      height: 6,
      panels: [
        p.figures('Services', 'none', [p.query('dnslb_service_up{%s}' % at.agent, '{{node}} {{service}}')], 'Whether each service runs.')
        + p.colours([['red', null], ['green', 1]]) + p.words({ '0': 'down', '1': 'up' }),
        p.figures('Failed checks', 'none', [p.query('dnslb_check_failed{%s}' % at.agent, '{{node}} {{check}}')], 'Checks of the watch, by which addresses move.')
        + p.colours([['green', null], ['red', 1]]) + yes,
        p.figures('Addresses', 'none', [p.query('dnslb_address_here{%s}' % at.agent, '{{node}} {{address}}')], 'Whether the node has, or announces, a shared address.')
        + p.colours([['blue', null], ['green', 1]]) + yes,
      ],
    },
    {
      title: 'Releases',
      height: 7,
      panels: [
        p.rows('Releases', 'none', [p.query('dnslb_release_info{%s}' % at.agent, '')], 'What each node runs; nodes that do the same have one configuration.'),
        p.figures('Last change went well', 'none', [p.query('dnslb_change_last_success{%s}' % at.agent, '{{node}} {{kind}}')], 'Whether the last change is live.')
        + p.colours([['red', null], ['green', 1]]) + yes,
        p.figures('Restart due', 'none', [p.query('max_over_time(dnslb_restart_due{%s}[%s])' % [at.agent, config.restartWindow], '{{node}} {{service}}')], 'Whether a service runs an older program or library than is installed.')
        + p.colours([['green', null], ['orange', 1]]) + yes,
      ],
    },
    {
      title: 'Over time',
      height: 8,
      panels: [
        p.lines('Who has the addresses', 'none', [p.query('sum by (node) (dnslb_address_here{%s})' % at.agent, '{{node}}')], 'How many shared addresses each node has or announces.'),
        p.lines('Age of the watch', 's', [p.query('dnslb_watch_age_seconds{%s}' % at.agent, '{{node}}')], 'How long ago the watch last said that it makes its checks.'),
        p.lines('Time to collect metrics', 's', [p.query('dnslb_collection_duration_seconds{%s}' % at.agent, '{{node}}')], 'What the metrics of the node cost.'),
      ],
    },
    {
      title: 'Daemons',
      height: 8,
      panels: [
        p.lines('HAProxy busy', 'percentunit', [p.query('1 - haproxy_process_idle_time_percent{%s} / 100' % at.haproxy, '{{node}}')], 'The part of its time in which HAProxy works.') + p.upTo(1),
        p.lines('dnsdist: processor time', 'percentunit', [p.query('(rate(dnsdist_cpu_user_msec{%s}[$__rate_interval]) + rate(dnsdist_cpu_sys_msec{%s}[$__rate_interval])) / 1000' % [at.dnsdist, at.dnsdist], '{{node}}')], 'Processors that dnsdist keeps busy.'),
        p.lines('dnsdist: memory', 'bytes', [p.query('dnsdist_real_memory_usage{%s}' % at.dnsdist, '{{node}}')], 'Resident memory of dnsdist.'),
      ],
    },
  ])
