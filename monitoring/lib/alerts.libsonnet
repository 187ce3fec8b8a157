// A group of alerts, each with all that it must have.
function(config, name, alerts) {
  name: name,
  interval: config.evaluationInterval,
  rules: [
    {
      alert: each.name,
      expr: each.expr,
      'for': config.waits[each.name],
      labels: { severity: each.severity },
      annotations: {
        summary: each.summary,
        description: each.description,
        runbook_url: '%s#%s' % [config.runbooks, std.asciiLower(each.name)],
      },
    }
    for each in alerts
  ],
}
