{
  _config+:: {
    // The jobs of the scrape configuration that MonitoringFiles writes, one for each page of a node. Their targets have the
    // labels load_balancer and node.
    agentSelector: 'job="dns-lb"',
    haproxySelector: 'job="dns-lb-haproxy"',
    dnsdistSelector: 'job="dns-lb-dnsdist"',

    // Where the runbooks are; the name of an alert in lower case is its anchor there.
    runbooks: 'https://github.com/cdktf-dns-lb/cdktf-dns-lb/blob/main/docs/runbooks.md',

    // How often rules are evaluated, and over which time they take rates.
    evaluationInterval: '15s',
    rateWindow: '5m',

    // How long each alert waits until it fires.
    waits: {
      DnsLbNodeDown: '1m',
      DnsLbServiceDown: '1m',
      DnsLbCheckFailed: '30s',
      DnsLbMetricsStale: '2m',
      DnsLbNobodyLeads: '15s',
      DnsLbTwoLead: '30s',
      DnsLbBgpSessionDown: '1m',
      DnsLbBfdSessionDown: '1m',
      DnsLbNodeHeldBack: '1m',
      DnsLbWatchStale: '30s',
      DnsLbPoolDown: '15s',
      DnsLbPoolDegraded: '5m',
      DnsLbServerFlapping: '0s',
      DnsLbContentFault: '1m',
      DnsLbFallbackActive: '1m',
      DnsLbCertificateExpiring: '15m',
      DnsLbCertificateOverdue: '15m',
      DnsLbCertificateRefused: '1m',
      DnsLbReleasesDiffer: '30m',
      DnsLbChangeFailed: '1m',
      DnsLbLimitsBite: '5m',
      DnsLbConnectionsNearShare: '2m',
      DnsLbRestartDue: '1d',
    },

    // A server flaps that goes down so often within the window.
    flapWindow: '15m',
    flaps: 3,
    // How many queries or connections a second one limit of a listener refuses before it is worth a look.
    refusalsPerSecond: 1,
    // The part of its connections from which on a listener is near its share.
    connectionShare: 0.8,
    // How many seconds the watch of a node may have said nothing.
    watchAge: 15,
    // How many seconds old what a node tells may be.
    collectionAge: 120,
    // While it is unknown whether a restart is due, as after a reload, what was known holds for so long.
    restartWindow: '5m',
    // The times are those of `dns-lb-agent status`: a part of a certificate's lifetime, and so many days at most.
    certificateRenewal: { part: 0.25, days: 21 },
    certificateOverdue: { part: 0.1, days: 7 },

    dashboardTags: ['dns-lb'],
  },
}
