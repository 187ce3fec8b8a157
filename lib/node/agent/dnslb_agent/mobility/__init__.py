"""What brings addresses to a node and takes them away: one module for each way."""

from ..manifest import Manifest, VrrpAddresses
from .fixed import Fixed
from .mobility import AddressMobility, Report
from .vrrp import Vrrp

__all__ = ["AddressMobility", "Report"]


def of(live: Manifest) -> AddressMobility:
    """The way of a release."""
    if isinstance(live.mobility, VrrpAddresses):
        return Vrrp(live, live.mobility)
    return Fixed()
