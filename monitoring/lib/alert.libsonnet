// An alert with all that it must have.
function(config, name, severity, expr, summary, description) {
  alert: name,
  expr: expr,
  'for': config.waits[name],
  labels: { severity: severity },
  annotations: {
    summary: summary,
    description: description,
    runbook_url: '%s#%s' % [config.runbooks, std.asciiLower(name)],
  },
}
