"""The agent of a node of a DNS load balancer."""
