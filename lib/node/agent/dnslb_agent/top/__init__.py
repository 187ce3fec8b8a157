"""The command `top`: what passes through the node now, from what its daemons know."""
