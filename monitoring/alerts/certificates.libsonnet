local alerts = import '../lib/alerts.libsonnet';
local place = import '../lib/place.libsonnet';
local DAY = 86400;
// A part of the lifetime, or some days, whichever is less, are left.
local near(config, what) = |||
  dnslb_certificate_not_after_seconds{%(selector)s} - time()
  < clamp_max(
    (dnslb_certificate_not_after_seconds{%(selector)s} - dnslb_certificate_not_before_seconds{%(selector)s}) * %(part)s,
    %(most)d
  )
||| % { selector: config.agentSelector, part: what.part, most: what.days * DAY };
{
  prometheusAlerts+:: {
    groups+: [
      alerts($._config, 'dns-lb-certificates', [
        {
          name: 'DnsLbCertificateExpiring',
          severity: 'warning',
          expr: near($._config, $._config.certificateRenewal),
          summary: 'A certificate of {{ $labels.listener }} is to be renewed ' + place.onNode + '.',
          description: 'The certificates ({{ $labels.use }}) of listener {{ $labels.listener }} end in {{ $value | humanizeDuration }} ' + place.onNode + '.',
        },
        {
          name: 'DnsLbCertificateOverdue',
          severity: 'critical',
          expr: near($._config, $._config.certificateOverdue),
          summary: 'A certificate of {{ $labels.listener }} ends soon, or has ended, ' + place.onNode + '.',
          description: 'The certificates ({{ $labels.use }}) of listener {{ $labels.listener }} end in {{ $value | humanizeDuration }} ' + place.onNode + '; strict clients are refused from then on.',
        },
        {
          name: 'DnsLbCertificateRefused',
          severity: 'warning',
          expr: 'dnslb_certificate_refused{%s} == 1' % $._config.agentSelector,
          summary: 'A renewed certificate of {{ $labels.listener }} is not taken ' + place.onNode + '.',
          description: 'What was renewed for listener {{ $labels.listener }} is wrong ' + place.onNode + ', and what it had serves on.',
        },
      ]),
    ],
  },
}
