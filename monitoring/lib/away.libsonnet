// The nodes that get no changes, as the others of their load balancer tell: nodes out of service know nothing of it.
function(config)
  'label_replace(dnslb_node_out_of_service{%s} == 1, "node", "$1", "name", "(.+)")' % config.agentSelector
