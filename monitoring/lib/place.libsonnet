// The words of an alert that say where.
{
  node: 'Node {{ $labels.node }} of {{ $labels.load_balancer }}',
  onNode: 'on node {{ $labels.node }} of {{ $labels.load_balancer }}',
}
